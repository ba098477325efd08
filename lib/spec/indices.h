#ifndef INDICES_H
#define INDICES_H
/*
 * indices - choose runs by their index: "3", "0-9", "5,7,20-", in the order in which they are
 * written.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/problem.h"

struct index_range {
	uint64_t from, to; /* both included */
};

struct indices {
	struct index_range *range;
	size_t count;
};

/* 0, or -1 with a problem: not such a list, or an index beyond total - 1. Free
 * it in both cases. */
int indices_parse(struct indices *list, const char *text, uint64_t total, struct problem *p);
void indices_free(struct indices *list);

/* Keep only the chosen lines of a text, in the order of the list. */
void indices_pick(const struct indices *list, struct buf *lines);

#endif
