#ifndef CHECK_H
#define CHECK_H
/* check - the notes on values that YAML readers disagree on. */
#include <stdbool.h>

#include "spec.h"

/* Print the notes on the spec's sweep and overrides to stderr. */
void check_notes(const struct spec *spec);

/* --check: read everything, prove it, and print all notes, those on the base
 * configs too. The exit status: 0, or EXIT_BAD_INPUT if something is wrong or,
 * with strict, there was a note. */
int check_print(const struct spec *spec, bool strict, bool verbose);

#endif
