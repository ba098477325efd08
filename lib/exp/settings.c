/*
 * settings - find whole names: `lr` is not found in `lr_decay` or `base.lr`. In names - and _ are
 * the same. Numbers are compared as numbers. A name
 * that stands in a file several times agrees if one of them does.
 */
#include "exp/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct text {
	const char *at, *end;
};

bool settings_is_name(const char *file)
{
	static const char *const parts[] = {"config",   "conf.", "hparam",  "hyper",
					    "arg",      "param", "setting", "option",
					    "override", "cmd",   "command"};
	static const char *const not [] = {".csv",  ".log", ".pt",  ".pth",
					   ".ckpt", ".npz", ".npy", ".py"};
	size_t len = strlen(file);
	for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
		if (len > strlen(not [i]) && strcasecmp(file + len - strlen(not [i]), not [i]) == 0)
			return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (const char *at = file; *at; at++)
			if (strncasecmp(at, parts[i], strlen(parts[i])) == 0)
				return true;
	return false;
}

/* ---- values ---- */

/* What may stand between the parts of a value that has several; a dash that begins an
 * element of a YAML list is not a sign. */
static void skip_between(struct text *t)
{
	while (t->at < t->end && (strchr(" \t\r\n[](){},:\"'", *t->at) ||
				  (*t->at == '-' && t->at + 1 < t->end && strchr(" \t", t->at[1]))))
		t->at++;
}

/* A word of a file, without quotes around it. */
static struct slice take_word(struct text *t)
{
	const char *from = t->at;
	while (t->at < t->end && !strchr(" \t\r\n,\"'[](){}|#;=", *t->at))
		t->at++;
	return (struct slice){from, (size_t)(t->at - from)};
}

static bool is_settings_number(struct slice s, double *number)
{
	char text[64], *end;
	if (s.len == 0 || s.len >= sizeof text || !strchr("+-.0123456789", *s.data))
		return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	*number = strtod(text, &end);
	return *end == '\0';
}

static bool is_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.data, word, s.len) == 0;
}

/* Python, YAML and JSON spell them differently. */
static bool same_constant(struct slice word, struct slice raw)
{
	if (is_word(raw, "null"))
		return is_word(word, "null") || is_word(word, "none") || is_word(word, "~");
	return (is_word(raw, "true") || is_word(raw, "false")) && word.len == raw.len &&
	       strncasecmp(word.data, raw.data, raw.len) == 0;
}

/* A string may hold blanks, so it is compared where it stands. */
static bool same_string(struct text *t, struct slice raw)
{
	struct buf want = BUF_INIT;
	bool same = json_decode(raw, &want) && (size_t)(t->end - t->at) >= want.len &&
		    (want.len == 0 || memcmp(t->at, want.data, want.len) == 0);
	if (same)
		t->at += want.len;
	buf_free(&want);
	return same && (t->at == t->end || strchr(" \t\r\n,\"'[](){}|#;", *t->at));
}

static bool same_scalar(struct text *t, struct slice raw)
{
	double ours, theirs;
	struct text before = *t;
	if (json_is_string(raw)) {
		struct slice bare = {raw.data + 1, raw.len - 2};
		if (same_string(t, raw))
			return true;
		*t = before;
		/* 017 and 1e999 are strings among the params */
		return is_settings_number(bare, &ours) &&
		       is_settings_number(take_word(t), &theirs) && ours == theirs;
	}
	struct slice word = take_word(t);
	if (is_settings_number(raw, &ours))
		return is_settings_number(word, &theirs) && ours == theirs;
	return same_constant(word, raw);
}

static bool same_value(struct text *t, struct slice raw)
{
	struct slice key, value;
	size_t pos = 0;
	bool same = true;
	if (!json_is_array(raw) && !json_is_object(raw))
		return same_scalar(t, raw);
	while (same && json_is_array(raw) && json_next_element(raw, &pos, &value)) {
		skip_between(t);
		same = same_value(t, value);
	}
	while (same && json_is_object(raw) && json_next_member(raw, &pos, &key, &value)) {
		skip_between(t);
		same = (size_t)(t->end - t->at) >= key.len && memcmp(t->at, key.data, key.len) == 0;
		t->at += same ? key.len : 0;
		skip_between(t);
		same = same && same_value(t, value);
	}
	return same;
}

/* ---- names ---- */

static bool is_part_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Does a name begin here, and not one that goes on from before: base.lr, --base-lr? */
static bool begins_name(const char *from, const char *at)
{
	if (at > from && is_part_of_name(at[-1]))
		return false;
	return !(at > from + 1 && at[-1] == '-' && is_part_of_name(at[-2]));
}

/* Does the name stand at a place? */
static bool name_at(const char *at, const char *end, struct slice name)
{
	if ((size_t)(end - at) < name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (at[i] != name.data[i] &&
		    !(memchr("-_", at[i], 2) && memchr("-_", name.data[i], 2)))
			return false;
	at += name.len;
	return at == end ||
	       (!is_part_of_name(*at) && !(*at == '-' && at + 1 < end && is_part_of_name(at[1])));
}

/* What stands between a name and its value, on one line unless the value has parts. */
static void skip_to_value(struct text *t, bool has_parts)
{
	while (t->at < t->end && strchr(has_parts ? " \t\r\n\"'`:=|>," : " \t\"'`:=|>,", *t->at))
		t->at++;
}

static enum settings compare_one(struct text t, struct slice name, struct slice value)
{
	enum settings so_far = SETTINGS_SILENT;
	bool has_parts = json_is_array(value) || json_is_object(value);
	const char *from = t.at;
	for (; t.at < t.end; t.at++) {
		if (*t.at != *name.data || !begins_name(from, t.at) || !name_at(t.at, t.end, name))
			continue;
		struct text after = {t.at + name.len, t.end};
		const char *end_of_name = after.at;
		skip_to_value(&after, has_parts);
		if (after.at == end_of_name || after.at == after.end || strchr("\r\n#", *after.at))
			continue;
		if (same_value(&after, value))
			return SETTINGS_AGREE;
		so_far = SETTINGS_DIFFER;
	}
	return so_far;
}

/* `optimizer.lr` may be written as itself, or as `lr` inside something. */
static enum settings compare_param(struct text t, struct slice key, struct slice value)
{
	enum settings whole = key.len ? compare_one(t, key, value) : SETTINGS_SILENT;
	size_t leaf = key.len;
	while (leaf && key.data[leaf - 1] != '.')
		leaf--;
	if (whole != SETTINGS_SILENT || leaf == 0 || leaf == key.len)
		return whole;
	return compare_one(t, (struct slice){key.data + leaf, key.len - leaf}, value);
}

enum settings settings_compare(const char *text, size_t len, struct slice params)
{
	struct slice key, value;
	size_t pos = 0, named = 0, agree = 0;
	if (!json_is_object(params) || memchr(text, '\0', len))
		return SETTINGS_SILENT;
	for (; json_next_member(params, &pos, &key, &value); named++) {
		enum settings one = compare_param((struct text){text, text + len}, key, value);
		if (one == SETTINGS_DIFFER)
			return SETTINGS_DIFFER;
		agree += one == SETTINGS_AGREE;
	}
	return named && agree == named ? SETTINGS_AGREE : SETTINGS_SILENT;
}
