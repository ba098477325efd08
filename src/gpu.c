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

#include "base/buf.h"
#include "cli.h"
#include "base/file.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "base/wait.h"

enum { HIGH_FD = 100 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-";

enum { MOST = 1024 };

/* Names that point into a text, which is cut at the commas. */
struct names {
	char *text;
	char *name[MOST];
	size_t count;
};

/* 00 is 0. */
static char *without_zeros(char *name)
{
	size_t zeros = strspn(name, "0");
	return name[strspn(name, "0123456789")] == '\0' && zeros
		       ? name + zeros - (name[zeros] == '\0')
		       : name;
}

/* -1: a name that is none, too many, no memory. */
static int cut(struct names *n, const char *list)
{
	*n = (struct names){.text = strdup(list)};
	char *end = n->text ? n->text : NULL;
	for (char *at = end; at; at = end) {
		end = strchr(at, ',');
		if (end)
			*end++ = '\0';
		if (n->count == MOST || !*at || at[strspn(at, letters)])
			return -1;
		n->name[n->count++] = without_zeros(at);
	}
	return n->text ? 0 : -1;
}

static bool has(const struct names *n, const char *name, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(n->name[i], name) == 0)
			return true;
	return false;
}

/* The place that a name stands for, or -1. */
static long place(const struct names *set, const char *name)
{
	if (!*name || name[strspn(name, "0123456789")] || strlen(name) > 4)
		return -1;
	long at = strtol(name, NULL, 10);
	return (size_t)at < set->count ? at : -1;
}

/* What is asked for, by its name in the set. The first name that is not there, or NULL. */
static const char *choose(struct names *asked, const struct names *set)
{
	const char *missing = NULL;
	bool by_place = true, by_name = true;
	for (size_t i = 0; i < asked->count; i++) {
		bool named = has(set, asked->name[i], set->count);
		bool number = asked->name[i][strspn(asked->name[i], "0123456789")] == '\0';
		bool good = number ? place(set, asked->name[i]) >= 0 : named;
		if (!good && !missing)
			missing = asked->name[i];
		by_place = by_place && good;
		by_name = by_name && named;
	}
	if (!by_place)
		return by_name ? NULL : missing;
	for (size_t i = 0; i < asked->count; i++) {
		long at = place(set, asked->name[i]);
		if (at >= 0)
			asked->name[i] = set->name[at];
	}
	return NULL;
}

/* Pointers first, then the text that they point into. NULL: no memory. */
static char **pack(const struct names *n)
{
	size_t size = (n->count + 1) * sizeof(char *);
	for (size_t i = 0; i < n->count; i++)
		size += strlen(n->name[i]) + 1;
	char **names = calloc(1, size), *text = names ? (char *)(names + n->count + 1) : NULL;
	for (size_t i = 0; text && i < n->count; i++) {
		names[i] = strcpy(text, n->name[i]);
		text += strlen(text) + 1;
	}
	return names;
}

static int check(struct names *asked, const char *list, struct problem *p)
{
	bool good = asked->count > 0;
	for (size_t i = 0; i < asked->count; i++)
		good = good && !has(asked, asked->name[i], i);
	if (good)
		return 0;
	return problem_set(p, EXIT_BAD_INPUT,
			   "--gpus takes a list of different devices such as 0,1,2, not %s", list);
}

/* By place and by name it may be one device, or the set may have it twice. */
static int check_chosen(struct names *asked, const char *list, const char *visible,
			struct problem *p)
{
	for (size_t i = 0; i < asked->count; i++)
		if (has(asked, asked->name[i], i))
			return problem_set(
				p, EXIT_BAD_INPUT,
				"--gpus %s is %s twice in CUDA_VISIBLE_DEVICES=%s; name it once",
				list, asked->name[i], visible);
	return 0;
}

static int restrict_to(struct names *asked, struct names *set, const char *list,
		       const char *visible, struct problem *p)
{
	/* as CUDA reads it, from a name such as -1 on nothing is there */
	struct buf text = BUF_INIT;
	const char *end = *visible == '-' ? visible : strstr(visible, ",-");
	buf_add(&text, visible, end ? (size_t)(end - visible) : strlen(visible));
	int rc = buf_cstr(&text) ? 0 : problem_memory(p);
	if (rc == 0 && *text.data && cut(set, text.data) != 0)
		rc = problem_set(p, EXIT_BAD_INPUT, "CUDA_VISIBLE_DEVICES=%s is no list of devices",
				 visible);
	if (rc == 0 && set->count == 0)
		rc = problem_set(p, EXIT_BAD_INPUT,
				 "CUDA_VISIBLE_DEVICES=%s leaves no device; unset it to use --gpus",
				 visible);
	const char *missing = rc == 0 ? choose(asked, set) : NULL;
	if (missing)
		rc = problem_set(
			p, EXIT_BAD_INPUT,
			"--gpus %s: there is no %s in CUDA_VISIBLE_DEVICES=%s; write places in "
			"it, from 0 to %zu, or its names",
			list, missing, visible, set->count - 1);
	buf_free(&text);
	return rc;
}

char **gpu_list(const char *list, const char *visible, struct problem *p)
{
	struct names *asked = calloc(2, sizeof *asked), *set = asked + 1;
	char **names = NULL;
	int rc = asked ? 0 : problem_memory(p);
	if (rc == 0 && cut(asked, list) != 0)
		asked->count = 0;
	if (rc == 0)
		rc = check(asked, list, p);
	if (rc == 0 && visible)
		rc = restrict_to(asked, set, list, visible, p);
	if (rc == 0 && visible)
		rc = check_chosen(asked, list, visible, p);
	if (rc == 0 && !(names = pack(asked)))
		problem_memory(p);
	if (asked) {
		free(asked->text);
		free(set->text);
	}
	free(asked);
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

/* Everybody may take the device, whatever the umask of who was first. */
static int open_lock(const char *path)
{
	bool made;
	int fd = file_open_own(AT_FDCWD, path, 0, &made);
	if (fd < 0)
		return -1;
	if (made)
		(void)fchmod(fd, 0666);
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
	cli_note("waiting for GPU %s, on which process %s is at work", device,
		 who && *who ? who : "unknown");
	buf_free(&pids);
}

/* 0; 1: stopped; -1. */
static int take_lock(const char *device, const char *path, int *fd, struct problem *p)
{
	*fd = open_lock(path);
	if (*fd < 0)
		return file_problem(p, path, "opened");
	if (lock_try(*fd, true) == 0)
		return 0;
	bool taken = errno == EAGAIN;
	long above = taken ? lock_held_above(path) : 0;
	if (above)
		return problem_set(p, EXIT_BAD_INPUT,
				   "GPU %s is held by process %ld, which has started this one: it "
				   "would wait for itself; omit --gpus here",
				   device, above);
	if (taken)
		say_who(device, path);
	int rc = wait_lock(*fd, true, NULL);
	return rc < 0 ? problem_errno(p, "%s cannot be locked", path) : rc;
}

int gpu_take(const char *device, int *fd, struct problem *p)
{
	struct buf path = BUF_INIT;
	int rc = 0;
	buf_addf(&path, "%s/sweeputils-gpu-", lock_dir());
	for (const char *at = device; *at; at++)
		buf_addc(&path, (char)(*at == '/' ? '_' : *at));
	if (!buf_cstr(&path))
		return problem_memory(p);
	/* directories of temporary files are cleaned by age: it may be another one by now */
	while ((rc = take_lock(device, path.data, fd, p)) == 0 &&
	       !lock_is_named(*fd, AT_FDCWD, path.data))
		close(*fd);
	buf_free(&path);
	return rc;
}

static void name_leftovers(const char *device, const struct leftovers *left, struct buf *text)
{
	const char *who = left->who.data;
	buf_addf(text, "GPU %s, on which process %s is at work, which a killed run-one has left",
		 device, who ? who : "unknown");
}

int gpu_wait_leftovers(const char *device, struct problem *p)
{
	int rc = leftover_wait(leftover_on_gpu, device, name_leftovers);
	if (rc < 0)
		problem_errno(
			p, "whether a killed run-one has left processes on GPU %s cannot be seen",
			device);
	return rc;
}
