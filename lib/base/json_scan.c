/*
 * json_scan - a recursive descent over the bytes, one function a rule of RFC 8259.
 *
 * Recursion is bounded by `most`. The first mistake is the one that is kept, so a caller
 * that refuses something else after a step that failed does not hide the cause.
 */
#include "base/json_scan.h"

#include <string.h>

#include "base/utf8.h"

const char json_scan_too_deep[] = "nested deeper than 100 levels";

struct json_scan json_scan_of(const char *text, size_t len, unsigned most)
{
	const unsigned char *p = (const unsigned char *)text;
	return (struct json_scan){.at = p, .end = p + len, .start = p, .most = most};
}

bool json_scan_refuse(struct json_scan *c, const char *why)
{
	if (!c->why)
		c->why = why;
	return false;
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

int json_scan_unit(const unsigned char *p, const unsigned char *end)
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
static bool take_lone(struct json_scan *c)
{
	if (!c->python)
		return json_scan_refuse(c, "a lone surrogate escape");
	if (!c->lone)
		c->lone = (const char *)c->at - 6;
	return true;
}

static bool is_of_names(int unit)
{
	return (unit >= '0' && unit <= '9') || (unit >= 'A' && unit <= 'Z') ||
	       (unit >= 'a' && unit <= 'z') || (unit && unit < 128 && strchr("_-.:", unit));
}

/* Behind a backslash. */
static bool scan_escape(struct json_scan *c)
{
	int e = json_scan_peek(c);
	if (e < 0 || !memchr("\"\\/bfnrtu", e, 9))
		return json_scan_refuse(c, "an unknown escape in a string");
	c->at++;
	if (e != 'u')
		return true;
	int unit = json_scan_unit(c->at, c->end);
	if (unit < 0)
		return json_scan_refuse(c, "\\u without four hex digits");
	if (c->line && c->depth == 1 && is_of_names(unit)) {
		c->at -= 2;
		return json_scan_refuse(
			c, "an escape of a letter, a digit or one of _-.: has to be written "
			   "as the character itself");
	}
	c->at += 4;
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return take_lone(c);
	if (unit < 0xd800 || unit > 0xdbff)
		return true;
	if (c->end - c->at < 6 || c->at[0] != '\\' || c->at[1] != 'u')
		return take_lone(c);
	unit = json_scan_unit(c->at + 2, c->end);
	if (unit < 0xdc00 || unit > 0xdfff)
		return take_lone(c);
	c->at += 6;
	return true;
}

static bool scan_string(struct json_scan *c)
{
	if (json_scan_peek(c) != '"')
		return json_scan_refuse(c, "a string is missing");
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
			return json_scan_refuse(c, "a control character in a string");
		} else {
			size_t n = utf8_length(c->at, c->end);
			if (n == 0)
				return json_scan_refuse(c, "invalid UTF-8");
			c->at += n;
		}
	}
	return json_scan_refuse(c, "a string does not end");
}

static bool scan_digits(struct json_scan *c)
{
	const unsigned char *first = c->at;
	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > first || json_scan_refuse(c, "a digit is missing");
}

static bool scan_number(struct json_scan *c)
{
	if (json_scan_peek(c) == '-')
		c->at++;
	if (json_scan_peek(c) == '0')
		c->at++;
	else if (!scan_digits(c))
		return false;
	if (json_scan_peek(c) >= '0' && json_scan_peek(c) <= '9')
		return json_scan_refuse(c, "a number with a leading zero");
	if (json_scan_peek(c) == '.') {
		c->at++;
		if (!scan_digits(c))
			return false;
	}
	if (json_scan_peek(c) == 'e' || json_scan_peek(c) == 'E') {
		c->at++;
		if (json_scan_peek(c) == '+' || json_scan_peek(c) == '-')
			c->at++;
		return scan_digits(c);
	}
	return true;
}

static bool scan_word(struct json_scan *c, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
		return json_scan_refuse(c, "a value is missing");
	c->at += n;
	return true;
}

static bool scan_constant(struct json_scan *c, const char *word)
{
	const char *at = (const char *)c->at;
	if (!scan_word(c, word))
		return false;
	if (!c->constant)
		c->constant = at;
	return true;
}

bool json_scan_enter(struct json_scan *c)
{
	c->at++;
	if (++c->depth > c->most)
		return json_scan_refuse(c, json_scan_too_deep);
	json_scan_blanks(c);
	return true;
}

/* Behind an item: on to the next one, or to the closing bracket. */
static inline bool to_next(struct json_scan *c, int close)
{
	json_scan_blanks(c);
	if (json_scan_peek(c) == close)
		return true;
	if (json_scan_peek(c) != ',')
		return json_scan_refuse(c, close == ']' ? "a comma or ] is missing"
							: "a comma or } is missing");
	c->at++;
	json_scan_blanks(c);
	return json_scan_peek(c) != close ||
	       json_scan_refuse(c, close == ']' ? "a value is missing" : "a string is missing");
}

bool json_scan_comma(struct json_scan *c, int close)
{
	return to_next(c, close);
}

void json_scan_leave(struct json_scan *c)
{
	c->at++;
	c->depth--;
}

static bool scan_array(struct json_scan *c)
{
	if (!json_scan_enter(c))
		return false;
	while (json_scan_peek(c) != ']')
		if (!json_scan_value(c) || !to_next(c, ']'))
			return false;
	json_scan_leave(c);
	return true;
}

/* A key and its colon. */
static bool scan_key(struct json_scan *c, struct slice *key)
{
	const unsigned char *from = c->at;
	if (!scan_string(c))
		return false;
	*key = json_scan_between(from + 1, c->at - 1);
	json_scan_blanks(c);
	if (json_scan_peek(c) != ':')
		return json_scan_refuse(c, "a colon is missing");
	c->at++;
	json_scan_blanks(c);
	return true;
}

bool json_scan_member(struct json_scan *c, struct slice *key, struct slice *value)
{
	if (!scan_key(c, key))
		return false;
	const unsigned char *from = c->at;
	if (!json_scan_value(c))
		return false;
	*value = json_scan_between(from, c->at);
	return true;
}

static bool scan_object(struct json_scan *c)
{
	struct slice key;
	if (!json_scan_enter(c))
		return false;
	while (json_scan_peek(c) != '}')
		if (!scan_key(c, &key) || !json_scan_value(c) || !to_next(c, '}'))
			return false;
	json_scan_leave(c);
	return true;
}

bool json_scan_value(struct json_scan *c)
{
	if (c->python && json_scan_peek(c) == 'N')
		return scan_constant(c, "NaN");
	if (c->python && json_scan_peek(c) == 'I')
		return scan_constant(c, "Infinity");
	if (c->python && json_scan_peek(c) == '-' && c->end - c->at > 1 && c->at[1] == 'I')
		return scan_constant(c, "-Infinity");
	switch (json_scan_peek(c)) {
	case '{':
		return scan_object(c);
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
		return json_scan_refuse(c, "a value is missing");
	}
}
