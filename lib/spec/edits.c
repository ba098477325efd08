/*
 * edits - sort by place, then copy what lies between.
 */
#include "spec/edits.h"

#include <stdlib.h>

struct edits_one *edits_add(struct edits *e, size_t from, size_t to, int slot)
{
	if (e->count == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 16;
		struct edits_one *list = realloc(e->list, cap * sizeof *list);
		if (!list)
			return NULL;
		e->list = list;
		e->cap = cap;
	}
	e->list[e->count] = (struct edits_one){
		.from = from, .to = to, .order = e->count, .slot = slot, .before = e->words.len};
	return &e->list[e->count++];
}

void edits_end_before(struct edits *e, struct edits_one *one)
{
	one->len = e->words.len - one->before;
	one->after = e->words.len;
}

void edits_end_after(struct edits *e, struct edits_one *one)
{
	one->after_len = e->words.len - one->after;
}

static int by_start(const void *left, const void *right)
{
	const struct edits_one *a = left, *b = right;
	int order = (a->from > b->from) - (a->from < b->from);
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void add_words(const struct edits *e, size_t from, size_t len, struct buf *text)
{
	if (len)
		buf_add(text, e->words.data + from, len);
}

/* What was written since `from` is a piece, if it is anything. */
static size_t end_text(struct edits_piece *piece, size_t from, size_t to)
{
	*piece = (struct edits_piece){from, to - from, -1};
	return to > from;
}

bool edits_apply(struct edits *e, const char *data, size_t len, struct buf *text,
		 struct edits_piece **pieces, size_t *count)
{
	size_t done = 0, from = text->len, n = 0;
	struct edits_piece *list = malloc((2 * e->count + 1) * sizeof *list);
	*pieces = list;
	*count = 0;
	if (!list)
		return false;
	if (e->count)
		qsort(e->list, e->count, sizeof *e->list, by_start);
	for (size_t i = 0; i < e->count; i++) {
		const struct edits_one *one = &e->list[i];
		buf_add(text, data + done, one->from - done);
		add_words(e, one->before, one->len, text);
		done = one->to;
		if (one->slot < 0)
			continue;
		n += end_text(&list[n], from, text->len);
		list[n++] = (struct edits_piece){text->len, 0, one->slot};
		from = text->len;
		add_words(e, one->after, one->after_len, text);
	}
	buf_add(text, data + done, len - done);
	n += end_text(&list[n], from, text->len);
	*count = n;
	return !text->failed && !e->words.failed;
}

void edits_free(struct edits *e)
{
	free(e->list);
	buf_free(&e->words);
	*e = (struct edits){0};
}
