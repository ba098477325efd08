#ifndef GPU_H
#define GPU_H
/*
 * gpu - one run at a time on a device, whoever starts it: a lock file per device,
 * in a place that belongs to the machine and not to a user or a project. The runs
 * inherit the lock, so that a device is free when all of its run has ended.
 */
#include "problem.h"

/* The names in a list such as "0,1,2", in one allocation that ends with NULL.
 * NULL with a problem: an empty name, one that is there twice, or what is none. */
char **gpu_list(const char *list, struct problem *p);

/* Wait for the device and take it: *fd is the lock. 0; 1: stopped by a signal
 * (stop_signal); -1 with a problem. */
int gpu_take(const char *device, int *fd, struct problem *p);

#endif
