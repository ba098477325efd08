/*
 * row - a row is packed as
 *
 *     count of stamps, count of fields (16 bits each)
 *     stamps: attempt (32 bits), rank, length of time, time
 *     fields: key (16 bits), stamp (16 bits), common (8 bits), then, if common is
 *             NONE, length (32 bits) and bytes
 *
 * in the byte order of the machine. Fields are sorted in printing order; to merge a line its
 * fields are sorted alike, and two sorted lists are merged.
 */
#include "exp/row.h"

#include <stdlib.h>
#include <string.h>

#include "exp/status.h"
#include "exp/stamp.h"

/* ---- what a line may say, and what is later ---- */

static int refuse_value(struct problem *p, const char *before, struct slice value,
			const char *after)
{
	int len = value.len > 40 ? 40 : (int)value.len;
	return problem_set(p, EXIT_BAD_INPUT, "%s%.*s%s%s", before, len, value.data,
			   (size_t)len < value.len ? "..." : "", after);
}

static bool is_null(struct slice raw)
{
	return !raw.data || (raw.len == 4 && memcmp(raw.data, "null", 4) == 0);
}

int row_check(const struct json *line, struct problem *p)
{
	struct slice format = json_get(line, "format"), status = json_get(line, "status");
	struct slice attempt = json_get(line, "attempt");
	int64_t number;
	if (format.data && (format.len != 1 || *format.data != '1'))
		return refuse_value(p, "a line of format ", format,
				    ", which is unknown; use a newer version of sweeputils");
	if (status.data && status_of(status) == STATUS_NONE)
		return refuse_value(p, "status is pending, running, completed or failed, not ",
				    status, "");
	if (!is_null(attempt) &&
	    (!json_int(line, "attempt", &number) || number < 0 || number > STAMP_MAX_ATTEMPT))
		return refuse_value(p, "attempt is a whole number from 1 to 1000000, not ", attempt,
				    "");
	return 0;
}

static bool is_later(const struct row_field *a, const struct row_field *b)
{
	int order = stamp_compare(&a->stamp, &b->stamp);
	return (order ? order : stamp_compare_bytes(a->value, b->value)) > 0;
}

static int compare_keys(const struct row_field *a, const struct row_field *b)
{
	if (a->key < KEY_KNOWN || b->key < KEY_KNOWN || a->key == b->key)
		return (a->key > b->key) - (a->key < b->key);
	return stamp_compare_bytes(a->name, b->name);
}

/* ---- packing ---- */

static void take(const char **from, void *to, size_t size)
{
	memcpy(to, *from, size);
	*from += size;
}

static struct stamp take_stamp(const char **at)
{
	struct stamp s;
	unsigned char len;
	take(at, &s.attempt, sizeof s.attempt);
	take(at, &s.rank, 1);
	take(at, &len, 1);
	s.time = (struct slice){*at, len};
	*at += len;
	return s;
}

static struct stamp stamp_number(const struct row *r, unsigned number)
{
	const char *at = r->data + 4;
	struct stamp s = take_stamp(&at);
	while (number-- > 0)
		s = take_stamp(&at);
	return s;
}

void row_walk(struct row_walk *w, const struct row *r, const struct keys *keys)
{
	uint16_t stamps, fields;
	*w = (struct row_walk){.row = r, .keys = keys};
	if (!r->data)
		return;
	const char *at = r->data;
	take(&at, &stamps, sizeof stamps);
	take(&at, &fields, sizeof fields);
	while (stamps-- > 0)
		take_stamp(&at);
	w->at = (size_t)(at - r->data);
	w->left = fields;
}

bool row_next(struct row_walk *w, struct row_field *f)
{
	uint16_t key, stamp;
	unsigned char common;
	if (w->left == 0)
		return false;
	const char *at = w->row->data + w->at;
	take(&at, &key, sizeof key);
	take(&at, &stamp, sizeof stamp);
	take(&at, &common, sizeof common);
	const struct keys_word *word = &w->keys->word[key];
	f->key = key;
	f->name = word->name;
	f->stamp = stamp_number(w->row, stamp);
	if (common != KEYS_NONE) {
		f->value = word->common[common];
	} else {
		uint32_t len;
		take(&at, &len, sizeof len);
		f->value = (struct slice){at, len};
		at += len;
	}
	w->at = (size_t)(at - w->row->data);
	w->left--;
	return true;
}

struct slice row_get(const struct row *r, const struct keys *keys, enum key key)
{
	struct row_walk w;
	struct row_field f;
	row_walk(&w, r, keys);
	while (row_next(&w, &f) && f.key <= (unsigned)key)
		if (f.key == (unsigned)key)
			return f.value;
	return (struct slice){NULL, 0};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return stamp_compare(a, b) == 0;
}

/* The stamps that the fields use, each once; their number, or -1. */
static int pack_stamps(struct buf *out, const struct row_field *fields, size_t count,
		       uint16_t *number)
{
	const struct stamp **seen = malloc((count + 1) * sizeof *seen);
	unsigned stamps = 0, k;
	if (!seen)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct stamp *s = &fields[i].stamp;
		for (k = 0; k < stamps && !same_stamp(seen[k], s); k++)
			;
		number[i] = (uint16_t)k;
		if (k < stamps)
			continue;
		unsigned char len = (unsigned char)s->time.len;
		seen[stamps++] = s;
		buf_add(out, &s->attempt, sizeof s->attempt);
		buf_add(out, &s->rank, 1);
		buf_add(out, &len, 1);
		buf_add(out, s->time.data, len);
	}
	free(seen);
	return (int)stamps;
}

static void pack_field(struct buf *out, struct row_shared *shared, const struct row_field *f,
		       uint16_t stamp)
{
	uint16_t key = (uint16_t)f->key;
	unsigned char common = (unsigned char)keys_common(&shared->keys, f->key, f->value);
	buf_add(out, &key, sizeof key);
	buf_add(out, &stamp, sizeof stamp);
	buf_add(out, &common, sizeof common);
	if (common == KEYS_NONE) {
		uint32_t len = (uint32_t)f->value.len;
		buf_add(out, &len, sizeof len);
		buf_add(out, f->value.data, f->value.len);
	}
}

static int pack_fields(struct row *r, struct row_shared *shared, const struct row_field *fields,
		       size_t count, struct problem *p)
{
	struct buf *out = &shared->packed;
	uint16_t counts[2] = {0, (uint16_t)count};
	uint16_t *number = malloc((count + 1) * sizeof *number);
	buf_clear(out);
	buf_add(out, counts, sizeof counts);
	int stamps = number ? pack_stamps(out, fields, count, number) : -1;
	for (size_t i = 0; stamps >= 0 && i < count; i++)
		pack_field(out, shared, &fields[i], number[i]);
	free(number);
	char *data = stamps >= 0 && !out->failed ? malloc(out->len) : NULL;
	if (!data)
		return problem_memory(p);
	counts[0] = (uint16_t)stamps;
	memcpy(data, out->data, out->len);
	memcpy(data, counts, sizeof counts);
	free(r->data);
	r->data = data;
	r->len = out->len;
	return 0;
}

/* ---- merging ---- */

static bool make_merge_room(struct row_shared *shared, size_t count)
{
	struct row_field **list[] = {&shared->old, &shared->news, &shared->merged};
	if (count <= shared->room)
		return true;
	for (size_t i = 0; i < 3; i++) {
		struct row_field *more = realloc(*list[i], count * sizeof *more);
		if (!more)
			return false;
		*list[i] = more;
	}
	shared->room = count;
	return true;
}

static size_t unpack(const struct row *r, const struct keys *keys, struct row_field *list)
{
	struct row_walk w;
	size_t count = 0;
	row_walk(&w, r, keys);
	while (row_next(&w, &list[count]))
		count++;
	return count;
}

static size_t field_count(const struct row *r)
{
	uint16_t count = 0;
	if (r->data)
		memcpy(&count, r->data + 2, sizeof count);
	return count;
}

/* The fields of a line, in printing order. */
static int sort_line(struct row_shared *shared, const struct json *line, size_t *count)
{
	struct stamp stamp = stamp_of(line);
	struct row_field *list = shared->news;
	*count = 0;
	for (size_t i = 0; i < line->count; i++) {
		int key = keys_number(&shared->keys, line->field[i].key);
		if (key < 0)
			return -1;
		struct row_field f = {(unsigned)key, shared->keys.word[key].name,
				      line->field[i].value, stamp};
		size_t at = *count;
		while (at > 0 && compare_keys(&list[at - 1], &f) > 0)
			at--;
		memmove(&list[at + 1], &list[at], (*count - at) * sizeof f);
		list[at] = f;
		++*count;
	}
	return 0;
}

/* Two sorted lists into shared->merged; the number of fields. */
static size_t merge_lists(struct row_shared *shared, size_t olds, size_t news)
{
	const struct row_field *a = shared->old, *b = shared->news;
	const struct row_field *a_end = a + olds, *b_end = b + news;
	size_t count = 0;
	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : compare_keys(a, b);
		if (order < 0)
			shared->merged[count++] = *a++;
		else if (order > 0)
			shared->merged[count++] = *b++;
		else {
			shared->merged[count++] = is_later(b, a) ? *b : *a;
			a++;
			b++;
		}
	}
	return count;
}

int row_merge(struct row *r, struct row_shared *shared, const struct json *line, struct problem *p)
{
	size_t news, olds = field_count(r);
	if (!make_merge_room(shared, olds + line->count + 1))
		return problem_memory(p);
	if (olds + line->count > KEYS_MAX || sort_line(shared, line, &news) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "more than %d different fields", KEYS_MAX);
	unpack(r, &shared->keys, shared->old);
	return pack_fields(r, shared, shared->merged, merge_lists(shared, olds, news), p);
}

bool row_shared_init(struct row_shared *shared)
{
	*shared = (struct row_shared){0};
	return keys_init(&shared->keys);
}

void row_shared_free(struct row_shared *shared)
{
	keys_free(&shared->keys);
	free(shared->old);
	free(shared->news);
	free(shared->merged);
	buf_free(&shared->packed);
}

void row_free(struct row *r)
{
	free(r->data);
	*r = (struct row){NULL, 0};
}
