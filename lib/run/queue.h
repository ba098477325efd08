#ifndef QUEUE_H
#define QUEUE_H
/*
 * queue - turns, in order of arrival, that a dead process cannot hold up.
 *
 * A queue is a file with one path per line: the lock files of those who came, in
 * the order in which they came. Each of them holds its own lock until it has
 * ended, so that waiting for one's turn is waiting for the locks of all who came
 * before. A path with a newline stands there behind a backslash,
 * with \n for each newline and \\ for each backslash.
 */
#include <stdbool.h>

#include "base/problem.h"

/* Come, and wait until all who came before have ended, and unless `force`, what a killed
 * run-one has left of their runs (leftover.h), too. The caller holds the lock
 * at `lock`, an absolute path, and gives up its turn by giving up that lock.
 * 0; 1: stopped by a signal (signals_stop); -1: a problem, and no turn was taken. */
int queue_wait(const char *queue, const char *lock, bool force, struct problem *p);

#endif
