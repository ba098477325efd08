#ifndef ROW_H
#define ROW_H
/*
 * row - a JSON object that is the merge of many lines, field by field.
 *
 * Of two values for a field the later one wins: later is the higher attempt,
 * then the higher rank of status, then the later time, then the greater bytes.
 * That is a total order on what lines say, so the merge is commutative,
 * associative and idempotent, whatever lines repeat, reorder or split.
 *
 * A row is packed into one block, because there may be millions of them: keys are
 * numbers, and values that many rows have in common stand in memory once (keys.h).
 */
#include "exp/keys.h"
#include "exp/stamp.h"

/* Does the line say what every reader understands alike: a format that is known, a status
 * that there is, an attempt that is counted? 0, or -1 with a problem. */
int row_check(const struct json *line, struct problem *p);

struct row {
	char *data; /* owned; NULL: no field yet */
	size_t len;
};

void row_free(struct row *r);

struct row_field {
	unsigned key;
	struct slice name;  /* raw, without quotes */
	struct slice value; /* raw */
	struct stamp stamp;
};

/* What all rows of a fold share: their keys, and memory to work in. */
struct row_shared {
	struct keys keys;
	struct row_field *old, *news, *merged;
	size_t room; /* of each of these */
	struct buf packed;
};

/* False: out of memory; to be freed in both cases. */
bool row_shared_init(struct row_shared *shared);
void row_shared_free(struct row_shared *shared);

/* Merge a line in. 0, or -1 with a problem (memory, too many different keys). */
int row_merge(struct row *r, struct row_shared *shared, const struct json *line, struct problem *p);

/* Walk the fields in printing order. */
struct row_walk {
	const struct row *row;
	const struct keys *keys;
	size_t at;
	unsigned left;
};

void row_walk(struct row_walk *w, const struct row *r, const struct keys *keys);
bool row_next(struct row_walk *w, struct row_field *f);

/* One field's value, or a slice with data NULL. */
struct slice row_get(const struct row *r, const struct keys *keys, enum key key);

#endif
