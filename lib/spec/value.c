/*
 * value - walk over values. Depth and the number of nodes that aliases stand for are bounded by
 * yamldoc, so plain recursion is safe here.
 */
#include "spec/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "spec/scalar_write.h"

enum { SIMPLE_KEY = 1000 };

#define TAG_STRING "tag:yaml.org,2002:str"

static bool is_string_tag(const char *tag)
{
	return strcmp(tag, TAG_STRING) == 0 || strcmp(tag, "!") == 0;
}

static int check_scalar(const struct yamldoc *doc, yaml_id id, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->tag && strcmp(n->tag, TAG_STRING) != 0)
		return yamldoc_problem(doc, id, p,
				       "tag %s is not allowed in a sweep; write a plain "
				       "number, string, list or map",
				       n->tag);
	if (memchr(n->text, '\0', n->len))
		return yamldoc_problem(doc, id, p,
				       "a NUL character cannot be passed on; remove \\0");
	return 0;
}

static int check_key_node(const struct yamldoc *doc, yaml_id key, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, key);
	if (n->kind != YAML_SCALAR)
		return yamldoc_problem(doc, key, p,
				       "a list or map cannot be a key here; write a word");
	if (yamldoc_is_merge(n))
		return yamldoc_problem(
			doc, key, p, "merge key << is not allowed in a sweep; write the keys out");
	return check_scalar(doc, key, p);
}

int value_check(const struct yamldoc *doc, yaml_id id, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind == YAML_SCALAR)
		return check_scalar(doc, id, p);
	if (n->tag)
		return yamldoc_problem(doc, id, p,
				       "tag %s is not allowed in a sweep; write a plain "
				       "list or map",
				       n->tag);
	bool key = n->kind == YAML_MAP;
	for (yaml_id c = n->first; c; c = doc->nodes[c].next) {
		int rc = key ? check_key_node(doc, c, p) : value_check(doc, c, p);
		if (rc != 0)
			return rc;
		if (n->kind == YAML_MAP)
			key = !key;
	}
	return 0;
}

struct scalar value_scalar(const struct yaml_node *n)
{
	return scalar_read(n->text, n->len, n->style == YAML_PLAIN && !n->tag);
}

static void write_json_scalar(struct buf *out, const struct yaml_node *n)
{
	struct scalar s = value_scalar(n);
	size_t from = out->len;
	scalar_write_yaml(out, &s, '"');
	/* +1, 0x1F, True: fine for YAML, not for JSON */
	if (!out->failed && !json_is_value(out->data + from, out->len - from)) {
		out->len = from;
		scalar_write_json(out, &s);
	}
}

static void write_yaml_scalar(struct buf *out, const struct yaml_node *n, enum value_style style)
{
	struct scalar s = value_scalar(n);
	char quote = n->style == YAML_SINGLE ? '\'' : n->style == YAML_DOUBLE ? '"' : 0;
	bool string = s.type11 == SCALAR_STRING && s.type12 == SCALAR_STRING;
	if (style == VALUE_VERBATIM && !string)
		buf_adds(out, s.len ? s.text : "null");
	else
		scalar_write_yaml(out, &s, quote);
}

/* A key of more than 1024 characters is one only with a question mark before it. */
static void write_map_key(struct buf *out, const struct yamldoc *doc, yaml_id id,
			  enum value_style style)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	struct buf key = BUF_INIT;
	struct scalar s = scalar_read(n->text, n->len, false);
	if (style == VALUE_JSON)
		scalar_write_yaml(&key, &s, '"');
	else
		value_write_yaml(&key, doc, id, style);
	buf_adds(out, key.len > SIMPLE_KEY && style != VALUE_JSON ? "? " : "");
	buf_add(out, key.data ? key.data : "", key.len);
	out->failed |= key.failed;
	buf_free(&key);
}

void value_write_tag(struct buf *out, const char *tag)
{
	static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "-_;/?:@&=+$.!~*'(),[]";
	buf_adds(out, "!<");
	for (; *tag; tag++) {
		if (strchr(plain, *tag))
			buf_addc(out, *tag);
		else
			buf_addf(out, "%%%02X", (unsigned char)*tag);
	}
	buf_addc(out, '>');
}

void value_write_yaml(struct buf *out, const struct yamldoc *doc, yaml_id id,
		      enum value_style style)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (style == VALUE_VERBATIM && n->tag && !is_string_tag(n->tag)) {
		value_write_tag(out, n->tag);
		buf_addc(out, ' ');
	}
	if (n->kind == YAML_SCALAR) {
		if (style == VALUE_JSON)
			write_json_scalar(out, n);
		else
			write_yaml_scalar(out, n, style);
		return;
	}
	bool map = n->kind == YAML_MAP;
	buf_addc(out, map ? '{' : '[');
	for (yaml_id c = n->first; c; c = doc->nodes[c].next) {
		if (c != n->first)
			buf_adds(out, ", ");
		if (map) {
			write_map_key(out, doc, c, style);
			buf_adds(out, ": ");
			c = doc->nodes[c].next;
		}
		value_write_yaml(out, doc, c, style);
	}
	buf_addc(out, map ? '}' : ']');
}

static void write_json_pair(struct buf *out, const struct yamldoc *doc, yaml_id key)
{
	const struct yaml_node *k = yamldoc_node(doc, key);
	if (out->len && out->data[out->len - 1] != '{')
		buf_addc(out, ',');
	if (k->kind == YAML_SCALAR) {
		json_add_string(out, k->text, k->len);
	} else { /* a list as a key: its JSON text is the nearest there is */
		struct buf text = BUF_INIT;
		value_write_json(&text, doc, key);
		json_add_string(out, text.data, text.len);
		buf_free(&text);
	}
	buf_addc(out, ':');
	value_write_json(out, doc, doc->nodes[key].next);
}

bool value_is_in_json(const struct yamldoc *doc, yaml_id map, yaml_id key)
{
	const struct yaml_node *k = yamldoc_node(doc, key);
	return k->kind != YAML_SCALAR || yamldoc_find(doc, map, k->text, k->len) == key;
}

struct merged {
	const struct yamldoc *doc;
	yaml_id map;
	struct names seen;
	yaml_id *keys;
	size_t count, cap;
};

static bool add_merged(struct merged *m, yaml_id key)
{
	const struct yaml_node *k = yamldoc_node(m->doc, key);
	size_t at = 0;
	if (names_next(&m->seen, 0, k->text, k->len, &at) ||
	    yamldoc_find(m->doc, m->map, k->text, k->len))
		return true;
	if (m->count == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 16;
		yaml_id *keys = realloc(m->keys, cap * sizeof *keys);
		if (!keys)
			return false;
		m->keys = keys;
		m->cap = cap;
	}
	m->keys[m->count++] = key;
	return names_add(&m->seen, 0, k->text, k->len, key);
}

/* In order of precedence. */
static bool collect_merged(struct merged *m, yaml_id from)
{
	const struct yaml_node *n = yamldoc_node(m->doc, from), *nodes = m->doc->nodes;
	bool ok = true;
	for (yaml_id c = n->kind == YAML_LIST ? n->first : 0; c && ok; c = nodes[c].next)
		ok = collect_merged(m, c);
	for (yaml_id k = n->kind == YAML_MAP ? n->first : 0; k && ok;
	     k = nodes[nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(m->doc, k);
		if (key->kind == YAML_SCALAR && !yamldoc_is_merge(key) &&
		    value_is_in_json(m->doc, from, k))
			ok = add_merged(m, k);
	}
	for (yaml_id k = n->merge; k && ok; k = nodes[k].merge)
		ok = collect_merged(m, nodes[k].next);
	return ok;
}

bool value_merged(const struct yamldoc *doc, yaml_id map, yaml_id **keys, size_t *count)
{
	struct merged m = {.doc = doc, .map = map};
	bool ok = true;
	for (yaml_id k = yamldoc_node(doc, map)->merge; k && ok; k = doc->nodes[k].merge)
		ok = collect_merged(&m, doc->nodes[k].next);
	names_free(&m.seen);
	*keys = m.keys;
	*count = m.count;
	return ok;
}

static void write_json_map(struct buf *out, const struct yamldoc *doc, yaml_id map)
{
	yaml_id *merged;
	size_t count;
	buf_addc(out, '{');
	out->failed |= !value_merged(doc, map, &merged, &count);
	for (size_t i = 0; i < count; i++)
		write_json_pair(out, doc, merged[i]);
	for (yaml_id c = yamldoc_node(doc, map)->first; c; c = doc->nodes[doc->nodes[c].next].next)
		if (!yamldoc_is_merge(yamldoc_node(doc, c)) && value_is_in_json(doc, map, c))
			write_json_pair(out, doc, c);
	buf_addc(out, '}');
	free(merged);
}

void value_write_json(struct buf *out, const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind == YAML_SCALAR) {
		struct scalar s = value_scalar(n);
		scalar_write_json(out, &s);
	} else if (n->kind == YAML_MAP) {
		write_json_map(out, doc, id);
	} else {
		buf_addc(out, '[');
		for (yaml_id c = n->first; c; c = doc->nodes[c].next) {
			if (c != n->first)
				buf_addc(out, ',');
			value_write_json(out, doc, c);
		}
		buf_addc(out, ']');
	}
}

void value_write_key(struct buf *out, const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->tag && !is_string_tag(n->tag))
		buf_addf(out, "!%s ", n->tag);
	if (n->kind == YAML_SCALAR) {
		struct buf key = BUF_INIT;
		struct scalar s = value_scalar(n);
		scalar_write_key(&key, &s);
		buf_addu(out, key.len);
		buf_addc(out, ':');
		buf_add(out, key.data, key.len);
		out->failed |= key.failed;
		buf_free(&key);
		return;
	}
	buf_addc(out, n->kind == YAML_MAP ? '{' : '[');
	for (yaml_id c = n->first; c; c = doc->nodes[c].next)
		value_write_key(out, doc, c);
	buf_addc(out, n->kind == YAML_MAP ? '}' : ']');
}

void value_write_text(struct buf *out, const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	struct scalar s = value_scalar(n);
	if (s.type == SCALAR_STRING)
		buf_add(out, n->text, n->len);
	else
		scalar_write_yaml(out, &s, 0);
}

bool value_is_portable(const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind == YAML_SCALAR) {
		struct scalar s = value_scalar(n);
		return s.type11 == s.type12 || s.type == SCALAR_AMBIGUOUS;
	}
	for (yaml_id c = n->first; c; c = doc->nodes[c].next)
		if (!value_is_portable(doc, c))
			return false;
	return true;
}

yaml_id value_lacks_json(const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind == YAML_SCALAR) {
		struct scalar s = value_scalar(n);
		/* an integer beyond 64 bits is JSON when it is spelled so */
		return scalar_write_needs_string(&s) && !json_is_value(n->text, n->len) ? id : 0;
	}
	for (yaml_id c = n->first; c; c = doc->nodes[c].next) {
		yaml_id found = value_lacks_json(doc, c);
		if (found)
			return found;
	}
	return 0;
}

static yaml_id merged_key(const struct yamldoc *doc, yaml_id from, const char *key, size_t len)
{
	const struct yaml_node *n = yamldoc_node(doc, from);
	if (n->kind == YAML_MAP)
		return value_of_key(doc, from, key, len);
	for (yaml_id c = n->kind == YAML_LIST ? n->first : 0; c; c = doc->nodes[c].next) {
		yaml_id found = merged_key(doc, c, key, len);
		if (found)
			return found;
	}
	return 0;
}

yaml_id value_of_key(const struct yamldoc *doc, yaml_id map, const char *key, size_t len)
{
	yaml_id k = yamldoc_find(doc, map, key, len);
	if (k)
		return doc->nodes[k].next;
	for (k = yamldoc_node(doc, map)->merge; k; k = doc->nodes[k].merge) {
		yaml_id found = merged_key(doc, doc->nodes[k].next, key, len);
		if (found)
			return found;
	}
	return 0;
}
