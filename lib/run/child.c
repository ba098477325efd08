/*
 * child - how nothing escapes.
 *
 * When the main process has ended it is left a zombie at first: as long as it holds its
 * number, signals to the group reach the group and nobody else. As subreaper we inherit
 * what was left behind, also from other sessions; those are our own children, so their
 * numbers cannot be reused before we have reaped them. Children that we had before the
 * first run, from the program that has become us, are left alone. Every wait after a SIGKILL is
 * bounded: a process in an uninterruptible sleep is reported, not waited for.
 *
 * System calls of a run without incident, beside those of its start (spawn.c) and of
 * its files (run-one.c):
 *
 *     waitid                has it ended already?
 *     rt_sigpending         are we to stop?
 *     pselect6, waitid      until it has, if it had not
 *     pread64               of our list of children: did it leave any?
 *     wait4                 its status and what it used, and its number is free
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* wait4 */
#endif
#include "run/child.h"

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
#include "base/signals.h"
#include "base/clock.h"

static const double last_wait = 10;    /* seconds for SIGKILL to show */
static const double late_signal = 0.5; /* see look_for_stop */
static const double patience = 0.3;    /* see say_we_wait */

enum { MANY = 256 };

static int children_fd = -1; /* our list of children, where the kernel keeps one */

/* ---- our children ---- */

/* Children that were there before the first run, as who calls `monitor & exec run-one` has
 * them, and what these leave to us: not ours to end. A number stays theirs until it is
 * reaped here. */
struct bystander {
	pid_t pid, group;
};

static struct bystander *bystanders;
static size_t bystander_count;

static bool is_bystander(pid_t pid)
{
	for (size_t i = 0; i < bystander_count; i++)
		if (bystanders[i].pid == pid)
			return true;
	return false;
}

static bool add_bystander(pid_t pid, pid_t group)
{
	struct bystander *more = realloc(bystanders, (bystander_count + 1) * sizeof *bystanders);
	if (!more)
		return false;
	bystanders = more;
	bystanders[bystander_count++] = (struct bystander){pid, group};
	return true;
}

/* Was it left to us by a bystander? A run has a group of its own, and what it leaves is in
 * none of theirs and not in ours. */
static bool is_left_by_bystander(pid_t pid)
{
	pid_t group = bystander_count ? getpgid(pid) : -1;
	bool theirs = group > 0 && group == getpgrp();
	for (size_t i = 0; i < bystander_count && group > 0; i++)
		theirs = theirs || bystanders[i].group == group;
	return theirs && add_bystander(pid, group);
}

/* A page at a time; a page ends with a whole number, so a shorter one is the last. */
static const char *read_children(void)
{
	enum { PAGE = 4096, NUMBER = 16 };
	static struct buf text;
	ssize_t n = PAGE;
	buf_clear(&text);
	while (n > PAGE - NUMBER && buf_reserve(&text, PAGE)) {
		n = pread(children_fd, text.data + text.len, PAGE, (off_t)text.len);
		text.len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? NULL : buf_cstr(&text);
}

/* The pids of our children but the main one and bystanders. Returns how many are stored,
 * at most max; -1 if the system keeps no list. */
static int list_children(pid_t main_pid, pid_t *pids, int max)
{
	int count = 0;
	const char *at = children_fd < 0 ? NULL : read_children();
	if (!at)
		return -1;
	for (char *end; count < max; at = end) {
		long pid = strtol(at, &end, 10);
		if (end == at)
			break;
		if (pid != main_pid && !is_bystander((pid_t)pid) &&
		    !is_left_by_bystander((pid_t)pid))
			pids[count++] = (pid_t)pid;
	}
	return count;
}

/* One that has ended and is not the main process. Whom a bystander has left to us is
 * recognized as long as it has its number. */
static void reap_other(pid_t pid)
{
	pid_t ignored[MANY];
	size_t i = 0;
	while (i < bystander_count && bystanders[i].pid != pid)
		i++;
	if (i < bystander_count)
		list_children(pid, ignored, MANY);
	spawn_reap(pid);
	if (i < bystander_count)
		bystanders[i] = bystanders[--bystander_count];
}

void child_init(void)
{
#ifdef __linux__
	char path[64];
	pid_t pid;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	children_fd = open(path, O_RDONLY | O_CLOEXEC);
	while (list_children(0, &pid, 1) > 0 && add_bystander(pid, getpgid(pid)))
		;
#endif
}

/* ---- what we wait for ---- */

struct watch {
	const struct child_limits *limits;
	struct child_end *end;
	double started;
	int sent;        /* the last signal that it got from us, or 0 */
	double next_at;  /* when the next one is due */
	double heard_at; /* when we saw that we are to end by Ctrl-C */
	bool said;
};

/* The signal that asks us to end, or 0. */
static int stop_meant(const struct watch *w)
{
	int number = signals_stop();
	return number && w->limits->meant ? w->limits->meant(w->limits->context, number) : number;
}

static bool asked_again(const struct watch *w)
{
	return signals_again() || (w->limits->again && w->limits->again(w->limits->context));
}

/* Who pressed Ctrl-C is told what is waited for, unless it ends at once. When that is
 * due, or 0. */
static double say_we_wait(struct watch *w)
{
	double now = clock_now();
	if (w->said || !w->limits->waiting || stop_meant(w) != SIGINT)
		return 0;
	if (w->heard_at == 0)
		w->heard_at = now;
	if (now < w->heard_at + patience)
		return w->heard_at + patience;
	w->said = true;
	w->limits->waiting(w->limits->context);
	return 0;
}

static double sooner(double a, double b)
{
	return a > 0 && (b <= 0 || a < b) ? a : b;
}

/* ---- what is left behind ---- */

/* A stopped process (SIGSTOP, ^Z) hears nothing but SIGKILL until it is continued.
 * target: a pid, or a group as -pgid. */
static void signal_awake(pid_t target, int number)
{
	kill(target, number);
	if (number != SIGKILL)
		kill(target, SIGCONT);
}

struct sweep_up {
	pid_t group;
	pid_t seen[MANY]; /* signalled once already */
	size_t seen_count;
	bool killing;
};

static bool is_new(struct sweep_up *s, pid_t pid)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i] == pid)
			return false;
	if (s->seen_count < MANY)
		s->seen[s->seen_count++] = pid;
	return true;
}

/* One round: reap those that ended, signal those that are new. How many live. */
static int sweep_round(struct sweep_up *s)
{
	pid_t pids[MANY];
	int living = 0, count = list_children(s->group, pids, MANY);
	for (int i = 0; i < count; i++) {
		if (waitpid(pids[i], NULL, WNOHANG) == pids[i])
			continue;
		bool fresh = is_new(s, pids[i]);
		if (s->killing)
			kill(pids[i], SIGKILL);
		else if (fresh)
			signal_awake(pids[i], SIGTERM);
		living++;
	}
	return living;
}

/* Has the group a process that lives, beside the main one, which is a zombie? */
static bool group_lives(pid_t group)
{
#ifdef __linux__
	/* of a zombie there is no news but its end, which is not asked for */
	siginfo_t info;
	return waitid(P_PGID, (id_t)group, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0;
#else
	return kill(-group, 0) == 0; /* zombies are not counted */
#endif
}

/* Where the system keeps no list: the group is all that can be found. */
static void sweep_group(struct watch *w, pid_t group, double kill_at)
{
	bool killing = false;
	w->end->leftovers = group_lives(group);
	signal_awake(-group, SIGTERM);
	while (group_lives(group)) {
		w->end->leftovers = 1;
		if (!killing && (clock_now() >= kill_at || asked_again(w))) {
			killing = true;
			kill_at = clock_now();
		}
		if (killing)
			kill(-group, SIGKILL);
		if (killing && clock_now() >= kill_at + last_wait) {
			w->end->survivors = 1;
			break;
		}
		signals_wait(0.05);
	}
}

/* The main process has ended and is a zombie: end what it left behind. */
static void sweep_leftovers(struct watch *w, pid_t pid, double kill_at)
{
	struct sweep_up s = {.group = pid};
	int living = sweep_round(&s);
	if (s.seen_count == 0)
		return;
	signal_awake(-pid, SIGTERM);
	while (living > 0) {
		double now = clock_now();
		if (!s.killing && (now >= kill_at || asked_again(w))) {
			s.killing = true;
			kill_at = now;
			kill(-pid, SIGKILL);
		}
		if (s.killing && now >= kill_at + last_wait)
			break;
		signals_wait(s.killing ? 0.05 : sooner(say_we_wait(w), kill_at) - now);
		living = sweep_round(&s);
	}
	w->end->leftovers = s.seen_count;
	w->end->survivors = (size_t)living;
}

/* ---- watching ---- */

/* Has the main process ended? Others that ended meanwhile are reaped. */
static bool main_ended(pid_t pid)
{
	for (;;) {
		siginfo_t info = {0};
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			return true; /* ECHILD: it was reaped by somebody else */
		}
		if (info.si_pid == 0)
			return false;
		if (info.si_pid == pid)
			return true;
		reap_other(info.si_pid);
	}
}

static void tell(struct watch *w, pid_t group, int number)
{
	signal_awake(-group, number);
	w->sent = number;
	w->next_at = clock_now() + w->limits->grace;
}

static bool is_due(double at, double now)
{
	return at > 0 && now >= at;
}

/* Pass on what happened; how long to wait for the next event. First what we got
 * ourselves, or SIGTERM; then SIGTERM; then SIGKILL. */
static double attend(struct watch *w, pid_t group)
{
	double now = clock_now(), until = 0;
	double deadline = w->limits->timeout > 0 ? w->started + w->limits->timeout : 0;
	if (w->limits->tick) {
		w->limits->tick(w->limits->context);
		until = now + 0.2;
	}
	if (!w->end->stopped_by)
		w->end->stopped_by = stop_meant(w);
	if (w->end->stopped_by && !w->sent)
		tell(w, group, w->end->stopped_by);
	w->end->timed_out |= is_due(deadline, now) && !w->sent;
	if (w->end->timed_out && !w->sent)
		tell(w, group, SIGTERM);
	if (w->sent && w->sent != SIGKILL && (is_due(w->next_at, now) || asked_again(w)))
		tell(w, group, w->sent == SIGTERM || asked_again(w) ? SIGKILL : SIGTERM);
	until = sooner(say_we_wait(w), until);
	if (!w->sent)
		until = sooner(deadline, until);
	else if (w->sent != SIGKILL)
		until = sooner(w->next_at, until);
	return until <= 0 ? -1 : until > now ? until - now : 0;
}

/* A run that failed as we were told to stop was interrupted. Slurm sends a signal to
 * every process of a job, perhaps to the run first: where the run died of such a
 * signal, ours may be on its way. */
static void look_for_stop(struct child_end *end)
{
	int number = WIFSIGNALED(end->status) ? WTERMSIG(end->status) : 0;
	double left = number == SIGTERM || number == SIGINT || number == SIGHUP ? late_signal : 0;
	if (end->stopped_by || end->timed_out || end->status == 0)
		return;
	for (double until = clock_now() + left; !signals_stop() && left > 0;
	     left = until - clock_now())
		signals_wait(left);
	end->stopped_by = signals_stop();
}

void child_finish(pid_t pid, const struct child_limits *limits, struct child_end *end)
{
	struct watch w = {.limits = limits, .end = end, .started = limits->started};
	*end = (struct child_end){0};
	/* SIGCHLD is blocked outside signals_wait, so an end between the two is not missed */
	while (!main_ended(pid))
		signals_wait(attend(&w, pid));
	end->duration = clock_now() - w.started;
	double kill_at = w.sent == SIGKILL ? clock_now()
			 : w.sent          ? w.next_at
					   : clock_now() + limits->grace;
	if (children_fd >= 0)
		sweep_leftovers(&w, pid, kill_at);
	else
		sweep_group(&w, pid, kill_at);
	if (limits->tick) /* while the number is the run's */
		limits->tick(limits->context);
	while (wait4(pid, &end->status, 0, &end->usage) < 0 && errno == EINTR)
		;
	while (children_fd < 0 && waitpid(-pid, NULL, WNOHANG) > 0)
		; /* what has ended of its group; nothing is signalled any more */
	look_for_stop(end);
}
