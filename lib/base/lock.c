/*
 * lock - OFD locks of Linux, flock(2) elsewhere; who holds a lock is found in /proc.
 *
 * The locks of experiments, runs, queues and devices are taken here. Writers of
 * experiment.json take turns by wait_flock instead: they lock the directory, which cannot be
 * opened for writing, as an exclusive OFD lock needs it.
 */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK */
#endif
#endif
#include "base/lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef F_OFD_SETLK

static int ofd_lock(int fd, int command, bool exclusive)
{
	struct flock whole = {.l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
	int rc = fcntl(fd, command, &whole);
	if (rc != 0 && errno == EACCES)
		errno = EAGAIN;
	return rc;
}

int lock_try(int fd, bool exclusive)
{
	return ofd_lock(fd, F_OFD_SETLK, exclusive);
}

int lock_wait(int fd, bool exclusive)
{
	return ofd_lock(fd, F_OFD_SETLKW, exclusive);
}

void lock_release(int fd)
{
	struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
	fcntl(fd, F_OFD_SETLK, &whole);
}

static int query(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fcntl(fd, F_OFD_GETLK, &whole) != 0)
		return -1;
	return whole.l_type != F_UNLCK;
}

#else

int lock_try(int fd, bool exclusive)
{
	return flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
}

int lock_wait(int fd, bool exclusive)
{
	return flock(fd, exclusive ? LOCK_EX : LOCK_SH);
}

void lock_release(int fd)
{
	flock(fd, LOCK_UN);
}

/* flock(2) cannot ask who holds it: take it for a moment. Whoever tries to take it in that
 * moment finds the run busy and leaves it alone. */
static int query(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EAGAIN ? 1 : -1;
}

#endif

bool lock_is_named(int fd, int dir, const char *name)
{
	struct stat ours, there;
	return fstat(fd, &ours) == 0 && fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

int lock_held(const char *path)
{
	return lock_held_at(AT_FDCWD, path);
}

int lock_held_at(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int held = query(fd), saved = errno;
	close(fd);
	errno = saved;
	return held;
}

#ifdef __linux__

/* Does a lock hang on the descriptor? The kernel lists it there; not one that is only
 * waited for. */
static bool carries_lock(const char *pid, const char *fd)
{
	char name[600], line[256];
	bool found = false;
	snprintf(name, sizeof name, "/proc/%s/fdinfo/%s", pid, fd);
	FILE *info = fopen(name, "re");
	while (info && !found && fgets(line, sizeof line, info))
		found = strncmp(line, "lock:", 5) == 0;
	if (info)
		fclose(info);
	return found;
}

/* Has the process a descriptor of the file with a lock, its own or inherited? */
static bool holds(const char *pid, const struct stat *file)
{
	char name[300];
	struct dirent *entry;
	bool found = false;
	snprintf(name, sizeof name, "/proc/%s/fd", pid);
	DIR *list = opendir(name);
	while (list && !found && (entry = readdir(list))) {
		struct stat st;
		found = fstatat(dirfd(list), entry->d_name, &st, 0) == 0 &&
			st.st_dev == file->st_dev && st.st_ino == file->st_ino &&
			carries_lock(pid, entry->d_name);
	}
	if (list)
		closedir(list);
	return found;
}

void lock_holders(const char *path, struct buf *out)
{
	struct stat file;
	struct dirent *entry;
	size_t from = out->len;
	if (lstat(path, &file) != 0 || (!S_ISREG(file.st_mode) && !S_ISDIR(file.st_mode)))
		return;
	DIR *list = opendir("/proc");
	while (list && (entry = readdir(list))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    strtol(entry->d_name, NULL, 10) == (long)getpid())
			continue;
		if (holds(entry->d_name, &file))
			buf_addf(out, "%s%s", out->len > from ? ", " : "", entry->d_name);
	}
	if (list)
		closedir(list);
}

/* 0: none, or not known. */
static long parent_process_of(long pid)
{
	char name[64], line[256];
	long parent = 0;
	snprintf(name, sizeof name, "/proc/%ld/status", pid);
	FILE *f = fopen(name, "re");
	while (f && !parent && fgets(line, sizeof line, f))
		if (strncmp(line, "PPid:", 5) == 0)
			parent = strtol(line + 5, NULL, 10);
	if (f)
		fclose(f);
	return parent;
}

long lock_held_above(const char *path)
{
	struct buf list = BUF_INIT;
	long found = 0;
	lock_holders(path, &list);
	const char *holders = buf_cstr(&list) ? list.data : "";
	for (long pid = (long)getppid(); pid > 0 && !found; pid = parent_process_of(pid))
		for (const char *at = holders; *at && !found;) {
			char *end;
			if (strtol(at, &end, 10) == pid)
				found = pid;
			at = *end ? end + 2 : end;
		}
	buf_free(&list);
	return found;
}

#else

void lock_holders(const char *path, struct buf *out)
{
	(void)path;
	(void)out;
}

long lock_held_above(const char *path)
{
	(void)path;
	return 0;
}

#endif
