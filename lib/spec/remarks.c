/*
 * remarks - one entry for each kind of remark on a key, so that an axis of a million values
 * with the same remark is one entry, with the texts of the first ones.
 */
#include "spec/remarks.h"

#include <stdlib.h>
#include <string.h>

enum {
	NEAR = 8,               /* kinds about one key come one after another */
	MOST_BYTES = 256 * 1024 /* of texts that are kept of one kind */
};

static struct remark *find_remark(struct remarks *r, const char *key, const char *kind)
{
	for (size_t i = r->count; *key && i-- > 0 && r->count - i <= NEAR;)
		if (strcmp(r->list[i].key, key) == 0 && strcmp(r->list[i].kind, kind) == 0)
			return &r->list[i];
	return NULL;
}

static struct remark *add_remark(struct remarks *r, const char *key, const char *kind)
{
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 8;
		struct remark *list = realloc(r->list, cap * sizeof *list);
		if (!list)
			return NULL;
		r->list = list;
		r->cap = cap;
	}
	char *copy = strdup(key);
	if (!copy)
		return NULL;
	r->list[r->count] = (struct remark){.key = copy, .kind = kind, .lines = BUF_INIT};
	return &r->list[r->count++];
}

void remarks_add(struct remarks *r, const char *file, size_t line, size_t column, const char *key,
		 const char *kind, const char *text)
{
	struct problem p;
	struct remark *one = find_remark(r, key, kind);
	if (!one)
		one = add_remark(r, key, kind);
	if (!one) {
		r->failed = true;
		return;
	}
	one->count++;
	if (one->lines.len > MOST_BYTES)
		return;
	problem_at(&p, file, line, column, "note: %s", text);
	buf_adds(&one->lines, p.text);
	buf_addc(&one->lines, '\n');
	r->failed |= one->lines.failed;
	one->kept++;
}

static void write_first(const struct remark *one, struct buf *out)
{
	const char *end = memchr(one->lines.data, '\n', one->lines.len);
	struct problem about;
	buf_add(out, one->lines.data, (size_t)(end - one->lines.data));
	if (one->count > 1) {
		problem_set(&about, 0, "%s", one->key); /* escaped, and cut */
		buf_addf(out, " (and %llu more of %s)", (unsigned long long)one->count - 1,
			 about.text);
	}
	buf_addc(out, '\n');
}

static void write_each(const struct remark *one, struct buf *out)
{
	struct problem about;
	buf_add(out, one->lines.data, one->lines.len);
	if (one->count > one->kept) {
		problem_set(&about, 0, "%s", one->key);
		buf_addf(out, "note: and %llu more like it of %s\n",
			 (unsigned long long)(one->count - one->kept), about.text);
	}
}

void remarks_write(const struct remarks *r, bool each, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->list[i].lines.len == 0)
			continue; /* no memory */
		if (each)
			write_each(&r->list[i], out);
		else
			write_first(&r->list[i], out);
	}
	out->failed |= r->failed;
}

uint64_t remarks_total(const struct remarks *r)
{
	uint64_t total = 0;
	for (size_t i = 0; i < r->count; i++)
		total += r->list[i].count;
	return total;
}

void remarks_free(struct remarks *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->list[i].key);
		buf_free(&r->list[i].lines);
	}
	free(r->list);
	*r = (struct remarks){0};
}
