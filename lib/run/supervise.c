/*
 * supervise - when the main process has ended it is left a zombie at first: as long as it
 * holds its number, signals to the group reach the group and nobody else. As subreaper we
 * inherit what it left behind, also from other sessions (children.h); of that it is sent
 * signals what is kin to the run, or all of it where no other run is at work. Nobody waits
 * for ever after a SIGKILL: a process in an uninterruptible sleep is counted.
 *
 * SIGCONT follows every signal but SIGKILL, since a stopped process hears nothing else.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* wait4 */
#endif
#include "run/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/children.h"

static const double last_wait = 10;    /* seconds for SIGKILL to show */
static const double look_again = 0.05; /* where nothing tells of an end */
static const double late_signal = 0.5; /* see linger */

/* target: a pid, or a group as -pgid. */
static void signal_awake(pid_t target, int number)
{
	kill(target, number);
	if (number != SIGKILL)
		kill(target, SIGCONT);
}

static bool is_due(double at, double now)
{
	return at > 0 && now >= at;
}

/* ---- the end ---- */

/* A run that failed as we were told to stop was interrupted. Slurm sends a signal to every
 * process of a job, perhaps to the run first: where the run died of such a signal, ours may
 * be on its way. */
static void linger(struct supervise *s, double now, int stop)
{
	struct supervise_end *end = &s->end;
	if (!end->stopped_by && !end->timed_out && end->status != 0)
		end->stopped_by = stop;
	if (end->stopped_by || s->next_at == 0 || now >= s->next_at)
		s->state = SUPERVISE_ENDED;
}

static void reap(struct supervise *s, double now)
{
	struct supervise_end *end = &s->end;
	while (wait4(s->pid, &end->status, 0, &end->usage) < 0 && errno == EINTR)
		;
	while (!children_are_listed() && waitpid(-s->pid, NULL, WNOHANG) > 0)
		; /* what has ended of its group; nothing is signalled any more */
	children_remove_main(s->pid);
	free(s->seen);
	s->seen = NULL;
	s->seen_count = s->seen_room = 0;
	int number = WIFSIGNALED(end->status) ? WTERMSIG(end->status) : 0;
	bool may_come = number == SIGTERM || number == SIGINT || number == SIGHUP;
	s->state = SUPERVISE_LINGERING;
	s->next_at = may_come && !end->stopped_by && !end->timed_out ? now + late_signal : 0;
}

/* ---- what is left behind ---- */

static bool is_new(struct supervise *s, pid_t pid)
{
	for (size_t i = 0; i < s->seen_count; i++)
		if (s->seen[i] == pid)
			return false;
	if (s->seen_count == s->seen_room) {
		size_t room = s->seen_room ? 2 * s->seen_room : 16;
		pid_t *more = realloc(s->seen, room * sizeof *more);
		if (!more)
			return true;
		s->seen = more;
		s->seen_room = room;
	}
	s->seen[s->seen_count++] = pid;
	return true;
}

/* Reap orphans that ended, and signal those of ours that are new. How many live. */
static int signal_orphans(struct supervise *s)
{
	const pid_t *pids;
	const size_t count = children_orphans(&pids);
	int living = 0;
	bool alone = children_mains() == 1;
	for (size_t i = 0; i < count; i++) {
		if (waitpid(pids[i], NULL, WNOHANG) == pids[i])
			continue;
		if (!alone && !kin_is(&s->kin, pids[i]))
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

/* How many live; where there is no list, 1 for all of them. */
static int look_at_leftovers(struct supervise *s)
{
	if (children_are_listed())
		return signal_orphans(s);
	bool lives = group_lives(s->pid);
	s->seen_count = s->seen_count || lives;
	return lives;
}

static void sweep(struct supervise *s, double now, bool again)
{
	int living = look_at_leftovers(s);
	if (!s->told_group && (s->seen_count || !children_are_listed())) {
		s->told_group = true;
		signal_awake(-s->pid, SIGTERM);
	}
	if (living && !s->killing && (now >= s->next_at || again)) {
		s->killing = true;
		s->next_at = now + last_wait;
	} else if (living && s->killing && now >= s->next_at) {
		s->end.survivors = (size_t)living;
		living = 0;
	}
	if (living && s->killing)
		kill(-s->pid, SIGKILL);
	if (living)
		return;
	s->end.leftovers = s->seen_count;
	reap(s, now);
}

/* ---- the main process ---- */

static bool main_has_ended(pid_t pid)
{
	siginfo_t info = {0};
	int rc;
	do
		rc = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc != 0 && errno == EINTR);
	return rc != 0 || info.si_pid == pid; /* ECHILD: it was reaped by somebody else */
}

static void tell(struct supervise *s, int number, double now)
{
	signal_awake(-s->pid, number);
	s->sent = number;
	s->next_at = now + s->grace;
}

/* First what we got ourselves, or SIGTERM; then SIGTERM; then SIGKILL. */
static void attend(struct supervise *s, double now, int stop, bool again)
{
	struct supervise_end *end = &s->end;
	if (!end->stopped_by)
		end->stopped_by = stop;
	if (end->stopped_by && !s->sent)
		tell(s, end->stopped_by, now);
	end->timed_out |= !s->sent && is_due(s->next_at, now);
	if (end->timed_out && !s->sent)
		tell(s, SIGTERM, now);
	if (s->sent && s->sent != SIGKILL && (is_due(s->next_at, now) || again))
		tell(s, s->sent == SIGTERM || again ? SIGKILL : SIGTERM, now);
}

static void begin_sweep(struct supervise *s, double now)
{
	s->state = SUPERVISE_SWEEPING;
	s->end.duration = now - s->started;
	if (s->sent == SIGKILL)
		s->next_at = now;
	else if (!s->sent)
		s->next_at = now + s->grace;
}

void supervise_begin(struct supervise *s)
{
	s->state = SUPERVISE_RUNNING;
	s->end = (struct supervise_end){0};
	s->started = clock_now();
	s->next_at = s->timeout > 0 ? s->started + s->timeout : 0;
	s->sent = 0;
	s->told_group = s->killing = false;
	s->seen_count = 0;
	s->kin.group = s->pid;
}

void supervise_step(struct supervise *s, int stop, bool again)
{
	double now = clock_now();
	if (s->state == SUPERVISE_RUNNING && main_has_ended(s->pid))
		begin_sweep(s, now);
	if (s->state == SUPERVISE_RUNNING)
		attend(s, now, stop, again);
	if (s->state == SUPERVISE_SWEEPING)
		sweep(s, now, again);
	if (s->state == SUPERVISE_LINGERING)
		linger(s, now, stop);
}

double supervise_due(const struct supervise *s)
{
	bool asks = s->state == SUPERVISE_SWEEPING && (s->killing || !children_are_listed());
	if (asks)
		return clock_now() + look_again;
	bool killed = s->state == SUPERVISE_RUNNING && s->sent == SIGKILL;
	return s->state == SUPERVISE_ENDED || killed ? 0 : s->next_at;
}

void supervise_shift(struct supervise *s, double seconds)
{
	if (s->next_at > 0)
		s->next_at += seconds;
}
