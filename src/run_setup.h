#ifndef RUN_SETUP_H
#define RUN_SETUP_H
/*
 * run_setup - what the command of a run gets: its config, its arguments, its environment.
 */
#include "run.h"

/* Find the config of the run, or make it in a temporary directory of ours. 0, or -1. */
int run_setup_config(struct run *r, struct problem *p);

/* Is the config the one that the plan says? 1; 0: r->problem says why not, and how to restore
 * it; -1: that cannot be seen. */
int run_setup_is_planned(struct run *r, struct problem *p);

/* The variables of an attempt, in r->env; an old $RUN_DIR_FILE is removed. 0, or -1. */
int run_setup_env(struct run *r, struct problem *p);

#endif
