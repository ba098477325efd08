#ifndef EXPAND_H
#define EXPAND_H
/* expand - print the runs of a spec as lines, and make the experiment that they are of. */
#include "spec/spec.h"

struct expand_options {
	const char *dir, *parent, *index, *mode, *spec, *caller, *program;
	bool resume, dry_run, print_dir, count, check, strict, verbose, mode_flags, no_sync, quiet;
	bool need_command;
};

/* Print the lines, or with print_dir the directory, of the experiment in o->dir, of the one
 * below o->parent, or of a new one in `dir` (NULL: of none), which are made or resumed. The
 * exit status; a problem has been told. */
int expand_in_dir(const struct spec *spec, const struct expand_options *o);
int expand_below_parent(const struct spec *spec, const struct expand_options *o);
int expand_new(const struct spec *spec, const char *dir, const struct expand_options *o);

/* Print a line of text. The exit status. */
int expand_print(const char *line);

#endif
