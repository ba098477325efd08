#ifndef SCALAR_H
#define SCALAR_H
/*
 * scalar - what a YAML scalar means, to readers of YAML 1.1 and of 1.2.
 *
 * "1.1" is what PyYAML's SafeLoader reads, "1.2" what ruamel.yaml reads by
 * default; most other readers agree with one of the two. The rules:
 *
 *   - a number to either version is a number; where one of them reads a
 *     string (1e-3, 1e5, -.5) it is written in a form that both read;
 *   - yes, no, on, off are booleans and are written true and false;
 *   - a string that either version could read as something else is quoted;
 *   - what the versions read as different values (010, 1:30, 0o17) is kept as
 *     it was written; its JSON form is its text.
 */
#include <stdbool.h>
#include <stddef.h>

enum scalar_type {
	SCALAR_STRING,
	SCALAR_NULL,
	SCALAR_BOOL,
	SCALAR_INT,
	SCALAR_FLOAT,
	SCALAR_TIMESTAMP,
	SCALAR_MERGE,    /* << */
	SCALAR_VALUE,    /* =, which PyYAML cannot read at all */
	SCALAR_BROKEN,   /* matches a number's form but is none: 0b_, -_ */
	SCALAR_AMBIGUOUS /* different values in 1.1 and 1.2 */
};

/* How each version reads a plain scalar. */
enum scalar_type scalar_type_11(const char *text, size_t len);
enum scalar_type scalar_type_12(const char *text, size_t len);

/* What a scalar means here. type is never MERGE, VALUE or BROKEN: as values
 * those are strings. */
struct scalar {
	enum scalar_type type;
	const char *text; /* as written, borrowed */
	size_t len;
	enum scalar_type type11, type12; /* what the versions make of it */
	bool truth;                      /* of a SCALAR_BOOL */
};

/* plain: written without quotes and without a tag. text must be NUL-terminated
 * beyond len. */
struct scalar scalar_read(const char *text, size_t len, bool plain);

/* Is it SCALAR_INT or SCALAR_FLOAT? */
bool scalar_is_number(enum scalar_type type);

#endif
