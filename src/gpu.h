#ifndef GPU_H
#define GPU_H
/*
 * gpu - one run at a time on a device, whoever starts it: a lock file per device,
 * in a place that belongs to the machine and not to a user or a project. The runs
 * inherit the lock, so that a device is free when all of its run has ended.
 */
#include "base/problem.h"

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

/* Wait for the device and take it: *fd is the lock. 0; 1: stopped by a signal
 * (signals_stop); -1 with a problem. */
int gpu_take(const char *device, int *fd, struct problem *p);

/* Who has taken the device waits for what a killed run-one has left at work on it, as far
 * as that can be known (leftover.h). 0; 1: stopped by a signal; -1 with a problem. */
int gpu_wait_leftovers(const char *device, struct problem *p);

#endif
