/*
 * scalar - the rules of two readers side by side, as regular expressions.
 *
 * The tables say what PyYAML 6 and ruamel.yaml 0.17 do, including where they leave the YAML
 * specifications, since those are the readers of our files. Their order matters: the first
 * rule that matches wins.
 */
#include "spec/scalar.h"

#include <regex.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "spec/scalar_number.h"

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

/* Numbers whose form matches but which no reader can construct. */
static enum scalar_type or_broken(enum scalar_type type, const char *text, size_t len, bool old)
{
	double value;
	if (type == SCALAR_INT && !memchr(text, ':', len)) {
		struct buf digits = BUF_INIT;
		scalar_number_int(&digits, text, len, old);
		if (digits.len == 0 && !digits.failed)
			type = SCALAR_BROKEN;
		buf_free(&digits);
	} else if (type == SCALAR_FLOAT && !memchr(text, ':', len) &&
		   !scalar_number_float(text, len, &value)) {
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

bool scalar_is_number(enum scalar_type type)
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
	scalar_number_int(&a, text, len, true);
	scalar_number_int(&b, text, len, false);
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
	if (scalar_is_number(one) != scalar_is_number(two)) {
		enum scalar_type number = scalar_is_number(one) ? one : two;
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
	if (scalar_number_is_simple(text, len))
		return (struct scalar){SCALAR_INT, text, len, SCALAR_INT, SCALAR_INT, false};
	s.type11 = scalar_type_11(text, len);
	s.type12 = scalar_type_12(text, len);
	s.type = common_type(&s);
	s.truth = s.type == SCALAR_BOOL && (strchr("yYtT", text[0]) || strcasecmp(text, "on") == 0);
	return s;
}
