/*
 * fold - runs lie in an array in the order of their arrival and are found by a
 * hash table; an array of numbers in index order is made when they are written,
 * and only when it changed.
 */
#include "exp/fold.h"

#include <stdlib.h>
#include <string.h>

#include "exp/layout.h"
#include "exp/status.h"

enum { SINK_BYTES = 1 << 18 };

struct run {
	struct row record;
	int64_t index; /* INT64_MAX: unknown */
	uint32_t hash;
	bool dead;     /* running, but nobody holds its claim */
	uint32_t flaw; /* of its journal, number + 1; 0: none */
};

struct session {
	char *id; /* raw */
	struct row record;
};

struct fold {
	struct row_shared words;
	struct run *run;
	size_t count, cap;
	uint32_t *slot; /* run numbers + 1 */
	size_t slots;
	uint32_t *order; /* run numbers as they are printed */
	bool ordered;
	bool spell;
	bool metrics; /* some run has some */
	struct row top;
	struct session *session;
	size_t sessions;
	struct flaws flaws;
	char newest[72]; /* time of the newest line, raw with its quotes; "" none */
};

struct fold *fold_new(void)
{
	struct fold *f = calloc(1, sizeof *f);
	if (f && row_shared_init(&f->words))
		return f;
	fold_free(f);
	return NULL;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		row_free(&f->run[i].record);
	for (size_t i = 0; i < f->sessions; i++) {
		free(f->session[i].id);
		row_free(&f->session[i].record);
	}
	row_free(&f->top);
	flaws_free(&f->flaws);
	row_shared_free(&f->words);
	free(f->run);
	free(f->slot);
	free(f->order);
	free(f->session);
	free(f);
}

size_t fold_count(const struct fold *f)
{
	return f->count;
}

struct flaws *fold_flaws(struct fold *f)
{
	return &f->flaws;
}

/* ---- finding a run ---- */

static uint32_t hash_of(struct slice s)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.data[i]) * 16777619u;
	return h;
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static struct slice get(const struct fold *f, const struct row *r, enum key key)
{
	return row_get(r, &f->words.keys, key);
}

static void put_slot(struct fold *f, size_t number)
{
	size_t at = f->run[number].hash & (f->slots - 1);
	while (f->slot[at])
		at = (at + 1) & (f->slots - 1);
	f->slot[at] = (uint32_t)number + 1;
}

static bool grow(struct fold *f)
{
	size_t cap = f->cap ? f->cap * 2 : 64;
	struct run *run = realloc(f->run, cap * sizeof *run);
	if (!run)
		return false;
	f->run = run;
	uint32_t *slot = calloc(cap * 2, sizeof *slot);
	if (!slot)
		return false;
	free(f->slot);
	f->slot = slot;
	f->slots = cap * 2;
	f->cap = cap;
	for (size_t i = 0; i < f->count; i++)
		put_slot(f, i);
	return true;
}

static struct run *look_up(const struct fold *f, struct slice id, uint32_t hash)
{
	for (size_t at = f->slots ? hash & (f->slots - 1) : 0; f->slots && f->slot[at];
	     at = (at + 1) & (f->slots - 1)) {
		struct run *r = &f->run[f->slot[at] - 1];
		if (r->hash == hash && same(get(f, &r->record, KEY_RUN), id))
			return r;
	}
	return NULL;
}

/* The run of that id (raw), made if it is new; NULL: out of memory. */
static struct run *find_run(struct fold *f, struct slice id)
{
	uint32_t hash = hash_of(id);
	struct run *known = look_up(f, id, hash);
	if (known)
		return known;
	if (f->count == f->cap && !grow(f))
		return NULL;
	f->run[f->count] = (struct run){.index = INT64_MAX, .hash = hash};
	f->ordered = false;
	put_slot(f, f->count);
	return &f->run[f->count++];
}

/* ---- taking lines in ---- */

static void note_time(struct fold *f, const struct json *line)
{
	struct stamp s = stamp_of(line);
	size_t old = strlen(f->newest);
	struct slice newest = {f->newest + 1, old ? old - 2 : 0};
	size_t least = s.time.len < newest.len ? s.time.len : newest.len;
	int order = least ? memcmp(s.time.data, newest.data, least) : 0;
	if (s.time.len == 0 || order < 0 || (order == 0 && s.time.len <= newest.len))
		return;
	memcpy(f->newest, s.time.data - 1, s.time.len + 2);
	f->newest[s.time.len + 2] = '\0';
}

static int take_run(struct fold *f, struct slice id, const struct json *line, struct problem *p)
{
	if (!json_is_string(id) || id.len < 3 || memchr(id.data, '\\', id.len))
		return problem_set(p, EXIT_BAD_INPUT, "\"run\" is not a name such as \"run_000\"");
	struct run *r = find_run(f, id);
	if (!r)
		return problem_memory(p);
	if (row_merge(&r->record, &f->words, line, p) != 0)
		return -1;
	/* read it from the record: of two values the merge keeps one */
	struct json own = {.count = 1, .field = {{{"index", 5}, get(f, &r->record, KEY_INDEX)}}};
	int64_t index;
	if (!json_int(&own, "index", &index))
		index = INT64_MAX;
	if (index != r->index)
		f->ordered = false;
	r->index = index;
	r->dead = false;
	return 0;
}

static int take_session(struct fold *f, struct slice id, const struct json *line, struct problem *p)
{
	size_t i = 0;
	while (i < f->sessions &&
	       !same(id, (struct slice){f->session[i].id, strlen(f->session[i].id)}))
		i++;
	if (i == f->sessions) {
		struct session *more = realloc(f->session, (i + 1) * sizeof *more);
		if (more)
			f->session = more;
		char *copy = more ? strndup(id.data, id.len) : NULL;
		if (!copy)
			return problem_memory(p);
		f->session[i] = (struct session){.id = copy};
		f->sessions++;
	}
	return row_merge(&f->session[i].record, &f->words, line, p);
}

int fold_line(struct fold *f, const struct json *line, struct problem *p)
{
	if (row_check(line, p) != 0)
		return -1;
	struct slice run = json_get(line, "run"), session = json_get(line, "session");
	note_time(f, line);
	if (run.data && json_is_object(json_get(line, "metrics")))
		f->metrics = true;
	if (run.data)
		return take_run(f, run, line, p);
	if (json_is_string(session) && take_session(f, session, line, p) != 0)
		return -1;
	return row_merge(&f->top, &f->words, line, p);
}

/* ---- what is known of a run ---- */

static enum run_status status_now(const struct fold *f, const struct run *r)
{
	enum run_status status = status_of(get(f, &r->record, KEY_STATUS));
	if (status == STATUS_RUNNING && r->dead)
		return STATUS_FAILED;
	return status == STATUS_NONE ? STATUS_PENDING : status;
}

void fold_settle(struct fold *f, fold_alive *alive, void *context)
{
	for (size_t i = 0; i < f->count; i++) {
		struct run *r = &f->run[i];
		if (status_now(f, r) != STATUS_RUNNING && !r->dead)
			continue;
		struct slice id = get(f, &r->record, KEY_RUN);
		struct fold_run told = {{id.data + 1, id.len - 2},
					get(f, &r->record, KEY_HOST),
					get(f, &r->record, KEY_BOOT_ID)};
		r->dead = !alive(context, &told);
	}
}

/* ---- writing ---- */

struct writer {
	struct fold *f;
	struct buf text;
	fold_sink *sink;
	void *context;
	bool stopped;
};

static bool flush(struct writer *w)
{
	if (w->text.failed || (w->text.len && !w->sink(w->context, w->text.data, w->text.len)))
		w->stopped = true;
	buf_clear(&w->text);
	return !w->stopped;
}

static void add_field(struct buf *out, struct slice name, struct slice value)
{
	char last = out->len ? out->data[out->len - 1] : '{';
	if (last != '{')
		buf_addc(out, ',');
	buf_addc(out, '"');
	buf_add(out, name.data, name.len);
	buf_add(out, "\":", 2);
	buf_add(out, value.data, value.len);
}

/* What decides which fields are left to be seen. */
struct view {
	uint32_t attempt;     /* the newest */
	struct stamp metrics; /* when they came */
};

static bool is_hidden(const struct row_field *f, const struct view *v)
{
	bool metrics = f->key == KEY_METRICS || f->key == KEY_METRICS_ERROR;
	if (f->key == KEY_METRICS_ERROR && stamp_compare(&f->stamp, &v->metrics) < 0)
		return true;
	if (!keys_is_outcome(f->key) || f->stamp.attempt >= v->attempt)
		return false;
	return !(metrics && f->stamp.attempt == 0);
}

static struct view view_of(const struct fold *f, const struct row *r)
{
	struct row_walk w;
	struct row_field field;
	struct view v = {0};
	row_walk(&w, r, &f->words.keys);
	while (row_next(&w, &field)) {
		if (field.stamp.attempt > v.attempt)
			v.attempt = field.stamp.attempt;
		if (field.key == KEY_METRICS)
			v.metrics = field.stamp;
	}
	return v;
}

bool fold_has(const struct fold *f, struct slice run)
{
	return look_up(f, run, hash_of(run)) != NULL;
}

struct slice fold_shown(const struct fold *f, struct slice run, struct slice key)
{
	const struct run *r = run.data ? look_up(f, run, hash_of(run)) : NULL;
	const struct row *record = r ? &r->record : &f->top;
	struct row_walk w;
	struct row_field field;
	if (run.data && !r)
		return (struct slice){NULL, 0};
	struct view v = r ? view_of(f, record) : (struct view){0};
	row_walk(&w, record, &f->words.keys);
	while (row_next(&w, &field))
		if (same(field.name, key))
			return is_hidden(&field, &v) ? (struct slice){NULL, 0} : field.value;
	return (struct slice){NULL, 0};
}

size_t fold_fields(const struct fold *f, struct slice run, const struct json *line)
{
	const struct run *r = run.data ? look_up(f, run, hash_of(run)) : NULL;
	static const struct row none = {NULL, 0};
	struct row_walk w;
	struct row_field field;
	size_t count = line->count;
	row_walk(&w, r ? &r->record : run.data ? &none : &f->top, &f->words.keys);
	while (row_next(&w, &field)) {
		count++;
		for (size_t i = 0; i < line->count; i++)
			count -= same(field.name, line->field[i].key);
	}
	return count;
}

void fold_spell(struct fold *f)
{
	f->spell = true;
}

/* One level of names; `before` is what stands before them, raw. */
static void spell_members(struct buf *out, struct slice object, struct slice before, bool deep)
{
	struct slice key, value, first, none;
	size_t pos = 0, inner = 0;
	while (json_next_member(object, &pos, &key, &value)) {
		struct buf name = BUF_INIT;
		buf_add(&name, before.data, before.len);
		buf_add(&name, key.data, key.len);
		inner = 0;
		if (deep && json_is_object(value) &&
		    json_next_member(value, &inner, &first, &none)) {
			buf_addc(&name, '.');
			spell_members(out, value, (struct slice){name.data, name.len}, deep);
		} else {
			buf_adds(out, out->data[out->len - 1] == '{' ? "\"" : ",\"");
			buf_add(out, name.data, name.len);
			buf_adds(out, "\":");
			json_add_string(out, value.data, value.len);
		}
		out->failed |= name.failed;
		buf_free(&name);
		if (out->failed)
			return;
	}
}

static void spell_field(struct buf *out, const struct row_field *f)
{
	if (f->value.len == 0 || !memchr("-0123456789", *f->value.data, 11))
		return;
	buf_adds(out, out->len ? ",\"" : "\"");
	buf_add(out, f->name.data, f->name.len);
	buf_adds(out, "\":");
	json_add_string(out, f->value.data, f->value.len);
}

static void add_spelling(struct buf *out, const struct buf *fields, struct slice params,
			 struct slice metrics)
{
	buf_adds(out, ",\"spelling\":{\"fields\":{");
	buf_add(out, fields->data, fields->len);
	out->failed |= fields->failed;
	buf_adds(out, "},\"params\":{");
	if (!out->failed && json_is_object(params))
		spell_members(out, params, (struct slice){"", 0}, false);
	buf_adds(out, "},\"metrics\":{");
	if (!out->failed && json_is_object(metrics))
		spell_members(out, metrics, (struct slice){"", 0}, true);
	buf_adds(out, "}}");
}

/* Why a run that completed has no metrics, if none of its lines says so. They are expected
 * where others have some; NULL: they are not. */
static const char *missing_metrics(const struct fold *f, const struct run *r)
{
	if (status_now(f, r) != STATUS_COMPLETED)
		return NULL;
	if (get(f, &r->record, KEY_METRICS_JQ).data)
		return "not collected yet; sweep-metrics collects them";
	return f->metrics ? "none are recorded; other runs have some" : NULL;
}

/* What a run's line has to say although none of its fields does, before a field of this
 * key. */
struct owed {
	const char *metrics_error; /* NULL: nothing */
	bool status;
};

static void pay(struct buf *out, struct owed *owed, unsigned key)
{
	if (owed->status && key > KEY_STATUS)
		json_add_str_field(out, "status", status_names[STATUS_PENDING]);
	owed->status = owed->status && key < KEY_STATUS;
	if (owed->metrics_error && key > KEY_METRICS_ERROR) {
		json_add_str_field(out, "metrics_error", owed->metrics_error);
		owed->metrics_error = NULL;
	}
}

/* A line that was a run's row before may say it. */
static bool is_record_error(struct slice name)
{
	return same(name, (struct slice){"record_error", 12});
}

static void add_run(struct writer *w, const struct run *r)
{
	struct row_walk walk;
	struct row_field f;
	struct view view = view_of(w->f, &r->record);
	struct owed owed = {missing_metrics(w->f, r), true};
	bool dead = r->dead && status_now(w->f, r) == STATUS_FAILED;
	struct slice params = {NULL, 0}, metrics = {NULL, 0};
	struct buf fields = BUF_INIT;
	buf_addc(&w->text, '{');
	row_walk(&walk, &r->record, &w->f->words.keys);
	while (row_next(&walk, &f)) {
		if (is_hidden(&f, &view) || (dead && f.key == KEY_REASON) ||
		    (r->flaw && is_record_error(f.name)))
			continue;
		if (f.key == KEY_METRICS || f.key == KEY_METRICS_ERROR)
			owed.metrics_error = NULL;
		pay(&w->text, &owed, f.key);
		if (w->f->spell)
			spell_field(&fields, &f);
		if (f.key == KEY_PARAMS)
			params = f.value;
		if (f.key == KEY_METRICS)
			metrics = f.value;
		if (dead && f.key == KEY_STATUS) {
			json_add_str_field(&w->text, "status", status_names[STATUS_FAILED]);
			json_add_str_field(&w->text, "reason", "abandoned");
		} else {
			add_field(&w->text, f.name, f.value);
		}
	}
	pay(&w->text, &owed, KEY_KNOWN);
	if (r->flaw)
		json_add_str_field(&w->text, "record_error", w->f->flaws.list[r->flaw - 1].text);
	if (w->f->spell)
		add_spelling(&w->text, &fields, params, metrics);
	buf_free(&fields);
	buf_addc(&w->text, '}');
}

struct place {
	int64_t index;
	struct slice id;
	uint32_t number;
};

static int by_place(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	if (a->index != b->index)
		return a->index > b->index ? 1 : -1;
	size_t least = a->id.len < b->id.len ? a->id.len : b->id.len;
	int order = memcmp(a->id.data, b->id.data, least);
	return order ? order : (a->id.len > b->id.len) - (a->id.len < b->id.len);
}

static bool is_in_order(const struct fold *f)
{
	for (size_t i = 1; i < f->count; i++)
		if (f->run[i - 1].index >= f->run[i].index)
			return false;
	return true;
}

static bool put_in_order(struct fold *f)
{
	if (f->ordered)
		return true;
	uint32_t *order = realloc(f->order, (f->count + 1) * sizeof *order);
	if (!order)
		return false;
	f->order = order;
	for (size_t i = 0; i < f->count; i++)
		order[i] = (uint32_t)i;
	if (!is_in_order(f)) {
		struct place *list = malloc(f->count * sizeof *list);
		if (!list)
			return false;
		for (size_t i = 0; i < f->count; i++)
			list[i] = (struct place){f->run[i].index,
						 get(f, &f->run[i].record, KEY_RUN), (uint32_t)i};
		qsort(list, f->count, sizeof *list, by_place);
		for (size_t i = 0; i < f->count; i++)
			order[i] = list[i].number;
		free(list);
	}
	f->ordered = true;
	return true;
}

/* Whose journals have flaws? */
static void find_flawed(struct fold *f)
{
	for (size_t i = 0; i < f->count; i++)
		f->run[i].flaw = 0;
	for (size_t i = 0; i < f->flaws.count; i++) {
		const char *file = f->flaws.list[i].file;
		struct buf id = BUF_INIT;
		const char *name = layout_record_below(file);
		if (name)
			buf_addf(&id, "\"%.*s\"", (int)layout_record_run(name), name);
		struct slice raw = {id.data, id.len};
		struct run *r = id.len ? look_up(f, raw, hash_of(raw)) : NULL;
		if (r)
			r->flaw = (uint32_t)i + 1;
		buf_free(&id);
	}
}

static bool write_begin(struct writer *w, struct fold *f, fold_sink *sink, void *context)
{
	*w = (struct writer){.f = f, .sink = sink, .context = context};
	find_flawed(f);
	return put_in_order(f);
}

static bool write_end(struct writer *w)
{
	bool good = !w->stopped && flush(w);
	buf_free(&w->text);
	return good;
}

bool fold_write_runs(struct fold *f, const char *const *wanted, size_t count, fold_sink *sink,
		     void *context)
{
	struct writer w;
	if (!write_begin(&w, f, sink, context))
		return false;
	for (size_t i = 0; i < f->count && !w.stopped; i++) {
		const struct run *r = &f->run[f->order[i]];
		const char *status = status_names[status_now(f, r)];
		bool want = !wanted;
		for (size_t k = 0; k < count && !want; k++)
			want = strcmp(wanted[k], status) == 0;
		if (!want)
			continue;
		add_run(&w, r);
		buf_addc(&w.text, '\n');
		if (w.text.len > SINK_BYTES)
			flush(&w);
	}
	return write_end(&w);
}

/* ---- the document ---- */

static bool is_derived(struct slice name)
{
	static const char *const names[] = {"name",     "status", "counts", "updated_at",   "total",
					    "sessions", "runs",   "format", "record_errors"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name.len == strlen(names[i]) && memcmp(name.data, names[i], name.len) == 0)
			return true;
	return false;
}

static void top_field(struct writer *w, const char *name, struct slice value)
{
	if (!value.data)
		return;
	buf_addf(&w->text, ",\n\"%s\":", name);
	buf_add(&w->text, value.data, value.len);
}

/* What the experiment's own lines say, or else the first run's. */
static struct slice from_any(const struct fold *f, enum key key)
{
	struct slice value = get(f, &f->top, key);
	if (!value.data && f->count)
		value = get(f, &f->run[f->order[0]].record, key);
	return value;
}

static enum run_status experiment_status(const size_t *counts)
{
	if (counts[STATUS_RUNNING])
		return STATUS_RUNNING;
	if (counts[STATUS_PENDING])
		return STATUS_PENDING;
	return counts[STATUS_FAILED] ? STATUS_FAILED : STATUS_COMPLETED;
}

static void add_counts(struct writer *w)
{
	size_t counts[STATUS_COUNT] = {0};
	for (size_t i = 0; i < w->f->count; i++)
		counts[status_now(w->f, &w->f->run[i])]++;
	buf_addf(&w->text, ",\n\"status\":\"%s\"", status_names[experiment_status(counts)]);
	buf_addf(&w->text, ",\n\"total\":%zu", w->f->count);
	buf_adds(&w->text, ",\n\"counts\":");
	for (int i = STATUS_PENDING; i < STATUS_COUNT; i++)
		buf_addf(&w->text, "%c\"%s\":%zu", i == STATUS_PENDING ? '{' : ',', status_names[i],
			 counts[i]);
	buf_addc(&w->text, '}');
}

static void add_others(struct writer *w)
{
	static const enum key first[] = {KEY_EXPERIMENT,        KEY_MODE,       KEY_EXPERIMENT_DIR,
					 KEY_SPEC_PATH,         KEY_CREATED_AT, KEY_SESSION,
					 KEY_SESSION_STARTED_AT};
	struct row_walk walk;
	struct row_field f;
	row_walk(&walk, &w->f->top, &w->f->words.keys);
	while (row_next(&walk, &f)) {
		bool shown = is_derived(f.name);
		for (size_t i = 0; i < sizeof first / sizeof *first; i++)
			shown |= f.key == (unsigned)first[i];
		if (shown)
			continue;
		buf_adds(&w->text, ",\n\"");
		buf_add(&w->text, f.name.data, f.name.len);
		buf_adds(&w->text, "\":");
		buf_add(&w->text, f.value.data, f.value.len);
	}
}

static int by_session(const void *left, const void *right)
{
	return strcmp(((const struct session *)left)->id, ((const struct session *)right)->id);
}

static void add_sessions(struct writer *w)
{
	struct fold *f = w->f;
	struct row_walk walk;
	struct row_field field;
	if (f->sessions)
		qsort(f->session, f->sessions, sizeof *f->session, by_session);
	buf_adds(&w->text, ",\n\"sessions\":[");
	for (size_t i = 0; i < f->sessions; i++) {
		buf_adds(&w->text, i ? ",\n{" : "\n{");
		row_walk(&walk, &f->session[i].record, &f->words.keys);
		while (row_next(&walk, &field))
			if (field.key != KEY_FORMAT && field.key != KEY_EXPERIMENT_DIR)
				add_field(&w->text, field.name, field.value);
		buf_addc(&w->text, '}');
	}
	buf_addc(&w->text, ']');
}

static void add_flaws(struct writer *w)
{
	const struct flaws *flaws = &w->f->flaws;
	for (size_t i = 0; i < flaws->count; i++) {
		buf_adds(&w->text, i ? ",\n" : ",\n\"record_errors\":[\n");
		json_add_string(&w->text, flaws->list[i].text, strlen(flaws->list[i].text));
	}
	buf_adds(&w->text, flaws->count ? "]" : "");
}

static void add_head(struct writer *w)
{
	struct fold *f = w->f;
	buf_adds(&w->text, "{\n\"format\":1");
	top_field(w, "name", from_any(f, KEY_EXPERIMENT));
	top_field(w, "mode", from_any(f, KEY_MODE));
	add_counts(w);
	top_field(w, "experiment_dir", from_any(f, KEY_EXPERIMENT_DIR));
	top_field(w, "spec_path", get(f, &f->top, KEY_SPEC_PATH));
	top_field(w, "created_at", get(f, &f->top, KEY_CREATED_AT));
	if (*f->newest)
		top_field(w, "updated_at", (struct slice){f->newest, strlen(f->newest)});
	add_others(w);
	add_flaws(w);
	add_sessions(w);
}

bool fold_write(struct fold *f, fold_sink *sink, void *context)
{
	struct writer w;
	if (!write_begin(&w, f, sink, context))
		return false;
	add_head(&w);
	buf_adds(&w.text, ",\n\"runs\":[");
	for (size_t i = 0; i < f->count && !w.stopped; i++) {
		buf_adds(&w.text, i ? ",\n" : "\n");
		add_run(&w, &f->run[f->order[i]]);
		if (w.text.len > SINK_BYTES)
			flush(&w);
	}
	buf_adds(&w.text, "\n]}\n");
	return write_end(&w);
}
