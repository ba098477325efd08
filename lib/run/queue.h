#ifndef QUEUE_H
#define QUEUE_H
/*
 * queue - let experiments run one after another, in the order in which they came.
 *
 * A queue is a file with one path per line: the lock files of the experiments, in the order in
 * which they came. A process holds its lock until it ends, however it ends; it waits for its turn
 * by waiting for the locks of those before it. A path with a newline is written after a
 * backslash, with \n for each newline and \\ for each backslash.
 */
#include <stdbool.h>

#include "base/problem.h"

/* Enter, and wait until all before us have ended, and, unless `force`, the leftovers of their
 * runs (leftover.h), too. The caller holds the lock
 * at `lock`, an absolute path, and gives up its turn by giving up that lock.
 * 0; 1: stopped by a signal (signals_stop); -1: a problem, and no turn was taken. */
int queue_wait(const char *queue, const char *lock, bool force, struct problem *p);

#endif
