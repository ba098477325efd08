#ifndef LINE_H
#define LINE_H
/*
 * line - the program of a run line: which fields it has, in which order, and
 * how commands and paths take their placeholders. sweeputils-format(5) says
 * what each field means.
 */
#include "sweep.h"

/* Write the program of the lines of one base. 0, or -1 with a problem that
 * points at the placeholder that cannot be filled in. */
int line_program(struct program *g, const struct resolve *r, const struct resolve_base *base,
		 struct problem *p);

/* Write "DIR/configs/RUN.yaml". */
void line_config_path(struct program *g, const struct resolve *r);

#endif
