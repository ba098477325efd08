#ifndef REWRITE_H
#define REWRITE_H
/*
 * rewrite - write a base config anew, where it cannot be spliced.
 *
 * Where values cannot be replaced in place so that the result reads as it should (keys written
 * with ? that have no value, a root behind a tag), every pair is written on a line of its own,
 * aliases and merges written out: the same values under the same keys in the same order, without
 * the comments. A flow root stays one.
 */
#include "spec/splice.h"

/* Make a plan as splice_plan does, instead of the one that is there; it says so in
 * `rewritten`. The base's root is a map. 0 or -1; free it in both cases. */
int rewrite_plan(struct splice *s, const struct yamldoc *base,
		 const struct override *const *overrides, size_t count, struct problem *p);

#endif
