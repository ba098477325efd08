/*
 * view - the document is parsed as one JSON object, and a run's fields only if the run is
 * shown.
 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/logtail.h"
#include "base/display.h"
#include "exp/document.h"
#include "exp/layout.h"
#include "exp/snapshot.h"
#include "exp/status.h"

enum { BAR = 40, COLUMNS = 5, MAX_METRICS = 4, UNREAD = 3 };

void view_init(struct view *v, const char *dir)
{
	*v = (struct view){.dir = strdup(dir)};
}

void view_free(struct view *v)
{
	free(v->dir);
	free(v->run);
	free(v->ended);
	buf_free(&v->text);
	*v = (struct view){0};
}

/* ---- reading ---- */

static bool add_to_buf(void *context, const char *data, size_t len)
{
	struct buf *out = context;
	buf_add(out, data, len);
	return !out->failed;
}

static int fold_dir(const char *dir, struct buf *out, struct problem *p)
{
	struct snapshot s;
	int rc = snapshot_open(&s, dir, false, p);
	if (rc == 0)
		rc = snapshot_read(&s, p);
	if (rc == 0)
		rc = snapshot_settle(&s, p);
	if (rc == 0 && !document_write(s.fold, add_to_buf, out))
		rc = problem_memory(p);
	snapshot_free(&s);
	return rc;
}

/* A document is sound where it was written by meta-merge; else it is left alone. */
static bool parse_run(struct json *j, struct slice raw)
{
	size_t offset;
	const char *why;
	return json_parse(j, raw.data, raw.len, &offset, &why) == 0;
}

/* experiment.json, where it is what meta-merge writes. */
static bool read_view_file(const char *dir, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct json document;
	bool good = layout_add(&path, dir, LAYOUT_DOCUMENT) &&
		    file_read(path.data, false, out) == 0 && out->len &&
		    json_parse_document(&document, out->data, out->len) &&
		    json_is_array(json_get(&document, "runs"));
	buf_free(&path);
	return good;
}

static int read_document(const char *dir, bool fold, struct buf *out, struct problem *p)
{
	if (!fold && read_view_file(dir, out))
		return 0;
	buf_clear(out);
	return fold_dir(dir, out, p);
}

static double number(struct slice raw)
{
	char text[64];
	if (!raw.data || raw.len >= sizeof text)
		return 0;
	memcpy(text, raw.data, raw.len);
	text[raw.len] = '\0';
	return strtod(text, NULL);
}

static int add_run_row(struct view *v, struct slice raw, struct problem *p)
{
	struct json run;
	if (v->count == v->room) {
		size_t room = v->room ? v->room * 2 : 256;
		struct slice *more = realloc(v->run, room * sizeof *more);
		if (more)
			v->run = more;
		unsigned char *ended = more ? realloc(v->ended, room) : NULL;
		if (!ended)
			return problem_memory(p);
		v->ended = ended;
		v->room = room;
	}
	size_t at = v->count++;
	v->run[at] = raw;
	v->ended[at] = 0;
	if (!parse_run(&run, raw))
		return 0;
	enum run_status status = status_of(json_get(&run, "status"));
	if (status == STATUS_COMPLETED) {
		v->completed++;
		v->seconds += number(json_get(&run, "duration_s"));
		v->ended[at] = 'c';
	} else if (status == STATUS_FAILED) {
		struct slice why = json_get(&run, "reason");
		bool stopped = why.len == 13 && memcmp(why.data, "\"interrupted\"", 13) == 0;
		v->interrupted += stopped;
		v->failed += !stopped;
		v->ended[at] = 'f';
	}
	if (status == STATUS_RUNNING) {
		if (v->running++ == 0)
			v->current = at;
	} else if (v->ended[at] && !v->running) {
		v->current = at;
	}
	return 0;
}

int view_read(struct view *v, bool fold, struct problem *p)
{
	struct buf text = BUF_INIT;
	struct json document;
	struct slice raw;
	size_t pos = 0;
	int rc = read_document(v->dir, fold, &text, p);
	if (rc == 0 && !json_parse_document(&document, text.data ? text.data : "", text.len))
		rc = problem_memory(p);
	if (rc != 0) {
		buf_free(&text);
		return rc;
	}
	buf_free(&v->text);
	v->text = text;
	v->name = json_get(&document, "name");
	v->unread = json_get(&document, "record_errors");
	v->count = v->completed = v->failed = v->interrupted = v->running = v->current = 0;
	v->seconds = 0;
	struct slice runs = json_get(&document, "runs");
	while (rc == 0 && json_is_array(runs) && json_next_element(runs, &pos, &raw))
		rc = add_run_row(v, raw, p);
	return rc;
}

/* ---- the page ---- */

static void add_view_head(const struct view *v, struct buf *out)
{
	size_t ended = v->completed + v->failed, total = v->count ? v->count : 1;
	display_value(out, v->name);
	buf_adds(out, v->running         ? "   running"
		      : v->interrupted   ? "   interrupted"
		      : ended < v->count ? "   pending"
		      : v->failed        ? "   failed"
					 : "   completed");
	buf_adds(out, "\n[");
	for (size_t i = 0; i < BAR; i++)
		buf_addc(out, i < BAR * ended / total ? '#' : '.');
	buf_addf(out, "] %zu/%zu", ended, v->count);
	if (v->failed)
		buf_addf(out, ", %zu failed", v->failed);
	if (v->interrupted)
		buf_addf(out, ", %zu interrupted", v->interrupted);
	if (v->completed && ended < v->count) {
		buf_adds(out, ", about ");
		display_time(out, v->seconds / (double)v->completed * (double)(v->count - ended) /
					  (double)(v->running ? v->running : 1));
		buf_adds(out, " left");
	}
	buf_adds(out, "\n\n");
}

/* The files whose runs the table is without. */
static void add_unread(const struct view *v, struct buf *out)
{
	struct slice text;
	size_t pos = 0, count = 0;
	while (json_is_array(v->unread) && json_next_element(v->unread, &pos, &text)) {
		if (count++ >= UNREAD)
			continue;
		display_value(out, text);
		buf_addc(out, '\n');
	}
	if (count > UNREAD)
		buf_addf(out, "and %zu more that cannot be read\n", count - UNREAD);
	buf_adds(out, count ? "\n" : "");
}

struct table_row {
	struct buf cell[COLUMNS];
};

static bool is_json_number(struct slice value)
{
	static const char *const named[] = {"\"NaN\"", "\"Infinity\"", "\"-Infinity\""};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (value.len == strlen(named[i]) && memcmp(value.data, named[i], value.len) == 0)
			return true;
	return value.len && strchr("-0123456789", *value.data);
}

/* The first few metrics that are numbers; one inside another as val.acc, behind its name. */
static void add_numbers(struct buf *out, struct slice metrics, struct buf *name, int *left)
{
	struct slice key, value;
	size_t pos = 0, len = name->len;
	while (json_is_object(metrics) && json_next_member(metrics, &pos, &key, &value)) {
		buf_add(name, key.data, key.len);
		if (json_is_object(value)) {
			buf_addc(name, '.');
			add_numbers(out, value, name, left);
		} else if (is_json_number(value) && *left > 0) {
			(*left)--;
			buf_adds(out, out->len ? " " : "");
			display_add(out, name->data ? name->data : "", name->len);
			buf_addc(out, '=');
			display_value(out, value);
		}
		name->len = len;
	}
}

/* What a run measured, or why that is not known; why its record may be more than this. */
static void add_metrics(struct buf *out, const struct json *run)
{
	struct buf name = BUF_INIT;
	int left = MAX_METRICS;
	add_numbers(out, json_get(run, "metrics"), &name, &left);
	struct slice why = json_get(run, "metrics_error"), unread = json_get(run, "record_error");
	if (unread.data) {
		buf_adds(out, out->len ? "; " : "");
		display_value(out, unread);
	}
	if (!out->len && why.data && status_of(json_get(run, "status")) == STATUS_COMPLETED) {
		buf_adds(out, "no metrics: ");
		display_value(out, why);
	}
	buf_free(&name);
}

static void fill_row(struct table_row *r, struct slice raw)
{
	struct json run;
	if (!parse_run(&run, raw))
		return;
	struct slice reason = json_get(&run, "reason"), took = json_get(&run, "duration_s");
	display_value(&r->cell[0], json_get(&run, "run"));
	display_value(&r->cell[1], json_get(&run, "status"));
	if (json_is_string(reason)) {
		buf_adds(&r->cell[1], " (");
		display_value(&r->cell[1], reason);
		buf_addc(&r->cell[1], ')');
	}
	display_members(&r->cell[2], json_get(&run, "params"));
	if (!r->cell[2].len)
		display_value(&r->cell[2], json_get(&run, "base_config"));
	if (took.data)
		display_time(&r->cell[3], number(took));
	add_metrics(&r->cell[4], &run);
}

static void add_row(struct buf *out, const struct table_row *r, const size_t *width)
{
	size_t last = COLUMNS;
	while (last > 0 && r->cell[last - 1].len == 0)
		last--;
	for (size_t c = 0; c < last; c++) {
		const struct buf *b = &r->cell[c];
		size_t have = display_width(b->data ? b->data : "", b->len);
		buf_add(out, b->data ? b->data : "", b->len);
		for (size_t i = have; c + 1 < last && i < width[c] + 2; i++)
			buf_addc(out, ' ');
	}
	buf_addc(out, '\n');
}

void view_page(const struct view *v, size_t rows, struct buf *out)
{
	size_t width[COLUMNS] = {0}, shown = v->count < rows ? v->count : rows;
	size_t from = v->current > rows / 2 ? v->current - rows / 2 : 0;
	if (from + shown > v->count)
		from = v->count - shown;
	struct table_row *row = calloc(shown ? shown : 1, sizeof *row);
	if (!row) {
		out->failed = true;
		return;
	}
	add_view_head(v, out);
	add_unread(v, out);
	for (size_t i = 0; i < shown; i++) {
		fill_row(&row[i], v->run[from + i]);
		for (size_t c = 0; c < COLUMNS; c++) {
			const struct buf *b = &row[i].cell[c];
			size_t wide = b->len ? display_width(b->data, b->len) : 0;
			width[c] = wide > width[c] ? wide : width[c];
		}
	}
	for (size_t i = 0; i < shown; i++) {
		add_row(out, &row[i], width);
		for (size_t c = 0; c < COLUMNS; c++)
			buf_free(&row[i].cell[c]);
	}
	free(row);
}

/* ---- the log ---- */

bool view_run(const struct view *v, size_t number_of, struct json *run)
{
	return parse_run(run, v->run[number_of]);
}

/* Where a log is in this experiment, whatever directory its path was good for. */
void view_log_path(const struct view *v, const struct json *run, struct buf *out)
{
	char *recorded = json_dup(run, "log_path");
	const char *slash = recorded ? strrchr(recorded, '/') : NULL;
	if (slash)
		buf_addf(out, "%s/" LAYOUT_LOGS "%s", v->dir, slash);
	free(recorded);
}

void view_log(const struct view *v, size_t lines, struct buf *out)
{
	struct json run;
	struct buf path = BUF_INIT, tail = BUF_INIT;
	if (!v->running || !parse_run(&run, v->run[v->current]))
		return;
	view_log_path(v, &run, &path);
	if (path.len && buf_cstr(&path) && logtail_add(&tail, path.data, false, lines, "") == 0 &&
	    tail.len) {
		buf_addc(out, '\n');
		display_add(out, path.data, path.len);
		buf_addc(out, '\n');
		buf_add(out, tail.data, tail.len);
	}
	buf_free(&path);
	buf_free(&tail);
}

void view_end(const struct view *v, size_t number_of, struct buf *out)
{
	struct table_row r = {0};
	fill_row(&r, v->run[number_of]);
	for (size_t c = 0; c < COLUMNS; c++) {
		if (r.cell[c].len && c)
			buf_addc(out, ' ');
		buf_add(out, r.cell[c].data ? r.cell[c].data : "", r.cell[c].len);
		buf_free(&r.cell[c]);
	}
	buf_addc(out, '\n');
}
