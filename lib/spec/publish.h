#ifndef PUBLISH_H
#define PUBLISH_H
/*
 * publish - make an experiment directory, whole or not at all.
 *
 * Everything is written into a directory with a name that begins with a dot, synced, and renamed
 * into place: at no time can a reader see, or a power cut leave, a part of an experiment under
 * its name.
 */
#include <signal.h>

#include "spec/resolve.h"

/* Make parent if need be and take the lock PARENT/.lock, waiting for it.
 * The descriptor, or -1 with a problem. Closing it gives the lock back. */
int publish_lock(const char *parent, struct problem *p);

/* Can DIR be gone on with: does its spec.yaml mean what this spec means (specdiff.h), is
 * its plan whole, and does the plan mean this directory, not one that it was moved or
 * copied from? mode: NULL, or what the user asks for, which has to be the plan's. program:
 * what is typed to make a plan again. 0; 1: the specs differ, how is appended to
 * differences; or -1 with a problem that says what to do. */
int publish_can_resume(const char *dir, const struct spec *spec, const char *mode,
		       const char *program, struct buf *differences, struct problem *p);

/* Remove what was left of experiments of this name below parent by those who died
 * while they wrote one. The caller holds the lock on the parent. */
void publish_clean(const char *parent, const char *name);

/* Write the experiment to r->dir, which must not exist or be an empty
 * directory. *stop is looked at between two runs: not 0 ends it. After a
 * failure nothing is left. sync: wait until it is all on disk. 0; 1: it exists, and
 * there is a problem that says so; -1 with a problem. */
int publish(const struct resolve *r, bool sync, const volatile sig_atomic_t *stop,
	    struct problem *p);

#endif
