#ifndef CHILDREN_H
#define CHILDREN_H
/*
 * children - who our children are: main processes of runs, bystanders that were there before
 * the first run, and orphans of runs, which we inherit as their subreaper.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Once, before the first run: become a subreaper where the system knows of such (Linux), and
 * take those that are there for bystanders. signals_init has been called. */
void children_init(void);

/* Does the kernel keep a list of children? If not, an orphan is found by its group alone. */
bool children_are_listed(void);

/* From now on this child is the main process of a run; or not any more: it has been reaped.
 * -1: no memory. */
int children_add_main(pid_t pid);
void children_remove_main(pid_t pid);

/* How many runs have a main process now. */
size_t children_mains(void);

/* How many orphans there are, and all of them; the array is ours, until the next call. */
size_t children_orphans(const pid_t **pids);

/* Reap those that have ended, but no main process. */
void children_reap(void);

#endif
