/*
 * json_add - append JSON to a buffer, as one line.
 *
 * Valid UTF-8 is copied as it is; what JSON forbids in a string, and DEL, is escaped. A
 * failure for want of memory stays in the buffer (buf.h).
 */
#include "base/json_add.h"

#include <string.h>

#include "base/utf8.h"

static void add_escaped(struct buf *b, unsigned char c)
{
	static const char names[] = "btnvfr";
	if (c == '"' || c == '\\') {
		buf_addc(b, '\\');
		buf_addc(b, (char)c);
	} else if (c >= '\b' && c <= '\r' && c != '\v') {
		buf_addc(b, '\\');
		buf_addc(b, names[c - '\b']);
	} else {
		buf_addf(b, "\\u%04x", c);
	}
}

void json_add_string(struct buf *b, const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data, *end = p + len;
	buf_addc(b, '"');
	while (p < end) {
		const unsigned char *from = p;
		size_t n = 1;
		while (p < end && *p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f &&
		       (n = utf8_length(p, end)) > 0)
			p += n;
		buf_add(b, from, (size_t)(p - from));
		if (p == end)
			break;
		if (n == 0)
			buf_adds(b, "\xef\xbf\xbd"); /* U+FFFD */
		else
			add_escaped(b, *p);
		p++;
	}
	buf_addc(b, '"');
}

void json_add_key(struct buf *b, const char *key)
{
	char last = b->len ? b->data[b->len - 1] : '{';
	if (last != '{' && last != '[')
		buf_addc(b, ',');
	buf_addc(b, '"');
	buf_adds(b, key);
	buf_adds(b, "\":");
}

void json_add_str_field(struct buf *b, const char *key, const char *value)
{
	json_add_key(b, key);
	json_add_string(b, value, strlen(value));
}

void json_add_int_field(struct buf *b, const char *key, int64_t value)
{
	json_add_key(b, key);
	buf_addf(b, "%lld", (long long)value);
}

void json_add_raw_field(struct buf *b, const char *key, struct slice raw)
{
	json_add_key(b, key);
	buf_add(b, raw.data, raw.len);
}
