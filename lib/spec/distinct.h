#ifndef DISTINCT_H
#define DISTINCT_H
/* distinct - find the values of a list that mean the same, whatever their spelling. */
#include "spec/yamldoc.h"

/* first[i]: the index of the first value that means what values[i] means; i, if that is
 * itself. 0, or -1 with a problem: no memory. */
int distinct_find(const struct yamldoc *doc, const yaml_id *values, size_t count, size_t *first,
		  struct problem *p);

#endif
