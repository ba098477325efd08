/*
 * anchor - keep a descriptor of a directory, and compare device and inode with those of its
 * path. An inode number is not used again as long as a descriptor of it is open.
 */
#include "exp/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HIGH_FD = 100 };

int anchor_open(struct anchor *a, const char *dir, struct problem *p)
{
	struct stat st;
	*a = (struct anchor){.fd = -1};
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (errno == ENOTDIR)
			return problem_set(p, EXIT_BAD_INPUT, "%s is not an experiment directory",
					   dir);
		problem_errno(p, "experiment directory %s cannot be read", dir);
		p->status = errno == ENOENT ? EXIT_BAD_INPUT : p->status;
		return -1;
	}
	/* to a high number, where no program expects a descriptor */
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high >= 0)
		close(fd);
	*a = (struct anchor){high >= 0 ? high : fd, st.st_dev, st.st_ino};
	return 0;
}

int anchor_copy(struct anchor *a, const struct anchor *from, struct problem *p)
{
	*a = *from;
	a->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, HIGH_FD);
	return a->fd >= 0 ? 0 : problem_errno(p, "a directory cannot be held");
}

void anchor_close(struct anchor *a)
{
	if (a->fd >= 0)
		close(a->fd);
	*a = (struct anchor){.fd = -1};
}

/* "" where there is no /proc. */
static void find_path(const struct anchor *a, char *path, size_t size)
{
	path[0] = '\0';
#ifdef __linux__
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", a->fd);
	ssize_t n = readlink(link, path, size - 1);
	path[n > 0 ? n : 0] = '\0';
#else
	(void)a;
	(void)size;
#endif
}

int anchor_check(const struct anchor *a, const char *dir, struct problem *p)
{
	struct stat st;
	char path[PATH_MAX];
	int error = stat(dir, &st) == 0 ? 0 : errno;
	if (error == 0 && st.st_dev == a->device && st.st_ino == a->inode)
		return 0;
	if (error && error != ENOENT && error != ENOTDIR) {
		errno = error;
		return problem_errno(p, "%s cannot be accessed", dir);
	}
	if (fstat(a->fd, &st) == 0 && st.st_nlink == 0)
		return problem_set(p, EXIT_BAD_INPUT, "%s was removed while it was in use", dir);
	find_path(a, path, sizeof path);
	return problem_set(p, EXIT_BAD_INPUT,
			   "%s was renamed while it was in use%s%s; its results are where it is "
			   "now",
			   dir, *path ? ", to " : "", path);
}
