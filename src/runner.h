#ifndef RUNNER_H
#define RUNNER_H
/*
 * runner - move a run from its claim through its attempts to its last record. Nothing here
 * waits: a step does what can be done now.
 */
#include "run.h"

/* Its line is in r->line, and read into r->l: claim it, and fill in its command. */
void runner_begin(struct run *r);

/* Do what is due. stop: the signal that asked us to end, or 0; again: it was asked twice. Did
 * the state change? */
bool runner_step(struct run *r, int stop, bool again);

/* When something is due though no signal comes and nothing is read; 0: not known to be. */
double runner_due(const struct run *r);

/* We stood still for so long (^Z). */
void runner_shift(struct run *r, double seconds);

#endif
