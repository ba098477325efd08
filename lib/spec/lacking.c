/*
 * lacking - look for the key deeper in the base, and else for the nearest one.
 *
 * A key deeper in the base cannot be reached by its name, dotted or not. It is reached by
 * sweeping the whole map that it is in, and the remark has that map written out.
 */
#include "spec/lacking.h"

#include <string.h>

#include "spec/placeholder.h"
#include "base/nearest.h"
#include "spec/value.h"
#include "spec/yamlread.h"

enum {
	MOST_EXAMPLE = 400, /* bytes */
	MOST_PATH = 16,
	MOST_SEARCHED = 20 /* keys for which the base is looked through */
};

/* The way to a leaf of the base: keys from the top. */
struct path {
	yaml_id keys[MOST_PATH];
	size_t count;
};

struct search {
	const struct resolve *r;
	const struct resolve_base *base;
	const struct override *o;
	struct path path;
	bool thorough; /* look for what may have been meant */
};

/* ---- where it is instead ---- */

/* The leaf of this name below a map, the first in the file. */
static bool find_leaf(struct search *s, yaml_id map)
{
	const struct yamldoc *doc = &s->base->doc;
	if (s->path.count == MOST_PATH)
		return false;
	for (yaml_id k = yamldoc_node(doc, map)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(doc, k);
		const struct yaml_node *value = yamldoc_node(doc, doc->nodes[k].next);
		if (key->kind != YAML_SCALAR)
			continue;
		s->path.keys[s->path.count++] = k;
		if (key->len == s->o->key_len && memcmp(key->text, s->o->key, key->len) == 0)
			return true;
		/* what an alias stands for was searched where it stands */
		if (value->kind == YAML_MAP && doc->nodes[doc->nodes[k].next].kind != YAML_ALIAS &&
		    find_leaf(s, doc->nodes[k].next))
			return true;
		s->path.count--;
	}
	return false;
}

/* Follow a dotted name as far as there are maps; what is left of it, or NULL if it does
 * not begin with the name of a map. */
static const char *follow_dots(struct search *s)
{
	const struct yamldoc *doc = &s->base->doc;
	const char *rest = s->o->key, *end = rest + s->o->key_len, *dot;
	yaml_id map = doc->root;
	while ((dot = memchr(rest, '.', (size_t)(end - rest))) && s->path.count < MOST_PATH) {
		yaml_id k = yamldoc_find(doc, map, rest, (size_t)(dot - rest));
		if (!k || yamldoc_node(doc, doc->nodes[k].next)->kind != YAML_MAP)
			break;
		s->path.keys[s->path.count++] = k;
		map = doc->nodes[k].next;
		rest = dot + 1;
	}
	yaml_id leaf = s->path.count && s->path.count < MOST_PATH
			       ? yamldoc_find(doc, map, rest, (size_t)(end - rest))
			       : 0;
	if (leaf)
		s->path.keys[s->path.count++] = leaf;
	return leaf ? end : s->path.count ? rest : NULL;
}

static struct nearest nearest_key(const struct yamldoc *doc, yaml_id map, const char *wanted,
				  size_t len)
{
	struct nearest n = {0};
	for (yaml_id k = yamldoc_node(doc, map)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(doc, k);
		if (key->kind == YAML_SCALAR && !yamldoc_is_merge(key))
			nearest_try(&n, wanted, len, key->text, key->len);
	}
	return n;
}

/* ---- what to write ---- */

static void add_key_path(struct buf *out, const struct search *s)
{
	for (size_t i = 0; i < s->path.count; i++) {
		buf_adds(out, i ? "." : "");
		buf_adds(out, yamldoc_node(&s->base->doc, s->path.keys[i])->text);
	}
}

/* The map at one key of the path, with the leaf's value replaced. */
static void write_changed(struct buf *out, const struct search *s, size_t depth, yaml_id value)
{
	const struct yamldoc *doc = &s->base->doc;
	yaml_id map = doc->nodes[s->path.keys[depth - 1]].next;
	buf_addc(out, '{');
	for (yaml_id k = yamldoc_node(doc, map)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		buf_adds(out, k == yamldoc_node(doc, map)->first ? "" : ", ");
		value_write_yaml(out, doc, k, VALUE_VERBATIM);
		buf_adds(out, ": ");
		if (k != s->path.keys[depth])
			value_write_yaml(out, doc, doc->nodes[k].next, VALUE_VERBATIM);
		else if (depth + 1 == s->path.count)
			value_write_yaml(out, &s->r->spec->doc, value, VALUE_PORTABLE);
		else
			write_changed(out, s, depth + 1, value);
	}
	buf_addc(out, '}');
}

/* Can it stand in a spec? */
static bool is_taken(const struct buf *example)
{
	struct yamldoc doc;
	struct problem why;
	bool taken = yamlread_text(&doc, "", example->data, example->len, &why) == 0 && doc.root &&
		     value_check(&doc, doc.root, &why) == 0;
	yamldoc_free(&doc);
	return taken;
}

/* "; write optimizer: [{lr: 0.1, name: sgd}, {lr: 0.01, name: sgd}] to change that" */
static void add_example(struct buf *out, const struct search *s)
{
	const struct override *o = s->o;
	struct buf example = BUF_INIT, top = BUF_INIT;
	value_write_yaml(&top, &s->base->doc, s->path.keys[0], VALUE_VERBATIM);
	buf_adds(&example, o->count ? "[" : "");
	for (size_t i = 0; i < (o->count ? o->count : 1) && example.len <= MOST_EXAMPLE; i++) {
		buf_adds(&example, i ? ", " : "");
		write_changed(&example, s, 1, o->count ? o->candidates[i] : o->value);
	}
	buf_adds(&example, o->count ? "]" : "");
	if (!buf_cstr(&example) || !buf_cstr(&top))
		out->failed = true;
	else if (example.len <= MOST_EXAMPLE && is_taken(&example))
		buf_addf(out, "; write %s: %s to change that", top.data, example.data);
	else
		buf_addf(out, "; give %s whole to change that", top.data);
	buf_free(&example);
	buf_free(&top);
}

/* Is the whole map that the leaf is in replaced by another override? */
static bool top_is_replaced(const struct search *s)
{
	const struct yaml_node *top = yamldoc_node(&s->base->doc, s->path.keys[0]);
	for (size_t i = 0; i < s->r->slot_count; i++)
		if (s->r->slots[i]->key_len == top->len &&
		    memcmp(s->r->slots[i]->key, top->text, top->len) == 0)
			return true;
	return false;
}

/* ---- the remark ---- */

static void describe_deeper(struct buf *out, const struct search *s, bool dotted)
{
	buf_addf(out,
		 dotted ? "%s is added to %s as a key of that very name; "
			: "%s is not at the top of %s and is added there; ",
		 s->o->key, s->base->path);
	add_key_path(out, s);
	buf_adds(out, " is kept");
	add_example(out, s);
}

static void describe_lack(struct buf *out, struct search *s)
{
	if (!s->thorough) {
		buf_addf(out, "%s is not in %s and is added to it", s->o->key, s->base->path);
		return;
	}
	const struct yamldoc *doc = &s->base->doc;
	const char *end = s->o->key + s->o->key_len, *rest = follow_dots(s);
	bool deeper = rest == end || (!rest && find_leaf(s, doc->root));
	if (deeper && !top_is_replaced(s)) {
		describe_deeper(out, s, rest == end);
		return;
	}
	if (deeper) {
		rest = NULL;
		s->path.count = 0;
	}
	yaml_id map = s->path.count ? doc->nodes[s->path.keys[s->path.count - 1]].next : doc->root;
	const char *wanted = rest ? rest : s->o->key;
	struct nearest n = nearest_key(doc, map, wanted, (size_t)(end - wanted));
	buf_addf(out, "%s is not in %s and is added to it", s->o->key, s->base->path);
	if (!n.word)
		return;
	buf_adds(out, "; the nearest key there is ");
	add_key_path(out, s);
	buf_adds(out, s->path.count ? "." : "");
	buf_add(out, n.word, n.len);
}

void lacking_note(const struct resolve *r, struct remarks *to)
{
	const struct spec *spec = r->spec;
	size_t searched = 0;
	for (size_t i = 0; i < r->slot_count; i++) {
		const struct override *o = r->slots[i];
		if (placeholder_in_command(r, o->key, o->key_len))
			continue;
		for (size_t b = 0; b < spec->base_count; b++) {
			struct search s = {r, &r->bases[b], o, {{0}, 0}, searched < MOST_SEARCHED};
			const struct yamldoc *doc = &s.base->doc;
			struct buf text = BUF_INIT;
			if (!yamldoc_node(doc, doc->root)->first ||
			    value_of_key(doc, doc->root, o->key, o->key_len))
				continue;
			searched++;
			describe_lack(&text, &s);
			if (buf_cstr(&text))
				yamldoc_remark(&spec->doc, o->at, to,
					       spec->has_configs ? "configs" : "", o->key, "%s",
					       text.data);
			to->failed |= text.failed;
			buf_free(&text);
		}
	}
}
