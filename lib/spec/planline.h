#ifndef PLANLINE_H
#define PLANLINE_H
/*
 * planline - the stencil of a run line: which fields it has, in which order.
 * sweeputils-format(5) says what each field means.
 */
#include "spec/sweep.h"

/* Append the stencil of the lines of one base to g. 0, or -1 with a problem that points at
 * the placeholder that cannot be filled in; only a remark where it is in a template of the
 * mode's beside a command of the spec's own. */
int planline_write(struct stencil *g, const struct resolve *r, const struct resolve_base *base,
		   struct remarks *remarks, struct problem *p);

#endif
