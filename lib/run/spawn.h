#ifndef SPAWN_H
#define SPAWN_H
/*
 * spawn - start a program in a process group of its own.
 */
#include <sys/types.h>

#include "base/problem.h"

struct spawn_plan {
	char *const *argv;
	const char *const *env; /* "NAME=value" to add, NULL-terminated */
	int output;             /* descriptor for its stdout and stderr */
	const int *inherit;     /* descriptors it keeps, ended by -1 */
};

/* A process with default dispositions, an empty mask, no terminal and /dev/null as its
 * input; on Linux it gets SIGKILL when we die. signals_init has been called.
 * 0 with *why 0: it runs, as *pid; 0 with an errno in *why: the program cannot be executed
 * (ENOENT, EACCES, ENOEXEC, E2BIG ...), and there is no process. -1 with a problem: the system
 * cannot start any program now (EAGAIN, ENOMEM, EMFILE ...). */
int spawn(const struct spawn_plan *plan, pid_t *pid, int *why, struct problem *p);

/* Wait until a child has ended; how is of no interest. */
void spawn_reap(pid_t pid);

#endif
