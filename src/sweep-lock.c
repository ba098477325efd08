/*
 * sweep-lock - test whether a run-one is at work on an experiment, or stop it.
 *
 * The answer may be outdated when it is printed: a program that must be the only one takes
 * the lock, as run-one does.
 */
#include "cli.h"

#include <limits.h>
#include <unistd.h>

#include "base/signals.h"
#include "held.h"

enum act { ACT_NONE, ACT_HELD, ACT_STOP };

static struct {
	enum act act;
	const char *dir;
	double timeout, grace; /* negative: not given */
	uint64_t process;      /* 0: not given */
	bool force;
} question = {.timeout = -1, .grace = -1};

static int take_act(enum act act, const char *dir)
{
	if (question.act)
		return cli_usage_error("one experiment, and one of --held and --stop");
	question.act = act;
	question.dir = dir;
	return -1;
}

static int take_held(const char *dir)
{
	return take_act(ACT_HELD, dir);
}

static int take_stop(const char *dir)
{
	return take_act(ACT_STOP, dir);
}

static const struct cli_option lock_options[] = {
	{0, "held", "DIR", "status 0: a run-one is at work, or a leftover; 1: none",
	 .take = take_held},
	{0, "stop", "DIR", "stop the run-one at work there, and leftovers of killed ones",
	 .take = take_stop},
	{'t', "timeout", "TIME",
	 "with --held: wait until nobody is, for TIME at the most: 90\n(seconds), 90m, 1h30m",
	 .time = &question.timeout},
	{'p', "process", "PID", "with --held: wait until one is, or the process PID has\nended",
	 .number = &question.process, .max = INT_MAX},
	{'f', "force", NULL, "with --held: ask for the lock only, not for leftovers of runs",
	 .flag = &question.force},
	{'k', "grace", "TIME", "with --stop: the time between SIGTERM and SIGKILL (10s)",
	 .time = &question.grace},
	{0},
};

static const struct cli_program lock_program = {
	.name = "sweep-lock",
	.usage = "sweep-lock --held DIR [-t TIME | -p PID] [-f] | --stop DIR [-k TIME]",
	.about = "Test whether a run-one is at work on the experiment DIR (exit status), or "
		 "stop it.\n"
		 "A process that a killed run-one has left counts, too.\n",
	.options = lock_options,
	.column = 22,
};

/* -1: go on; else the exit status. */
static int read_question(int argc, char **argv)
{
	int status = cli_read(argc, argv);
	bool timed = question.timeout >= 0;
	const char *of_held = timed              ? "--timeout"
			      : question.process ? "--process"
			      : question.force   ? "--force"
						 : NULL;
	if (status >= 0)
		return status;
	if (optind < argc)
		return cli_usage_error("unexpected argument %s", argv[optind]);
	if (!question.act)
		return cli_usage_error("name an experiment: --held DIR or --stop DIR");
	if (question.act == ACT_STOP && of_held)
		return cli_usage_error("%s goes with --held", of_held);
	if (timed && question.process)
		return cli_usage_error("--timeout waits for the end, --process for the start: take "
				       "one of them");
	if (question.act == ACT_HELD && question.grace >= 0)
		return cli_usage_error("--grace goes with --stop");
	return -1;
}

int main(int argc, char **argv)
{
	cli_start(&lock_program);
	int status = read_question(argc, argv);
	if (status >= 0)
		return status;
	signals_init();
	if (question.act == ACT_HELD && question.process)
		return held_await(question.dir, question.force, (pid_t)question.process);
	if (question.act == ACT_HELD)
		return held_ask(question.dir, question.force,
				question.timeout < 0 ? 0 : question.timeout);
	return held_stop(question.dir, question.grace < 0 ? 10 : question.grace);
}
