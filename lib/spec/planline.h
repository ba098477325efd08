#ifndef PLANLINE_H
#define PLANLINE_H
/*
 * planline - the program of a run line: which fields it has, in which order, and
 * how commands and paths take their placeholders. sweeputils-format(5) says
 * what each field means.
 */
#include "spec/sweep.h"

/* Write the program of the lines of one base. 0, or -1 with a problem that
 * points at the placeholder that cannot be filled in; a remark where that is of no
 * matter: a template of the mode's, beside a command of the spec's own. */
int planline_program(struct stencil *g, const struct resolve *r, const struct resolve_base *base,
		     struct remarks *remarks, struct problem *p);

/* Does the command have the placeholder {KEY}? */
bool planline_command_takes(const struct resolve *r, const char *key, size_t len);

/* How the names of configs end: .json where the base's does, else .yaml. */
const char *planline_suffix(const struct resolve_base *base);

/* Write "DIR/configs/RUN.yaml". */
void planline_config_path(struct stencil *g, const struct resolve *r,
			  const struct resolve_base *base);

#endif
