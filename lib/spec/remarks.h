#ifndef REMARKS_H
#define REMARKS_H
/*
 * remarks - collect notes: "file:line:column: note: text".
 *
 * A note tells a user something that does not stop the program. Notes are collected where they
 * are found and printed by the program, in that order: each of them, or one line for a key with
 * a count of the others.
 */
#include "base/buf.h"
#include "base/problem.h"

/* Remarks of one kind about one key. */
struct remark {
	char *key;        /* such as sweep.lr; "" where others like it are not counted */
	const char *kind; /* borrowed */
	uint64_t count;
	struct buf lines; /* the texts, a newline behind each; not those beyond a bound */
	uint64_t kept;    /* so many */
};

struct remarks {
	struct remark *list;
	size_t count, cap;
	bool failed; /* memory ran out: some are missing */
};

/* Add "place: note: text". Those of the same kind about the same key that come close
 * together are one line with a count. */
void remarks_add(struct remarks *r, const char *file, size_t line, size_t column, const char *key,
		 const char *kind, const char *text);

/* Append the lines: each, or one for a key. */
void remarks_write(const struct remarks *r, bool each, struct buf *out);

/* How many were added. */
uint64_t remarks_total(const struct remarks *r);

void remarks_free(struct remarks *r);

#endif
