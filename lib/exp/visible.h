#ifndef VISIBLE_H
#define VISIBLE_H
/* visible - which fields of a run's row are shown: not those that tell of an earlier attempt. */
#include "exp/row.h"

struct visible {
	uint32_t attempt;     /* the newest */
	struct stamp metrics; /* when they came */
};

struct visible visible_of(const struct row *r, const struct keys *keys);
bool visible_hides(const struct visible *v, const struct row_field *f);

#endif
