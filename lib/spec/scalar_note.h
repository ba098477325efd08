#ifndef SCALAR_NOTE_H
#define SCALAR_NOTE_H
/*
 * scalar_note - say where the versions of YAML disagree on a scalar.
 */
#include "base/buf.h"
#include "spec/scalar.h"

/* Append a sentence if the versions disagree, the spelling changes, or a number is beyond a
 * double's range: "1e-3 is a string to YAML 1.1 readers such as PyYAML and a number to YAML 1.2
 * readers; written as 1.0e-03". False, and nothing appended, if there is nothing to say.
 * rewritten: whether the scalar will be written by scalar_write_yaml (sweep and overrides)
 * or stays as it is (a base config). */
bool scalar_note(struct buf *out, const struct scalar *s, bool rewritten);

#endif
