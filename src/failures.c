/*
 * failures - runs with the same reason and the same end of the log are one kind, and are
 * listed together.
 */
#include "failures.h"

#include <string.h>

#include "base/logtail.h"
#include "base/display.h"
#include "exp/status.h"

enum { KINDS = 10, NAMES = 3, LINES = 5 };

struct kind {
	struct buf why, tail;
	struct buf names; /* of the first few */
	struct buf swept; /* by the first */
	size_t count;
};

static bool is_json_text(struct slice value, const char *text)
{
	return value.len == strlen(text) + 2 && json_is_string(value) &&
	       memcmp(value.data + 1, text, value.len - 2) == 0;
}

static bool has_failed(const struct json *run)
{
	return status_of(json_get(run, "status")) == STATUS_FAILED &&
	       !is_json_text(json_get(run, "reason"), "interrupted");
}

static void add_why(struct buf *out, const struct json *run)
{
	struct slice reason = json_get(run, "reason"), error = json_get(run, "error");
	if (is_json_text(reason, "exit") && !error.data) {
		buf_adds(out, "exit ");
		error = json_get(run, "return_code");
	} else if (is_json_text(reason, "signal")) {
		error = json_get(run, "signal");
	}
	struct buf text = BUF_INIT;
	struct slice raw = error.data ? error : reason;
	/* what is to be typed must come out as it was */
	if (json_decode(raw, &text))
		display_add(out, text.data ? text.data : "", text.len);
	else
		display_value(out, raw);
	buf_free(&text);
}

static void look_at_failed(const struct view *v, const struct json *run, struct kind *k)
{
	struct buf log = BUF_INIT;
	add_why(&k->why, run);
	view_log_path(v, run, &log);
	if (log.len && buf_cstr(&log))
		logtail_add(&k->tail, log.data, false, LINES, "    ");
	buf_free(&log);
}

static bool equal(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void kind_free(struct kind *k)
{
	buf_free(&k->why);
	buf_free(&k->tail);
	buf_free(&k->names);
	buf_free(&k->swept);
}

static void name(struct kind *k, const struct json *run)
{
	if (k->count++ >= NAMES)
		return;
	buf_adds(&k->names, k->count > 1 ? ", " : "");
	display_value(&k->names, json_get(run, "run"));
	if (k->count > 1)
		return;
	display_members(&k->swept, json_get(run, "params"));
	if (!k->swept.len)
		display_value(&k->swept, json_get(run, "base_config"));
}

/* False: it is of a kind that there is no room for. */
static bool sort_in(struct kind *kind, size_t *count, const struct view *v, const struct json *run)
{
	struct kind one = {0};
	size_t i = 0;
	look_at_failed(v, run, &one);
	while (i < *count && !(equal(&kind[i].why, &one.why) && equal(&kind[i].tail, &one.tail)))
		i++;
	if (i == *count && i < KINDS) {
		kind[(*count)++] = one;
		one = (struct kind){0};
	}
	kind_free(&one);
	if (i == KINDS)
		return false;
	name(&kind[i], run);
	return true;
}

static void add_one_line(struct buf *out, const struct buf *text)
{
	buf_add(out, text->data ? text->data : "", text->len);
}

static void add_kind(struct buf *out, const struct kind *k)
{
	buf_adds(out, "failed: ");
	add_one_line(out, &k->names);
	if (k->count > NAMES)
		buf_addf(out, " and %zu more", k->count - NAMES);
	if (k->count == 1 && k->swept.len) {
		buf_addc(out, ' ');
		add_one_line(out, &k->swept);
	}
	buf_adds(out, " (");
	add_one_line(out, &k->why);
	buf_adds(out, ")\n");
	add_one_line(out, &k->tail);
}

void failures_add(const struct view *v, struct buf *out)
{
	struct kind kind[KINDS] = {0};
	size_t count = 0, others = 0;
	for (size_t i = 0; i < v->count; i++) {
		struct json run;
		if (v->ended[i] == 'f' && view_run(v, i, &run) && has_failed(&run))
			others += !sort_in(kind, &count, v, &run);
	}
	for (size_t i = 0; i < count; i++) {
		add_kind(out, &kind[i]);
		kind_free(&kind[i]);
	}
	if (others)
		buf_addf(out, "and %zu more\n", others);
}
