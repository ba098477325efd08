#ifndef CHECK_H
#define CHECK_H
/* check - print the notes on a spec and its base configs. */
#include "spec/resolve.h"

/* Print the notes to stderr, one line a key; on values, those in the spec's sweep and
 * overrides only. */
void check_notes(const struct resolve *r);

/* --check: read everything, prove it, and print each note, those on values in the base
 * configs too. The exit status: 0, or EXIT_BAD_INPUT if something is wrong or, with
 * strict, there was a note. */
int check_print(const struct spec *spec, bool strict, bool verbose);

#endif
