/*
 * document - write the head of experiment.json, then one line for each run, sorted by index.
 *
 * The text depends on the set of lines that were folded alone, not on their order.
 */
#include "exp/document.h"

#include <stdlib.h>
#include <string.h>

#include "exp/layout.h"
#include "exp/spelling.h"
#include "exp/status.h"
#include "exp/visible.h"

enum { SINK_BYTES = 1 << 18 };

struct writer {
	struct fold *f;
	struct buf text;
	document_sink *sink;
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

/* Why a run that completed has no metrics, if none of its lines says so. They are expected
 * where others have some; NULL: they are not. */
static const char *missing_metrics(const struct fold *f, const struct fold_entry *r)
{
	if (fold_status(f, r) != STATUS_COMPLETED)
		return NULL;
	if (fold_get(f, &r->row, KEY_METRICS_JQ).data)
		return "not collected yet; sweep-metrics collects them";
	return f->metrics ? "none are recorded; other runs have some" : NULL;
}

/* Fields of a run's line that none of its own lines has. */
struct implied {
	const char *metrics_error; /* NULL: nothing */
	bool status;
};

/* Those that come before a field of this key. */
static void add_implied(struct buf *out, struct implied *implied, unsigned key)
{
	if (implied->status && key > KEY_STATUS)
		json_add_str_field(out, "status", status_names[STATUS_PENDING]);
	implied->status = implied->status && key < KEY_STATUS;
	if (implied->metrics_error && key > KEY_METRICS_ERROR) {
		json_add_str_field(out, "metrics_error", implied->metrics_error);
		implied->metrics_error = NULL;
	}
}

/* A line of an older experiment.json that was folded may have the field. */
static bool is_record_error(struct slice name)
{
	return name.len == 12 && memcmp(name.data, "record_error", 12) == 0;
}

static void add_run(struct writer *w, const struct fold_entry *r)
{
	struct row_walk walk;
	struct row_field f;
	struct visible visible = visible_of(&r->row, &w->f->shared.keys);
	struct implied implied = {missing_metrics(w->f, r), true};
	bool dead = r->dead && fold_status(w->f, r) == STATUS_FAILED;
	struct slice params = {NULL, 0}, metrics = {NULL, 0};
	struct buf fields = BUF_INIT;
	buf_addc(&w->text, '{');
	row_walk(&walk, &r->row, &w->f->shared.keys);
	while (row_next(&walk, &f)) {
		if (visible_hides(&visible, &f) || (dead && f.key == KEY_REASON) ||
		    (r->flaw && is_record_error(f.name)))
			continue;
		if (f.key == KEY_METRICS || f.key == KEY_METRICS_ERROR)
			implied.metrics_error = NULL;
		add_implied(&w->text, &implied, f.key);
		if (w->f->spell)
			spelling_add_field(&fields, &f);
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
	add_implied(&w->text, &implied, KEY_KNOWN);
	if (r->flaw)
		json_add_str_field(&w->text, "record_error", w->f->flaws.list[r->flaw - 1].text);
	if (w->f->spell)
		spelling_add(&w->text, &fields, params, metrics);
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
						 fold_get(f, &f->run[i].row, KEY_RUN), (uint32_t)i};
		qsort(list, f->count, sizeof *list, by_place);
		for (size_t i = 0; i < f->count; i++)
			order[i] = list[i].number;
		free(list);
	}
	f->ordered = true;
	return true;
}

/* Set the flaw of each run whose journal has one. */
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
		struct fold_entry *r = id.len ? fold_find(f, raw) : NULL;
		if (r)
			r->flaw = (uint32_t)i + 1;
		buf_free(&id);
	}
}

static bool write_begin(struct writer *w, struct fold *f, document_sink *sink, void *context)
{
	*w = (struct writer){.f = f, .sink = sink, .context = context};
	find_flawed(f);
	return put_in_order(f);
}

static bool write_document_end(struct writer *w)
{
	bool good = !w->stopped && flush(w);
	buf_free(&w->text);
	return good;
}

bool document_write_runs(struct fold *f, const char *const *wanted, size_t count,
			 document_sink *sink, void *context)
{
	struct writer w;
	if (!write_begin(&w, f, sink, context))
		return false;
	for (size_t i = 0; i < f->count && !w.stopped; i++) {
		const struct fold_entry *r = &f->run[f->order[i]];
		const char *status = status_names[fold_status(f, r)];
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
	return write_document_end(&w);
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
	struct slice value = fold_get(f, &f->top, key);
	if (!value.data && f->count)
		value = fold_get(f, &f->run[f->order[0]].row, key);
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
		counts[fold_status(w->f, &w->f->run[i])]++;
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
	row_walk(&walk, &w->f->top, &w->f->shared.keys);
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
	return strcmp(((const struct fold_session *)left)->id,
		      ((const struct fold_session *)right)->id);
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
		row_walk(&walk, &f->session[i].row, &f->shared.keys);
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
	top_field(w, "spec_path", fold_get(f, &f->top, KEY_SPEC_PATH));
	top_field(w, "created_at", fold_get(f, &f->top, KEY_CREATED_AT));
	if (*f->newest)
		top_field(w, "updated_at", (struct slice){f->newest, strlen(f->newest)});
	add_others(w);
	add_flaws(w);
	add_sessions(w);
}

bool document_write(struct fold *f, document_sink *sink, void *context)
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
	return write_document_end(&w);
}
