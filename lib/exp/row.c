/*
 * row - packed as
 *
 *     count of stamps, count of fields (16 bits each)
 *     stamps: attempt (32 bits), rank, length of time, time
 *     fields: key (16 bits), stamp (16 bits), common (8 bits), then, if common is
 *             NONE, length (32 bits) and bytes
 *
 * in the machine's own byte order: it never leaves the process. Fields are in
 * printing order, so two records merge as two sorted lists do. A line becomes
 * a list of fields first; merging then knows one shape only.
 */
#include "exp/row.h"

#include <stdlib.h>
#include <string.h>

#include "exp/status.h"

enum { COMMON_VALUES = 16, COMMON_NONE = 255, MAX_KEYS = 60000 };

struct word {
	struct slice name;
	struct slice common[COMMON_VALUES];
	unsigned common_count;
};

struct row_vocabulary {
	struct word *word;
	size_t count, cap;
	uint16_t *slot; /* hash table of word numbers + 1; its size a power of two */
	size_t slots;
	struct row_field *old, *news, *merged; /* room to work in */
	size_t room;
	struct buf packed;
};

static const struct {
	const char *name;
	bool outcome;
} known[ROW_KNOWN] = {
	[ROW_RUN] = {"run", false},
	[ROW_INDEX] = {"index", false},
	[ROW_TOTAL] = {"total", false},
	[ROW_EXPERIMENT] = {"experiment", false},
	[ROW_EXPERIMENT_DIR] = {"experiment_dir", false},
	[ROW_MODE] = {"mode", false},
	[ROW_STATUS] = {"status", true},
	[ROW_REASON] = {"reason", true},
	[ROW_RETURN_CODE] = {"return_code", true},
	[ROW_SIGNAL] = {"signal", true},
	[ROW_ERROR] = {"error", true},
	[ROW_ATTEMPT] = {"attempt", true},
	[ROW_PARAMS] = {"params", false},
	[ROW_METRICS] = {"metrics", true},
	[ROW_METRICS_ERROR] = {"metrics_error", true},
	[ROW_STARTED_AT] = {"started_at", true},
	[ROW_COMPLETED_AT] = {"completed_at", true},
	[ROW_DURATION_S] = {"duration_s", true},
	[ROW_RUN_DIR] = {"run_dir", true},
	[ROW_RUN_DIR_CANDIDATES] = {"run_dir_candidates", true},
	[ROW_RUN_DIR_ERROR] = {"run_dir_error", true},
	[ROW_NOTED_AT] = {"noted_at", false},
	[ROW_BASE_CONFIG] = {"base_config", false},
	[ROW_CONFIG_PATH] = {"config_path", false},
	[ROW_CONFIG] = {"config", false},
	[ROW_CONFIG_YAML] = {"config_yaml", false},
	[ROW_COMMAND] = {"command", false},
	[ROW_RUN_DIR_PARENT] = {"run_dir_parent", false},
	[ROW_METRICS_FILE] = {"metrics_file", false},
	[ROW_METRICS_JQ] = {"metrics_jq", false},
	[ROW_LOG_PATH] = {"log_path", true},
	[ROW_HOST] = {"host", true},
	[ROW_PID] = {"pid", true},
	[ROW_BOOT_ID] = {"boot_id", true},
	[ROW_USER_S] = {"user_s", true},
	[ROW_SYSTEM_S] = {"system_s", true},
	[ROW_MAX_RSS_KB] = {"max_rss_kb", true},
	[ROW_LEFTOVERS] = {"leftovers", true},
	[ROW_SURVIVORS] = {"survivors", true},
	[ROW_CONFIG_CHANGED] = {"config_changed", true},
	[ROW_SESSION] = {"session", false},
	[ROW_SESSION_STARTED_AT] = {"session_started_at", false},
	[ROW_SPEC_PATH] = {"spec_path", false},
	[ROW_CREATED_AT] = {"created_at", false},
	[ROW_FORMAT] = {"format", false},
};

bool row_is_outcome(unsigned key)
{
	return key < ROW_KNOWN && known[key].outcome;
}

/* ---- order ---- */

static int compare_bytes(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least ? memcmp(a.data, b.data, least) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

int row_stamp_compare(const struct row_stamp *a, const struct row_stamp *b)
{
	if (a->attempt != b->attempt)
		return a->attempt > b->attempt ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? 1 : -1;
	return compare_bytes(a->time, b->time);
}

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
	    (!json_int(line, "attempt", &number) || number < 0 || number > ROW_MAX_ATTEMPT))
		return refuse_value(p, "attempt is a whole number from 1 to 1000000, not ", attempt,
				    "");
	return 0;
}

static bool is_later(const struct row_field *a, const struct row_field *b)
{
	int order = row_stamp_compare(&a->stamp, &b->stamp);
	return (order ? order : compare_bytes(a->value, b->value)) > 0;
}

static int compare_keys(const struct row_field *a, const struct row_field *b)
{
	if (a->key < ROW_KNOWN || b->key < ROW_KNOWN || a->key == b->key)
		return (a->key > b->key) - (a->key < b->key);
	return compare_bytes(a->name, b->name);
}

bool row_names_outcome(struct slice name)
{
	for (size_t i = 0; i < ROW_KNOWN; i++)
		if (compare_bytes(name, (struct slice){known[i].name, strlen(known[i].name)}) == 0)
			return known[i].outcome;
	return false;
}

/* ---- stamps ---- */

static unsigned char rank_of(struct slice status)
{
	static const unsigned char ranks[] = {[STATUS_PENDING] = ROW_RANK_PENDING,
					      [STATUS_RUNNING] = ROW_RANK_RUNNING,
					      [STATUS_COMPLETED] = ROW_RANK_ENDED,
					      [STATUS_FAILED] = ROW_RANK_ENDED,
					      [STATUS_NONE] = ROW_RANK_NONE};
	return ranks[status_of(status)];
}

struct row_stamp row_stamp_of(const struct json *line)
{
	static const char *const times[] = {"noted_at", "completed_at", "started_at",
					    "session_started_at", "created_at"};
	struct row_stamp s = {0};
	int64_t attempt;
	if (json_int(line, "attempt", &attempt) && attempt > 0 && attempt <= ROW_MAX_ATTEMPT)
		s.attempt = (uint32_t)attempt;
	s.rank = rank_of(json_get(line, "status"));
	for (size_t i = 0; i < sizeof times / sizeof *times && !s.time.data; i++) {
		struct slice value = json_get(line, times[i]);
		if (!json_is_string(value) || value.len > ROW_TIME_SIZE)
			continue;
		s.time = (struct slice){value.data + 1, value.len - 2};
		if (i == 0)
			s.rank = ROW_RANK_ENDED;
	}
	return s;
}

/* ---- the vocabulary ---- */

static size_t hash_bytes(struct slice s)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.data[i]) * 16777619u;
	return h;
}

static void put_slot(struct row_vocabulary *v, size_t number)
{
	size_t at = hash_bytes(v->word[number].name) & (v->slots - 1);
	while (v->slot[at])
		at = (at + 1) & (v->slots - 1);
	v->slot[at] = (uint16_t)(number + 1);
}

static bool grow_slots(struct row_vocabulary *v)
{
	size_t slots = v->slots ? v->slots * 2 : 256;
	uint16_t *slot = calloc(slots, sizeof *slot);
	if (!slot)
		return false;
	free(v->slot);
	v->slot = slot;
	v->slots = slots;
	for (size_t i = 0; i < v->count; i++)
		put_slot(v, i);
	return true;
}

static struct slice copy_slice(struct slice s)
{
	char *data = malloc(s.len + 1);
	if (data)
		memcpy(data, s.data, s.len);
	return (struct slice){data, s.len};
}

/* -1: out of memory. */
static int add_word(struct row_vocabulary *v, struct slice name)
{
	if (v->count == v->cap) {
		size_t cap = v->cap ? v->cap * 2 : 64;
		struct word *word = realloc(v->word, cap * sizeof *word);
		if (!word)
			return -1;
		v->word = word;
		v->cap = cap;
	}
	if (v->count * 2 >= v->slots && !grow_slots(v))
		return -1;
	struct slice copy = copy_slice(name);
	if (!copy.data)
		return -1;
	v->word[v->count] = (struct word){.name = copy};
	put_slot(v, v->count);
	return (int)v->count++;
}

/* The number of a key; -1: out of memory, or too many of them. */
static int word_number(struct row_vocabulary *v, struct slice name)
{
	size_t at = hash_bytes(name) & (v->slots - 1);
	for (; v->slot[at]; at = (at + 1) & (v->slots - 1))
		if (compare_bytes(v->word[v->slot[at] - 1].name, name) == 0)
			return v->slot[at] - 1;
	return v->count < MAX_KEYS ? add_word(v, name) : -1;
}

struct row_vocabulary *row_vocabulary_new(void)
{
	struct row_vocabulary *v = calloc(1, sizeof *v);
	bool good = v && grow_slots(v);
	for (size_t i = 0; good && i < ROW_KNOWN; i++)
		good = add_word(v, (struct slice){known[i].name, strlen(known[i].name)}) >= 0;
	if (good)
		return v;
	row_vocabulary_free(v);
	return NULL;
}

void row_vocabulary_free(struct row_vocabulary *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++) {
		free((char *)v->word[i].name.data);
		for (size_t k = 0; k < v->word[i].common_count; k++)
			free((char *)v->word[i].common[k].data);
	}
	free(v->word);
	free(v->slot);
	free(v->old);
	free(v->news);
	free(v->merged);
	buf_free(&v->packed);
	free(v);
}

/* The first few values that a key is seen with are kept once for all. */
static unsigned common_number(struct row_vocabulary *v, unsigned key, struct slice value)
{
	struct word *w = &v->word[key];
	for (unsigned i = 0; i < w->common_count; i++)
		if (compare_bytes(w->common[i], value) == 0)
			return i;
	if (w->common_count == COMMON_VALUES || value.len > 256)
		return COMMON_NONE;
	struct slice copy = copy_slice(value);
	if (!copy.data)
		return COMMON_NONE;
	w->common[w->common_count] = copy;
	return w->common_count++;
}

/* ---- packing ---- */

static void take(const char **from, void *to, size_t size)
{
	memcpy(to, *from, size);
	*from += size;
}

static struct row_stamp take_stamp(const char **at)
{
	struct row_stamp s;
	unsigned char len;
	take(at, &s.attempt, sizeof s.attempt);
	take(at, &s.rank, 1);
	take(at, &len, 1);
	s.time = (struct slice){*at, len};
	*at += len;
	return s;
}

static struct row_stamp stamp_number(const struct row *r, unsigned number)
{
	const char *at = r->data + 4;
	struct row_stamp s = take_stamp(&at);
	while (number-- > 0)
		s = take_stamp(&at);
	return s;
}

void row_walk(struct row_walk *w, const struct row *r, const struct row_vocabulary *v)
{
	uint16_t stamps, fields;
	*w = (struct row_walk){.record = r, .vocabulary = v};
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
	const char *at = w->record->data + w->at;
	take(&at, &key, sizeof key);
	take(&at, &stamp, sizeof stamp);
	take(&at, &common, sizeof common);
	const struct word *word = &w->vocabulary->word[key];
	f->key = key;
	f->name = word->name;
	f->stamp = stamp_number(w->record, stamp);
	if (common != COMMON_NONE) {
		f->value = word->common[common];
	} else {
		uint32_t len;
		take(&at, &len, sizeof len);
		f->value = (struct slice){at, len};
		at += len;
	}
	w->at = (size_t)(at - w->record->data);
	w->left--;
	return true;
}

struct slice row_get(const struct row *r, const struct row_vocabulary *v, enum row_key key)
{
	struct row_walk w;
	struct row_field f;
	row_walk(&w, r, v);
	while (row_next(&w, &f) && f.key <= (unsigned)key)
		if (f.key == (unsigned)key)
			return f.value;
	return (struct slice){NULL, 0};
}

static bool same_stamp(const struct row_stamp *a, const struct row_stamp *b)
{
	return row_stamp_compare(a, b) == 0;
}

/* The stamps that the fields use, each once; their number, or -1. */
static int pack_stamps(struct buf *out, const struct row_field *fields, size_t count,
		       uint16_t *number)
{
	const struct row_stamp **seen = malloc((count + 1) * sizeof *seen);
	unsigned stamps = 0, k;
	if (!seen)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct row_stamp *s = &fields[i].stamp;
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

static void pack_field(struct buf *out, struct row_vocabulary *v, const struct row_field *f,
		       uint16_t stamp)
{
	uint16_t key = (uint16_t)f->key;
	unsigned char common = (unsigned char)common_number(v, f->key, f->value);
	buf_add(out, &key, sizeof key);
	buf_add(out, &stamp, sizeof stamp);
	buf_add(out, &common, sizeof common);
	if (common == COMMON_NONE) {
		uint32_t len = (uint32_t)f->value.len;
		buf_add(out, &len, sizeof len);
		buf_add(out, f->value.data, f->value.len);
	}
}

static int pack(struct row *r, struct row_vocabulary *v, const struct row_field *fields,
		size_t count, struct problem *p)
{
	struct buf *out = &v->packed;
	uint16_t counts[2] = {0, (uint16_t)count};
	uint16_t *number = malloc((count + 1) * sizeof *number);
	buf_clear(out);
	buf_add(out, counts, sizeof counts);
	int stamps = number ? pack_stamps(out, fields, count, number) : -1;
	for (size_t i = 0; stamps >= 0 && i < count; i++)
		pack_field(out, v, &fields[i], number[i]);
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

static bool make_room(struct row_vocabulary *v, size_t count)
{
	struct row_field **list[] = {&v->old, &v->news, &v->merged};
	if (count <= v->room)
		return true;
	for (size_t i = 0; i < 3; i++) {
		struct row_field *more = realloc(*list[i], count * sizeof *more);
		if (!more)
			return false;
		*list[i] = more;
	}
	v->room = count;
	return true;
}

static size_t unpack(const struct row *r, const struct row_vocabulary *v, struct row_field *list)
{
	struct row_walk w;
	size_t count = 0;
	row_walk(&w, r, v);
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

/* A key in the one spelling that its text has. */
static int key_number(struct row_vocabulary *v, struct slice raw)
{
	struct buf plain = BUF_INIT;
	if (!memchr(raw.data, '\\', raw.len))
		return word_number(v, raw);
	int number = json_respell(&plain, raw)
			     ? word_number(v, (struct slice){plain.data, plain.len})
			     : -1;
	buf_free(&plain);
	return number;
}

/* The fields of a line, in printing order. */
static int sort_line(struct row_vocabulary *v, const struct json *line, size_t *count)
{
	struct row_stamp stamp = row_stamp_of(line);
	struct row_field *list = v->news;
	*count = 0;
	for (size_t i = 0; i < line->count; i++) {
		int key = key_number(v, line->field[i].key);
		if (key < 0)
			return -1;
		struct row_field f = {(unsigned)key, v->word[key].name, line->field[i].value,
				      stamp};
		size_t at = *count;
		while (at > 0 && compare_keys(&list[at - 1], &f) > 0)
			at--;
		memmove(&list[at + 1], &list[at], (*count - at) * sizeof f);
		list[at] = f;
		++*count;
	}
	return 0;
}

/* Two sorted lists into v->merged; the number of fields. */
static size_t merge_lists(struct row_vocabulary *v, size_t olds, size_t news)
{
	const struct row_field *a = v->old, *b = v->news;
	const struct row_field *a_end = a + olds, *b_end = b + news;
	size_t count = 0;
	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : compare_keys(a, b);
		if (order < 0)
			v->merged[count++] = *a++;
		else if (order > 0)
			v->merged[count++] = *b++;
		else {
			v->merged[count++] = is_later(b, a) ? *b : *a;
			a++;
			b++;
		}
	}
	return count;
}

int row_merge(struct row *r, struct row_vocabulary *v, const struct json *line, struct problem *p)
{
	size_t news, olds = field_count(r);
	if (!make_room(v, olds + line->count + 1))
		return problem_memory(p);
	if (olds + line->count > MAX_KEYS || sort_line(v, line, &news) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "more than %d different fields", MAX_KEYS);
	unpack(r, v, v->old);
	return pack(r, v, v->merged, merge_lists(v, olds, news), p);
}

void row_free(struct row *r)
{
	free(r->data);
	*r = (struct row){NULL, 0};
}
