/*
 * scalar_write - of a number only the spelling changes: its digits are copied.
 *
 * 1e-3, which YAML 1.1 readers take for a string, is rewritten as 1.0e-03 by write_float.
 */
#include "spec/scalar_write.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "spec/scalar_number.h"

/* ---- YAML ---- */

/* A float in the one form that both versions read: digits, a dot, digits, and
 * a signed exponent of at least two digits. Only the spelling changes. */
static void write_float(struct buf *out, const struct scalar *s)
{
	bool negative;
	char *copy = scalar_number_bare(s->text, s->len, &negative);
	if (!copy) {
		out->failed = true;
		return;
	}
	size_t whole = strspn(copy, "0123456789");
	const char *fraction = copy + whole + (copy[whole] == '.');
	size_t places = strspn(fraction, "0123456789");
	const char *exponent = fraction + places;
	buf_adds(out, negative ? "-" : "");
	buf_add(out, whole ? copy : "0", whole ? whole : 1);
	buf_addc(out, '.');
	buf_add(out, places ? fraction : "0", places ? places : 1);
	if (*exponent) {
		const char *sign = exponent[1] == '-' ? "-" : "+";
		exponent += 1 + (exponent[1] == '-' || exponent[1] == '+');
		buf_addf(out, "e%s%s%s", sign, strlen(exponent) < 2 ? "0" : "", exponent);
	}
	free(copy);
}

/* May the character stand as it is, for every reader? */
static bool is_printable(unsigned long c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029) ||
	       (c >= 0xe000 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

/* All characters valid and printable? */
static bool all_print(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	while (p < end) {
		size_t n = utf8_length(p, end);
		if (n == 0 || !is_printable(utf8_decode(p, n)))
			return false;
		p += n;
	}
	return true;
}

/* Strings to both of our readers that some other one takes for a boolean (y, n)
 * or a number (.5e3, 0x1p3, nan). */
static bool others_may_differ(const char *text, size_t len)
{
	char *end;
	if (len == 1 && strchr("yYnN", text[0]))
		return true;
	strtod(text, &end);
	return end == text + len;
}

/* Can the text stand without quotes, in block and flow context, as one line? */
static bool plain_is_safe(const char *text, size_t len)
{
	if (len == 0 || !all_print(text, len) || text[0] == ' ' || strchr(" :", text[len - 1]))
		return false;
	if (strchr("!&*|>%@`'\"#{}[],?:-=<", text[0]))
		return false;
	if (len >= 3 && (strncmp(text, "...", 3) == 0))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (strchr("{}[],?", c)) /* PyYAML ends a scalar in a flow at any of these */
			return false;
		if ((c == ':' || c == '#') && (text[i + 1] == ' ' || (i && text[i - 1] == ' ')))
			return false;
		if (c == ':' && i + 1 < len && strchr("{}[],", text[i + 1]))
			return false;
	}
	return scalar_type_11(text, len) == SCALAR_STRING &&
	       scalar_type_12(text, len) == SCALAR_STRING && !others_may_differ(text, len);
}

static void write_single(struct buf *out, const char *text, size_t len)
{
	buf_addc(out, '\'');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\'')
			buf_addc(out, '\'');
		buf_addc(out, text[i]);
	}
	buf_addc(out, '\'');
}

/* Double quotes, with the escapes that YAML 1.1, YAML 1.2 and JSON share. */
static void write_double(struct buf *out, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	buf_addc(out, '"');
	while (p < end) {
		size_t n = utf8_length(p, end);
		unsigned long c = n ? utf8_decode(p, n) : 0xfffd;
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (int)c);
		else if (c == '\n' || c == '\t' || c == '\r')
			buf_adds(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		else if (!is_printable(c))
			buf_addf(out, "\\u%04lx", c);
		else
			buf_add(out, p, n);
		p += n ? n : 1;
	}
	buf_addc(out, '"');
}

static void write_string(struct buf *out, const struct scalar *s, char quote)
{
	if (!quote && plain_is_safe(s->text, s->len))
		buf_add(out, s->text, s->len);
	else if (quote != '"' && all_print(s->text, s->len) &&
		 (quote == '\'' || memchr(s->text, '"', s->len) || memchr(s->text, '\\', s->len)))
		write_single(out, s->text, s->len);
	else
		write_double(out, s->text, s->len);
}

/* A number that one version takes for a string. */
static bool needs_rewriting(const struct scalar *s)
{
	return scalar_is_number(s->type) &&
	       scalar_is_number(s->type11) != scalar_is_number(s->type12);
}

void scalar_write_yaml(struct buf *out, const struct scalar *s, char quote)
{
	switch (s->type) {
	case SCALAR_STRING:
		write_string(out, s, quote);
		return;
	case SCALAR_NULL:
		buf_adds(out, s->len ? s->text : "null");
		return;
	case SCALAR_BOOL:
		if (s->type12 == SCALAR_BOOL)
			buf_add(out, s->text, s->len);
		else
			buf_adds(out, s->truth ? "true" : "false");
		return;
	case SCALAR_INT:
		if (needs_rewriting(s)) {
			scalar_number_int(out, s->text, s->len, false);
			return;
		}
		break;
	case SCALAR_FLOAT:
		if (needs_rewriting(s)) {
			write_float(out, s);
			return;
		}
		break;
	default:
		break;
	}
	buf_add(out, s->text, s->len);
}

/* ---- JSON and keys ---- */

/* An integer as JSON, or nothing where it is beyond 64 bits. */
static bool write_json_int(struct buf *out, const struct scalar *s)
{
	struct buf value = BUF_INIT;
	scalar_number_int(&value, s->text, s->len, false);
	const char *text = buf_cstr(&value);
	bool fits = false;
	if (text && !strchr(text, '#')) {
		errno = 0;
		if (text[0] == '-')
			strtoll(text, NULL, 10);
		else
			strtoull(text, NULL, 10);
		fits = errno == 0;
	}
	if (fits && out)
		buf_adds(out, json_is_value(s->text, s->len) ? s->text : text);
	buf_free(&value);
	return fits;
}

static bool write_json_float(struct buf *out, const struct scalar *s)
{
	double value;
	if (!scalar_number_float(s->text, s->len, &value) || !isfinite(value))
		return false;
	if (out && json_is_value(s->text, s->len))
		buf_add(out, s->text, s->len);
	else if (out)
		write_float(out, s);
	return true;
}

bool scalar_write_needs_string(const struct scalar *s)
{
	switch (s->type) {
	case SCALAR_INT:
		return !write_json_int(NULL, s);
	case SCALAR_FLOAT:
		return !write_json_float(NULL, s);
	case SCALAR_TIMESTAMP:
	case SCALAR_AMBIGUOUS:
		return true;
	default:
		return false;
	}
}

void scalar_write_json(struct buf *out, const struct scalar *s)
{
	if (s->type == SCALAR_NULL)
		buf_adds(out, "null");
	else if (s->type == SCALAR_BOOL)
		buf_adds(out, s->truth ? "true" : "false");
	else if (s->type == SCALAR_INT && write_json_int(out, s))
		return;
	else if (s->type == SCALAR_FLOAT && write_json_float(out, s))
		return;
	else
		json_add_string(out, s->text, s->len);
}

void scalar_write_key(struct buf *out, const struct scalar *s)
{
	double value;
	buf_addu(out, (uint64_t)s->type);
	buf_addc(out, ':');
	switch (s->type) {
	case SCALAR_NULL:
		return;
	case SCALAR_BOOL:
		buf_adds(out, s->truth ? "true" : "false");
		return;
	case SCALAR_INT:
		scalar_number_int(out, s->text, s->len, false);
		return;
	case SCALAR_FLOAT:
		if (scalar_number_float(s->text, s->len, &value))
			buf_addf(out, "%.17g", value);
		return;
	default:
		buf_add(out, s->text, s->len);
	}
}
