/* indices - a list is checked against the number of runs when it is parsed. */
#include "spec/indices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool take_index(const char **at, uint64_t *value)
{
	char *end;
	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	unsigned long long n = strtoull(*at, &end, 10);
	*value = n;
	*at = end;
	return errno == 0;
}

static int refuse_list(const char *text, struct problem *p)
{
	return problem_set(p, EXIT_BAD_INPUT, "%s is not a list of runs; write 3 or 0-9 or 5,7,20-",
			   text);
}

static int take_ranges(struct indices *list, const char *text, uint64_t total, struct problem *p)
{
	const char *at = text;
	do {
		struct index_range r;
		at += at != text;
		if (!take_index(&at, &r.from))
			return refuse_list(text, p);
		r.to = r.from;
		if (*at == '-') {
			at++;
			r.to = total - 1;
			if (*at && *at != ',' && !take_index(&at, &r.to))
				return refuse_list(text, p);
		}
		if ((*at && *at != ',') || r.to < r.from)
			return refuse_list(text, p);
		if (r.to >= total)
			return problem_set(p, EXIT_BAD_INPUT, "%s: the last run is %llu", text,
					   (unsigned long long)total - 1);
		list->range[list->count++] = r;
	} while (*at);
	return 0;
}

int indices_parse(struct indices *list, const char *text, uint64_t total, struct problem *p)
{
	size_t commas = 1;
	for (const char *c = text; *c; c++)
		commas += *c == ',';
	*list = (struct indices){malloc(commas * sizeof *list->range), 0};
	if (!list->range)
		return problem_memory(p);
	int rc = take_ranges(list, text, total, p);
	if (rc != 0)
		indices_free(list);
	return rc;
}

void indices_free(struct indices *list)
{
	free(list->range);
	*list = (struct indices){0};
}

static void add_lines(struct buf *out, const struct buf *lines, const struct index_range *r)
{
	uint64_t number = 0;
	for (size_t from = 0, to; from < lines->len; from = to, number++) {
		const char *lf = memchr(lines->data + from, '\n', lines->len - from);
		to = lf ? (size_t)(lf - lines->data) + 1 : lines->len;
		if (number >= r->from && number <= r->to)
			buf_add(out, lines->data + from, to - from);
	}
}

void indices_pick(const struct indices *list, struct buf *lines)
{
	struct buf picked = BUF_INIT;
	for (size_t i = 0; i < list->count; i++)
		add_lines(&picked, lines, &list->range[i]);
	buf_free(lines);
	*lines = picked;
}
