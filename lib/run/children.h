#ifndef CHILDREN_H
#define CHILDREN_H
/*
 * children - who our children are: main processes of runs, bystanders that were there before
 * the first run, and orphans of runs, which we inherit as their subreaper.
 */
#include <stdbool.h>
#include <sys/types.h>

enum { CHILDREN_MANY = 256 };

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

/* The orphans; how many are stored, at most max. */
int children_orphans(pid_t *pids, int max);

/* Reap those that have ended, but no main process. */
void children_reap(void);

#endif
