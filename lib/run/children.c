/*
 * children - the number of a child is not given to another process before it is reaped here,
 * so that none of the numbers in these lists is ever somebody else's.
 */
#include "run/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/buf.h"
#include "run/spawn.h"

static int list_fd = -1; /* the kernel's list of our children */

/* ---- lists ---- */

struct child {
	pid_t pid, group;
};

struct family {
	struct child *child;
	size_t count;
};

static struct family mains;

/* As who calls `monitor & exec run-one` has them, and what these leave to us. */
static struct family bystanders;

static bool has_child(const struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->child[i].pid == pid)
			return true;
	return false;
}

static bool add_child(struct family *f, pid_t pid, pid_t group)
{
	struct child *more = realloc(f->child, (f->count + 1) * sizeof *more);
	if (!more)
		return false;
	f->child = more;
	f->child[f->count++] = (struct child){pid, group};
	return true;
}

static void remove_child(struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->child[i].pid == pid)
			f->child[i--] = f->child[--f->count];
}

int children_add_main(pid_t pid)
{
	return add_child(&mains, pid, pid) ? 0 : -1;
}

void children_remove_main(pid_t pid)
{
	remove_child(&mains, pid);
}

size_t children_mains(void)
{
	return mains.count;
}

/* ---- orphans ---- */

static pid_t *orphan;
static size_t orphan_count, orphan_room;

/* Was it left to us by a bystander? A run has a group of its own, and what it leaves is in
 * none of theirs and not in ours. */
static bool is_left_by_bystander(pid_t pid)
{
	pid_t group = bystanders.count ? getpgid(pid) : -1;
	bool theirs = group > 0 && group == getpgrp();
	for (size_t i = 0; i < bystanders.count && group > 0; i++)
		theirs = theirs || bystanders.child[i].group == group;
	return theirs && add_child(&bystanders, pid, group);
}

/* A page at a time; a page ends with a whole number, so a shorter one is the last. */
static const char *read_list(void)
{
	enum { PAGE = 4096, NUMBER = 16 };
	static struct buf text;
	ssize_t n = PAGE;
	buf_clear(&text);
	while (n > PAGE - NUMBER && buf_reserve(&text, PAGE)) {
		n = pread(list_fd, text.data + text.len, PAGE, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? NULL : buf_cstr(&text);
}

/* Those that there is no memory for are looked at when others have ended. */
static void add_orphan(pid_t pid)
{
	if (orphan_count == orphan_room) {
		size_t room = orphan_room ? 2 * orphan_room : 64;
		pid_t *more = realloc(orphan, room * sizeof *more);
		if (!more)
			return;
		orphan = more;
		orphan_room = room;
	}
	orphan[orphan_count++] = pid;
}

size_t children_orphans(const pid_t **pids)
{
	const char *at = list_fd < 0 ? NULL : read_list();
	orphan_count = 0;
	for (char *end; at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
		if (!has_child(&mains, pid) && !has_child(&bystanders, pid) &&
		    !is_left_by_bystander(pid))
			add_orphan(pid);
	}
	*pids = orphan;
	return orphan_count;
}

bool children_are_listed(void)
{
	return list_fd >= 0;
}

/* ---- reaping ---- */

/* Whom a bystander has left to us is recognized as long as that has its number. */
static void reap_other(pid_t pid)
{
	const pid_t *ignored;
	bool bystander = has_child(&bystanders, pid);
	if (bystander)
		children_orphans(&ignored);
	spawn_reap(pid);
	if (bystander)
		remove_child(&bystanders, pid);
}

/* A main process that has ended hides others from waitid. */
static void reap_listed(void)
{
	const pid_t *pids;
	size_t count = children_orphans(&pids);
	for (size_t i = 0; i < count; i++)
		waitpid(pids[i], NULL, WNOHANG);
}

void children_reap(void)
{
	for (;;) {
		siginfo_t info = {0};
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (info.si_pid == 0)
			return;
		if (has_child(&mains, info.si_pid)) {
			reap_listed();
			return;
		}
		reap_other(info.si_pid);
	}
}

void children_init(void)
{
#ifdef __linux__
	char path[64];
	const pid_t *pids;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	list_fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t count = children_orphans(&pids);
	for (size_t i = 0; i < count; i++)
		add_child(&bystanders, pids[i], getpgid(pids[i]));
#endif
}
