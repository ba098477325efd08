/*
 * json - a checking scanner that cuts a line into raw fields.
 *
 * One pass over the bytes: `scan_value` moves the cursor over exactly one
 * valid value or says where and why not. Nothing is copied, so a field is
 * what stood in the line, byte for byte. The walkers at the end rely on that
 * check having passed and do not repeat it.
 */
#include "base/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

const char json_too_deep[] = "nested deeper than 100 levels";

struct cursor {
	const unsigned char *at, *end, *start;
	unsigned depth, most;
	bool line; /* on the first level are a line's own keys and strings */
	const char *why;
	struct json_python *python; /* NULL: JSON only */
};

static bool scan_value(struct cursor *c);

static bool refuse(struct cursor *c, const char *why)
{
	if (!c->why)
		c->why = why;
	return false;
}

static int peek(const struct cursor *c)
{
	return c->at < c->end ? *c->at : -1;
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
		c->at++;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The code unit of four hex digits at p, or -1. */
static int hex4(const unsigned char *p, const unsigned char *end)
{
	int value = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* Half a pair, which ends where the cursor is. */
static bool take_lone(struct cursor *c)
{
	if (!c->python)
		return refuse(c, "a lone surrogate escape");
	if (!c->python->lone)
		c->python->lone = (const char *)c->at - 6;
	return true;
}

static bool is_of_names(int unit)
{
	return (unit >= '0' && unit <= '9') || (unit >= 'A' && unit <= 'Z') ||
	       (unit >= 'a' && unit <= 'z') || (unit && unit < 128 && strchr("_-.:", unit));
}

/* Behind a backslash. */
static bool scan_escape(struct cursor *c)
{
	int e = peek(c);
	if (e < 0 || !memchr("\"\\/bfnrtu", e, 9))
		return refuse(c, "an unknown escape in a string");
	c->at++;
	if (e != 'u')
		return true;
	int unit = hex4(c->at, c->end);
	if (unit < 0)
		return refuse(c, "\\u without four hex digits");
	if (c->line && c->depth == 1 && is_of_names(unit)) {
		c->at -= 2;
		return refuse(c, "an escape of a letter, a digit or one of _-.: has to be written "
				 "as the character itself");
	}
	c->at += 4;
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return take_lone(c);
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (c->end - c->at < 6 || c->at[0] != '\\' || c->at[1] != 'u')
		return take_lone(c);
	unit = hex4(c->at + 2, c->end);
	if (unit < 0xdc00 || unit > 0xdfff)
		return take_lone(c);
	c->at += 6;
	return true;
}

static bool scan_string(struct cursor *c)
{
	if (peek(c) != '"')
		return refuse(c, "a string is missing");
	c->at++;
	while (c->at < c->end) {
		unsigned char ch = *c->at;
		if (ch == '"') {
			c->at++;
			return true;
		}
		if (ch == '\\') {
			c->at++;
			if (!scan_escape(c))
				return false;
		} else if (ch < 0x20) {
			return refuse(c, "a control character in a string");
		} else {
			size_t n = utf8_length(c->at, c->end);
			if (n == 0)
				return refuse(c, "invalid UTF-8");
			c->at += n;
		}
	}
	return refuse(c, "a string does not end");
}

static bool scan_digits(struct cursor *c)
{
	const unsigned char *first = c->at;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > first || refuse(c, "a digit is missing");
}

static bool scan_number(struct cursor *c)
{
	if (peek(c) == '-')
		c->at++;
	if (peek(c) == '0')
		c->at++;
	else if (!scan_digits(c))
		return false;
	if (peek(c) >= '0' && peek(c) <= '9')
		return refuse(c, "a number with a leading zero");
	if (peek(c) == '.') {
		c->at++;
		if (!scan_digits(c))
			return false;
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->at++;
		if (peek(c) == '+' || peek(c) == '-')
			c->at++;
		return scan_digits(c);
	}
	return true;
}

static bool scan_word(struct cursor *c, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
		return refuse(c, "a value is missing");
	c->at += n;
	return true;
}

static bool scan_constant(struct cursor *c, const char *word)
{
	const char *at = (const char *)c->at;
	if (!scan_word(c, word))
		return false;
	if (!c->python->constant)
		c->python->constant = at;
	return true;
}

static bool enter(struct cursor *c)
{
	c->at++;
	if (++c->depth > c->most)
		return refuse(c, json_too_deep);
	skip_blanks(c);
	return true;
}

static bool scan_array(struct cursor *c)
{
	if (!enter(c))
		return false;
	while (peek(c) != ']') {
		if (!scan_value(c))
			return false;
		skip_blanks(c);
		if (peek(c) == ']')
			break;
		if (peek(c) != ',')
			return refuse(c, "a comma or ] is missing");
		c->at++;
		skip_blanks(c);
		if (peek(c) == ']')
			return refuse(c, "a value is missing");
	}
	c->at++;
	c->depth--;
	return true;
}

static struct slice between(const unsigned char *from, const unsigned char *to)
{
	return (struct slice){(const char *)from, (size_t)(to - from)};
}

/* One `"key": value`; the raw parts go to f. */
static bool scan_member(struct cursor *c, struct json_field *f)
{
	const unsigned char *from = c->at;
	if (!scan_string(c))
		return false;
	f->key = between(from + 1, c->at - 1);
	skip_blanks(c);
	if (peek(c) != ':')
		return refuse(c, "a colon is missing");
	c->at++;
	skip_blanks(c);
	from = c->at;
	if (!scan_value(c))
		return false;
	f->value = between(from, c->at);
	return true;
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool has_escape(struct slice key)
{
	return key.len && memchr(key.data, '\\', key.len);
}

/* Are two keys the same text? */
static bool same_key(struct slice a, struct slice b)
{
	struct buf plain_a = BUF_INIT, plain_b = BUF_INIT;
	if (same(a, b) || !(has_escape(a) || has_escape(b)))
		return same(a, b);
	bool equal = json_respell(&plain_a, a) && json_respell(&plain_b, b) &&
		     same((struct slice){plain_a.data, plain_a.len},
			  (struct slice){plain_b.data, plain_b.len});
	buf_free(&plain_a);
	buf_free(&plain_b);
	return equal;
}

/* Keep one top-level field, once. */
static bool keep(struct cursor *c, struct json *j, struct json_field f)
{
	j->escaped = j->escaped || has_escape(f.key);
	for (size_t i = 0; i < j->count; i++)
		if (j->escaped ? same_key(j->field[i].key, f.key) : same(j->field[i].key, f.key))
			return refuse(c, "a key that stands there twice");
	if (j->count == JSON_MAX_FIELDS)
		return refuse(c, "more than 256 fields");
	j->field[j->count++] = f;
	return true;
}

/* An object; with j, its members are kept there. */
static bool scan_object(struct cursor *c, struct json *j)
{
	struct json_field f;
	if (!enter(c))
		return false;
	while (peek(c) != '}') {
		if (!scan_member(c, &f) || (j && !keep(c, j, f)))
			return false;
		skip_blanks(c);
		if (peek(c) == '}')
			break;
		if (peek(c) != ',')
			return refuse(c, "a comma or } is missing");
		c->at++;
		skip_blanks(c);
		if (peek(c) == '}')
			return refuse(c, "a string is missing");
	}
	c->at++;
	c->depth--;
	return true;
}

static bool scan_value(struct cursor *c)
{
	if (c->python && peek(c) == 'N')
		return scan_constant(c, "NaN");
	if (c->python && peek(c) == 'I')
		return scan_constant(c, "Infinity");
	if (c->python && peek(c) == '-' && c->end - c->at > 1 && c->at[1] == 'I')
		return scan_constant(c, "-Infinity");
	switch (peek(c)) {
	case '{':
		return scan_object(c, NULL);
	case '[':
		return scan_array(c);
	case '"':
		return scan_string(c);
	case 't':
		return scan_word(c, "true");
	case 'f':
		return scan_word(c, "false");
	case 'n':
		return scan_word(c, "null");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return scan_number(c);
	default:
		return refuse(c, "a value is missing");
	}
}

enum { AROUND = 2 }; /* levels around a run in experiment.json */

static struct cursor cursor_at(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	return (struct cursor){
		.at = p, .end = p + len, .start = p, .most = JSON_MAX_DEPTH + AROUND};
}

static bool parse(struct cursor *c, struct json *j)
{
	j->line = between(c->start, c->end);
	j->count = 0;
	j->escaped = false;
	c->line = true;
	skip_blanks(c);
	if (peek(c) != '{')
		return refuse(c, "not a JSON object");
	if (!scan_object(c, j))
		return false;
	skip_blanks(c);
	return c->at == c->end || refuse(c, "more text behind the object");
}

int json_parse(struct json *j, const char *line, size_t len, size_t *offset, const char **why)
{
	struct cursor c = cursor_at(line, len);
	c.most = JSON_MAX_DEPTH;
	if (parse(&c, j))
		return 0;
	*offset = (size_t)(c.at - c.start);
	*why = c.why;
	return -1;
}

bool json_parse_document(struct json *j, const char *text, size_t len)
{
	struct cursor c = cursor_at(text, len);
	return parse(&c, j);
}

bool json_is_blank(const char *line, size_t len)
{
	while (len > 0 && line[len - 1] && strchr(" \t\r", line[len - 1]))
		len--;
	return len == 0;
}

/* One value, and nothing behind it. */
static bool scan_whole(struct cursor *c)
{
	skip_blanks(c);
	if (!scan_value(c))
		return false;
	skip_blanks(c);
	return c->at == c->end || refuse(c, "more text behind the value");
}

bool json_check_value(const char *text, size_t len, size_t *offset, const char **why)
{
	struct cursor c = cursor_at(text, len);
	c.most = JSON_MAX_DEPTH - 1; /* the line is the first */
	bool good = scan_whole(&c);
	*offset = (size_t)(c.at - c.start);
	*why = c.why;
	return good;
}

bool json_check_python(const char *text, size_t len, struct json_python *found)
{
	struct cursor c = cursor_at(text, len);
	*found = (struct json_python){0};
	c.python = found;
	bool good = scan_whole(&c);
	found->offset = (size_t)(c.at - c.start);
	found->why = c.why;
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
	unsigned long code = (unsigned long)hex4(p + 1, end);
	p += 5;
	if (code >= 0xd800 && code <= 0xdbff) {
		code = 0x10000 + ((code - 0xd800) << 10) +
		       ((unsigned long)hex4(p + 2, end) - 0xdc00);
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

/* Move behind the opening bracket or the comma; false at the end. */
static bool next_item(struct cursor *c, size_t *pos)
{
	c->at += *pos;
	if (*pos == 0)
		c->at++;
	skip_blanks(c);
	if (peek(c) == ',') {
		c->at++;
		skip_blanks(c);
	}
	return c->at < c->end - 1;
}

bool json_next_element(struct slice raw, size_t *pos, struct slice *value)
{
	struct cursor c = cursor_at(raw.data, raw.len);
	if (!next_item(&c, pos))
		return false;
	const unsigned char *from = c.at;
	if (!scan_value(&c))
		return false;
	*value = between(from, c.at);
	*pos = (size_t)(c.at - c.start);
	return true;
}

bool json_next_member(struct slice raw, size_t *pos, struct slice *key, struct slice *value)
{
	struct cursor c = cursor_at(raw.data, raw.len);
	struct json_field f;
	if (!next_item(&c, pos) || !scan_member(&c, &f))
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
		if (same_key(key, wanted))
			found = value;
	return found;
}

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
