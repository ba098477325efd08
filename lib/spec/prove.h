#ifndef PROVE_H
#define PROVE_H
/*
 * prove - see that every resolved config reads as it was meant, before any is written.
 */
#include "spec/sweep.h"

/* Prove the configs of all bases with all candidates. A base whose values cannot be replaced
 * in place is written anew (rewrite.h): its splice and its config's stencil are others then.
 * 0, or -1 with a problem at the key that cannot be written. */
int prove(const struct resolve *r, struct problem *p);

#endif
