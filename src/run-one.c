/*
 * run-one - execute and record run lines: read them, and run them in a pool (pool.c), of one
 * slot where nothing else is asked for.
 *
 * The way of a run line: pool.c takes it, runner.c claims its journal and moves it from state
 * to state, attempt.c records a start and starts the process (run/spawn.c), run/supervise.c
 * watches that and ends what it leaves behind, runner.c records the end.
 */
#include "cli.h"

#include <signal.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/signals.h"
#include "held.h"
#include "pool.h"
#include "run_options.h"
#include "session.h"

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

int main(int argc, char **argv)
{
	struct run_options o;
	struct session s;
	cli_start(&run_options_usage);
	int status = run_options_read(&o, argc, argv);
	if (status < 0)
		signals_init();
	if (status < 0 && o.held) {
		status = held_ask(o.held, o.force, o.timeout);
	} else if (status < 0 && o.stop) {
		status = held_stop(o.stop, o.grace);
	} else if (status < 0) {
		if (o.with_parent)
			follow_parent(o.parent);
		session_init(&s, &o);
		pool_run(&s);
		status = session_status(&s);
		session_free(&s);
	}
	run_options_free(&o);
	return status;
}
