/*
 * runner - the states of a run (run.h):
 *
 *   claimed -> ready -> working -> recording -> showing -> ended
 *                ^                                 |
 *                `---------- tried again ----------'
 *
 * The claim, a lock on the journal, is held from the first state to the last. The end is on
 * disk before it is printed. Where there is no room for it, it is tried again, once a second
 * at last, for nothing tells when a disk has room; a signal that came before ends that after
 * the first second, one that comes later at once.
 */
#include "runner.h"

#include <errno.h>

#include "attempt.h"
#include "base/clock.h"
#include "base/lock.h"
#include "exp/layout.h"
#include "exp/leftover.h"
#include "exp/stamp.h"
#include "exp/status.h"
#include "run_setup.h"

static const double first_wait = 0.0625, last_wait = 1; /* seconds between two tries */
static const double patience = 0.9; /* seconds for a slow reader, when we are told to end */

static void end(struct run *r, enum run_outcome outcome)
{
	r->state = RUN_ENDED;
	r->outcome = outcome;
}

/* ---- the claim ---- */

/* r->p says who is in the way. */
static void turn_away(struct run *r)
{
	if (r->s->o->shared)
		cli_note("%s; skipped", r->p.text);
	end(r, r->s->o->shared ? RUN_SKIPPED : RUN_PROBLEM);
}

static void say_alive(struct run *r)
{
	struct buf path = BUF_INIT, pids = BUF_INIT;
	if (layout_add_record(&path, r->l.experiment_dir, r->l.run))
		lock_holders(path.data, &pids);
	const char *who = buf_cstr(&pids);
	problem_set(&r->p, EXIT_BUSY,
		    "%s is still alive in %s (process %s); wait for it, or stop it", r->l.run,
		    r->l.experiment_dir, who && *who ? who : "unknown");
	buf_free(&path);
	buf_free(&pids);
}

/* Does something of it live on without the claim, or can that not be seen? */
static bool has_leftovers(struct run *r)
{
	struct leftovers left;
	struct buf word = BUF_INIT;
	const char *dir = r->l.experiment_dir;
	buf_add_word(&word, dir);
	bool found = leftover_of_run(dir, r->l.run, &left) > 0, many = left.count > 1;
	errno = left.error;
	if (!found && errno)
		problem_errno(&r->p,
			      "whether processes of %s live on in %s cannot be seen; --force "
			      "starts it all the same",
			      r->l.run, dir);
	else if (found)
		problem_set(
			&r->p, EXIT_BUSY,
			"%s is still alive in %s: %s, and process%s %s live%s "
			"on; wait for it, end it with sweep-lock --stop %s, or start the run in "
			"spite of it with --force",
			r->l.run, dir,
			r->journal.status == STATUS_RUNNING ? "its run-one was killed"
							    : "SIGKILL did not end all of it",
			many ? "es" : "", left.who.data ? left.who.data : "unknown",
			many ? "" : "s", buf_cstr(&word) ? word.data : dir);
	found = found || left.error;
	buf_free(&word);
	leftover_free(&left);
	return found;
}

/* Of a run without a journal the line says what it has been through. */
static bool is_done_by_line(struct run *r)
{
	int64_t attempt;
	if (json_int(&r->l.fields, "attempt", &attempt) && attempt > 0 &&
	    attempt <= STAMP_MAX_ATTEMPT)
		r->event.attempt = (int)attempt;
	return status_of(json_get(&r->l.fields, "status")) == STATUS_COMPLETED;
}

/* 0: the journal is claimed; else the run has ended. */
static int claim_journal(struct run *r)
{
	struct session *s = r->s;
	int rc = -1;
	if (claim_open(&s->claim, r->l.experiment_dir, s->o->shared, &r->p) != 0) {
		end(r, RUN_PROBLEM);
		return rc;
	}
	rc = claim_run(&s->claim, &r->journal, r->l.run, !s->o->no_sync, &r->p);
	if (rc > 0) {
		say_alive(r);
		turn_away(r);
	} else if (rc < 0) {
		end(r, r->p.status == EXIT_BAD_INPUT ? RUN_REFUSED : RUN_PROBLEM);
	} else {
		r->event.attempt = r->journal.attempt;
	}
	return rc;
}

static void claim_or_end(struct run *r)
{
	const struct session *s = r->s;
	bool has_journal = r->l.experiment_dir != NULL;
	if (has_journal && claim_journal(r) != 0)
		return;
	bool done = has_journal ? r->journal.status == STATUS_COMPLETED : is_done_by_line(r);
	if ((done && !s->o->force) || (s->new_only && r->event.attempt > 0)) {
		end(r, RUN_SKIPPED);
	} else if (r->journal.may_live && !s->o->force && has_leftovers(r)) {
		if (r->p.status == EXIT_IO)
			end(r, RUN_PROBLEM);
		else
			turn_away(r);
	} else if (r->event.attempt >= STAMP_MAX_ATTEMPT) {
		problem_set(&r->p, EXIT_BAD_INPUT,
			    "%s has had attempt %d, and no later one is counted; repair its record",
			    r->l.run, r->event.attempt);
		end(r, RUN_REFUSED);
	} else {
		r->state = RUN_CLAIMED;
	}
}

static void begin_recording(struct run *r)
{
	r->state = RUN_RECORDING;
	r->record_at = 0;
	r->record_wait = first_wait;
	r->record_said = false;
	if (attempt_end(r, &r->p) != 0)
		end(r, RUN_PROBLEM);
}

/* What it needs before its first attempt. A command that cannot be filled in is the fault of
 * a config that was changed, or of who wrote it: then nothing else can be started either. */
static void prepare_command(struct run *r)
{
	const struct run_options *o = r->s->o;
	if (session_begin(r->s, r->l.experiment_dir, &r->p) != 0 || run_setup_config(r, &r->p) != 0)
		end(r, RUN_PROBLEM);
	else if (runline_command(&r->l, o->command, o->extra, o->extra_count, r->config, &r->p) ==
		 0)
		return;
	else if (run_setup_is_planned(r, &r->p) != 0)
		end(r, RUN_PROBLEM);
	else {
		attempt_refuse(r);
		begin_recording(r);
	}
}

void runner_begin(struct run *r)
{
	r->event = (struct event){.l = &r->l, .gpu = r->gpu.device};
	r->tries_left = (int)r->s->o->retries;
	r->p = (struct problem){0};
	claim_or_end(r);
	if (r->state == RUN_CLAIMED)
		prepare_command(r);
}

/* ---- the attempts ---- */

/* A run at work may still be tried again after another one has failed (--fail-fast), but
 * not where records cannot be written. */
static bool is_called_off(const struct run *r, int stop)
{
	const struct session *s = r->s;
	bool is_first = r->tries_left == (int)s->o->retries;
	return stop || s->status == EXIT_IO || (s->failed_fast && is_first);
}

static void wait_for_device(struct run *r, int stop)
{
	bool off = is_called_off(r, stop);
	int rc = off ? 1 : gpu_try(&r->gpu, r->s->o->force, &r->p);
	if (rc == 0)
		r->state = RUN_READY;
	else if (rc < 0 || off)
		end(r, rc < 0 ? RUN_PROBLEM : RUN_STOPPED);
}

static void start_attempt(struct run *r, int stop)
{
	if (is_called_off(r, stop))
		end(r, RUN_STOPPED);
	else if (!session_is_read(r->s))
		return;
	else if (attempt_start(r, &r->p) != 0)
		end(r, RUN_PROBLEM);
	else if (r->event.start_error)
		begin_recording(r);
	else
		r->state = RUN_WORKING;
}

static void watch_process(struct run *r, int stop, bool again)
{
	supervise_step(&r->process, stop, again);
	attempt_look(r);
	if (r->process.state == SUPERVISE_ENDED)
		begin_recording(r);
}

/* It is on record. Who reads stderr too slowly is not waited for when we are told to end. */
static void finish_attempt(struct run *r, int stop)
{
	bool again = attempt_is_tried_again(r);
	enum run_outcome outcome = attempt_outcome(r);
	if (stop && r->show_until == 0)
		r->show_until = clock_now() + patience;
	bool rest = !attempt_show_rest(r);
	r->look_at = rest && outbox_is_empty(&r->s->err) ? clock_now() : 0;
	if (rest && !(r->show_until > 0 && clock_now() >= r->show_until))
		return;
	attempt_tell(r);
	run_clear_attempt(r);
	r->tries_left -= again;
	if (again)
		r->state = RUN_READY;
	else
		end(r, outcome);
}

static void wait_for_room(struct run *r, double now)
{
	if (r->record_wait >= last_wait && !r->record_said) {
		r->record_said = true;
		cli_note("%s has ended; its record waits until there is room: %s", r->l.run,
			 r->p.text);
	}
	r->record_at = now + r->record_wait;
	r->record_wait = r->record_wait < last_wait ? 2 * r->record_wait : last_wait;
}

static void record_end(struct run *r, int stop)
{
	double now = clock_now();
	bool last = stop && r->record_wait >= last_wait;
	if (now < r->record_at && !last)
		return;
	int rc =
		r->journal.fd < 0 ? 0 : journal_append(&r->journal, r->end.data, r->end.len, &r->p);
	if (rc == 0) {
		r->state = RUN_SHOWING;
		r->show_until = 0;
		if (session_print(r->s, r->end.data, r->end.len, &r->p) != 0)
			end(r, RUN_PROBLEM);
	} else if (rc > 0 && !last) {
		wait_for_room(r, now);
	} else {
		struct problem why = r->p;
		if (rc > 0)
			problem_set(&r->p, EXIT_IO,
				    "%s has ended, and no room came for its record: %s; it counts "
				    "as not done",
				    r->l.run, why.text);
		end(r, RUN_PROBLEM);
	}
}

bool runner_step(struct run *r, int stop, bool again)
{
	const enum run_state first = r->state;
	enum run_state before;
	do {
		before = r->state;
		if (r->state == RUN_CLAIMED)
			wait_for_device(r, stop);
		if (r->state == RUN_READY)
			start_attempt(r, stop);
		if (r->state == RUN_WORKING)
			watch_process(r, stop, again);
		if (r->state == RUN_RECORDING)
			record_end(r, stop);
		if (r->state == RUN_SHOWING)
			finish_attempt(r, stop);
	} while (r->state != before);
	return r->state != first;
}

double runner_due(const struct run *r)
{
	switch (r->state) {
	case RUN_CLAIMED:
		return r->gpu.look_at;
	case RUN_WORKING:
		return clock_sooner(r->look_at, supervise_due(&r->process));
	case RUN_RECORDING:
		return r->record_at;
	case RUN_SHOWING:
		return clock_sooner(r->look_at, r->show_until);
	default:
		return 0;
	}
}

void runner_shift(struct run *r, double seconds)
{
	if (r->state == RUN_WORKING)
		supervise_shift(&r->process, seconds);
}
