#ifndef PLAN_H
#define PLAN_H
/*
 * plan - check that a plan.jsonl is complete and belongs to its directory: it may have been
 * edited, or the directory copied.
 */
#include <stdint.h>

#include "base/problem.h"

/* Has the plan of DIR a line for each of `total` runs, and no other, and do all of them name
 * the directory that it is in? program: what is typed to make a plan again. 0, or -1 with a
 * problem that says what to do. */
int plan_check(const char *dir, uint64_t total, const char *program, struct problem *p);

#endif
