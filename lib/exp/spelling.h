#ifndef SPELLING_H
#define SPELLING_H
/*
 * spelling - the field `spelling` of a run: its numbers as they are written, in strings, for
 * readers that write numbers anew.
 */
#include "exp/row.h"

/* Add a field of the run itself to `fields`, if it is a number. */
void spelling_add_field(struct buf *fields, const struct row_field *f);

/* Append ,"spelling":{...} of these fields, and of all values of params and metrics. */
void spelling_add(struct buf *out, const struct buf *fields, struct slice params,
		  struct slice metrics);

#endif
