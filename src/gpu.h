#ifndef GPU_H
#define GPU_H
/*
 * gpu - one run at a time on a device, whoever starts it: a lock file per device,
 * in a place that belongs to the machine and not to a user or a project. The runs
 * inherit the lock, so that a device is free when all of its run has ended.
 */
#include <stdbool.h>

#include "base/problem.h"
#include "exp/leftover.h"

/* The devices of a list such as "0,1,2", in one allocation that ends with NULL.
 *
 * visible: the set to choose from, as CUDA_VISIBLE_DEVICES has it, or NULL. Numbers are
 * then places in that set, from 0 on, as they are to every CUDA program; a list of which
 * one number is no place, but all are names in the set, is taken by name. What comes
 * out are names of the set.
 *
 * NULL with a problem: an empty name, one that is there twice, what is none, or what the
 * set does not have. */
char **gpu_list(const char *list, const char *visible, struct problem *p);

struct gpu {
	const char *device; /* NULL: none is asked for, and gpu_try says 0 */
	int lock;           /* inherited by every run; -1: not ours yet */
	bool clear;         /* nothing is left on it of a killed run-one */
	double look_at;     /* when it makes sense to try again (clock_now) */
	double since;       /* when leftovers were first seen, or 0 */
	bool said;          /* what is waited for */
	struct leftovers left;
};

void gpu_init(struct gpu *g, const char *device);
void gpu_free(struct gpu *g); /* and give it up */

/* Take the device, and unless `force` see that no killed run-one has left anything at work on
 * it, as far as that can be known (leftover.h). Who has it is said at once, what is left on it
 * after three seconds. 0: it is ours; 1: not yet; -1 with a problem. */
int gpu_try(struct gpu *g, bool force, struct problem *p);

#endif
