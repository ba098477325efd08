/*
 * jsonyaml - look at one character or escape at a time. In JSON a backslash, and a character
 * beyond ASCII, is always inside a string, so strings need not be tracked.
 */
#include "spec/jsonyaml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { ESCAPE = 6 };

/* The code unit of an escape \\uXXXX, or 0. */
static unsigned long unit_at(const char *text, size_t len)
{
	char digits[5] = "";
	if (len < ESCAPE || text[0] != '\\' || text[1] != 'u')
		return 0;
	memcpy(digits, text + 2, 4);
	return strtoul(digits, NULL, 16);
}

static struct jsonyaml read_escape(const char *text, size_t len)
{
	struct jsonyaml one = {.len = len < 2 ? len : 2, .columns = 2};
	unsigned long high = unit_at(text, len), low;
	if (high < 0xd800 || high > 0xdfff)
		return one;
	low = unit_at(text + ESCAPE, len - ESCAPE);
	if (high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
		one.len = 2 * ESCAPE;
		one.columns = (size_t)snprintf(one.escape, sizeof one.escape, "\\U%08lx",
					       0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
		return one;
	}
	one.len = ESCAPE;
	one.columns = (size_t)snprintf(one.escape, sizeof one.escape, "\\ufffd");
	return one;
}

static bool is_trouble(unsigned long code)
{
	return (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
	       code == 0xfeff || code == 0xfffe || code == 0xffff;
}

struct jsonyaml jsonyaml_next(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n = len ? utf8_length(at, at + len) : 0;
	struct jsonyaml one = {.len = n ? n : len > 0, .columns = 1};
	if (len && *text == '\\')
		return read_escape(text, len);
	if (len && *text == '\t') /* between values; YAML wants none before the first */
		memcpy(one.escape, " ", 2);
	if (n && is_trouble(utf8_decode(at, n)))
		one.columns = (size_t)snprintf(one.escape, sizeof one.escape, "\\u%04lx",
					       utf8_decode(at, n));
	return one;
}
