/*
 * file - a failed fsync is never tried again: what it covered is unknown, and
 * a second one that succeeds would prove nothing. Callers stop.
 *
 * A sync waits for the drive to empty its cache, some milliseconds, however little
 * there is to write. syncfs(2) does it once for any number of files; it also waits
 * for what others have written, so it is for many files. It tells of errors since
 * Linux 5.17, and below are the file systems of which it is known that it does what
 * fsync does (that of FUSE and of some overlays does not).
 */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* syncfs */
#endif
#endif
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/utsname.h>
#include <sys/vfs.h>
#endif

int file_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) { /* no file of ours does this; never loop on it */
			errno = EIO;
			return -1;
		}
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_create(int dir, const char *name, const void *data, size_t len, bool sync,
		const char *shown, struct problem *p)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return problem_errno(p, "%s cannot be made", shown);
	int rc = file_write_all(fd, data, len);
	if (rc == 0 && sync)
		rc = fsync(fd);
	if (rc != 0)
		problem_errno(p, "%s cannot be written", shown);
	if (close(fd) != 0 && rc == 0)
		rc = problem_errno(p, "%s cannot be written", shown);
	if (rc != 0)
		unlinkat(dir, name, 0);
	return rc;
}

int file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = fsync(fd), saved = errno;
	close(fd);
	errno = saved;
	/* some file systems have no fsync for directories, and need none */
	return rc != 0 && errno != EINVAL ? -1 : 0;
}

#ifdef __linux__

static bool kernel_is(unsigned major, unsigned minor)
{
	struct utsname name;
	unsigned got_major, got_minor;
	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &got_major, &got_minor) == 2 &&
	       (got_major > major || (got_major == major && got_minor >= minor));
}

bool file_can_sync_all(int dir)
{
	/* ext2 to ext4, XFS, Btrfs, F2FS, tmpfs */
	static const unsigned long known[] = {0xef53, 0x58465342, 0x9123683e, 0xf2f52010,
					      0x01021994};
	struct statfs st;
	if (!kernel_is(5, 17) || fstatfs(dir, &st) != 0)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((unsigned long)st.f_type == known[i])
			return true;
	return false;
}

/* The fsync is what empties the drive's cache last, also where syncfs did it
 * before the file system's own blocks were written (ext4 without a journal). */
int file_sync_all(int dir)
{
	return syncfs(dir) == 0 ? fsync(dir) : -1;
}

#else

bool file_can_sync_all(int dir)
{
	(void)dir;
	return false;
}

int file_sync_all(int dir)
{
	(void)dir;
	errno = ENOSYS;
	return -1;
}

#endif

/* Sync the directory that a path lies in. */
static int sync_parent(const char *path)
{
	char *copy = strdup(path);
	if (!copy)
		return -1;
	char *slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	int rc = file_sync_dir(slash ? copy : ".");
	free(copy);
	return rc;
}

int file_replace_begin(struct file_replacement *r, const char *path, struct problem *p)
{
	struct buf name = BUF_INIT;
	struct stat st;
	*r = (struct file_replacement){.fd = -1};
	buf_addf(&name, "%s.tmp.%ld", path, (long)getpid());
	if (!buf_cstr(&name))
		return problem_memory(p);
	/* one writer: a name of ours that is left over from a crash may go */
	if (lstat(name.data, &st) == 0 && S_ISREG(st.st_mode))
		unlink(name.data);
	r->temporary = name.data;
	r->fd = open(name.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (r->fd >= 0)
		return 0;
	problem_errno(p, "%s cannot be made", name.data);
	file_replace_cancel(r);
	return -1;
}

void file_replace_cancel(struct file_replacement *r)
{
	if (r->fd >= 0) {
		close(r->fd);
		unlink(r->temporary);
	}
	free(r->temporary);
	*r = (struct file_replacement){.fd = -1};
}

int file_replace_commit(struct file_replacement *r, const char *path, bool sync, struct problem *p)
{
	int rc = sync && fsync(r->fd) != 0 ? problem_errno(p, "%s cannot be synced", path) : 0;
	if (rc == 0 && rename(r->temporary, path) != 0)
		rc = problem_errno(p, "%s cannot be replaced", path);
	if (rc != 0) {
		file_replace_cancel(r);
		return -1;
	}
	close(r->fd);
	free(r->temporary);
	*r = (struct file_replacement){.fd = -1};
	if (sync && sync_parent(path) != 0)
		return problem_errno(p, "the directory of %s cannot be synced", path);
	return 0;
}

void file_replace_clean(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);
	struct dirent *entry;
	char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	DIR *list = parent ? opendir(parent) : NULL;
	while (list && (entry = readdir(list))) {
		const char *e = entry->d_name;
		if (strncmp(e, name, len) != 0 || strncmp(e + len, ".tmp.", 5) != 0)
			continue;
		const char *number = e + len + 5;
		if (*number && number[strspn(number, "0123456789")] == '\0')
			unlinkat(dirfd(list), e, 0);
	}
	if (list)
		closedir(list);
	free(parent);
}

int file_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = 1;
	while (n != 0) {
		if (!buf_reserve(out, 65536)) {
			errno = ENOMEM;
			break;
		}
		n = read(fd, out->data + out->len, out->cap - out->len);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			out->len += (size_t)n;
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return n == 0 ? 0 : -1;
}

int file_make_dirs(const char *path, struct problem *p)
{
	char *copy = strdup(path);
	if (!copy)
		return problem_memory(p);
	int rc = 0;
	for (char *slash = copy + 1; rc == 0; slash++) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(copy, 0777) == 0)
			rc = sync_parent(copy);
		else if (errno != EEXIST && errno != EISDIR)
			rc = -1;
		if (rc != 0)
			problem_errno(p, "directory %s cannot be made", copy);
		if (!slash)
			break;
		*slash = '/';
	}
	free(copy);
	return rc;
}

static void remove_below(int dir)
{
	DIR *list = fdopendir(dir);
	struct dirent *entry;
	while (list && (entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dir, entry->d_name, 0) == 0)
			continue;
		int sub =
			openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			remove_below(sub);
		unlinkat(dir, entry->d_name, AT_REMOVEDIR);
	}
	if (list)
		closedir(list);
	else
		close(dir);
}

void file_remove_tree(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		remove_below(dir);
	rmdir(path);
}
