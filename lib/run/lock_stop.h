#ifndef LOCK_STOP_H
#define LOCK_STOP_H
/*
 * lock_stop - stop the processes that hold a lock, and no other.
 *
 * A process number may be given to another process before it is used. So the process is opened
 * first (pidfd_open), then it is checked that it holds the lock, and the signal is sent to the
 * pidfd. Linux only.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"

/* SIGTERM to the run-one that holds the lock file - the outer, if one runs the
 * other - and, when the lock is not free after `grace` seconds, SIGKILL to every
 * process that holds it. 0: the lock is free; 1: it was free already; -1: a
 * problem, such as a lack of permission. killed: how many got SIGKILL. */
int lock_stop_holder(const char *lock, double grace, size_t *killed, struct problem *p);

/* Wait until nobody holds the lock, so many seconds at the most. Is it free? */
bool lock_stop_wait(const char *lock, double seconds);

#endif
