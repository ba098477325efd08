#ifndef LAUNCH_H
#define LAUNCH_H
/*
 * launch - start a program whose start is on record before it begins.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"

struct launch_plan {
	char *const *argv;
	const char *const *env; /* "NAME=value" to add, NULL-terminated */
	int output;             /* descriptor for its stdout and stderr */
	const int *inherit;     /* descriptors it keeps, ended by -1 */

	/* NULL, or called when the process is there and its program has not begun, with
	 * its pid; not 0: it does not begin. It may run in that process, with our memory
	 * while we stand still, but with descriptors of its own: it opens and closes none
	 * that are to be ours. It must not wait for anybody, since we could not be stopped. */
	int (*before)(void *context, pid_t pid);
	void *context;
};

/* A process in a group of its own, with default dispositions, an empty mask and
 * /dev/null as its input. If we die it goes too: on Linux always, elsewhere until its
 * program has begun. signals_init has been called.
 * 0 with *why 0: the program runs; 0 with an errno in *why: it cannot be executed, and
 * the process is gone. 1 with both and a problem: before was called, and then the system
 * could not do what it does for any program (no memory, too many open files). -1 with a
 * problem, ours or that of before: no program was to start. */
int launch(const struct launch_plan *plan, pid_t *pid, int *why, struct problem *p);

/* Wait until a child has ended; how is of no interest. */
void reap(pid_t pid);

#endif
