#ifndef LINE_H
#define LINE_H
/*
 * line - the program of a run line: which fields it has, in which order, and
 * how commands and paths take their placeholders. sweeputils-format(5) says
 * what each field means.
 */
#include "sweep.h"

/* Write the program of the lines of one base. 0, or -1 with a problem that
 * points at the placeholder that cannot be filled in; a remark where that is of no
 * matter: a template of the mode's, beside a command of the spec's own. */
int line_program(struct program *g, const struct resolve *r, const struct resolve_base *base,
		 struct remarks *remarks, struct problem *p);

/* Does the command have the placeholder {KEY}? */
bool line_command_takes(const struct resolve *r, const char *key, size_t len);

/* How the names of configs end: .json where the base's does, else .yaml. */
const char *line_suffix(const struct resolve_base *base);

/* Write "DIR/configs/RUN.yaml". */
void line_config_path(struct program *g, const struct resolve *r, const struct resolve_base *base);

#endif
