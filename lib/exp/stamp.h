#ifndef STAMP_H
#define STAMP_H
/* stamp - when a line was said: of two values for one field the later one counts (row.h). */
#include "base/json.h"

/* Compared by attempt, then rank, then time. A note (notes.h) ranks with the ends of runs. */
struct stamp {
	uint32_t attempt;
	unsigned char rank; /* of its status */
	struct slice time;  /* ISO 8601 in UTC, so that bytes compare as times do */
};

enum { STAMP_RANK_NONE, STAMP_RANK_PENDING, STAMP_RANK_RUNNING, STAMP_RANK_ENDED };

/* The times that are compared have at most so many bytes. */
enum { STAMP_MAX_ATTEMPT = 1000000, STAMP_TIME_SIZE = 64 };

/* The stamp of a line, borrowing from it. */
struct stamp stamp_of(const struct json *line);

/* Below, equal to or above 0, as strcmp has it. */
int stamp_compare(const struct stamp *a, const struct stamp *b);
/* The order of two byte strings, the shorter of two that begin alike first. */
int stamp_compare_bytes(struct slice a, struct slice b);

#endif
