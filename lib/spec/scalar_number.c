/*
 * scalar_number - numbers as text where they do not fit a machine's.
 */
#include "spec/scalar_number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *scalar_number_bare(const char *text, size_t len, bool *negative)
{
	char *copy = malloc(len + 1), *to = copy;
	if (!copy)
		return NULL;
	*negative = text[0] == '-';
	for (size_t i = 0; i < len; i++)
		if (text[i] != '_' && !(i == 0 && strchr("+-", text[i])))
			*to++ = text[i];
	*to = '\0';
	return copy;
}

/* The digits of an integer and its base as a version has them; 0 is "none". */
static unsigned int_base(const char *bare_text, bool old, const char **digits)
{
	*digits = bare_text;
	if (strcmp(bare_text, "0") == 0)
		return 10;
	if (bare_text[0] == '0' && strchr("box", bare_text[1]) && bare_text[1]) {
		*digits = bare_text + 2;
		return bare_text[1] == 'b' ? 2 : bare_text[1] == 'o' ? 8 : 16;
	}
	return old && bare_text[0] == '0' ? 8 : 10;
}

static bool all_digits(const char *digits, unsigned base)
{
	static const char known[] = "0123456789abcdef";
	if (!*digits)
		return false;
	for (; *digits; digits++) {
		int c = *digits >= 'A' && *digits <= 'F' ? *digits - 'A' + 'a' : *digits;
		const char *at = strchr(known, c);
		if (!at || (unsigned)(at - known) >= base)
			return false;
	}
	return true;
}

bool scalar_number_is_simple(const char *text, size_t len)
{
	if (len == 0 || len > 18 || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

void scalar_number_int(struct buf *out, const char *text, size_t len, bool old)
{
	bool negative;
	const char *digits;
	if (scalar_number_is_simple(text, len)) {
		buf_add(out, text, len);
		return;
	}
	char *copy = scalar_number_bare(text, len, &negative);
	if (!copy) {
		out->failed = true;
		return;
	}
	unsigned base = int_base(copy, old, &digits);
	if (all_digits(digits, base)) {
		errno = 0;
		unsigned long long n = strtoull(digits, NULL, (int)base);
		while (*digits == '0' && digits[1])
			digits++;
		if (negative && (n != 0 || errno))
			buf_addc(out, '-');
		if (errno && base != 10)
			buf_addf(out, "%u#", base);
		if (errno)
			buf_adds(out, digits);
		else
			buf_addf(out, "%llu", n);
	}
	free(copy);
}

bool scalar_number_float(const char *text, size_t len, double *value)
{
	bool negative, ok = false;
	char *end, *copy = scalar_number_bare(text, len, &negative);
	if (!copy)
		return false;
	if (strcasecmp(copy, ".inf") == 0) {
		*value = HUGE_VAL;
		ok = true;
	} else if (strcasecmp(copy, ".nan") == 0) {
		*value = NAN;
		ok = true;
	} else {
		*value = strtod(copy, &end);
		ok = end != copy && *end == '\0';
	}
	if (negative)
		*value = -*value;
	free(copy);
	return ok;
}
