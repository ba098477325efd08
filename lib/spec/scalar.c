/*
 * scalar - two readers' rules side by side, as regular expressions.
 *
 * The tables below say what PyYAML 6 and ruamel.yaml 0.17 do, including where
 * they leave the YAML specifications, since it is those readers that will
 * read our files. Their order matters: the first that matches wins.
 */
#include "spec/scalar.h"

#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/utf8.h"

struct rule {
	enum scalar_type type;
	const char *first; /* a match starts with one of these */
	const char *form;
};

enum { RULES = 7 };

/* One version's rules, compiled when they are first needed. */
struct version {
	const struct rule *rules;
	regex_t compiled[RULES];
	bool ready[RULES];
};

#define DATE                                                                                       \
	"^([0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]|"                                            \
	"[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?([Tt]|[ \t]+)[0-9][0-9]?"                     \
	":[0-9][0-9]:[0-9][0-9](\\.[0-9]*)?([ \t]*(Z|[-+][0-9][0-9]?(:[0-9][0-9])?))?)$"
#define NUMERIC "-+0123456789."

static const struct rule rules_11[RULES] = {
	{SCALAR_BOOL, "yYnNtTfFoO",
	 "^(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"},
	{SCALAR_FLOAT, NUMERIC,
	 "^([-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?|\\.[0-9][0-9_]*([eE][-+][0-9]+)?|"
	 "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(inf|Inf|INF)|"
	 "\\.(nan|NaN|NAN))$"},
	{SCALAR_INT, "-+0123456789",
	 "^([-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|"
	 "[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+)$"},
	{SCALAR_MERGE, "<", "^<<$"},
	{SCALAR_NULL, "~nN", "^(~|null|Null|NULL)$"},
	{SCALAR_TIMESTAMP, "0123456789", DATE},
	{SCALAR_VALUE, "=", "^=$"},
};

static const struct rule rules_12[RULES] = {
	{SCALAR_BOOL, "tTfF", "^(true|True|TRUE|false|False|FALSE)$"},
	{SCALAR_FLOAT, NUMERIC,
	 "^([-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|"
	 "[-+]?\\.[0-9_]+([eE][-+][0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN))$"},
	{SCALAR_INT, "-+0123456789",
	 "^([-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$"},
	{SCALAR_MERGE, "<", "^<<$"},
	{SCALAR_NULL, "~nN", "^(~|null|Null|NULL)$"},
	{SCALAR_TIMESTAMP, "0123456789", DATE},
	{SCALAR_VALUE, "=", "^=$"},
};

static struct version yaml11 = {.rules = rules_11}, yaml12 = {.rules = rules_12};

static bool matches(struct version *v, size_t i, const char *text)
{
	if (!strchr(v->rules[i].first, text[0]))
		return false;
	if (!v->ready[i] &&
	    regcomp(&v->compiled[i], v->rules[i].form, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	v->ready[i] = true;
	return regexec(&v->compiled[i], text, 0, NULL, 0) == 0;
}

static enum scalar_type type_by(struct version *v, const char *text, size_t len)
{
	if (len == 0)
		return SCALAR_NULL;
	if (memchr(text, '\0', len) || memchr(text, '\n', len))
		return SCALAR_STRING;
	for (size_t i = 0; i < RULES; i++)
		if (matches(v, i, text))
			return v->rules[i].type;
	return SCALAR_STRING;
}

/* ---- the values of numbers ---- */

/* A copy without underscores and sign. */
static char *bare(const char *text, size_t len, bool *negative)
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

/* A decimal integer as JSON has it and within 64 bits: all rules agree on these,
 * and they are what most sweeps are made of. */
static bool is_simple_int(const char *text, size_t len)
{
	if (len == 0 || len > 18 || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* The value as text: decimal where it fits 64 bits, else its digits with the
 * base before them. Empty if it is no number after all. */
static void int_value(struct buf *out, const char *text, size_t len, bool old)
{
	bool negative;
	const char *digits;
	if (is_simple_int(text, len)) {
		buf_add(out, text, len);
		return;
	}
	char *copy = bare(text, len, &negative);
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

/* A float's value as a double; false if the text is none ("." "._"). */
static bool float_value(const char *text, size_t len, double *value)
{
	bool negative, ok = false;
	char *end, *copy = bare(text, len, &negative);
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

/* Numbers whose form matches but which no reader can construct. */
static enum scalar_type or_broken(enum scalar_type type, const char *text, size_t len, bool old)
{
	double value;
	if (type == SCALAR_INT && !memchr(text, ':', len)) {
		struct buf digits = BUF_INIT;
		int_value(&digits, text, len, old);
		if (digits.len == 0 && !digits.failed)
			type = SCALAR_BROKEN;
		buf_free(&digits);
	} else if (type == SCALAR_FLOAT && !memchr(text, ':', len) &&
		   !float_value(text, len, &value)) {
		type = SCALAR_BROKEN;
	}
	return type;
}

enum scalar_type scalar_type_11(const char *text, size_t len)
{
	enum scalar_type type = type_by(&yaml11, text, len);
	return or_broken(type, text, len, true);
}

enum scalar_type scalar_type_12(const char *text, size_t len)
{
	enum scalar_type type = type_by(&yaml12, text, len);
	return or_broken(type, text, len, false);
}

/* ---- meaning ---- */

static bool is_number(enum scalar_type type)
{
	return type == SCALAR_INT || type == SCALAR_FLOAT;
}

/* Octal with or without its "o", and decimal with a leading zero. */
static bool leading_zero(const char *text)
{
	text += *text == '-' || *text == '+';
	return text[0] == '0' &&
	       (text[1] == 'o' || (text[1] >= '0' && text[1] <= '9') || text[1] == '_');
}

static bool same_int(const char *text, size_t len)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int_value(&a, text, len, true);
	int_value(&b, text, len, false);
	bool same = a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
	buf_free(&a);
	buf_free(&b);
	return same;
}

static enum scalar_type common_type(const struct scalar *s)
{
	enum scalar_type one = s->type11, two = s->type12;
	if (one == SCALAR_INT && two == SCALAR_INT)
		return same_int(s->text, s->len) ? SCALAR_INT : SCALAR_AMBIGUOUS;
	if (is_number(one) != is_number(two)) {
		enum scalar_type number = is_number(one) ? one : two;
		if (memchr(s->text, ':', s->len) || (number == SCALAR_INT && leading_zero(s->text)))
			return SCALAR_AMBIGUOUS;
		return number;
	}
	if (one == SCALAR_BOOL)
		return SCALAR_BOOL;
	if (one != two || one == SCALAR_MERGE || one == SCALAR_VALUE || one == SCALAR_BROKEN)
		return SCALAR_STRING;
	return one;
}

struct scalar scalar_read(const char *text, size_t len, bool plain)
{
	struct scalar s = {SCALAR_STRING, text, len, SCALAR_STRING, SCALAR_STRING, false};
	if (!plain)
		return s;
	if (is_simple_int(text, len))
		return (struct scalar){SCALAR_INT, text, len, SCALAR_INT, SCALAR_INT, false};
	s.type11 = scalar_type_11(text, len);
	s.type12 = scalar_type_12(text, len);
	s.type = common_type(&s);
	s.truth = s.type == SCALAR_BOOL && (strchr("yYtT", text[0]) || strcasecmp(text, "on") == 0);
	return s;
}

/* ---- writing ---- */

/* A float in the one form that both versions read: digits, a dot, digits, and
 * a signed exponent of at least two digits. Only the spelling changes. */
static void write_float(struct buf *out, const struct scalar *s)
{
	bool negative;
	char *copy = bare(s->text, s->len, &negative);
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
static bool prints(unsigned long c)
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
		if (n == 0 || !prints(utf8_decode(p, n)))
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
		else if (!prints(c))
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
	return is_number(s->type) && is_number(s->type11) != is_number(s->type12);
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
			int_value(out, s->text, s->len, false);
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

/* An integer as JSON, or nothing where it is beyond 64 bits. */
static bool write_json_int(struct buf *out, const struct scalar *s)
{
	struct buf value = BUF_INIT;
	int_value(&value, s->text, s->len, false);
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
	if (!float_value(s->text, s->len, &value) || !isfinite(value))
		return false;
	if (out && json_is_value(s->text, s->len))
		buf_add(out, s->text, s->len);
	else if (out)
		write_float(out, s);
	return true;
}

bool scalar_lacks_json(const struct scalar *s)
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
		int_value(out, s->text, s->len, false);
		return;
	case SCALAR_FLOAT:
		if (float_value(s->text, s->len, &value))
			buf_addf(out, "%.17g", value);
		return;
	default:
		buf_add(out, s->text, s->len);
	}
}

/* ---- notes ---- */

static void describe(struct buf *out, const struct scalar *s, enum scalar_type type, bool old)
{
	if (type == SCALAR_INT && !memchr(s->text, ':', s->len))
		int_value(out, s->text, s->len, old);
	else
		buf_adds(out, type == SCALAR_STRING   ? "a string"
			      : type == SCALAR_BOOL   ? "a boolean"
			      : type == SCALAR_INT    ? "a base-60 integer"
			      : type == SCALAR_BROKEN ? "an error"
			      : type == SCALAR_FLOAT  ? "a number"
						      : "something else");
}

/* A number that a double cannot hold is infinity or zero to every reader. */
static bool note_range(struct buf *out, const struct scalar *s)
{
	double value;
	if (s->type != SCALAR_FLOAT || !float_value(s->text, s->len, &value) ||
	    memchr(s->text, 'n', s->len) || memchr(s->text, 'N', s->len))
		return false; /* .inf and .nan are meant so */
	bool zero = value == 0 && strcspn(s->text, "123456789") < strcspn(s->text, "eE");
	if (!isinf(value) && !zero)
		return false;
	buf_add(out, s->text, s->len);
	buf_addf(out, " is out of a double's range, and %s to every reader; write %s to mean that",
		 zero ? "zero" : "infinity",
		 zero        ? "0.0"
		 : value < 0 ? "-.inf"
			     : ".inf");
	return true;
}

bool scalar_note(struct buf *out, const struct scalar *s, bool rewritten)
{
	if (note_range(out, s))
		return true;
	bool differ = s->type == SCALAR_AMBIGUOUS || s->type11 != s->type12;
	if (!differ)
		return false;
	buf_add(out, s->text, s->len);
	buf_adds(out, " is ");
	describe(out, s, s->type11, true);
	buf_adds(out, " to YAML 1.1 readers such as PyYAML and ");
	describe(out, s, s->type12, false);
	buf_adds(out, " to YAML 1.2 readers; ");
	if (s->type == SCALAR_AMBIGUOUS) {
		buf_adds(out,
			 "kept as written; write a decimal number, or quote it to mean a string");
	} else if (rewritten) {
		buf_adds(out, "written as ");
		scalar_write_yaml(out, s, 0);
		if (s->type == SCALAR_BOOL)
			buf_adds(out, "; quote it to mean a string");
	} else {
		buf_adds(out, "write ");
		scalar_write_yaml(out, s, 0);
	}
	return true;
}
