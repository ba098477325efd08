#ifndef SLICE_H
#define SLICE_H
/*
 * slice - bytes that belong to somebody else: a pointer and a length.
 *
 * data is NULL where there is nothing (a missing field); an empty text has a pointer. It
 * is not NUL-terminated, may hold NUL bytes, and is good as long as its owner is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

/* Are they the same bytes? */
static inline bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Is it this text? */
static inline bool slice_is(struct slice s, const char *text)
{
	return slice_same(s, (struct slice){text, strlen(text)});
}

#endif
