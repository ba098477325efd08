/*
 * record - packed as
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
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { COMMON_VALUES = 16, COMMON_NONE = 255, MAX_KEYS = 60000 };

struct word {
	struct slice name;
	struct slice common[COMMON_VALUES];
	unsigned common_count;
};

struct vocabulary {
	struct word *word;
	size_t count, cap;
	uint16_t *slot; /* hash table of word numbers + 1; its size a power of two */
	size_t slots;
	struct record_field *old, *news, *merged; /* room to work in */
	size_t room;
	struct buf packed;
};

static const struct {
	const char *name;
	bool outcome;
} known[KEY_KNOWN] = {
	[KEY_RUN] = {"run", false},
	[KEY_INDEX] = {"index", false},
	[KEY_TOTAL] = {"total", false},
	[KEY_EXPERIMENT] = {"experiment", false},
	[KEY_EXPERIMENT_DIR] = {"experiment_dir", false},
	[KEY_MODE] = {"mode", false},
	[KEY_STATUS] = {"status", true},
	[KEY_REASON] = {"reason", true},
	[KEY_RETURN_CODE] = {"return_code", true},
	[KEY_SIGNAL] = {"signal", true},
	[KEY_ERROR] = {"error", true},
	[KEY_ATTEMPT] = {"attempt", true},
	[KEY_PARAMS] = {"params", false},
	[KEY_METRICS] = {"metrics", true},
	[KEY_METRICS_ERROR] = {"metrics_error", true},
	[KEY_STARTED_AT] = {"started_at", true},
	[KEY_COMPLETED_AT] = {"completed_at", true},
	[KEY_DURATION_S] = {"duration_s", true},
	[KEY_RUN_DIR] = {"run_dir", true},
	[KEY_RUN_DIR_CANDIDATES] = {"run_dir_candidates", true},
	[KEY_RUN_DIR_ERROR] = {"run_dir_error", true},
	[KEY_NOTED_AT] = {"noted_at", false},
	[KEY_BASE_CONFIG] = {"base_config", false},
	[KEY_CONFIG_PATH] = {"config_path", false},
	[KEY_CONFIG] = {"config", false},
	[KEY_CONFIG_YAML] = {"config_yaml", false},
	[KEY_COMMAND] = {"command", false},
	[KEY_RUN_DIR_PARENT] = {"run_dir_parent", false},
	[KEY_METRICS_FILE] = {"metrics_file", false},
	[KEY_METRICS_JQ] = {"metrics_jq", false},
	[KEY_LOG_PATH] = {"log_path", true},
	[KEY_HOST] = {"host", true},
	[KEY_PID] = {"pid", true},
	[KEY_BOOT_ID] = {"boot_id", true},
	[KEY_USER_S] = {"user_s", true},
	[KEY_SYSTEM_S] = {"system_s", true},
	[KEY_MAX_RSS_KB] = {"max_rss_kb", true},
	[KEY_LEFTOVERS] = {"leftovers", true},
	[KEY_SURVIVORS] = {"survivors", true},
	[KEY_CONFIG_CHANGED] = {"config_changed", true},
	[KEY_SESSION] = {"session", false},
	[KEY_SESSION_STARTED_AT] = {"session_started_at", false},
	[KEY_SPEC_PATH] = {"spec_path", false},
	[KEY_CREATED_AT] = {"created_at", false},
	[KEY_FORMAT] = {"format", false},
};

bool record_is_outcome(unsigned key)
{
	return key < KEY_KNOWN && known[key].outcome;
}

/* ---- order ---- */

static int compare_bytes(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least ? memcmp(a.data, b.data, least) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

int stamp_compare(const struct stamp *a, const struct stamp *b)
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

int record_check(const struct jsonl *line, struct problem *p)
{
	struct slice format = jsonl_get(line, "format"), status = jsonl_get(line, "status");
	struct slice attempt = jsonl_get(line, "attempt");
	int64_t number;
	if (format.data && (format.len != 1 || *format.data != '1'))
		return refuse_value(p, "a line of format ", format,
				    ", which is not known here; use a newer version of sweeputils");
	if (status.data && status_of(status) == STATUS_NONE)
		return refuse_value(p, "status is pending, running, completed or failed, not ",
				    status, "");
	if (!is_null(attempt) &&
	    (!jsonl_int(line, "attempt", &number) || number < 0 || number > RECORD_MAX_ATTEMPT))
		return refuse_value(p, "attempt is a whole number from 1 to 1000000, not ", attempt,
				    "");
	return 0;
}

static bool is_later(const struct record_field *a, const struct record_field *b)
{
	int order = stamp_compare(&a->stamp, &b->stamp);
	return (order ? order : compare_bytes(a->value, b->value)) > 0;
}

static int compare_keys(const struct record_field *a, const struct record_field *b)
{
	if (a->key < KEY_KNOWN || b->key < KEY_KNOWN || a->key == b->key)
		return (a->key > b->key) - (a->key < b->key);
	return compare_bytes(a->name, b->name);
}

bool record_names_outcome(struct slice name)
{
	for (size_t i = 0; i < KEY_KNOWN; i++)
		if (compare_bytes(name, (struct slice){known[i].name, strlen(known[i].name)}) == 0)
			return known[i].outcome;
	return false;
}

/* ---- stamps ---- */

static unsigned char rank_of(struct slice status)
{
	static const unsigned char ranks[] = {[STATUS_PENDING] = RANK_PENDING,
					      [STATUS_RUNNING] = RANK_RUNNING,
					      [STATUS_COMPLETED] = RANK_ENDED,
					      [STATUS_FAILED] = RANK_ENDED,
					      [STATUS_NONE] = RANK_NONE};
	return ranks[status_of(status)];
}

struct stamp stamp_of(const struct jsonl *line)
{
	static const char *const times[] = {"noted_at", "completed_at", "started_at",
					    "session_started_at", "created_at"};
	struct stamp s = {0};
	int64_t attempt;
	if (jsonl_int(line, "attempt", &attempt) && attempt > 0 && attempt <= RECORD_MAX_ATTEMPT)
		s.attempt = (uint32_t)attempt;
	s.rank = rank_of(jsonl_get(line, "status"));
	for (size_t i = 0; i < sizeof times / sizeof *times && !s.time.data; i++) {
		struct slice value = jsonl_get(line, times[i]);
		if (!jsonl_is_string(value) || value.len > RECORD_TIME_SIZE)
			continue;
		s.time = (struct slice){value.data + 1, value.len - 2};
		if (i == 0)
			s.rank = RANK_ENDED;
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

static void put_slot(struct vocabulary *v, size_t number)
{
	size_t at = hash_bytes(v->word[number].name) & (v->slots - 1);
	while (v->slot[at])
		at = (at + 1) & (v->slots - 1);
	v->slot[at] = (uint16_t)(number + 1);
}

static bool grow_slots(struct vocabulary *v)
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
static int add_word(struct vocabulary *v, struct slice name)
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
static int word_number(struct vocabulary *v, struct slice name)
{
	size_t at = hash_bytes(name) & (v->slots - 1);
	for (; v->slot[at]; at = (at + 1) & (v->slots - 1))
		if (compare_bytes(v->word[v->slot[at] - 1].name, name) == 0)
			return v->slot[at] - 1;
	return v->count < MAX_KEYS ? add_word(v, name) : -1;
}

struct vocabulary *vocabulary_new(void)
{
	struct vocabulary *v = calloc(1, sizeof *v);
	bool good = v && grow_slots(v);
	for (size_t i = 0; good && i < KEY_KNOWN; i++)
		good = add_word(v, (struct slice){known[i].name, strlen(known[i].name)}) >= 0;
	if (good)
		return v;
	vocabulary_free(v);
	return NULL;
}

void vocabulary_free(struct vocabulary *v)
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
static unsigned common_number(struct vocabulary *v, unsigned key, struct slice value)
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

static struct stamp stamp_number(const struct record *r, unsigned number)
{
	const char *at = r->data + 4;
	struct stamp s = take_stamp(&at);
	while (number-- > 0)
		s = take_stamp(&at);
	return s;
}

void record_walk(struct record_walk *w, const struct record *r, const struct vocabulary *v)
{
	uint16_t stamps, fields;
	*w = (struct record_walk){.record = r, .vocabulary = v};
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

bool record_next(struct record_walk *w, struct record_field *f)
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

struct slice record_get(const struct record *r, const struct vocabulary *v, enum key key)
{
	struct record_walk w;
	struct record_field f;
	record_walk(&w, r, v);
	while (record_next(&w, &f) && f.key <= (unsigned)key)
		if (f.key == (unsigned)key)
			return f.value;
	return (struct slice){NULL, 0};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return stamp_compare(a, b) == 0;
}

/* The stamps that the fields use, each once; their number, or -1. */
static int pack_stamps(struct buf *out, const struct record_field *fields, size_t count,
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

static void pack_field(struct buf *out, struct vocabulary *v, const struct record_field *f,
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

static int pack(struct record *r, struct vocabulary *v, const struct record_field *fields,
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

static bool make_room(struct vocabulary *v, size_t count)
{
	struct record_field **list[] = {&v->old, &v->news, &v->merged};
	if (count <= v->room)
		return true;
	for (size_t i = 0; i < 3; i++) {
		struct record_field *more = realloc(*list[i], count * sizeof *more);
		if (!more)
			return false;
		*list[i] = more;
	}
	v->room = count;
	return true;
}

static size_t unpack(const struct record *r, const struct vocabulary *v, struct record_field *list)
{
	struct record_walk w;
	size_t count = 0;
	record_walk(&w, r, v);
	while (record_next(&w, &list[count]))
		count++;
	return count;
}

static size_t field_count(const struct record *r)
{
	uint16_t count = 0;
	if (r->data)
		memcpy(&count, r->data + 2, sizeof count);
	return count;
}

/* A key in the one spelling that its text has. */
static int key_number(struct vocabulary *v, struct slice raw)
{
	struct buf plain = BUF_INIT;
	if (!memchr(raw.data, '\\', raw.len))
		return word_number(v, raw);
	int number = jsonl_respell(&plain, raw)
			     ? word_number(v, (struct slice){plain.data, plain.len})
			     : -1;
	buf_free(&plain);
	return number;
}

/* The fields of a line, in printing order. */
static int sort_line(struct vocabulary *v, const struct jsonl *line, size_t *count)
{
	struct stamp stamp = stamp_of(line);
	struct record_field *list = v->news;
	*count = 0;
	for (size_t i = 0; i < line->count; i++) {
		int key = key_number(v, line->field[i].key);
		if (key < 0)
			return -1;
		struct record_field f = {(unsigned)key, v->word[key].name, line->field[i].value,
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
static size_t merge_lists(struct vocabulary *v, size_t olds, size_t news)
{
	const struct record_field *a = v->old, *b = v->news;
	const struct record_field *a_end = a + olds, *b_end = b + news;
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

int record_merge(struct record *r, struct vocabulary *v, const struct jsonl *line,
		 struct problem *p)
{
	size_t news, olds = field_count(r);
	if (!make_room(v, olds + line->count + 1))
		return problem_memory(p);
	if (olds + line->count > MAX_KEYS || sort_line(v, line, &news) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "more than %d different fields", MAX_KEYS);
	unpack(r, v, v->old);
	return pack(r, v, v->merged, merge_lists(v, olds, news), p);
}

void record_free(struct record *r)
{
	free(r->data);
	*r = (struct record){NULL, 0};
}
