/*
 * job - run-one's options.
 */
#include "job.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "duration.h"
#include "gpu.h"

const struct cli_program job_usage = {
	.name = "run-one",
	.usage = "run-one [-n COUNT] [-a ARG ...] [-t TIMEOUT] [-k GRACE] [-r RETRIES] [-fpqv] "
		 "[options] "
		 "[-- COMMAND...]",
	.about = "Execute the runs whose lines come in on standard input, one after another, and\n"
		 "print what happened to them, one JSON line per event.\n"
		 "\n"
		 "  -n, --limit COUNT     start at most COUNT runs\n"
		 "  -a, --arg ARG         append ARG to every command; may be repeated\n"
		 "  -t, --timeout TIME    stop a run after TIME: 90 (seconds), 90m, 1h30m\n"
		 "  -k, --grace TIME      between the signals that stop a run (10s)\n"
		 "  -r, --retries N       try a failed run up to N times again\n"
		 "  -f, --force           run also what has completed\n"
		 "  -p, --progress        print a line on stderr as each run starts and ends\n"
		 "  -q, --quiet           no message when somebody else is at work (exit status "
		 "75)\n"
		 "  -v, --verbose         copy the runs' output to stderr as it comes\n"
		 "  -j, --jobs N          execute N at once, by GNU parallel\n"
		 "      --gpus LIST       one at a time on each of these devices, such as 0,1,2\n"
		 "      --expect N        the number of runs to come, for the time left\n"
		 "      --new-first       what was never started comes before what has failed; "
		 "standard\n"
		 "                        input is a file then\n"
		 "      --fail-fast       start nothing more after a failed run\n"
		 "      --shared          let others run other runs of the experiment\n"
		 "      --session KEY=VALUE  record a session with this; may be repeated\n"
		 "      --queue FILE      wait until all who came to this queue before have ended\n"
		 "      --with-parent[=PID]  stop when the parent process dies, which is PID\n"
		 "      --plan DIR        execute the plan of the experiment DIR, not standard "
		 "input\n"
		 "      --held DIR, --stop DIR  as sweep-lock's; kept until version 1.0\n"
		 "      --worker WHERE    be one of the run-ones of --jobs\n"
		 "      --no-sync         do not wait until records are on disk\n"
		 "  -h, --help            print this\n"
		 "  -V, --version         print the version\n",
};

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
	OPT_HELD,
	OPT_PLAN
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
	{"with-parent", optional_argument, NULL, OPT_WITH_PARENT},
	{"stop", required_argument, NULL, OPT_STOP},
	{"held", required_argument, NULL, OPT_HELD},
	{"plan", required_argument, NULL, OPT_PLAN},
	{"no-sync", no_argument, NULL, OPT_NO_SYNC},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

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
	return cli_usage_error("%s takes a whole number, not %s", name, optarg);
}

static int time_option(const char *name, double *seconds)
{
	if (duration_parse(optarg, seconds))
		return -1;
	return cli_usage_error("%s takes a time such as 90, 90m or 1h30m, not %s", name, optarg);
}

static int session_option(struct job *job)
{
	const char *equals = strchr(optarg, '=');
	if (!equals || equals == optarg)
		return cli_usage_error("--session takes KEY=VALUE, not %s", optarg);
	job->session[job->session_count++] = optarg;
	return -1;
}

static int parent_option(struct job *job)
{
	uint64_t number = (uint64_t)getppid();
	int status = optarg ? count_option("--with-parent", INT_MAX, &number) : -1;
	job->parent = (pid_t)number;
	job->with_parent = true;
	return status;
}

static int many_option(struct job *job, int option)
{
	struct problem p;
	int status;
	switch (option) {
	case 'j':
		status = count_option("--jobs", 100000, &job->jobs.count);
		if (status < 0 && job->jobs.count == 0)
			return cli_usage_error("--jobs takes a number from 1 on");
		return status;
	case OPT_GPUS:
		free(job->jobs.devices);
		job->jobs.devices = gpu_list(
			optarg, job->is_worker ? NULL : getenv("CUDA_VISIBLE_DEVICES"), &p);
		return job->jobs.devices ? -1 : cli_complain(&p);
	default:
		job->is_worker = worker_read(&job->worker, optarg);
		return job->is_worker ? -1 : cli_usage_error("--worker is for --jobs to use");
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
	case OPT_WITH_PARENT:
		return parent_option(job);
	case OPT_QUEUE:
		job->queue = optarg;
		return -1;
	case OPT_STOP:
		job->stop = optarg;
		return -1;
	case OPT_PLAN:
		job->plan = optarg;
		return -1;
	case OPT_HELD:
		job->held = optarg;
		return -1;
	case OPT_NO_SYNC:
		r->sync = false;
		return -1;
	default:
		return cli_other_option(option);
	}
}

/* One device, or one job, needs no parallel. */
static int settle_jobs(struct job *job)
{
	uint64_t devices = 0;
	while (job->jobs.devices && job->jobs.devices[devices])
		devices++;
	if (devices && job->jobs.count)
		return cli_usage_error("--gpus has a job for each device; leave --jobs away");
	if (devices == 1)
		job->runner.gpu = job->jobs.devices[0];
	if (devices)
		job->jobs.count = devices;
	if (job->jobs.count == 1)
		job->jobs.count = 0;
	if (job->jobs.count && job->runner.shared)
		return cli_usage_error("--jobs is not shared; leave --shared away");
	return -1;
}

int job_read_options(struct job *job, int argc, char **argv)
{
	int option;
	job->extra = calloc((size_t)argc, sizeof *job->extra);
	job->session = calloc((size_t)argc, sizeof *job->session);
	if (!job->extra || !job->session)
		return EXIT_IO;
	while ((option = cli_getopt(argc, argv, "+:n:a:t:k:r:j:fpqvhV", long_options)) != -1) {
		int status = take_option(job, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc && strcmp(argv[optind - 1], "--") != 0)
		return cli_usage_error("the command comes behind --: run-one -- %s ...",
				       argv[optind]);
	if (job->new_first && !job->plan && lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
		return cli_usage_error("--new-first reads the lines twice: give it a file");
	job->runner.command = optind < argc ? argv + optind : NULL;
	job->runner.extra = job->extra;
	job->runner.extra_count = job->extra_count;
	return settle_jobs(job);
}

/* For a worker: what of our options concerns a run. */
void job_worker_options(const struct job *job, struct buf *b)
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

void job_init(struct job *job, const char *program)
{
	*job = (struct job){.limit = UINT64_MAX};
	runner_init(&job->runner);
	jobs_init(&job->jobs);
	job->jobs.program = program;
}

void job_free(struct job *job)
{
	runner_free(&job->runner);
	jobs_free(&job->jobs);
	free(job->extra);
	free(job->session);
}
