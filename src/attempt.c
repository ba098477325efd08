/*
 * attempt - the order is the promise: the start is on disk before there is a process, the
 * end is on disk before it is printed (runner.c). A start is printed when there is a process,
 * or will never be one; where the system cannot make one, it is taken back.
 */
#include "attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/logtail.h"
#include "exp/stamp.h"
#include "outputs.h"
#include "planned.h"
#include "run/children.h"
#include "run/sight.h"
#include "run/spawn.h"
#include "run_setup.h"
#include "whynot.h"

/* An ordinary end of a run is no longer; with its start it is one block of most disks. */
enum { START_ROOM = 1024, END_ROOM = 3072 };

enum { REASON_COLUMNS = 120 };

static const double look_each = 0.2; /* seconds */

enum run_outcome attempt_outcome(const struct run *r)
{
	if (r->event.end.stopped_by)
		return RUN_STOPPED;
	return event_reason(&r->event) ? RUN_FAILED : RUN_COMPLETED;
}

bool attempt_is_tried_again(const struct run *r)
{
	return attempt_outcome(r) == RUN_FAILED && r->tries_left > 0 && !r->event.start_error &&
	       !r->event.end.survivors && r->event.attempt < STAMP_MAX_ATTEMPT;
}

/* ---- the start ---- */

/* The attempt fails before its start: what was to be run is not what is there. */
void attempt_refuse(struct run *r)
{
	r->event.attempt++;
	r->event.refused = true;
	r->event.start_error = EINVAL;
	r->event.end = (struct supervise_end){0};
	r->event.problem = buf_cstr(&r->problem) ? r->problem.data : "its config was changed";
}

/* For both events. */
static int reserve_room(struct run *r, const struct buf *start, struct problem *p)
{
	if (r->journal.fd < 0)
		return 0;
	return journal_reserve(&r->journal,
			       (start->len > START_ROOM ? start->len : START_ROOM) + END_ROOM, p);
}

/* 0, or -1: the system cannot start anything. */
static int start_process(struct run *r, struct problem *p)
{
	int inherit[4] = {-1, -1, -1, -1}, inherited = 0;
	const off_t before = r->journal.size;
	const struct spawn_plan plan = {r->l.argv, r->env, r->log.fd, inherit};
	struct problem ignored;
	struct buf start = BUF_INIT;
	if (r->journal.fd >= 0) {
		inherit[inherited++] = r->journal.fd;
		inherit[inherited++] = r->s->claim.lock;
	}
	if (r->gpu.lock >= 0)
		inherit[inherited] = r->gpu.lock;
	event_start(&r->event, &start);
	int rc = start.failed ? problem_memory(p) : 0;
	if (rc == 0 && r->journal.fd >= 0)
		rc = journal_append(&r->journal, start.data, start.len, p) == 0 ? 0 : -1;
	if (rc == 0 && spawn(&plan, &r->process.pid, &r->event.start_error, p) != 0) {
		if (r->journal.fd >= 0)
			journal_retract(&r->journal, before, &ignored);
		rc = -1;
	}
	if (rc == 0)
		session_print(r->s, start.data, start.len, &ignored); /* shows again at the end */
	buf_free(&start);
	return rc;
}

/* Everything but the process, in the order of what may be refused. */
static int prepare(struct run *r, struct problem *p)
{
	struct session *s = r->s;
	struct buf start = BUF_INIT;
	const char *dir = r->l.experiment_dir;
	r->event.config = r->config;
	if (run_is_watched(r) && rundir_before(&r->rundir, r->l.run_dir_parent) != 0)
		return problem_errno(p, "%s cannot be read", r->l.run_dir_parent);
	if (dir && run_log_name(&r->log, dir, r->l.run, p) != 0)
		return -1;
	r->event.log_path = dir ? r->log.path.data : NULL;
	event_start(&r->event, &start);
	int rc = start.failed ? problem_memory(p) : reserve_room(r, &start, p);
	buf_free(&start);
	if (rc == 0)
		rc = run_log_open(&r->log, &s->claim, r->event.attempt, p);
	return rc == 0 ? run_setup_env(r, p) : rc;
}

static bool is_looked_at(const struct run *r)
{
	return (r->s->o->verbose && r->log.path.len) || run_is_watched(r);
}

static void begin_watch(struct run *r)
{
	r->process.timeout = r->s->o->timeout;
	r->process.grace = r->s->o->grace;
	r->process.kin = (struct kin){.within = r->within.len ? r->within.data : NULL,
				      .journal = r->journal.fd,
				      .log = r->log.fd};
	supervise_begin(&r->process);
	r->company = children_mains() > 1;
	r->number = ++r->s->starts;
	r->look_at = is_looked_at(r) ? clock_now() + look_each : 0;
}

int attempt_start(struct run *r, struct problem *p)
{
	if (r->l.experiment_dir && claim_check(&r->s->claim, p) != 0)
		return -1;
	int planned = run_setup_is_planned(r, p);
	if (planned < 0)
		return -1;
	if (!planned) {
		attempt_refuse(r);
		return 0;
	}
	r->event.attempt++;
	r->event.end = (struct supervise_end){0};
	if (prepare(r, p) != 0 || start_process(r, p) != 0)
		return -1;
	if (r->event.start_error)
		whynot(r->l.argv[0], r->event.start_error, &r->problem);
	else if (children_add_main(r->process.pid) != 0)
		return problem_memory(p);
	else
		begin_watch(r);
	progress_start(&r->s->progress, &r->l, r->event.attempt);
	return 0;
}

/* ---- at work ---- */

static const char *prefix(const struct run *r)
{
	return r->s->o->jobs > 1 ? r->l.run : NULL;
}

/* Whose is a directory that was made just now? As long as the run's processes are there,
 * they can be asked; afterwards others may have made one, too. */
void attempt_look(struct run *r)
{
	double now = clock_now();
	if (r->look_at == 0 || now < r->look_at)
		return;
	r->look_at = now + look_each;
	if (r->s->o->verbose && r->log.path.len && run_log_follow(&r->log, prefix(r), &r->s->err) &&
	    outbox_is_empty(&r->s->err))
		r->look_at = now;
	if (run_is_watched(r) && r->seen.count == 0 && rundir_count(&r->rundir) > 0)
		sight_look(r->process.pid, r->l.run_dir_parent, &r->seen);
}

/* ---- the end ---- */

/* The time of a file that was written when the run started: its journal, or else the
 * config that was made for it. Zero: there is none. */
static struct timespec start_mark(const struct run *r)
{
	struct stat st = {0};
	int rc = -1;
	if (r->journal.fd >= 0)
		rc = fstat(r->journal.fd, &st);
	else if (r->event.config_is_temporary)
		rc = stat(r->config, &st);
	return rc == 0 ? st.st_mtim : (struct timespec){0};
}

/* What the run has left. With an expression, jq reads the metrics: sweep-metrics. */
static void look_at_outputs(struct run *r, struct outputs *o)
{
	const struct runline *l = &r->l;
	struct outputs_place where = {.run_dir_file = r->run_dir_file.data,
				      .logs = l->experiment_dir ? &r->s->claim.logs : NULL,
				      .parent = l->run_dir_parent,
				      .by_default = json_get(&l->fields, "run_dir_default").data,
				      .metrics_file = l->metrics_file,
				      .before = r->run_dir ? r->run_dir : r->journal.run_dir,
				      .rundir = run_is_watched(r) ? &r->rundir : NULL,
				      .completed = !event_reason(&r->event)};
	where.owner = (struct owner){.run = l->run,
				     .config = r->config,
				     .params = json_get(&l->fields, "params"),
				     .seen = &r->seen,
				     .shared = r->s->o->shared || r->company ||
					       r->s->starts != r->number};
	where.since = start_mark(r);
	outputs_find(o, &where);
	if (!json_get(&l->fields, "metrics_jq").data)
		outputs_read_metrics(o, &where);
	outputs_explain(o, &where);
	free(r->run_dir);
	r->run_dir = o->run_dir ? strdup(o->run_dir) : NULL;
	if (where.completed && o->trouble.len)
		buf_addf(&r->remark, "no metrics: %.*s", (int)o->trouble.len, o->trouble.data);
}

/* A program that changes its config would get the changed one in its next attempt. Where
 * the experiment was renamed meanwhile, its config is not where the run found it. */
static void look_at_config(struct run *r)
{
	static bool told;
	struct buf why = BUF_INIT;
	struct problem moved;
	r->event.config_changed = planned_config(&r->l, r->config, &why) == 0 &&
				  claim_check(&r->s->claim, &moved) == 0;
	if (r->event.config_changed && !told) {
		buf_adds(&why, "; restore it before the run is tried again: ");
		planned_remedy(&r->l, r->config, &why);
		cli_note("%s: %s", r->l.run, buf_cstr(&why) ? why.data : "its config changed");
		told = true;
	}
	buf_free(&why);
}

/* env could be started, and has found no interpreter of that name; or a shell was given
 * what the system cannot execute. */
static void explain_status(struct run *r)
{
	const struct supervise_end *end = &r->event.end;
	int status = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : 0;
	if (!(status == 127 && whynot_crlf(r->l.argv[0], &r->problem)) &&
	    (status == 127 || status == 126 || status == 2))
		whynot_foreign(r->l.argv[0], &r->problem);
}

/* Metrics for which there is no room are left in their file. */
static int compose_end(struct run *r, struct problem *p)
{
	struct journal *j = &r->journal;
	struct outputs o = {0};
	struct problem ignored;
	char now[CLOCK_TEXT_SIZE];
	clock_text(now);
	if (!r->event.start_error) {
		look_at_outputs(r, &o);
		look_at_config(r);
	}
	event_end(&r->event, now, &o, true, &r->end);
	if (j->fd >= 0 && j->size + (off_t)r->end.len > j->room &&
	    journal_reserve(j, r->end.len, &ignored) != 0) {
		buf_clear(&r->end);
		event_end(&r->event, now, &o, false, &r->end);
	}
	outputs_free(&o);
	return r->end.failed ? problem_memory(p) : 0;
}

int attempt_end(struct run *r, struct problem *p)
{
	if (r->event.refused) {
		if (r->journal.fd >= 0 && journal_reserve(&r->journal, END_ROOM, p) != 0)
			return -1;
		return compose_end(r, p);
	}
	if (!r->event.start_error)
		r->event.end = r->process.end;
	explain_status(r);
	r->event.problem = r->problem.len ? buf_cstr(&r->problem) : NULL;
	return compose_end(r, p);
}

bool attempt_show_rest(struct run *r)
{
	return !r->s->o->verbose || !r->log.path.len || r->log.fd < 0 ||
	       run_log_follow_rest(&r->log, prefix(r), &r->s->err);
}

void attempt_tell(struct run *r)
{
	char text[512];
	enum run_outcome how = attempt_outcome(r);
	size_t survivors = r->event.end.survivors;
	event_describe(&r->event, text, sizeof text);
	if (how == RUN_FAILED && !r->event.start_error && r->log.path.len && r->s->o->progress)
		logtail_last(&r->remark, r->log.fd, REASON_COLUMNS);
	struct progress_end end = {.outcome = text,
				   .remark = r->remark.len ? buf_cstr(&r->remark) : NULL,
				   .seconds = r->event.end.duration,
				   .completed = how == RUN_COMPLETED,
				   .again = attempt_is_tried_again(r),
				   .stopped = how == RUN_STOPPED};
	progress_end(&r->s->progress, &r->l, &end);
	if (survivors)
		cli_note("%s left %zu process%s that SIGKILL does not end; it is not started again "
			 "as long as %s",
			 r->l.run, survivors, survivors == 1 ? "" : "es",
			 survivors == 1 ? "it lives" : "they live");
}
