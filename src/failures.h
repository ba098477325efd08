#ifndef FAILURES_H
#define FAILURES_H
/*
 * failures - list the failed runs of an experiment, with reasons and the ends of their logs.
 */
#include "view.h"

/* Append them: those that failed in the same way, with the same end of the log, once;
 * ten such kinds at most. Interrupted runs have not failed. */
void failures_add(const struct view *v, struct buf *out);

#endif
