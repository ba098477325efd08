#ifndef JSON_SCAN_H
#define JSON_SCAN_H
/*
 * json_scan - move over JSON text (RFC 8259) value by value, and say where it is none.
 *
 * Each step moves `at` behind what it has checked. Where a step returns false, `at` is the
 * byte at which the text goes wrong and `why` a static phrase such as "a value is missing";
 * the scan is over then. Nothing is copied or allocated: the text has to outlive the scan,
 * and need not end with a NUL.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct json_scan {
	const unsigned char *at, *end, *start;
	unsigned depth, most;        /* levels of arrays and objects that are open, and may be */
	bool line;                   /* refuse needless escapes on the first level (json.h) */
	bool python;                 /* take what Python's json takes beside JSON, */
	const char *constant, *lone; /* and keep the first NaN or Infinity, and lone surrogate */
	const char *why;
};

extern const char json_scan_too_deep[]; /* "nested deeper than 100 levels" */

/* A scan of a text in which so many levels may be nested. */
struct json_scan json_scan_of(const char *text, size_t len, unsigned most);

/* Take a mistake down, unless there is one. Always false. */
bool json_scan_refuse(struct json_scan *c, const char *why);

/* The byte that comes next, or -1 at the end. Inline, as what takes most of the time. */
static inline int json_scan_peek(const struct json_scan *c)
{
	return c->at < c->end ? *c->at : -1;
}

static inline void json_scan_blanks(struct json_scan *c)
{
	while (c->at < c->end &&
	       (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
		c->at++;
}

/* One value of any kind, without the blanks around it. */
bool json_scan_value(struct json_scan *c);

/* One `"key": value`: the key without its quotes, escapes as they stand, and the raw value. */
bool json_scan_member(struct json_scan *c, struct slice *key, struct slice *value);

/* An array or object is walked by: enter; until json_scan_peek is the closing bracket, an
 * item and comma; leave. close: ']' or '}'. */
bool json_scan_enter(struct json_scan *c);
bool json_scan_comma(struct json_scan *c, int close);
void json_scan_leave(struct json_scan *c);

/* The code unit that four hex digits at p stand for, or -1. */
int json_scan_unit(const unsigned char *p, const unsigned char *end);

/* The bytes from one place of the text to another. */
static inline struct slice json_scan_between(const unsigned char *from, const unsigned char *to)
{
	return (struct slice){(const char *)from, (size_t)(to - from)};
}

#endif
