#ifndef SPLICE_H
#define SPLICE_H
/*
 * splice - cut a base config into text to keep and slots to fill.
 *
 * The base's own bytes stay: comments, order and formatting. Each overridden key gets a slot in
 * the place of its value, a key that the base lacks gets one behind the last key. A base in flow
 * style stays in flow style, and one that is JSON stays JSON. An alias to something inside a
 * value that goes away is replaced by what it stood for.
 */
#include "base/buf.h"
#include "spec/edits.h"
#include "spec/spec.h"
#include "spec/yamldoc.h"

struct splice {
	struct buf text;
	struct edits_piece *pieces;
	size_t count;
	bool flow, json;                      /* the base's style */
	bool rewritten;                       /* not cut, but written anew (rewrite.h) */
	size_t replaced, appended, unaliased; /* counts, for --check */
};

/* Cut a base for the given overrides; slot i is overrides[i]. The base's root
 * must be a map, else a problem names it. 0 or -1; free it in both cases. */
int splice_plan(struct splice *s, const struct yamldoc *base,
		const struct override *const *overrides, size_t count, struct problem *p);
void splice_free(struct splice *s);

#endif
