#ifndef SCALAR_WRITE_H
#define SCALAR_WRITE_H
/*
 * scalar_write - write a scalar as YAML that both versions read alike, as JSON, and as a key
 * for comparing.
 *
 * All of them append to a buffer, whose `failed` says whether memory ran out.
 */
#include "base/buf.h"
#include "spec/scalar.h"

/* Append YAML that both versions read as what s means: one line, valid in block and flow
 * context. quote: '\'' or '"' to keep the quotes of a string that was quoted so, 0 if it
 * was plain or a block. What the versions read as different values stays as written. */
void scalar_write_yaml(struct buf *out, const struct scalar *s, char quote);

/* Append the JSON form. Numbers keep their spelling where it is JSON; what JSON has no
 * number for (.inf, .nan, integers beyond 64 bits, floats beyond a double), dates and
 * ambiguous scalars become strings of their text. */
void scalar_write_json(struct buf *out, const struct scalar *s);

/* Would scalar_write_json have to write a string for something that is none? */
bool scalar_write_needs_string(const struct scalar *s);

/* Append a key: two scalars mean the same exactly if their keys are the same bytes. */
void scalar_write_key(struct buf *out, const struct scalar *s);

#endif
