/*
 * json - lines cut into raw fields, and the values of those.
 *
 * json_scan checks each byte of a line once. Whatever walks or decodes a value later relies
 * on that and checks nothing again.
 */
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_add.h"
#include "base/json_scan.h"

enum { AROUND = 2 }; /* levels around a run in experiment.json */

/* ---- lines ---- */

static bool has_escape(struct slice key)
{
	return key.len && memchr(key.data, '\\', key.len);
}

/* Are two keys the same text? */
static bool is_same_key(struct slice a, struct slice b)
{
	struct buf plain_a = BUF_INIT, plain_b = BUF_INIT;
	if (slice_same(a, b) || !(has_escape(a) || has_escape(b)))
		return slice_same(a, b);
	bool equal = json_respell(&plain_a, a) && json_respell(&plain_b, b) &&
		     slice_same((struct slice){plain_a.data, plain_a.len},
				(struct slice){plain_b.data, plain_b.len});
	buf_free(&plain_a);
	buf_free(&plain_b);
	return equal;
}

/* Keep one top-level field, once. */
static bool keep_field(struct json_scan *c, struct json *j, struct json_field f)
{
	j->escaped = j->escaped || has_escape(f.key);
	for (size_t i = 0; i < j->count; i++)
		if (j->escaped ? is_same_key(j->field[i].key, f.key)
			       : slice_same(j->field[i].key, f.key))
			return json_scan_refuse(c, "a repeated key");
	if (j->count == JSON_MAX_FIELDS)
		return json_scan_refuse(c, "more than 256 fields");
	j->field[j->count++] = f;
	return true;
}

static bool parse_line(struct json_scan *c, struct json *j)
{
	struct json_field f;
	j->line = json_scan_between(c->start, c->end);
	j->count = 0;
	j->escaped = false;
	c->line = true;
	json_scan_blanks(c);
	if (json_scan_peek(c) != '{')
		return json_scan_refuse(c, "not a JSON object");
	if (!json_scan_enter(c))
		return false;
	while (json_scan_peek(c) != '}')
		if (!json_scan_member(c, &f.key, &f.value) || !keep_field(c, j, f) ||
		    !json_scan_comma(c, '}'))
			return false;
	json_scan_leave(c);
	json_scan_blanks(c);
	return c->at == c->end || json_scan_refuse(c, "more text after the object");
}

int json_parse(struct json *j, const char *line, size_t len, size_t *offset, const char **why)
{
	struct json_scan c = json_scan_of(line, len, JSON_MAX_DEPTH);
	if (parse_line(&c, j))
		return 0;
	*offset = (size_t)(c.at - c.start);
	*why = c.why;
	return -1;
}

bool json_parse_document(struct json *j, const char *text, size_t len)
{
	struct json_scan c = json_scan_of(text, len, JSON_MAX_DEPTH + AROUND);
	return parse_line(&c, j);
}

bool json_is_blank(const char *line, size_t len)
{
	while (len > 0 && line[len - 1] && strchr(" \t\r", line[len - 1]))
		len--;
	return len == 0;
}

/* ---- whole values ---- */

/* One value, and nothing behind it. */
static bool scan_whole(struct json_scan *c)
{
	json_scan_blanks(c);
	if (!json_scan_value(c))
		return false;
	json_scan_blanks(c);
	return c->at == c->end || json_scan_refuse(c, "more text after the value");
}

bool json_check_value(const char *text, size_t len, size_t *offset, const char **why)
{
	struct json_scan c =
		json_scan_of(text, len, JSON_MAX_DEPTH - 1); /* the line is the first */
	bool good = scan_whole(&c);
	*offset = (size_t)(c.at - c.start);
	*why = c.why;
	return good;
}

bool json_check_python(const char *text, size_t len, struct json_python *found)
{
	struct json_scan c = json_scan_of(text, len, JSON_MAX_DEPTH + AROUND);
	c.python = true;
	bool good = scan_whole(&c);
	*found = (struct json_python){c.constant, c.lone, (size_t)(c.at - c.start), c.why};
	return good;
}

bool json_is_value(const char *text, size_t len)
{
	size_t offset;
	const char *why;
	return json_check_value(text, len, &offset, &why);
}

void json_compact(struct buf *out, const char *text, size_t len)
{
	bool in_string = false;
	for (size_t i = 0; i < len; i++) {
		if (!in_string && strchr(" \t\r\n", text[i]))
			continue;
		buf_addc(out, text[i]);
		if (in_string && text[i] == '\\' && i + 1 < len)
			buf_addc(out, text[++i]);
		else if (text[i] == '"')
			in_string = !in_string;
	}
}

struct slice json_get(const struct json *j, const char *key)
{
	size_t len = strlen(key);
	for (size_t i = 0; i < j->count; i++)
		if (j->field[i].key.len == len && memcmp(j->field[i].key.data, key, len) == 0)
			return j->field[i].value;
	return (struct slice){NULL, 0};
}

bool json_is_string(struct slice raw)
{
	return raw.len > 0 && raw.data[0] == '"';
}

bool json_is_array(struct slice raw)
{
	return raw.len > 0 && raw.data[0] == '[';
}

bool json_is_object(struct slice raw)
{
	return raw.len > 0 && raw.data[0] == '{';
}

/* ---- decoding ---- */

static void add_utf8(struct buf *out, unsigned long code)
{
	if (code < 0x80) {
		buf_addc(out, (char)code);
	} else if (code < 0x800) {
		buf_addc(out, (char)(0xc0 | code >> 6));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buf_addc(out, (char)(0xe0 | code >> 12));
		buf_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | code >> 18));
		buf_addc(out, (char)(0x80 | (code >> 12 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (code & 0x3f)));
	}
}

/* Decode the escape behind a backslash at p; returns the place behind it. */
static const unsigned char *decode_escape(const unsigned char *p, const unsigned char *end,
					  struct buf *out)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	if (*p != 'u') {
		buf_addc(out, bytes[strchr(names, *p) - names]);
		return p + 1;
	}
	unsigned long code = (unsigned long)json_scan_unit(p + 1, end);
	p += 5;
	if (code >= 0xd800 && code <= 0xdbff) {
		code = 0x10000 + ((code - 0xd800) << 10) +
		       ((unsigned long)json_scan_unit(p + 2, end) - 0xdc00);
		p += 6;
	}
	add_utf8(out, code);
	return p;
}

bool json_decode(struct slice raw, struct buf *out)
{
	if (!json_is_string(raw) || raw.len < 2)
		return false;
	const unsigned char *p = (const unsigned char *)raw.data + 1;
	const unsigned char *end = (const unsigned char *)raw.data + raw.len - 1;
	while (p < end) {
		const unsigned char *escape = memchr(p, '\\', (size_t)(end - p));
		const unsigned char *stop = escape ? escape : end;
		buf_add(out, p, (size_t)(stop - p));
		p = escape ? decode_escape(escape + 1, end, out) : end;
	}
	return !out->failed;
}

bool json_respell(struct buf *out, struct slice key)
{
	struct buf text = BUF_INIT;
	if (!has_escape(key)) {
		buf_add(out, key.data, key.len);
		return !out->failed;
	}
	struct buf quoted = BUF_INIT;
	bool good = json_decode((struct slice){key.data - 1, key.len + 2}, &text);
	json_add_string(&quoted, text.data ? text.data : "", text.len);
	good = good && !quoted.failed;
	if (good)
		buf_add(out, quoted.data + 1, quoted.len - 2);
	buf_free(&text);
	buf_free(&quoted);
	return good && !out->failed;
}

char *json_dup(const struct json *j, const char *key)
{
	struct buf text = BUF_INIT;
	if (!json_decode(json_get(j, key), &text) ||
	    memchr(text.data ? text.data : "", '\0', text.len) || !buf_cstr(&text)) {
		buf_free(&text);
		return NULL;
	}
	return text.data;
}

bool json_int(const struct json *j, const char *key, int64_t *value)
{
	struct slice raw = json_get(j, key);
	char text[24], *end;
	if (raw.len == 0 || raw.len >= sizeof text)
		return false;
	memcpy(text, raw.data, raw.len);
	text[raw.len] = '\0';
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (*end || errno)
		return false;
	*value = n;
	return true;
}

/* ---- walking ---- */

/* Move behind the opening bracket or the comma; false at the end. */
static bool next_item(struct json_scan *c, size_t *pos)
{
	c->at += *pos;
	if (*pos == 0)
		c->at++;
	json_scan_blanks(c);
	if (json_scan_peek(c) == ',') {
		c->at++;
		json_scan_blanks(c);
	}
	return c->at < c->end - 1;
}

bool json_next_element(struct slice raw, size_t *pos, struct slice *value)
{
	struct json_scan c = json_scan_of(raw.data, raw.len, JSON_MAX_DEPTH + AROUND);
	if (!next_item(&c, pos))
		return false;
	const unsigned char *from = c.at;
	if (!json_scan_value(&c))
		return false;
	*value = json_scan_between(from, c.at);
	*pos = (size_t)(c.at - c.start);
	return true;
}

bool json_next_member(struct slice raw, size_t *pos, struct slice *key, struct slice *value)
{
	struct json_scan c = json_scan_of(raw.data, raw.len, JSON_MAX_DEPTH + AROUND);
	struct json_field f;
	if (!next_item(&c, pos) || !json_scan_member(&c, &f.key, &f.value))
		return false;
	*key = f.key;
	*value = f.value;
	*pos = (size_t)(c.at - c.start);
	return true;
}

struct slice json_member(struct slice object, struct slice wanted)
{
	struct slice key, value, found = {NULL, 0};
	size_t pos = 0;
	while (json_is_object(object) && json_next_member(object, &pos, &key, &value))
		if (is_same_key(key, wanted))
			found = value;
	return found;
}
