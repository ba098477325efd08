#ifndef PUBLISH_H
#define PUBLISH_H
/*
 * publish - an experiment directory, whole or not at all.
 *
 * Everything is written into a directory with a name that starts with a dot,
 * synced, and renamed into place: there is no instant at which somebody could
 * see, or a power cut could leave, a part of an experiment under its name.
 */
#include <signal.h>

#include "resolve.h"

/* The name for a new experiment below parent: NAME_YYYYmmdd_HHMMSS, local time,
 * with _2, _3 ... where that exists. The caller holds the lock on the parent
 * (publish_lock), so that the name stays free. */
int publish_name(const char *parent, const char *name, struct buf *dir, struct problem *p);

/* The newest experiment of exactly this name below parent. 1 and its path; 0 if
 * there is none; -1 with a problem. */
int publish_newest(const char *parent, const char *name, struct buf *dir, struct problem *p);

/* Make parent if need be and take the lock PARENT/.lock, waiting for it.
 * The descriptor, or -1 with a problem. Closing it gives the lock back. */
int publish_lock(const char *parent, struct problem *p);

/* Is DIR/spec.yaml the spec, byte for byte? 0, or -1 with a problem that says
 * what to do. */
int publish_same_spec(const char *dir, const struct spec *spec, struct problem *p);

/* Write the experiment to r->dir, which must not exist or be an empty
 * directory. *stop is looked at between two runs: not 0 ends it. After a
 * failure nothing is left. sync: wait until it is all on disk. */
int publish(const struct resolve *r, bool sync, const volatile sig_atomic_t *stop,
	    struct problem *p);

#endif
