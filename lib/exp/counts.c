/*
 * counts - of a document the head is parsed, which has the numbers, and of the runs, one a line,
 * those whose text has the reason `interrupted` or a metrics_error.
 */
#include "exp/counts.h"

#include <string.h>

#include "base/buf.h"

static bool parse(struct json *line, const char *data, size_t len)
{
	size_t offset;
	const char *why;
	return json_parse(line, data, len, &offset, &why) == 0;
}

static enum run_status status_in(const struct json *run)
{
	enum run_status status = status_of(json_get(run, "status"));
	return status == STATUS_NONE ? STATUS_PENDING : status;
}

static bool is_interrupted(const struct json *run)
{
	static const char interrupted[] = "\"interrupted\"";
	struct slice why = json_get(run, "reason");
	return status_in(run) == STATUS_FAILED && why.len == sizeof interrupted - 1 &&
	       memcmp(why.data, interrupted, why.len) == 0;
}

static bool lacks_metrics(const struct json *run)
{
	return status_in(run) == STATUS_COMPLETED && json_get(run, "metrics_error").data;
}

bool counts_sink(void *context, const char *data, size_t len)
{
	struct counts *c = context;
	struct json run;
	for (const char *at = data, *end = data + len, *line; at < end;) {
		line = at;
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : end;
		if (!parse(&run, line, (size_t)(at - line) - (at[-1] == '\n')))
			continue;
		c->runs[status_in(&run)]++;
		c->interrupted += is_interrupted(&run);
		c->without_metrics += lacks_metrics(&run);
	}
	return true;
}

/* ---- a document ---- */

static bool read_count(const struct json *object, const char *key, size_t *number)
{
	int64_t value;
	bool good = json_int(object, key, &value) && value >= 0;
	*number = good ? (size_t)value : 0;
	return good;
}

static bool read_head(struct counts *c, const struct json *head)
{
	struct json counts;
	struct slice object = json_get(head, "counts"), errors = json_get(head, "record_errors"),
		     text;
	size_t total, sum = 0, pos = 0;
	if (!read_count(head, "total", &total) || !json_is_object(object) ||
	    !parse(&counts, object.data, object.len))
		return false;
	for (int i = STATUS_PENDING; i < STATUS_COUNT; i++) {
		if (!read_count(&counts, status_names[i], &c->runs[i]))
			return false;
		sum += c->runs[i];
	}
	while (json_is_array(errors) && json_next_element(errors, &pos, &text))
		c->unreadable++;
	return sum == total;
}

/* The runs of which `is` is true; their lines have the text. */
static size_t count_with(const char *runs, const char *text, bool (*is)(const struct json *run))
{
	struct json run;
	size_t count = 0;
	for (const char *at = runs; (at = strstr(at, text));) {
		const char *line = at;
		while (line > runs && line[-1] != '\n')
			line--;
		at += strcspn(at, "\n");
		size_t len = (size_t)(at - line);
		len -= len > 0 && line[len - 1] == ',';
		count += parse(&run, line, len) && is(&run);
	}
	return count;
}

bool counts_read(struct counts *c, const char *text, size_t len)
{
	static const char last[] = "\n]}\n", first[] = ",\n\"runs\":[\n";
	const size_t end = sizeof last - 1;
	const char *runs = strstr(text, first);
	struct buf head = BUF_INIT;
	struct json fields;
	*c = (struct counts){0};
	if (!runs || len < end || strlen(text) != len || strcmp(text + len - end, last) != 0)
		return false;
	buf_add(&head, text, (size_t)(runs - text));
	buf_addc(&head, '}');
	bool good = !head.failed && json_parse_document(&fields, head.data, head.len) &&
		    read_head(c, &fields);
	buf_free(&head);
	runs += sizeof first - 1;
	if (good && c->runs[STATUS_FAILED])
		c->interrupted = count_with(runs, "\"reason\":\"interrupted\"", is_interrupted);
	if (good && c->runs[STATUS_COMPLETED])
		c->without_metrics = count_with(runs, "\"metrics_error\":", lacks_metrics);
	return good;
}
