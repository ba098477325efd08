/*
 * gpu - nothing is ever written to a lock file, and none is removed.
 */
#include "gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "common.h"
#include "lock.h"
#include "queue.h"

enum { HIGH_FD = 100 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";

static bool is_there(char **names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Pointers first, then the text that they point into. */
char **gpu_list(const char *list, struct problem *p)
{
	size_t len = strlen(list), most = len / 2 + 2, count = 0;
	char **names = calloc(1, most * sizeof *names + len + 1);
	if (!names) {
		problem_memory(p);
		return NULL;
	}
	char *text = memcpy((char *)(names + most), list, len), *end;
	for (char *at = text; at; at = end) {
		end = strchr(at, ',');
		if (end)
			*end++ = '\0';
		if (!*at || at[strspn(at, letters)] || is_there(names, at)) {
			problem_set(p, EXIT_BAD_INPUT,
				    "--gpus takes a list of different devices such as 0,1,2, not "
				    "%s",
				    list);
			free(names);
			return NULL;
		}
		names[count++] = at;
	}
	return names;
}

/* Where everybody may make files, and nobody tidies up. */
static const char *lock_dir(void)
{
	struct stat st;
	bool good = stat("/run/lock", &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) &&
		    (st.st_mode & S_IWOTH);
	return good ? "/run/lock" : "/tmp";
}

/* Another user's file may be opened, but not by a call that would make it
 * (fs.protected_regular). */
static int open_lock(const char *path)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd;
	do {
		fd = open(path, flags);
		if (fd < 0 && errno == ENOENT) {
			fd = open(path, flags | O_CREAT | O_EXCL, 0666);
			if (fd >= 0)
				(void)fchmod(fd, 0666);
		}
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		return -1;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high >= 0)
		close(fd);
	return high >= 0 ? high : fd;
}

static void say_who(const char *device, const char *path)
{
	struct buf pids = BUF_INIT;
	lock_holders(path, &pids);
	const char *who = buf_cstr(&pids);
	common_note("waiting for GPU %s, on which process %s is at work", device,
		    who && *who ? who : "unknown");
	buf_free(&pids);
}

int gpu_take(const char *device, int *fd, struct problem *p)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int rc = 0;
	buf_addf(&path, "%s/sweeputils-gpu-", lock_dir());
	for (const char *at = device; *at; at++)
		buf_addc(&path, (char)(*at == '/' ? '_' : *at));
	if (!buf_cstr(&path))
		return problem_memory(p);
	*fd = open_lock(path.data);
	if (*fd < 0 || fstat(*fd, &st) != 0) {
		rc = problem_errno(p, "the lock %s cannot be opened", path.data);
	} else if (!S_ISREG(st.st_mode)) {
		rc = problem_set(p, EXIT_BAD_INPUT, "the lock %s is not a regular file", path.data);
	} else if (lock_try(*fd, true) != 0) {
		if (errno == EAGAIN)
			say_who(device, path.data);
		rc = queue_lock(*fd);
		if (rc < 0)
			problem_errno(p, "%s cannot be locked", path.data);
	}
	buf_free(&path);
	return rc;
}
