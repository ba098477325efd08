#ifndef CHOICES_H
#define CHOICES_H
/*
 * choices - the candidates of an axis, written in the forms in which a stencil takes them.
 */
#include "spec/sweep.h"

/* Write all candidates of an axis. json: the configs are JSON. 0, or -1 with a problem: no
 * memory; stencil_choices_free in both cases. */
int choices_make(struct stencil_choices *c, const struct resolve *r, const struct override *axis,
		 bool json, struct problem *p);

/* Has JSON, which the base is, all values that the spec puts into it? 0, or -1 with a problem
 * at the first that it has not (.inf, dates). */
int choices_check_json(const struct resolve *r, struct problem *p);

#endif
