/*
 * sweep-lock - is somebody at work on an experiment? Stop who is.
 *
 * What it says is true at the moment of the look: who wants to be the only one takes the
 * lock, as run-one does.
 */
#include "cli.h"

#include <getopt.h>
#include <string.h>

#include "base/signals.h"
#include "duration.h"
#include "held.h"

static const struct cli_program lock_usage = {
	"sweep-lock",
	"sweep-lock --held DIR [-t TIME] [-f] | --stop DIR [-k TIME]",
	"Tell by the exit status whether a run-one is at work on the experiment DIR, or stop it.\n"
	"A process of a run whose run-one was killed counts, too.\n"
	"\n"
	"      --held DIR      status 0: somebody is at work; 1: nobody is\n"
	"      --stop DIR      stop who is at work, and what killed ones have left\n"
	"  -t, --timeout TIME  with --held: wait until nobody is, for TIME at the most: 90\n"
	"                      (seconds), 90m, 1h30m\n"
	"  -f, --force         with --held: ask for the lock only, not for what is left of runs\n"
	"  -k, --grace TIME    with --stop: the time between SIGTERM and SIGKILL (10s)\n"
	"  -h, --help          print this\n"
	"  -V, --version       print the version\n",
};

static const struct option lock_options[] = {
	{"held", required_argument, NULL, 'H'},    {"stop", required_argument, NULL, 'S'},
	{"timeout", required_argument, NULL, 't'}, {"force", no_argument, NULL, 'f'},
	{"grace", required_argument, NULL, 'k'},   {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},       {NULL, 0, NULL, 0},
};

struct question {
	int act; /* 'H', 'S', or 0: none is named */
	const char *dir;
	double timeout, grace;
	bool force, timed, graced;
};

static int read_time(const char *name, double *seconds, bool *given)
{
	*given = duration_parse(optarg, seconds);
	return *given ? -1
		      : cli_usage_error("%s takes a time such as 90, 90m or 1h30m, not %s", name,
					optarg);
}

static int read_act(struct question *q, int act)
{
	if (q->act)
		return cli_usage_error("one experiment, and one of --held and --stop");
	q->act = act;
	q->dir = optarg;
	return -1;
}

/* -1: go on; else the exit status. */
static int read_option(struct question *q, int option)
{
	switch (option) {
	case 'H':
	case 'S':
		return read_act(q, option);
	case 't':
		return read_time("--timeout", &q->timeout, &q->timed);
	case 'k':
		return read_time("--grace", &q->grace, &q->graced);
	case 'f':
		q->force = true;
		return -1;
	default:
		return cli_other_option(option);
	}
}

static int read_question(struct question *q, int argc, char **argv)
{
	int option;
	while ((option = cli_getopt(argc, argv, ":t:fk:hV", lock_options)) != -1) {
		int status = read_option(q, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc)
		return cli_usage_error("unexpected argument %s", argv[optind]);
	if (!q->act)
		return cli_usage_error("name an experiment: --held DIR or --stop DIR");
	if (q->act == 'S' && (q->timed || q->force))
		return cli_usage_error("%s goes with --held", q->timed ? "--timeout" : "--force");
	if (q->act == 'H' && q->graced)
		return cli_usage_error("--grace goes with --stop");
	return -1;
}

int main(int argc, char **argv)
{
	struct question q = {.grace = 10};
	cli_start(&lock_usage);
	int status = read_question(&q, argc, argv);
	if (status >= 0)
		return status;
	signals_init();
	return q.act == 'H' ? held_ask(q.dir, q.force, q.timeout) : held_stop(q.dir, q.grace);
}
