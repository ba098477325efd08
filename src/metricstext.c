/*
 * metricstext - NaN and Infinity, which Python and C print and JSON does not have, become
 * strings; all else has to be JSON in UTF-8.
 */
#include "metricstext.h"

#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"

/* The length of a number that JSON has not, as Python and C print it; its name. */
static size_t odd_number(const char *text, size_t len, const char **name)
{
	static const char *const spellings[][2] = {
		{"NaN", "NaN"},           {"nan", "NaN"},      {"-nan", "NaN"},
		{"Infinity", "Infinity"}, {"inf", "Infinity"}, {"-Infinity", "-Infinity"},
		{"-inf", "-Infinity"},
	};
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		size_t n = strlen(spellings[i][0]);
		if (len < n || memcmp(text, spellings[i][0], n) != 0 ||
		    (len > n && !strchr(" \t\r\n,]}", text[n])))
			continue;
		*name = spellings[i][1];
		return n;
	}
	return 0;
}

/* Put quotes around them: a loss that diverged is the string "NaN", as it would be
 * among the params, and the metrics beside it are kept. */
static void quote_odd_numbers(struct buf *out, const char *text, size_t len)
{
	bool in_string = false;
	for (size_t i = 0, n; i < len; i += n) {
		const char *name;
		n = in_string ? 0 : odd_number(text + i, len - i, &name);
		if (n > 0) {
			json_add_string(out, name, strlen(name));
			continue;
		}
		n = in_string && text[i] == '\\' && i + 1 < len ? 2 : 1;
		if (text[i] == '"')
			in_string = !in_string;
		buf_add(out, text + i, n);
	}
}

/* Where it is no JSON: its line, and the word there. */
static void say_where(struct buf *trouble, const char *text, size_t len, size_t offset,
		      const char *why)
{
	size_t line = 1, word = 0;
	bool at_end = offset >= len;
	if (why == json_scan_too_deep) {
		buf_addf(trouble, "it is %s", why);
		return;
	}
	while (at_end && offset && strchr(" \t\r\n", text[offset - 1]))
		offset--;
	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	while (offset + word < len && word < 20 && text[offset + word] > ' ' &&
	       text[offset + word] < 127 && !strchr(",]}", text[offset + word]))
		word++;
	if (at_end)
		buf_addf(trouble, "it is cut off in line %zu", line);
	else if (word)
		buf_addf(trouble, "line %zu is not JSON at %.*s", line, (int)word, text + offset);
	else
		buf_addf(trouble, "line %zu is not JSON", line);
}

static bool is_blank_text(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (!memchr(" \t\r\n", text->data[i], 4))
			return false;
	return true;
}

void metricstext_read(const struct buf *text, bool any, struct buf *metrics, struct buf *trouble)
{
	struct buf json = BUF_INIT;
	size_t mark = text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, offset;
	const char *why;
	quote_odd_numbers(&json, text->data + mark, text->len - mark);
	const char *data = buf_cstr(&json);
	size_t blanks = data ? strspn(data, " \t\r\n") : 0;
	if (text->len >= 2 &&
	    (memcmp(text->data, "\xff\xfe", 2) == 0 || memcmp(text->data, "\xfe\xff", 2) == 0))
		buf_adds(trouble, "it is UTF-16; write UTF-8");
	else if (!data || is_blank_text(&json))
		buf_adds(trouble, "it is empty");
	else if (!json_check_value(data, json.len, &offset, &why))
		say_where(trouble, data, json.len, offset, why);
	else if (!any && data[blanks] != '{')
		buf_adds(trouble, "it is not a JSON object");
	else
		json_compact(metrics, data, json.len);
	buf_free(&json);
}
