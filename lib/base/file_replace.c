/*
 * file_replace - a temporary beside the file, renamed over it when it is on disk.
 *
 * A temporary's name is random, not made from a process number, which is not unique across
 * containers. Its writer holds a lock on it until it has been renamed: one that is not
 * locked, and still has its name once the lock is taken, belongs to a writer that is dead.
 */
#include "base/file_replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/lock.h"

enum { CHANCE = 16 }; /* letters of a temporary's name */

/* A new file that is locked, or -1 with errno. Between the two somebody may take it for a
 * dead writer's: EEXIST. Where the file system has no locks, nobody removes it either. */
static int make_locked(int dir, const char *path)
{
	struct stat st;
	int fd = openat(dir, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	if ((lock_try(fd, true) != 0 && errno == EAGAIN) ||
	    (fstat(fd, &st) == 0 && st.st_nlink == 0)) {
		close(fd);
		fd = -1;
		errno = EEXIST;
	}
	return fd;
}

int file_replace_begin(struct file_replace *r, int dir, const char *name, const char *shown,
		       struct problem *p)
{
	char chance[CHANCE + 1];
	struct buf temporary = BUF_INIT;
	*r = (struct file_replace){.fd = -1, .dir = dir, .name = name, .shown = shown};
	do {
		file_random(chance, CHANCE);
		buf_clear(&temporary);
		buf_addf(&temporary, "%s.tmp.%s", name, chance);
		if (!buf_cstr(&temporary))
			return problem_memory(p);
		r->fd = make_locked(dir, temporary.data);
	} while (r->fd < 0 && errno == EEXIST);
	r->temporary = temporary.data;
	if (r->fd >= 0)
		return 0;
	problem_errno(p, "%s.tmp.%s cannot be made", shown, chance);
	file_replace_cancel(r);
	return -1;
}

void file_replace_cancel(struct file_replace *r)
{
	if (r->fd >= 0) {
		unlinkat(r->dir, r->temporary, 0); /* while it is locked: ours */
		close(r->fd);
	}
	free(r->temporary);
	*r = (struct file_replace){.fd = -1};
}

int file_replace_commit(struct file_replace *r, bool sync, struct problem *p)
{
	int dir = r->dir;
	const char *name = r->name, *shown = r->shown;
	int rc = sync && fsync(r->fd) != 0 ? problem_errno(p, "%s cannot be synced", shown) : 0;
	if (rc == 0 && renameat(dir, r->temporary, dir, name) != 0)
		rc = problem_errno(p, "%s cannot be replaced", shown);
	if (rc != 0) {
		file_replace_cancel(r);
		return -1;
	}
	close(r->fd);
	free(r->temporary);
	*r = (struct file_replace){.fd = -1};
	if (sync && (dir == AT_FDCWD ? file_sync_parent(name) : file_sync_fd(dir)) != 0)
		return problem_errno(p, "the directory of %s cannot be synced", shown);
	return 0;
}

static void remove_if_dead(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || (fd = file_only_regular(fd)) < 0)
		return;
	if (lock_try(fd, true) == 0 && lock_is_named(fd, dir, name))
		unlinkat(dir, name, 0);
	close(fd);
}

void file_replace_clean(int dir, const char *name)
{
	size_t len = strlen(name);
	struct dirent *entry;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	while (list && (entry = readdir(list))) {
		const char *e = entry->d_name;
		if (strncmp(e, name, len) == 0 && strncmp(e + len, ".tmp.", 5) == 0 &&
		    file_is_random(e + len + 5, CHANCE))
			remove_if_dead(fd, e);
	}
	if (list)
		closedir(list);
	else if (fd >= 0)
		close(fd);
}
