#ifndef SPECDIFF_H
#define SPECDIFF_H
/*
 * specdiff - list what one spec says that another does not.
 *
 * They are compared as they are read: comments, quotes, the order of keys and a value that is on
 * an axis twice do not count; swept and fixed values are the same if they mean the same by
 * sweeputils-yaml(7) (0.1 and 0.10, not 1 and 1.0); all else if it is the same text.
 */
#include "base/buf.h"
#include "spec/yamldoc.h"

/* Append a line for each difference, "specs/s.yaml:4:8: sweep.lr: [0.1, 0.01] was [0.1]".
 * 1: there are some; 0: they mean the same; -1 with a problem: no memory. */
int specdiff(const struct yamldoc *now, const struct yamldoc *was, struct buf *out,
	     struct problem *p);

#endif
