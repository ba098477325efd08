#ifndef SCALAR_NUMBER_H
#define SCALAR_NUMBER_H
/*
 * scalar_number - the values of YAML's numbers, in the spellings of both versions.
 *
 * The text of a number is what a rule of scalar.c matched, with its sign, underscores and
 * 0b, 0o, 0x or .inf; `old` asks for the reading of YAML 1.1, in which a leading zero means
 * base 8. Numbers of base 60 (1:30) are none here.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A copy without underscores and sign, to be freed by the caller; NULL: no memory. */
char *scalar_number_bare(const char *text, size_t len, bool *negative);

/* Is it a decimal integer as JSON has it, of at most 18 digits and no sign? All readers
 * agree on these, and most sweeps are made of them. */
bool scalar_number_is_simple(const char *text, size_t len);

/* Append an integer's value: in decimal where it fits 64 bits, else its digits with the base
 * before them ("16#ff..."). Nothing, if it is no number after all (0b_). */
void scalar_number_int(struct buf *out, const char *text, size_t len, bool old);

/* A float's value as a double, infinity where it is beyond its range; false if the text is
 * none ("." "._") or memory ran out. */
bool scalar_number_float(const char *text, size_t len, double *value);

#endif
