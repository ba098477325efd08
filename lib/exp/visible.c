/* visible - the outcome of an attempt is hidden when there is a newer attempt. */
#include "exp/visible.h"

bool visible_hides(const struct visible *v, const struct row_field *f)
{
	bool metrics = f->key == KEY_METRICS || f->key == KEY_METRICS_ERROR;
	if (f->key == KEY_METRICS_ERROR && stamp_compare(&f->stamp, &v->metrics) < 0)
		return true;
	if (!keys_is_outcome(f->key) || f->stamp.attempt >= v->attempt)
		return false;
	return !(metrics && f->stamp.attempt == 0);
}

struct visible visible_of(const struct row *r, const struct keys *keys)
{
	struct row_walk w;
	struct row_field field;
	struct visible v = {0};
	row_walk(&w, r, keys);
	while (row_next(&w, &field)) {
		if (field.stamp.attempt > v.attempt)
			v.attempt = field.stamp.attempt;
		if (field.key == KEY_METRICS)
			v.metrics = field.stamp;
	}
	return v;
}
