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
#include "exp/flaws.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "base/wait.h"
#include "base/clock.h"

enum { HIGH_FD = 100 };

static const double look_at_lock = 0.1, look_at_processes = 1; /* seconds between two looks */

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
static int cut_list(struct names *n, const char *list)
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

static bool has_device(const struct names *n, const char *name, size_t count)
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
		bool named = has_device(set, asked->name[i], set->count);
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
static char **pack_names(const struct names *n)
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
		good = good && !has_device(asked, asked->name[i], i);
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
		if (has_device(asked, asked->name[i], i))
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
	if (rc == 0 && *text.data && cut_list(set, text.data) != 0)
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
	if (rc == 0 && cut_list(asked, list) != 0)
		asked->count = 0;
	if (rc == 0)
		rc = check(asked, list, p);
	if (rc == 0 && visible)
		rc = restrict_to(asked, set, list, visible, p);
	if (rc == 0 && visible)
		rc = check_chosen(asked, list, visible, p);
	if (rc == 0 && !(names = pack_names(asked)))
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

static int lock_path(const char *device, struct buf *path, struct problem *p)
{
	buf_addf(path, "%s/sweeputils-gpu-", lock_dir());
	for (const char *at = device; *at; at++)
		buf_addc(path, (char)(*at == '/' ? '_' : *at));
	return buf_cstr(path) ? 0 : problem_memory(p);
}

/* Somebody has it. 1; -1: who has started us. */
static int say_taken(struct gpu *g, const char *path, struct problem *p)
{
	long above = g->said ? 0 : lock_held_above(path);
	if (above)
		return problem_set(p, EXIT_BAD_INPUT,
				   "GPU %s is held by process %ld, which has started this one: it "
				   "would wait for itself; omit --gpus here",
				   g->device, above);
	if (!g->said)
		say_who(g->device, path);
	g->said = true;
	return 1;
}

/* Directories of temporary files are cleaned by age: it may be another file by now. */
static int try_lock(struct gpu *g, const char *path, struct problem *p)
{
	int fd = open_lock(path);
	if (fd < 0)
		return file_problem(p, path, "opened");
	bool locked = lock_try(fd, true) == 0;
	int error = locked ? 0 : errno;
	if (locked && lock_is_named(fd, AT_FDCWD, path)) {
		g->lock = fd;
		g->said = false;
		return 0;
	}
	close(fd);
	if (locked || error == EAGAIN)
		return locked ? 1 : say_taken(g, path, p);
	errno = error;
	return problem_errno(p, "%s cannot be locked", path);
}

static void name_leftovers(const void *context, struct buf *text)
{
	const struct gpu *g = context;
	buf_addf(text,
		 "GPU %s, on which process %s is at work, which a killed run-one has left; "
		 "sweep-lock --stop ",
		 g->device, g->left.who.data ? g->left.who.data : "unknown");
	buf_add_word(text, g->left.dir.data ? g->left.dir.data : "DIR");
	buf_adds(text, " ends it");
}

static int look_for_leftovers(struct gpu *g, struct problem *p)
{
	leftover_free(&g->left);
	if (leftover_on_gpu(g->device, &g->left)) {
		if (g->since == 0)
			g->since = clock_now();
		wait_say(g->since, &g->said, name_leftovers, g);
		return 1;
	}
	g->clear = flaws_is_of_file(g->left.error);
	errno = g->left.error;
	return g->clear ? 0
			: problem_errno(p,
					"whether a killed run-one has left processes on GPU %s "
					"cannot be seen",
					g->device);
}

void gpu_init(struct gpu *g, const char *device)
{
	*g = (struct gpu){.device = device, .lock = -1};
}

void gpu_free(struct gpu *g)
{
	if (g->lock >= 0)
		close(g->lock);
	leftover_free(&g->left);
	gpu_init(g, g->device);
}

int gpu_try(struct gpu *g, bool force, struct problem *p)
{
	struct buf path = BUF_INIT;
	int rc = 0;
	if (!g->device)
		return 0;
	if (g->lock < 0 && (rc = lock_path(g->device, &path, p)) == 0)
		rc = try_lock(g, path.data, p);
	buf_free(&path);
	if (rc == 0 && !force && !g->clear)
		rc = look_for_leftovers(g, p);
	g->look_at = clock_now() + (g->lock < 0 ? look_at_lock : look_at_processes);
	return rc;
}
