#ifndef SPELLING_H
#define SPELLING_H
/*
 * spelling - write the field `spelling` of a run: the text of its numbers, for readers that
 * change their spelling, as jq does.
 */
#include "exp/row.h"

/* Add a field of the run itself to `fields`, if it is a number. */
void spelling_add_field(struct buf *fields, const struct row_field *f);

/* Append ,"spelling":{...} of these fields, and of all values of params and metrics. */
void spelling_add(struct buf *out, const struct buf *fields, struct slice params,
		  struct slice metrics);

#endif
