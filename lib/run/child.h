#ifndef CHILD_H
#define CHILD_H
/*
 * child - watch a process that was launched, and leave nothing of it behind.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include "base/clock.h"

struct child_limits {
	double timeout; /* seconds until it is stopped; 0: no limit */
	double grace;   /* seconds from one signal to the next */

	/* each of them may be NULL */
	void (*tick)(void *);      /* called about five times a second */
	void (*waiting)(void *);   /* Ctrl-C was pressed, and it has not ended yet */
	int (*meant)(void *, int); /* the signal that one to us stands for */
	bool (*again)(void *);     /* are we asked again in another way than by a signal? */
	void *context;

	double started; /* when it began (clock_now) */
};

struct child_end {
	int status;          /* as wait(2) has it */
	struct rusage usage; /* of the main process and those it waited for */
	double duration;     /* seconds, since it began */
	bool timed_out;
	int stopped_by;   /* the signal to us that ended it, or 0 */
	size_t leftovers; /* processes it left behind that were stopped */
	size_t survivors; /* of those, how many SIGKILL did not end in time */
};

/* Once, before the first child: adopt the processes that children leave behind,
 * where the system can (Linux). signals_init has been called. */
void child_init(void);

/* Wait until it and all that it left behind has ended. It is stopped when the time is
 * up, by SIGTERM, or when we are asked to stop (signals_stop), by the same signal; if it
 * has not ended after the grace it gets SIGTERM, unless that was the first, and then
 * SIGKILL; that at once when we are asked again. */
void child_finish(pid_t pid, const struct child_limits *limits, struct child_end *end);

#endif
