/*
 * procsearch - a process belongs to a run if it says so in the environment that it was
 * started with, which exec hands down to all that a run starts.
 *
 * EXPERIMENT_DIR is followed from the process's own root, and compared with the experiment by
 * device and inode, so that neither a bind mount nor a symbolic link hides it. RUN_WITHIN has
 * the same numbers of every run that a process is part of, also where a run has started
 * another one. A process that cleared its environment is found by the run's log, if it has it
 * open for reading and appending, as run-one alone opens it.
 */
#ifdef __linux__
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "exp/procsearch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "exp/journal.h"
#include "exp/layout.h"

/* Keep errno, if it is neither 0 nor says that the process or file is gone or not accessible. */
static void missed(struct procsearch *q)
{
	if (errno && errno != ESRCH && !file_is_absent(errno))
		q->error = errno;
}

static bool start_search(struct procsearch *q)
{
	struct buf path = BUF_INIT;
	if (!q->dir)
		return true;
	errno = ENOMEM;
	bool there = layout_add(&path, q->dir, LAYOUT_RECORDS) &&
		     stat(path.data, &q->records) == 0 && stat(q->dir, &q->owner) == 0;
	if (!there)
		missed(q);
	buf_free(&path);
	return there;
}

/* ---- a process ---- */

/* False: it has gone, or cannot be read: errno. */
static bool read_process(long pid, struct procsearch_process *process)
{
	char path[64], line[512];
	*process = (struct procsearch_process){.pid = pid};
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	errno = 0;
	FILE *f = fopen(path, "re");
	const char *open = f && fgets(line, sizeof line, f) ? strchr(line, '(') : NULL;
	const char *shut = open ? strrchr(line, ')') : NULL; /* a name may have one, too */
	if (f)
		fclose(f);
	if (!shut ||
	    sscanf(shut, ") %c %ld %ld", &process->state, &process->parent, &process->group) != 3)
		return false;
	snprintf(process->name, sizeof process->name, "%.*s", (int)(shut - open - 1), open + 1);
	return true;
}

/* Is it this process, or an ancestor of it? */
static bool is_above(long pid)
{
	struct procsearch_process at = {.pid = (long)getpid()};
	while (at.pid != pid && at.pid > 1 && read_process(at.pid, &at))
		at.pid = at.parent;
	return at.pid == pid;
}

static bool is_living(const struct procsearch_process *process)
{
	return process->state != 'Z' && process->state != 'X';
}

/* The value of a variable in an environment as /proc has it, or NULL. */
static const char *value_of(const struct buf *environment, const char *name)
{
	const char *at = environment->data, *end = at + environment->len;
	size_t len = strlen(name);
	for (; at < end; at += strlen(at) + 1)
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return at + len + 1;
	return NULL;
}

static void add_name(struct buf *names, const char *name, size_t len)
{
	char run[256];
	snprintf(run, sizeof run, "%.*s", (int)len, name);
	if (len < sizeof run && layout_name_is_good(run))
		buf_add(names, run, len + 1);
}

/* A directory as the process would reach it. */
static void add_reached_path(struct buf *path, long pid, const char *dir)
{
	buf_addf(path, "/proc/%ld/root%s", pid, dir);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* ---- the runs that a process is part of, each name with its NUL ---- */

static void add_by_dir(struct procsearch *q, long pid, const struct buf *env, struct buf *names)
{
	const char *run = value_of(env, "RUN_ID"), *dir = value_of(env, "EXPERIMENT_DIR");
	struct buf path = BUF_INIT;
	struct stat st;
	if (!run || !dir || *dir != '/')
		return;
	add_reached_path(&path, pid, dir);
	buf_adds(&path, "/" LAYOUT_RECORDS);
	errno = ENOMEM;
	if (!buf_cstr(&path) || stat(path.data, &st) != 0)
		missed(q);
	else if (is_same(&st, &q->records))
		add_name(names, run, strlen(run));
	buf_free(&path);
}

/* "DEVICE:INODE/RUN DEVICE:INODE/RUN" */
static void add_within_names(const struct procsearch *q, const struct buf *env, struct buf *names)
{
	const char *at = value_of(env, "RUN_WITHIN");
	while (at && *at) {
		uintmax_t device, inode;
		size_t len = strcspn(at, " ");
		int from = 0;
		if (sscanf(at, "%ju:%ju/%n", &device, &inode, &from) == 2 && from > 0 &&
		    (size_t)from < len && device == (uintmax_t)q->records.st_dev &&
		    inode == (uintmax_t)q->records.st_ino)
			add_name(names, at + from, len - (size_t)from);
		at += len + (at[len] == ' ');
	}
}

/* Is it open for reading and appending? */
static bool is_opened_by_us(struct procsearch *q, long pid, const char *fd)
{
	char path[300], line[256];
	unsigned flags = 0;
	snprintf(path, sizeof path, "/proc/%ld/fdinfo/%s", pid, fd);
	FILE *f = fopen(path, "re");
	if (!f)
		missed(q);
	while (f && !flags && fgets(line, sizeof line, f))
		if (strncmp(line, "flags:", 6) == 0)
			flags = (unsigned)strtoul(line + 6, NULL, 8);
	if (f)
		fclose(f);
	return (flags & O_ACCMODE) == O_RDWR && (flags & O_APPEND);
}

/* If a descriptor of the process is the log of a run, add the run. */
static void add_log(struct procsearch *q, long pid, int dir, const char *fd, struct buf *names)
{
	char target[4096];
	struct stat st, log;
	ssize_t len = readlinkat(dir, fd, target, sizeof target - 1);
	if (len < 0 && *fd != '.')
		missed(q);
	target[len > 0 ? len : 0] = '\0';
	char *slash = strrchr(target, '/');
	size_t run = slash ? layout_log_run(slash + 1) : 0;
	if (!run)
		return;
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/" LAYOUT_LOGS "%s", q->dir, slash);
	errno = ENOMEM;
	if (!buf_cstr(&path) || fstatat(dir, fd, &st, 0) != 0 || lstat(path.data, &log) != 0)
		missed(q);
	else if (is_same(&st, &log) && is_opened_by_us(q, pid, fd))
		add_name(names, slash + 1, run);
	buf_free(&path);
}

static void add_logs(struct procsearch *q, long pid, struct buf *names)
{
	char path[64];
	struct dirent *entry;
	snprintf(path, sizeof path, "/proc/%ld/fd", pid);
	DIR *list = opendir(path);
	while (list && (errno = 0, entry = readdir(list)))
		add_log(q, pid, dirfd(list), entry->d_name, names);
	missed(q);
	if (list)
		closedir(list);
}

/* ---- is it a leftover? ---- */

/* Nobody has the claim, and nobody has recorded an end. */
static bool is_dangling(const char *dir, const char *run)
{
	struct buf path = BUF_INIT;
	/* the lock again at the end: it may have been taken meanwhile */
	bool dangling = layout_add_record(&path, dir, run) && lock_held(path.data) == 0 &&
			journal_may_live(path.data) && lock_held(path.data) == 0;
	buf_free(&path);
	return dangling;
}

static bool has_dangling(const struct procsearch *q)
{
	const struct buf *names = &q->found;
	if (q->names)
		return names->len > 0;
	for (size_t at = 0; at < names->len; at += strlen(names->data + at) + 1) {
		const char *run = names->data + at;
		if (q->run ? strcmp(q->run, run) == 0 : is_dangling(q->dir, run))
			return true;
	}
	return false;
}

static bool is_of_experiment(struct procsearch *q, long pid, const struct buf *env)
{
	buf_clear(&q->found);
	add_by_dir(q, pid, env, &q->found);
	add_within_names(q, env, &q->found);
	if (!q->found.len)
		add_logs(q, pid, &q->found);
	errno = q->found.failed ? ENOMEM : 0;
	missed(q);
	return !q->found.failed && has_dangling(q);
}

/* dir: set to its experiment, as it has it. */
static bool is_on_gpu(const struct procsearch *q, long pid, const struct buf *env, struct buf *dir)
{
	const char *device = value_of(env, "CUDA_VISIBLE_DEVICES");
	const char *run = value_of(env, "RUN_ID"), *path = value_of(env, "EXPERIMENT_DIR");
	struct buf here = BUF_INIT;
	if (!device || strcmp(device, q->gpu) != 0 || !run || !layout_name_is_good(run) || !path ||
	    *path != '/')
		return false;
	add_reached_path(&here, pid, path);
	bool found = buf_cstr(&here) && is_dangling(here.data, run);
	buf_free(&here);
	buf_adds(dir, path);
	return found;
}

bool procsearch_finds(struct procsearch *q, long pid, struct procsearch_process *process,
		      struct buf *dir)
{
	char path[64];
	struct buf env = BUF_INIT;
	struct stat st;
	snprintf(path, sizeof path, "/proc/%ld", pid);
	if (stat(path, &st) != 0) {
		missed(q);
		return false;
	}
	if (st.st_uid != geteuid() && (!q->dir || st.st_uid != q->owner.st_uid))
		return false;
	snprintf(path, sizeof path, "/proc/%ld/environ", pid);
	buf_clear(dir);
	bool read = file_read(path, false, &env) == 0 && buf_cstr(&env);
	if (!read)
		missed(q);
	bool found =
		read && (q->gpu ? is_on_gpu(q, pid, &env, dir) : is_of_experiment(q, pid, &env));
	if (found && !read_process(pid, process)) {
		missed(q);
		found = false;
	}
	found = found && is_living(process) && process->group != (long)getpgrp() && !is_above(pid);
	if (found && q->dir)
		buf_adds(dir, q->dir);
	buf_free(&env);
	return found;
}

/* Are the numbers in /proc those of our PID namespace? */
static bool proc_is_ours(struct procsearch *q)
{
	char self[32] = "";
	if (readlink("/proc/self", self, sizeof self - 1) < 0)
		missed(q);
	return strtol(self, NULL, 10) == (long)getpid();
}

void procsearch_visit(struct procsearch *q, procsearch_visitor *visit, void *context)
{
	struct dirent *entry;
	struct procsearch_process process;
	struct buf dir = BUF_INIT;
	bool look = start_search(q) && proc_is_ours(q);
	DIR *list = look ? opendir("/proc") : NULL;
	while (list && (errno = 0, entry = readdir(list))) {
		long pid = strtol(entry->d_name, NULL, 10);
		if (pid > 0 && procsearch_finds(q, pid, &process, &dir))
			visit(context, q, &process, &dir);
	}
	if (look)
		missed(q);
	if (list)
		closedir(list);
	buf_free(&dir);
	buf_free(&q->found);
}

#else

typedef int procsearch_none; /* ISO C requires a declaration */

#endif
