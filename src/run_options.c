/*
 * run_options - run-one's options: their names, their values, and which go together.
 */
#include "run_options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gpu.h"

static struct run_options given;

static int append_argument(const char *argument)
{
	given.extra[given.extra_count++] = argument;
	return -1;
}

static int append_session(const char *pair)
{
	const char *equals = strchr(pair, '=');
	if (!equals || equals == pair)
		return cli_usage_error("--session takes KEY=VALUE, not %s", pair);
	given.session[given.session_count++] = pair;
	return -1;
}

/* A process number, or a number of jobs. */
static bool read_whole(const char *text, unsigned long max, unsigned long *number)
{
	char *end;
	errno = 0;
	if (*text < '0' || *text > '9')
		return false;
	*number = strtoul(text, &end, 10);
	return *end == '\0' && errno == 0 && *number <= max;
}

static int take_parent(const char *text)
{
	unsigned long pid = (unsigned long)getppid();
	if (text && !read_whole(text, INT_MAX, &pid))
		return cli_usage_error("--with-parent takes a whole number, not %s", text);
	given.parent = (pid_t)pid;
	given.with_parent = true;
	return -1;
}

static int take_jobs(const char *text)
{
	unsigned long jobs;
	if (!read_whole(text, 100000, &jobs))
		return cli_usage_error("--jobs takes a whole number, not %s", text);
	given.jobs = jobs;
	return jobs ? -1 : cli_usage_error("--jobs takes a number from 1 on");
}

static int take_gpus(const char *list)
{
	struct problem p;
	free(given.devices);
	given.devices = gpu_list(list, getenv("CUDA_VISIBLE_DEVICES"), &p);
	return given.devices ? -1 : cli_complain(&p);
}

static const struct cli_option option_list[] = {
	{'n', "limit", "COUNT", "start at most COUNT runs", .number = &given.limit,
	 .max = UINT64_MAX},
	{'a', "arg", "ARG", "append ARG to every command; may be repeated",
	 .take = append_argument},
	{'t', "timeout", "TIME", "stop a run after TIME: 90 (seconds), 90m, 1h30m",
	 .time = &given.timeout},
	{'k', "grace", "TIME", "between the signals that stop a run (10s)", .time = &given.grace},
	{'r', "retries", "N", "try a failed run again, up to N times", .number = &given.retries,
	 .max = 1000},
	{'f', "force", NULL, "also run what has completed", .flag = &given.force},
	{'p', "progress", NULL, "print a line on stderr as each run starts and ends",
	 .flag = &given.progress},
	{'q', "quiet", NULL, "no message if another process is at work (exit status 75)",
	 .flag = &given.quiet},
	{'v', "verbose", NULL, "copy the runs' output to stderr as it comes",
	 .flag = &given.verbose},
	{'j', "jobs", "N", "execute N at once", .take = take_jobs},
	{0, "gpus", "LIST", "one at a time on each of these devices, such as 0,1,2",
	 .take = take_gpus},
	{0, "expect", "N", "the number of runs to expect, for the time left",
	 .number = &given.expected, .max = UINT64_MAX},
	{0, "new-first", NULL,
	 "run what was never started before what has failed; standard\ninput must be a regular "
	 "file",
	 .flag = &given.new_first},
	{0, "fail-fast", NULL, "start nothing more after a failed run", .flag = &given.fail_fast},
	{0, "shared", NULL, "allow other processes to run other runs of the experiment",
	 .flag = &given.shared},
	{0, "session", "KEY=VALUE", "add this field to the session; may be repeated",
	 .take = append_session},
	{0, "queue", "FILE", "wait until all that entered this queue earlier have ended",
	 .text = &given.queue},
	{0, "with-parent", "[=PID]", "stop when the parent process dies, which is PID",
	 .take = take_parent},
	{0, "plan", "DIR", "execute the plan of the experiment DIR, not standard input",
	 .text = &given.plan},
	{0, "held", "DIR", "as sweep-lock's; kept until version 1.0", .text = &given.held},
	{0, "stop", "DIR", "as sweep-lock's; kept until version 1.0", .text = &given.stop},
	{0, "no-sync", NULL, "do not wait until records are on disk", .flag = &given.no_sync},
	{0},
};

const struct cli_program run_options_usage = {
	.name = "run-one",
	.usage = "run-one [-n COUNT] [-a ARG ...] [-t TIMEOUT] [-k GRACE] [-r RETRIES] [-fpqv] "
		 "[options] [-- COMMAND...]",
	.about = "Execute the runs whose lines come in on standard input, one after another, and\n"
		 "print what happened to them, one JSON line per event.\n",
	.options = option_list,
	.column = 24,
	.in_order = true,
};

static int settle_jobs(struct run_options *o)
{
	size_t devices = 0;
	while (o->devices && o->devices[devices])
		devices++;
	if (devices && o->jobs)
		return cli_usage_error("--gpus has a job for each device; omit --jobs");
	if (devices)
		o->jobs = devices;
	if (o->jobs == 0)
		o->jobs = 1;
	if (o->jobs > 1 && o->shared)
		return cli_usage_error("--jobs is not shared; omit --shared");
	return -1;
}

int run_options_read(struct run_options *o, int argc, char **argv)
{
	given = (struct run_options){.grace = 10, .limit = UINT64_MAX};
	given.extra = calloc((size_t)argc, sizeof *given.extra);
	given.session = calloc((size_t)argc, sizeof *given.session);
	int status = given.extra && given.session ? cli_read(argc, argv) : EXIT_IO;
	if (status < 0 && optind < argc && strcmp(argv[optind - 1], "--") != 0)
		status = cli_usage_error("the command comes after --: run-one -- %s ...",
					 argv[optind]);
	else if (status < 0 && given.new_first && !given.plan &&
		 lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
		status = cli_usage_error("--new-first reads the lines twice: give it a file");
	given.command = optind < argc ? argv + optind : NULL;
	if (status < 0)
		status = settle_jobs(&given);
	*o = given;
	return status;
}

void run_options_free(struct run_options *o)
{
	free(o->extra);
	free(o->session);
	free(o->devices);
}
