/*
 * file - openat and fsync, with what has to stand around them.
 *
 * A failed fsync is never tried again: what it covered is unknown, and a second one that
 * succeeds would prove nothing. Callers stop.
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
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/random.h>
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
		if (n == 0) { /* would loop for ever */
			errno = EIO;
			return -1;
		}
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* ---- opening ---- */

int file_only_regular(int fd)
{
	struct stat st;
	if (fd < 0)
		return -1;
	int error = fstat(fd, &st) != 0 ? errno : S_ISREG(st.st_mode) ? 0 : ENODEV;
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* O_NONBLOCK: a FIFO is opened without a wait. It means nothing to a regular file. */
int file_open(int dir, const char *name, bool follow)
{
	return file_only_regular(
		openat(dir, name,
		       O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)));
}

const char *file_why(int error)
{
	switch (error) {
	case ELOOP:
		return "it is a symbolic link, which is not followed";
	case ENODEV:
	case EISDIR:
	case ENXIO: /* a socket, a FIFO without a reader */
		return "it is not a regular file";
	default:
		return strerror(error);
	}
}

bool file_is_absent(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
	case ENODEV:
	case ENXIO:
		return true;
	default:
		return false;
	}
}

int file_problem(struct problem *p, const char *path, const char *done)
{
	int saved = errno;
	bool odd = saved == ELOOP || saved == ENODEV || saved == ENXIO || saved == EISDIR;
	problem_set(p, odd ? EXIT_BAD_INPUT : EXIT_IO, "%s cannot be %s: %s", path, done,
		    file_why(saved));
	errno = saved;
	return -1;
}

int file_open_own(int dir, const char *name, int flags, bool *made)
{
	const int all = flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd;
	if (made)
		*made = false;
	do {
		fd = openat(dir, name, all);
		if (fd < 0 && errno == ENOENT) {
			fd = openat(dir, name, all | O_CREAT | O_EXCL, 0666);
			if (fd >= 0 && made)
				*made = true;
		}
	} while (fd < 0 && errno == EEXIST); /* somebody else has made it */
	return file_only_regular(fd);
}

/* ---- random names ---- */

static bool read_random(unsigned char *out, size_t len)
{
#ifdef __linux__
	if (getrandom(out, len, GRND_NONBLOCK) == (ssize_t)len)
		return true;
#endif
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	bool got = fd >= 0 && read(fd, out, len) == (ssize_t)len;
	if (fd >= 0)
		close(fd);
	return got;
}

/* Without a source of random numbers: the time, the process and a counter. Such a name can
 * be guessed, but a file that exists is still not opened, since it is made by O_EXCL. */
static void make_unique(unsigned char *out, size_t len)
{
	static unsigned long calls;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	unsigned long long mix = (unsigned long long)now.tv_nsec * 2654435761U ^
				 (unsigned long long)now.tv_sec << 20 ^
				 (unsigned long long)getpid() << 40 ^ (uintptr_t)&now ^ ++calls;
	for (size_t i = 0; i < len; i++) {
		mix = mix * 6364136223846793005ULL + 1442695040888963407ULL;
		out[i] = (unsigned char)(mix >> 56);
	}
}

static const char hexadecimal[] = "0123456789abcdef";

void file_random(char *out, size_t count)
{
	if (!read_random((unsigned char *)out, count))
		make_unique((unsigned char *)out, count);
	for (size_t i = 0; i < count; i++)
		out[i] = hexadecimal[out[i] & 15];
	out[count] = '\0';
}

bool file_is_random(const char *text, size_t count)
{
	return strspn(text, hexadecimal) == count && text[count] == '\0';
}

/* ---- writing ---- */

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

int file_sync_fd(int fd)
{
	/* some file systems have no fsync for directories, and need none */
	return fsync(fd) != 0 && errno != EINVAL ? -1 : 0;
}

int file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = file_sync_fd(fd), saved = errno;
	close(fd);
	errno = saved;
	return rc;
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

int file_sync_parent(const char *path)
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

/* ---- reading ---- */

int file_read_at(int dir, const char *name, bool follow, struct buf *out)
{
	int fd = file_open(dir, name, follow);
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

int file_read(const char *path, bool follow, struct buf *out)
{
	return file_read_at(AT_FDCWD, path, follow, out);
}

/* ---- directories ---- */

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
			rc = file_sync_parent(copy);
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

static void remove_entry(int dir, const char *name);

/* All but one, where that is not NULL. Takes the descriptor. */
static void remove_below(int dir, const char *but)
{
	DIR *list = fdopendir(dir);
	struct dirent *entry;
	while (list && (entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !(but && strcmp(entry->d_name, but) == 0))
			remove_entry(dirfd(list), entry->d_name);
	if (list)
		closedir(list);
	else
		close(dir);
}

static void remove_entry(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0)
		return;
	int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub >= 0)
		remove_below(sub, NULL);
	unlinkat(dir, name, AT_REMOVEDIR);
}

void file_remove_tree(const char *path, const char *last)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int again = dir >= 0 && last ? dup(dir) : -1;
	if (dir >= 0)
		remove_below(dir, last);
	if (again >= 0) {
		unlinkat(again, last, 0);
		close(again);
	}
	rmdir(path);
}
