/*
 * run-one - execute and record run lines, one after another.
 *
 * System calls of a run without incident, beside those of its process (child.c):
 *
 *     read                   one in some 200 runs: of the lines
 *     rt_sigpending          are we to stop?
 *     faccessat              is there a journal? If not, for up to 64 runs:
 *       openat, close, fsync   make them, and sync their names together
 *       newfstatat             which of them were not used?
 *     openat, fcntl          the journal, and the claim on it
 *     newfstatat             what stands in it? If anything: fsync (64 of them, then
 *                            one syncfs), pread64
 *     newfstatat             of run_dir_parent: did anything change since the last run?
 *     fcntl, close           the journal to a number that no program expects
 *     fallocate              room for the end, whatever happens to the disk meanwhile
 *     openat                 the log (and lseek, with --verbose)
 *     unlink                 an old $RUN_DIR_FILE
 *     write, fdatasync, write  the start: in the journal, on disk, on stdout (by the
 *                            process that is to be the program)
 *     openat                 $RUN_DIR_FILE: did the program name its directory?
 *     newfstatat             of run_dir_parent: did it make one?
 *     write, fdatasync, write  the end
 *     close, close           log and journal
 *
 * A run that had completed: rt_sigpending, faccessat, openat, fcntl, newfstatat,
 * pread64, close.
 */
#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif

#include "attempt.h"
#include "duration.h"
#include "gpu.h"
#include "halt.h"
#include "jobs.h"
#include "lines.h"
#include "lock.h"
#include "queue.h"
#include "session.h"
#include "stop.h"

static const struct program_text text = {
	"run-one",
	"run-one [-n COUNT] [-a ARG ...] [-t TIMEOUT] [-k GRACE] [-r RETRIES] [-fpqv] [options] "
	"[-- COMMAND...]",
	"Execute the runs whose lines come in on standard input, one after another, and\n"
	"print what happened to them, one JSON line per event.\n"
	"\n"
	"  -n, --limit COUNT     start at most COUNT runs\n"
	"  -a, --arg ARG         append ARG to every command; may be repeated\n"
	"  -t, --timeout TIME    stop a run after TIME: 90 (seconds), 90m, 1h30m\n"
	"  -k, --grace TIME      from SIGTERM to SIGKILL when a run is stopped (10s)\n"
	"  -r, --retries N       try a failed run up to N times again\n"
	"  -f, --force           run also what has completed\n"
	"  -p, --progress        print a line on stderr as each run starts and ends\n"
	"  -q, --quiet           no message when somebody else is at work (exit status 75)\n"
	"  -v, --verbose         copy the runs' output to stderr as it comes\n"
	"  -j, --jobs N          execute N at once, by GNU parallel\n"
	"      --gpus LIST       one at a time on each of these devices, such as 0,1,2\n"
	"      --expect N        the number of runs to come, for the time left\n"
	"      --new-first       what was never started comes before what has failed; standard\n"
	"                        input is a file then\n"
	"      --fail-fast       start nothing more after a failed run\n"
	"      --shared          let others run other runs of the experiment\n"
	"      --session KEY=VALUE  record a session with this; may be repeated\n"
	"      --queue FILE      wait until all who came to this queue before have ended\n"
	"      --with-parent     stop when the parent process dies\n"
	"      --stop DIR        stop the run-one that is at work on the experiment DIR\n"
	"      --held DIR        is a run-one at work on the experiment DIR? status 0: yes, 1: no\n"
	"      --worker WHERE    be one of the run-ones of --jobs\n"
	"      --no-sync         do not wait until records are on disk\n"
	"  -h, --help            print this\n"
	"  -V, --version         print the version\n",
};

enum { AHEAD = 64 }; /* so many journals are made at once */

enum {
	OPT_FAIL_FAST = 256,
	OPT_NEW_FIRST,
	OPT_SHARED,
	OPT_SESSION,
	OPT_NO_SYNC,
	OPT_EXPECT,
	OPT_QUEUE,
	OPT_WITH_PARENT,
	OPT_GPUS,
	OPT_WORKER,
	OPT_STOP,
	OPT_HELD
};

static const struct option long_options[] = {
	{"limit", required_argument, NULL, 'n'},
	{"arg", required_argument, NULL, 'a'},
	{"timeout", required_argument, NULL, 't'},
	{"grace", required_argument, NULL, 'k'},
	{"retries", required_argument, NULL, 'r'},
	{"force", no_argument, NULL, 'f'},
	{"progress", no_argument, NULL, 'p'},
	{"quiet", no_argument, NULL, 'q'},
	{"verbose", no_argument, NULL, 'v'},
	{"jobs", required_argument, NULL, 'j'},
	{"gpus", required_argument, NULL, OPT_GPUS},
	{"worker", required_argument, NULL, OPT_WORKER},
	{"expect", required_argument, NULL, OPT_EXPECT},
	{"fail-fast", no_argument, NULL, OPT_FAIL_FAST},
	{"new-first", no_argument, NULL, OPT_NEW_FIRST},
	{"shared", no_argument, NULL, OPT_SHARED},
	{"session", required_argument, NULL, OPT_SESSION},
	{"queue", required_argument, NULL, OPT_QUEUE},
	{"with-parent", no_argument, NULL, OPT_WITH_PARENT},
	{"stop", required_argument, NULL, OPT_STOP},
	{"held", required_argument, NULL, OPT_HELD},
	{"no-sync", no_argument, NULL, OPT_NO_SYNC},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

struct job {
	struct runner runner;
	uint64_t limit; /* runs to start at most */
	bool fail_fast, new_first, quiet;
	char **extra, **session;
	size_t extra_count, session_count;
	bool session_recorded;
	const char *queue; /* to wait in before the first run, or NULL */
	const char *stop;  /* an experiment to stop, or NULL */
	const char *held;  /* an experiment to ask about, or NULL */
	bool with_parent;
	struct jobs jobs;     /* many at once */
	struct worker worker; /* or one of them */
	bool is_worker;
	uint64_t started;
	int status;
};

/* ---- options ---- */

static bool take_number(const char *value, uint64_t max, uint64_t *number)
{
	char *end;
	errno = 0;
	if (*value < '0' || *value > '9')
		return false;
	unsigned long long n = strtoull(value, &end, 10);
	*number = n;
	return *end == '\0' && errno == 0 && n <= max;
}

static int count_option(const char *name, uint64_t max, uint64_t *number)
{
	if (take_number(optarg, max, number))
		return -1;
	return common_usage_error("%s takes a whole number, not %s", name, optarg);
}

static int time_option(const char *name, double *seconds)
{
	if (duration_parse(optarg, seconds))
		return -1;
	return common_usage_error("%s takes a time such as 90, 90m or 1h30m, not %s", name, optarg);
}

static int session_option(struct job *job)
{
	const char *equals = strchr(optarg, '=');
	if (!equals || equals == optarg)
		return common_usage_error("--session takes KEY=VALUE, not %s", optarg);
	job->session[job->session_count++] = optarg;
	return -1;
}

static int many_option(struct job *job, int option)
{
	struct problem p;
	int status;
	switch (option) {
	case 'j':
		status = count_option("--jobs", 100000, &job->jobs.count);
		if (status < 0 && job->jobs.count == 0)
			return common_usage_error("--jobs takes a number from 1 on");
		return status;
	case OPT_GPUS:
		free(job->jobs.devices);
		job->jobs.devices = gpu_list(optarg, &p);
		return job->jobs.devices ? -1 : common_complain(&p);
	default:
		job->is_worker = worker_read(&job->worker, optarg);
		return job->is_worker ? -1 : common_usage_error("--worker is for --jobs to use");
	}
}

/* What an option without a value turns on, or NULL. */
static bool *switch_of(struct job *job, int option)
{
	switch (option) {
	case 'f':
		return &job->runner.force;
	case 'p':
		return &job->runner.progress.on;
	case 'q':
		return &job->quiet;
	case 'v':
		return &job->runner.verbose;
	case OPT_NEW_FIRST:
		return &job->new_first;
	case OPT_FAIL_FAST:
		return &job->fail_fast;
	case OPT_SHARED:
		return &job->runner.shared;
	case OPT_WITH_PARENT:
		return &job->with_parent;
	default:
		return NULL;
	}
}

/* -1: go on; else the exit status. */
static int take_option(struct job *job, int option)
{
	struct runner *r = &job->runner;
	uint64_t number = 0;
	int status = -1;
	bool *on = switch_of(job, option);
	if (on) {
		*on = true;
		return -1;
	}
	switch (option) {
	case 'n':
		return count_option("--limit", UINT64_MAX, &job->limit);
	case 'a':
		job->extra[job->extra_count++] = optarg;
		return -1;
	case 't':
		return time_option("--timeout", &r->timeout);
	case 'k':
		return time_option("--grace", &r->grace);
	case 'r':
		status = count_option("--retries", 1000, &number);
		r->retries = (int)number;
		return status;
	case 'j':
	case OPT_GPUS:
	case OPT_WORKER:
		return many_option(job, option);
	case OPT_EXPECT:
		return count_option("--expect", UINT64_MAX, &r->progress.expected);
	case OPT_SESSION:
		return session_option(job);
	case OPT_QUEUE:
		job->queue = optarg;
		return -1;
	case OPT_STOP:
		job->stop = optarg;
		return -1;
	case OPT_HELD:
		job->held = optarg;
		return -1;
	case OPT_NO_SYNC:
		r->sync = false;
		return -1;
	default:
		return common_other_option(option);
	}
}

/* One device, or one job, needs no parallel. */
static int settle_jobs(struct job *job)
{
	uint64_t devices = 0;
	while (job->jobs.devices && job->jobs.devices[devices])
		devices++;
	if (devices && job->jobs.count)
		return common_usage_error("--gpus has a job for each device; leave --jobs away");
	if (devices == 1)
		job->runner.gpu = job->jobs.devices[0];
	if (devices)
		job->jobs.count = devices;
	if (job->jobs.count == 1)
		job->jobs.count = 0;
	if (job->jobs.count && job->runner.shared)
		return common_usage_error("--jobs is not shared; leave --shared away");
	return -1;
}

static int read_options(struct job *job, int argc, char **argv)
{
	int option;
	job->extra = calloc((size_t)argc, sizeof *job->extra);
	job->session = calloc((size_t)argc, sizeof *job->session);
	if (!job->extra || !job->session)
		return EXIT_IO;
	while ((option = common_getopt(argc, argv, "+:n:a:t:k:r:j:fpqvhV", long_options)) != -1) {
		int status = take_option(job, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0)
		return common_usage_error("the command comes behind --: run-one -- %s ...",
					  argv[optind]);
	if (job->new_first && lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
		return common_usage_error("--new-first reads the lines twice: give it a file");
	job->runner.command = optind < argc ? argv + optind : NULL;
	job->runner.extra = job->extra;
	job->runner.extra_count = job->extra_count;
	return settle_jobs(job);
}

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
	jsonl_add_string(line, pair, (size_t)(value - pair) - 1);
	buf_addc(line, ':');
	if (jsonl_is_value(value, len) && !strchr("\"[{", *value))
		buf_add(line, value, len);
	else
		jsonl_add_string(line, value, len);
}

static int record_session(struct job *job, const char *dir, struct problem *p)
{
	struct buf line = BUF_INIT, id = BUF_INIT;
	char now[SESSION_TIME_SIZE];
	session_time(now);
	buf_addf(&id, "%s-%s-%ld", now, session_host(), (long)getpid());
	buf_adds(&line, "{\"format\":1");
	jsonl_add_str_field(&line, "experiment_dir", dir);
	jsonl_add_str_field(&line, "session", buf_cstr(&id) ? id.data : now);
	jsonl_add_str_field(&line, "session_started_at", now);
	session_add_where(&line);
	for (size_t i = 0; i < job->session_count; i++)
		add_session_field(&line, job->session[i]);
	buf_adds(&line, "}\n");
	buf_free(&id);
	job->session_recorded = true;
	return record(job, dir, &line, p);
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

/* Nothing more can be done. */
static bool give_up(struct job *job, const struct problem *p)
{
	if (p->status != EXIT_BUSY || !job->quiet)
		common_complain(p);
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
	char *full = realpath(dir, NULL);
	buf_addf(&lock, "%s/lock", full ? full : dir);
	int rc = buf_cstr(&lock) ? 0 : problem_memory(p);
	if (rc == 0)
		rc = experiment_open(&job->runner.experiment, dir, job->runner.shared, p);
	if (rc == 0)
		rc = queue_wait(queue, lock.data, p);
	free(full);
	buf_free(&lock);
	if (rc < 0)
		give_up(job, p);
	return rc == 0;
}

/* --held */
static int ask_held(const char *dir)
{
	struct buf lock = BUF_INIT;
	buf_addf(&lock, "%s/lock", dir);
	int held = buf_cstr(&lock) ? lock_held(lock.data) : -1;
	buf_free(&lock);
	return held == 1 ? EXIT_OK : 1;
}

/* --stop */
static int stop_experiment(const struct job *job)
{
	struct buf lock = BUF_INIT;
	struct problem p;
	size_t killed;
	buf_addf(&lock, "%s/lock", job->stop);
	/* its own grace, and time for its record */
	int rc = buf_cstr(&lock) ? halt_holder(lock.data, job->runner.grace + 5, &killed, &p)
				 : problem_memory(&p);
	buf_free(&lock);
	if (rc < 0)
		return common_complain(&p);
	if (rc > 0)
		common_note("nobody is at work on %s", job->stop);
	else if (killed)
		common_note("%s did not stop by itself: %zu processes were killed", job->stop,
			    killed);
	return EXIT_OK;
}

/* SIGTERM when the parent dies; at once if it is dead already. */
static void follow_parent(pid_t parent)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	if (parent == 1 || getppid() != parent)
		raise(SIGTERM);
#else
	(void)parent;
#endif
}

/* Wait for the device that is to be ours. */
static bool wait_gpu(struct job *job, struct problem *p)
{
	int rc = gpu_take(job->runner.gpu, &job->runner.gpu_lock, p);
	if (rc < 0)
		give_up(job, p);
	return rc == 0;
}

/* ---- many at once ---- */

/* For a worker: what of our options concerns a run. */
static void worker_options(const struct job *job, struct buf *b)
{
	const struct runner *r = &job->runner;
	buf_addf(b, " -k %.3f -r %d", r->grace, r->retries);
	if (r->timeout > 0)
		buf_addf(b, " -t %.3f", r->timeout);
	buf_adds(b, r->force ? " -f" : "");
	buf_adds(b, r->progress.on ? " -p" : "");
	buf_adds(b, r->verbose ? " -v" : "");
	buf_adds(b, r->sync ? "" : " --no-sync");
	buf_adds(b, job->fail_fast ? " --fail-fast" : "");
	for (size_t i = 0; i < r->extra_count; i++) {
		buf_adds(b, " -a");
		jobs_add_word(b, r->extra[i]);
	}
	buf_adds(b, r->command ? " --" : "");
	for (char *const *word = r->command; word && *word; word++)
		jobs_add_word(b, *word);
}

/* To be run later, with others, unless it has completed. */
static enum outcome remember(struct job *job, struct runline *l, struct slice line,
			     struct problem *p)
{
	const struct experiment *e = &job->runner.experiment;
	if (!l->experiment_dir || (e->dir && strcmp(e->dir, l->experiment_dir) != 0)) {
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
	if (job->status != EXIT_OK || !job->jobs.lines || stop_signal())
		return;
	worker_options(job, &options);
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
	default:
		return give_up(job, p);
	}
}

/* A journal's name is synced before its run starts: once for all that are there, and
 * for new ones together with those of the runs whose lines are here already. */
static int make_journals(struct job *job, const struct lines *in, const struct runline *l,
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
	for (; count > 1 && lines_ahead(in, &at, &line); count--) {
		struct runline next;
		struct problem ignored;
		if (runline_read(&next, line.data, line.len, &ignored) == 0 && next.run &&
		    next.experiment_dir && strcmp(next.experiment_dir, e->dir) == 0)
			experiment_make(e, next.run);
		runline_free(&next);
	}
	return experiment_sync_names(e, p);
}

/* False: start nothing more. */
static bool take_line(struct job *job, struct slice line, const struct lines *in)
{
	struct runline l;
	struct problem p;
	bool more = true;
	if (runline_read(&l, line.data, line.len, &p) != 0) {
		common_note("stdin:%llu: %s", (unsigned long long)in->number, p.text);
		job->status = EXIT_BAD_INPUT;
		more = false;
	} else if (!l.run && pass_on(job, &l, &p) != 0) {
		more = give_up(job, &p);
	} else if (l.run && job->queue && l.experiment_dir &&
		   !wait_turn(job, l.experiment_dir, &p)) {
		more = false;
	} else if (l.run && job->jobs.count) {
		more = take_outcome(job, remember(job, &l, line, &p), &p);
	} else if (l.run && job->runner.gpu && job->runner.gpu_lock < 0 && !wait_gpu(job, &p)) {
		more = false;
	} else if (l.run && make_journals(job, in, &l, &p) != 0) {
		more = give_up(job, &p);
	} else if (l.run) {
		more = take_outcome(job, runner_run(&job->runner, &l, &p), &p);
	}
	runline_free(&l);
	return more;
}

/* Signals are blocked but while we wait, so wait before a read that may block. */
static void wait_for_input(const struct lines *in)
{
	if (lines_empty(in) && !in->ended)
		stop_wait_readable(in->fd, -1);
}

/* taken: NULL, or a byte a line: which were started in an earlier pass, and, with
 * new_only, which are in this one. False: start nothing more. */
static bool run_lines(struct job *job, struct buf *taken)
{
	struct lines in;
	struct slice line;
	bool more = true;
	lines_init(&in, STDIN_FILENO);
	while (more && !stop_signal() && job->started < job->limit) {
		wait_for_input(&in);
		if (stop_signal())
			break;
		int rc = lines_next(&in, &line);
		if (rc < 0 && errno != EINTR) {
			common_note("stdin cannot be read: %s", strerror(errno));
			job->status = EXIT_IO;
		}
		if (rc <= 0)
			break;
		uint64_t before = job->started;
		bool again = taken && !job->runner.new_only && in.number <= taken->len &&
			     taken->data[in.number - 1];
		if (!jsonl_is_blank(line.data, line.len) && !again)
			more = take_line(job, line, &in);
		if (taken && job->runner.new_only)
			buf_addc(taken, job->started > before);
	}
	lines_free(&in);
	return more && !stop_signal() && job->started < job->limit;
}

/* First what was never started, then the rest: what fails again and again must not
 * use up a limit. What is started in the first pass is not tried again in the second. */
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
	struct lines none = {.fd = -1, .number = 1};
	struct buf line = BUF_INIT;
	struct problem p;
	if (worker_start(w) != 0) {
		problem_set(&p, EXIT_BAD_INPUT, "--worker is for --jobs to use");
		job->status = common_complain(&p);
		return;
	}
	follow_parent((pid_t)w->parent);
	r->share = w->share;
	r->shared = true;
	r->experiment.given = w->lock;
	if (share_until(&r->share, (off_t)w->at, "\n", 1, &line, &p) != 0)
		job->status = common_complain(&p);
	else
		take_line(job, (struct slice){line.data, line.len}, &none);
	if (job->status == EXIT_RUN_FAILED) {
		share_count_failed(&r->share);
		job->status = job->fail_fast ? EXIT_RUN_FAILED : EXIT_OK;
	}
	buf_free(&line);
}

static int work(struct job *job)
{
	stop_init();
	if (!job->jobs.count)
		child_init();
	job->runner.before = begin_session;
	job->runner.before_context = job;
	if (job->with_parent)
		follow_parent(getppid());
	if (job->is_worker)
		run_place(job);
	else if (job->new_first)
		run_new_first(job);
	else
		run_lines(job, NULL);
	if (job->jobs.count)
		run_remembered(job);
	if (stop_signal() && job->status != EXIT_IO)
		return EXIT_SIGNAL + stop_signal();
	return job->status;
}

int main(int argc, char **argv)
{
	struct job job = {.limit = UINT64_MAX};
	common_start(&text);
	runner_init(&job.runner);
	jobs_init(&job.jobs);
	job.jobs.program = argv[0];
	int status = read_options(&job, argc, argv);
	if (status < 0 && job.held) {
		status = ask_held(job.held);
	} else if (status < 0 && job.stop) {
		stop_init();
		status = stop_experiment(&job);
	} else if (status < 0) {
		status = work(&job);
	}
	runner_free(&job.runner);
	jobs_free(&job.jobs);
	free(job.extra);
	free(job.session);
	return status;
}
