/*
 * run-one - execute and record run lines, one after another.
 *
 * System calls of a run without incident, beside those of its process:
 *
 *     read                   one in some 200 runs: of the lines
 *     rt_sigpending          are we to stop?
 *     faccessat              is there a journal? If not, for up to 64 runs:
 *       openat, close, fsync   make them, and sync their names together
 *       newfstatat             which of them were not used? (Those go, each with its lock
 *                              held, when all have ended.)
 *     openat, fcntl          the journal, and the claim on it
 *     newfstatat             what stands in it? If anything: fsync (64 of them, then
 *                            one syncfs), read
 *     newfstatat             does the experiment's name still lead to it?
 *     read                   of the watch on run_dir_parent: forget what it tells
 *     fcntl, close           the journal to a number that no program expects
 *     fallocate              room for the end, whatever happens to the disk meanwhile
 *     openat                 the log (and lseek, with --verbose; of a second attempt
 *                            openat, fstat, fcntl: is it a file? and lseek, pread64,
 *                            write: a line between them)
 *     unlink                 an old $RUN_DIR_FILE
 *     openat, newfstatat (2), read, close  is its config what the plan says?
 *     poll                   is there room for the start's event? (and on stderr, with -p)
 *     write, fdatasync       the start: in the journal, on disk
 *     (its process: spawn.c)
 *     poll, write            its event (each line on stderr, with -p, is written so)
 *     openat                 $RUN_DIR_FILE: did the program name its directory?
 *     fstat, read            of the watch: did it make a directory? When did it start?
 *     openat, newfstatat (2), read, close  is its config still that?
 *     write, fdatasync       the end
 *     poll, write            its event
 *     lseek, pread64         of a failed run, with -p: the last line of its log
 *     close, close           log and journal
 *
 * A run that had completed: rt_sigpending, faccessat, openat, fcntl, newfstatat,
 * read, close.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "base/file.h"
#include "gpu.h"
#include "held.h"
#include "job.h"
#include "base/linereader.h"
#include "base/lock.h"
#include "run/queue.h"
#include "exp/row.h"
#include "exp/origin.h"
#include "base/signals.h"
#include "base/clock.h"

enum { AHEAD = 64 }; /* so many journals are made at once */

/* ---- lines about the experiment itself ---- */

static int record(struct job *job, const char *dir, struct buf *line, struct problem *p)
{
	struct runner *r = &job->runner;
	int rc = line->failed ? problem_memory(p) : 0;
	if (rc == 0)
		rc = experiment_open(&r->experiment, dir, r->shared, p);
	if (rc == 0)
		rc = experiment_append(&r->experiment, line->data, line->len, r->sync, p);
	if (rc == 0)
		rc = runner_print(r, line->data, line->len, p);
	buf_free(line);
	return rc;
}

static void add_session_field(struct buf *line, const char *pair)
{
	const char *value = strchr(pair, '=') + 1;
	size_t len = strlen(value);
	buf_addc(line, ',');
	json_add_string(line, pair, (size_t)(value - pair) - 1);
	buf_addc(line, ':');
	if (json_is_value(value, len) && !strchr("\"[{", *value))
		json_compact(line, value, len);
	else
		json_add_string(line, value, len);
}

/* What is kept is read again by all. */
static int check_session(const struct buf *line, struct problem *p)
{
	struct json session;
	struct problem inner;
	size_t offset;
	const char *why;
	if (line->failed)
		return problem_memory(p);
	if (json_parse(&session, line->data, line->len - 1, &offset, &why) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "--session: %s", why);
	if (json_get(&session, "run").data || json_get(&session, "status").data)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"--session: run and status are not a session's; take another key");
	return row_check(&session, &inner) == 0
		       ? 0
		       : problem_set(p, EXIT_BAD_INPUT, "--session: %s", inner.text);
}

static int record_session(struct job *job, const char *dir, struct problem *p)
{
	struct buf line = BUF_INIT, id = BUF_INIT;
	char now[CLOCK_TEXT_SIZE], chance[9];
	clock_text(now);
	file_random(chance, 8); /* a process number is another container's, too */
	buf_addf(&id, "%s-%s-%s", now, origin_host(), chance);
	buf_adds(&line, "{\"format\":1");
	json_add_str_field(&line, "experiment_dir", dir);
	json_add_str_field(&line, "session", buf_cstr(&id) ? id.data : now);
	json_add_str_field(&line, "session_started_at", now);
	origin_add_where(&line);
	for (size_t i = 0; i < job->session_count; i++)
		add_session_field(&line, job->session[i]);
	buf_adds(&line, "}\n");
	buf_free(&id);
	job->session_recorded = true;
	if (check_session(&line, p) == 0)
		return record(job, dir, &line, p);
	buf_free(&line);
	return -1;
}

/* A session is recorded when its first run is about to start, or it has something to
 * say of the experiment: not if there is nothing to do. */
static int begin_session(void *context, const char *dir, struct problem *p)
{
	struct job *job = context;
	bool due = dir && job->session_count && !job->session_recorded;
	return due ? record_session(job, dir, p) : 0;
}

/* A line without a run is kept with the experiment and passed on. */
static int pass_on(struct job *job, const struct runline *l, struct problem *p)
{
	struct buf line = BUF_INIT;
	buf_add(&line, l->fields.line.data, l->fields.line.len);
	buf_addc(&line, '\n');
	if (l->experiment_dir) {
		int begun = begin_session(job, l->experiment_dir, p);
		if (begun == 0)
			return record(job, l->experiment_dir, &line, p);
		buf_free(&line);
		return begun;
	}
	int rc = runner_print(&job->runner, line.data, line.len, p);
	buf_free(&line);
	return rc;
}

/* ---- turns and stops ---- */

/* Where the lines come from, for messages. */
static void add_input(const struct job *job, struct buf *text)
{
	buf_addf(text, "%s%s", job->plan ? job->plan : "stdin", job->plan ? "/plan.jsonl" : "");
}

/* The lines that are still to come are not run: that is said with what ends it all. */
static void add_rest(const struct job *job, struct buf *text)
{
	if (job->jobs.count)
		buf_adds(text, "; no run was started");
	else if (!job->is_worker && job->line) {
		buf_adds(text, "; no line after ");
		add_input(job, text);
		buf_addf(text, ":%llu was run", (unsigned long long)job->line);
	}
}

/* Nothing more can be done. Where the experiment was removed meanwhile, that is why. */
static bool give_up(struct job *job, const struct problem *p)
{
	const struct experiment *e = &job->runner.experiment;
	struct buf text = BUF_INIT;
	struct problem moved;
	if (e->dir && p->status != EXIT_BUSY && experiment_check(e, &moved) != 0 &&
	    moved.status == EXIT_BAD_INPUT)
		p = &moved;
	buf_adds(&text, p->text);
	if (p->status != EXIT_BUSY)
		add_rest(job, &text);
	if (p->status != EXIT_BUSY || !job->quiet)
		cli_note("%s", buf_cstr(&text) ? text.data : p->text);
	buf_free(&text);
	job->status = p->status;
	return false;
}

/* Wait for our turn, with the experiment's lock held: that is what those who come
 * later wait for. False: stopped, or it cannot be. */
static bool wait_turn(struct job *job, const char *dir, struct problem *p)
{
	struct buf lock = BUF_INIT;
	const char *queue = job->queue;
	job->queue = NULL;
	int rc = experiment_open(&job->runner.experiment, dir, job->runner.shared, p);
	char *full = rc == 0 ? realpath(dir, NULL) : NULL;
	buf_addf(&lock, "%s/lock", full ? full : dir);
	if (rc == 0 && !full)
		rc = problem_errno(p, "%s cannot be found", dir);
	if (rc == 0 && !buf_cstr(&lock))
		rc = problem_memory(p);
	if (rc == 0)
		rc = queue_wait(queue, lock.data, job->runner.force, p);
	free(full);
	buf_free(&lock);
	if (rc < 0)
		give_up(job, p);
	return rc == 0;
}

/* SIGTERM when the parent dies; at once if it is dead already. Process 1 may be the parent,
 * in a container, or who adopts us: the one that it is to be tells. */
static void follow_parent(pid_t parent)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (getppid() != parent)
		raise(SIGTERM);
#else
	(void)parent;
#endif
}

/* Wait for the device that is to be ours. */
static bool wait_gpu(struct job *job, struct problem *p)
{
	const struct runner *r = &job->runner;
	int rc = gpu_take(r->gpu, &job->runner.gpu_lock, p);
	if (rc == 0 && !r->force)
		rc = gpu_wait_leftovers(r->gpu, p);
	if (rc < 0)
		give_up(job, p);
	return rc == 0;
}

/* ---- many at once ---- */

/* To be run later, with others, unless it has completed. */
static enum outcome remember(struct job *job, struct runline *l, struct slice line,
			     struct problem *p)
{
	const struct experiment *e = &job->runner.experiment;
	if (!l->experiment_dir || (e->dir && !experiment_is(e, l->experiment_dir))) {
		problem_set(p, EXIT_BAD_INPUT,
			    l->experiment_dir ? "%s: with --jobs all lines are of one experiment"
					      : "%s: --jobs needs lines with an experiment_dir; "
						"write sweep-expand -d DIR",
			    l->run);
		return OUTCOME_PROBLEM;
	}
	enum outcome outcome = runner_look(&job->runner, l, p);
	if (outcome == OUTCOME_COMPLETED && jobs_add(&job->jobs, line.data, line.len, p) != 0)
		outcome = OUTCOME_PROBLEM;
	return outcome;
}

static void run_remembered(struct job *job)
{
	struct buf options = BUF_INIT;
	if (job->status != EXIT_OK || !job->jobs.lines || signals_stop())
		return;
	job_worker_options(job, &options);
	job->status = jobs_run(&job->jobs, &job->runner.experiment, &options);
	buf_free(&options);
}

/* ---- the loop ---- */

static bool take_outcome(struct job *job, enum outcome outcome, const struct problem *p)
{
	switch (outcome) {
	case OUTCOME_SKIPPED:
		return true;
	case OUTCOME_COMPLETED:
		job->started++;
		return true;
	case OUTCOME_FAILED:
		job->started++;
		job->status = EXIT_RUN_FAILED;
		return !job->fail_fast;
	case OUTCOME_STOPPED:
		return false;
	case OUTCOME_REFUSED:
		cli_note("%s", p->text);
		job->refused++;
		return !job->fail_fast;
	default:
		return give_up(job, p);
	}
}

/* A journal's name is synced before its run starts: once for all that are there, and
 * for new ones together with those of the runs whose lines are here already. */
static int make_journals(struct job *job, const struct linereader *in, const struct runline *l,
			 struct problem *p)
{
	struct runner *r = &job->runner;
	struct experiment *e = &r->experiment;
	struct slice line;
	size_t at = 0;
	if (!r->sync || r->shared || !l->experiment_dir)
		return 0;
	if (experiment_open(e, l->experiment_dir, false, p) != 0)
		return -1;
	uint64_t room = job->limit - job->started, count = room < AHEAD ? room : AHEAD;
	if (experiment_lacks(e, l->run))
		experiment_make(e, l->run);
	else if (e->names_synced)
		return 0;
	else
		count = 0;
	for (; count > 1 && linereader_ahead(in, &at, &line); count--) {
		struct runline next;
		struct problem ignored;
		if (runline_read(&next, line.data, line.len, &ignored) == 0 && next.run &&
		    next.experiment_dir && strcmp(next.experiment_dir, e->dir) == 0)
			experiment_make(e, next.run);
		runline_free(&next);
	}
	return experiment_sync_names(e, p);
}

static bool needs_gpu(const struct job *job)
{
	return job->runner.gpu && job->runner.gpu_lock < 0;
}

/* No device is waited for, for a run that cannot be started. OUTCOME_COMPLETED: it can. A
 * worker's has been looked at. */
static enum outcome look_first(struct job *job, struct runline *l, struct problem *p)
{
	bool looks = l->experiment_dir && !job->is_worker;
	return looks ? runner_look(&job->runner, l, p) : OUTCOME_COMPLETED;
}

/* The plan of one experiment starts no run of another. */
static bool is_of_plan(const struct job *job, const struct runline *l, struct problem *p)
{
	const char *dir = l->experiment_dir;
	if (!job->plan || (dir && experiment_is(&job->runner.experiment, dir)))
		return true;
	problem_set(p, EXIT_BAD_INPUT, "%s is of %s, not of %s; restore the plan",
		    l->run ? l->run : "the line", dir ? dir : "no experiment", job->plan);
	return false;
}

static bool refuse_line(struct job *job, const struct problem *why)
{
	struct buf text = BUF_INIT;
	struct problem p;
	add_input(job, &text);
	buf_addf(&text, ":%llu: %s", (unsigned long long)job->line, why->text);
	problem_set(&p, EXIT_BAD_INPUT, "%s", buf_cstr(&text) ? text.data : why->text);
	buf_free(&text);
	return give_up(job, &p);
}

/* Standard input becomes the plan of the experiment, which is held from here on: no line
 * is read of another one that has its name by then. */
static bool open_plan(struct job *job)
{
	struct experiment *e = &job->runner.experiment;
	struct problem p;
	if (experiment_open(e, job->plan, job->runner.shared, &p) != 0)
		return give_up(job, &p);
	int fd = file_open(e->home.fd, "plan.jsonl", false);
	bool good = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
	if (!good) {
		struct buf path = BUF_INIT;
		add_input(job, &path);
		file_problem(&p, buf_cstr(&path) ? path.data : job->plan, "opened");
		buf_free(&path);
	}
	if (fd > STDIN_FILENO)
		close(fd);
	return good || give_up(job, &p);
}

/* False: start nothing more. */
static bool take_line(struct job *job, struct slice line, const struct linereader *in)
{
	struct runline l;
	struct problem p;
	bool more = true;
	enum outcome first;
	job->line = in->number;
	if (runline_read(&l, line.data, line.len, &p) != 0 || !is_of_plan(job, &l, &p)) {
		more = refuse_line(job, &p);
	} else if (!l.run && pass_on(job, &l, &p) != 0) {
		more = give_up(job, &p);
	} else if (l.run && job->queue && l.experiment_dir &&
		   !wait_turn(job, l.experiment_dir, &p)) {
		more = false;
	} else if (l.run && job->jobs.count) {
		more = take_outcome(job, remember(job, &l, line, &p), &p);
	} else if (l.run && needs_gpu(job) &&
		   (first = look_first(job, &l, &p)) != OUTCOME_COMPLETED) {
		more = take_outcome(job, first, &p);
	} else if (l.run && needs_gpu(job) && !wait_gpu(job, &p)) {
		more = false;
	} else if (l.run && make_journals(job, in, &l, &p) != 0) {
		more = give_up(job, &p);
	} else if (l.run) {
		more = take_outcome(job, runner_run(&job->runner, &l, &p), &p);
	}
	runline_free(&l);
	return more;
}

/* taken: NULL, or a byte a line: which were started in an earlier pass, and, with
 * new_only, which are in this one. False: start nothing more. */
static bool run_lines(struct job *job, struct buf *taken)
{
	struct linereader in;
	struct slice line;
	bool more = true;
	linereader_init(&in, STDIN_FILENO);
	in.heeds = true;
	while (more && !signals_stop() && job->started < job->limit) {
		int rc = linereader_next(&in, &line);
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0) {
			cli_note("%s cannot be read: %s", job->plan ? "the plan" : "stdin",
				 strerror(errno));
			job->status = EXIT_IO;
		}
		if (rc <= 0)
			break;
		uint64_t before = job->started + job->refused;
		bool again = taken && !job->runner.new_only && in.number <= taken->len &&
			     taken->data[in.number - 1];
		if (!json_is_blank(line.data, line.len) && !again)
			more = take_line(job, line, &in);
		if (taken && job->runner.new_only)
			buf_addc(taken, job->started + job->refused > before);
	}
	linereader_free(&in);
	return more && !signals_stop() && job->started < job->limit;
}

/* First what was never started, then the rest: what fails again and again must not
 * use up a limit. What is started, or refused, in the first pass is not tried again in the
 * second. */
static void run_new_first(struct job *job)
{
	struct buf taken = BUF_INIT;
	job->runner.new_only = true;
	bool more = run_lines(job, &taken);
	job->runner.new_only = false;
	if (more && !taken.failed && lseek(STDIN_FILENO, 0, SEEK_SET) == 0)
		run_lines(job, &taken);
	buf_free(&taken);
}

/* A worker's only line. What failed is told by the tally, so that parallel stops
 * only for what stops all. */
static void run_place(struct job *job)
{
	struct worker *w = &job->worker;
	struct runner *r = &job->runner;
	struct linereader none = {.fd = -1, .number = 1};
	struct buf line = BUF_INIT;
	struct problem p;
	if (worker_start(w, &p) != 0) {
		job->status = cli_complain(&p);
		return;
	}
	follow_parent((pid_t)w->parent);
	r->share = w->share;
	r->shared = true;
	r->experiment.given = w->lock;
	if (share_until(&r->share, (off_t)w->at, "\n", 1, &line, &p) != 0)
		job->status = cli_complain(&p);
	else
		take_line(job, (struct slice){line.data, line.len}, &none);
	if (job->status == EXIT_RUN_FAILED || job->refused) {
		share_count_failed(&r->share);
		job->status = job->fail_fast ? EXIT_RUN_FAILED : EXIT_OK;
		job->refused = 0;
	}
	if (job->status == EXIT_IO)
		share_count_lost(&r->share);
	share_count_done(&r->share);
	buf_free(&line);
}

/* What failed is worth less than what was not done. The last run may have ended in a
 * directory that has another name by now: who asked for it would look in the wrong place. */
static int end_status(struct job *job)
{
	const struct experiment *e = &job->runner.experiment;
	struct problem p;
	if (job->status != EXIT_OK && job->status != EXIT_RUN_FAILED)
		return job->status;
	if (e->dir && !job->is_worker && experiment_check(e, &p) != 0)
		return cli_complain(&p);
	return job->refused ? EXIT_BAD_INPUT : job->status;
}

static int work(struct job *job)
{
	if (!job->jobs.count)
		child_init();
	job->runner.before = begin_session;
	job->runner.before_context = job;
	if (job->with_parent)
		follow_parent(job->parent);
	if (job->is_worker)
		run_place(job);
	else if (job->plan && !open_plan(job))
		return job->status;
	else if (job->new_first)
		run_new_first(job);
	else
		run_lines(job, NULL);
	if (job->jobs.count)
		run_remembered(job);
	if (signals_stop() && job->status != EXIT_IO)
		return EXIT_SIGNAL + signals_stop();
	return end_status(job);
}

int main(int argc, char **argv)
{
	struct job job;
	cli_start(&job_usage);
	job_init(&job, argv[0]);
	int status = job_read_options(&job, argc, argv);
	if (status < 0) {
		signals_init();
		status = job.held   ? held_ask(job.held, job.runner.force, job.runner.timeout)
			 : job.stop ? held_stop(job.stop, job.runner.grace)
				    : work(&job);
	}
	job_free(&job);
	return status;
}
