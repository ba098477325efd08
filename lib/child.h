#ifndef CHILD_H
#define CHILD_H
/*
 * child - start one process, watch it, and leave nothing of it behind.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "problem.h"

struct child_plan {
	char *const *argv;
	const char *const *env; /* "NAME=value" to add, NULL-terminated */
	int output;             /* descriptor for its stdout and stderr */
	const int *inherit;     /* descriptors it keeps, ended by -1 */
};

struct child {
	pid_t pid;
	int gate; /* our end of the socket it waits at, or -1 */
};

struct child_limits {
	double timeout;       /* seconds until it is stopped; 0: no limit */
	double grace;         /* seconds between SIGTERM and SIGKILL */
	void (*tick)(void *); /* called about five times a second, or NULL */
	void *tick_context;
};

struct child_end {
	int status;          /* as wait(2) has it */
	struct rusage usage; /* of the main process and those it waited for */
	double duration;     /* seconds, from child_go on */
	bool timed_out;
	int stopped_by;   /* the signal to us that ended it, or 0 */
	size_t leftovers; /* processes it left behind that were stopped */
	size_t survivors; /* of those, how many SIGKILL did not end in time */
};

/* Once, before the first child: adopt the processes that children leave behind,
 * where the system can (Linux). stop_init has been called. */
void child_init(void);

/* Fork a process in a group of its own that waits at a gate: nothing of the
 * program has run yet, and if we die the process goes too. 0 or -1. */
int child_prepare(struct child *c, const struct child_plan *plan, struct problem *p);

/* Open the gate. 0: the program runs; else the errno with which it could not be
 * started (the process is gone then). */
int child_go(struct child *c);

/* Give up a prepared child. */
void child_cancel(struct child *c);

/* Wait until it and all that it left behind has ended; stop it when the time is
 * up or when we are asked to stop (stop_signal). */
void child_finish(struct child *c, const struct child_limits *limits, struct child_end *end);

#endif
