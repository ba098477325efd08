/*
 * scalar_note - one sentence: what each version reads, and what is or should be written.
 */
#include "spec/scalar_note.h"

#include <math.h>
#include <string.h>

#include "spec/scalar_number.h"
#include "spec/scalar_write.h"

static void add_reading(struct buf *out, const struct scalar *s, enum scalar_type type, bool old)
{
	if (type == SCALAR_INT && !memchr(s->text, ':', s->len))
		scalar_number_int(out, s->text, s->len, old);
	else
		buf_adds(out, type == SCALAR_STRING   ? "a string"
			      : type == SCALAR_BOOL   ? "a boolean"
			      : type == SCALAR_INT    ? "a base-60 integer"
			      : type == SCALAR_BROKEN ? "an error"
			      : type == SCALAR_FLOAT  ? "a number"
						      : "something else");
}

/* A number that a double cannot hold is infinity or zero to every reader. */
static bool note_range(struct buf *out, const struct scalar *s)
{
	double value;
	if (s->type != SCALAR_FLOAT || !scalar_number_float(s->text, s->len, &value) ||
	    memchr(s->text, 'n', s->len) || memchr(s->text, 'N', s->len))
		return false; /* .inf and .nan are meant so */
	bool zero = value == 0 && strcspn(s->text, "123456789") < strcspn(s->text, "eE");
	if (!isinf(value) && !zero)
		return false;
	buf_add(out, s->text, s->len);
	buf_addf(out, " is out of a double's range, and %s to every reader; write %s to mean that",
		 zero ? "zero" : "infinity",
		 zero        ? "0.0"
		 : value < 0 ? "-.inf"
			     : ".inf");
	return true;
}

bool scalar_note(struct buf *out, const struct scalar *s, bool rewritten)
{
	if (note_range(out, s))
		return true;
	bool differ = s->type == SCALAR_AMBIGUOUS || s->type11 != s->type12;
	if (!differ)
		return false;
	buf_add(out, s->text, s->len);
	buf_adds(out, " is ");
	add_reading(out, s, s->type11, true);
	buf_adds(out, " to YAML 1.1 readers such as PyYAML and ");
	add_reading(out, s, s->type12, false);
	buf_adds(out, " to YAML 1.2 readers; ");
	if (s->type == SCALAR_AMBIGUOUS) {
		buf_adds(out,
			 "kept as written; write a decimal number, or quote it to mean a string");
	} else if (rewritten) {
		buf_adds(out, "written as ");
		scalar_write_yaml(out, s, 0);
		if (s->type == SCALAR_BOOL)
			buf_adds(out, "; quote it to mean a string");
	} else {
		buf_adds(out, "write ");
		scalar_write_yaml(out, s, 0);
	}
	return true;
}
