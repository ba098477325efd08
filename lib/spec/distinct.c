/* distinct - sort the values' keys (value_write_key). */
#include "spec/distinct.h"

#include <stdlib.h>
#include <string.h>

#include "spec/value.h"

struct meaning {
	size_t index;
	size_t from, len; /* in the text of all keys */
	const struct buf *text;
};

static int compare(const struct meaning *a, const struct meaning *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = len ? memcmp(a->text->data + a->from, b->text->data + b->from, len) : 0;
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int by_meaning(const void *left, const void *right)
{
	const struct meaning *a = left, *b = right;
	int order = compare(a, b);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

int distinct_find(const struct yamldoc *doc, const yaml_id *values, size_t count, size_t *first,
		  struct problem *p)
{
	struct buf text = BUF_INIT;
	struct meaning *all = malloc((count + 1) * sizeof *all);
	for (size_t i = 0; i < count && all; i++) {
		all[i] = (struct meaning){i, text.len, 0, &text};
		value_write_key(&text, doc, values[i]);
		all[i].len = text.len - all[i].from;
	}
	int rc = !all || text.failed ? problem_memory(p) : 0;
	if (rc == 0)
		qsort(all, count, sizeof *all, by_meaning);
	for (size_t i = 0; i < count && rc == 0; i++) {
		bool same = i > 0 && compare(&all[i - 1], &all[i]) == 0;
		first[all[i].index] = same ? first[all[i - 1].index] : all[i].index;
	}
	free(all);
	buf_free(&text);
	return rc;
}
