#ifndef ENDLINE_H
#define ENDLINE_H
/*
 * endline - the last line of a run's journal, which is not lost for want of room.
 */
#include "base/buf.h"
#include "exp/journal.h"
#include "base/problem.h"

/* Append the line that tells of a run's end. Where there is no room for it, wait for some
 * with the claim held, and say so after a moment, until there is or we are told to stop
 * (signals.h). 0, or -1 with a problem. */
int endline_append(struct journal *j, const char *run, const struct buf *line, struct problem *p);

#endif
