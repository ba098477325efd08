/* specdiff - compare key by key; the maps sweep, fixed_overrides and metrics by their own keys. */
#include "spec/specdiff.h"

#include <stdlib.h>
#include <string.h>

#include "spec/distinct.h"
#include "spec/value.h"

enum { SHOWN = 100 }; /* bytes of a value */

struct comparison {
	const struct yamldoc *now, *was;
	struct buf *out;
	struct problem *p;
	bool differ;
};

/* ---- what a value is ---- */

static void write_text(struct buf *out, const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind == YAML_SCALAR) {
		buf_addf(out, "%zu:", n->len);
		buf_add(out, n->text, n->len);
		return;
	}
	buf_addc(out, n->kind == YAML_MAP ? '{' : '[');
	for (yaml_id c = n->first; c; c = doc->nodes[c].next)
		write_text(out, doc, c);
	buf_addc(out, ']');
}

/* An axis as the values that are left of it. */
static int write_axis(struct buf *out, const struct yamldoc *doc, yaml_id list, struct problem *p)
{
	size_t count = 0, i = 0;
	for (yaml_id c = yamldoc_node(doc, list)->first; c; c = doc->nodes[c].next)
		count++;
	yaml_id *values = malloc((count + 1) * sizeof *values);
	size_t *first = malloc((count + 1) * sizeof *first);
	for (yaml_id c = yamldoc_node(doc, list)->first; c && values; c = doc->nodes[c].next)
		values[i++] = c;
	int rc = values && first ? distinct_find(doc, values, count, first, p) : problem_memory(p);
	for (i = 0; i < count && rc == 0; i++)
		if (first[i] == i)
			value_write_key(out, doc, values[i]);
	free(values);
	free(first);
	return rc;
}

/* The same bytes for what is the same. */
static int write_spec_key(struct buf *out, const struct yamldoc *doc, yaml_id id, const char *map,
			  struct problem *p)
{
	if (strcmp(map, "sweep.") == 0 && yamldoc_node(doc, id)->kind == YAML_LIST)
		return write_axis(out, doc, id, p);
	if (strcmp(map, "fixed_overrides.") == 0 || strcmp(map, "sweep.") == 0)
		value_write_key(out, doc, id);
	else
		write_text(out, doc, id);
	return 0;
}

/* ---- how it is shown ---- */

/* From the last value before the first difference, at most SHOWN bytes. */
static void add_shortened(struct buf *out, const struct buf *text, const struct buf *other)
{
	size_t same = 0, from = 0;
	while (same < text->len && same < other->len && text->data[same] == other->data[same])
		same++;
	for (size_t i = same; text->len > SHOWN && i > 2 && from == 0; i--)
		if (i < text->len && text->data[i] == ' ' && text->data[i - 1] == ',')
			from = i + 1;
	size_t len = text->len - from;
	buf_adds(out, from ? "..." : "");
	buf_add(out, text->data + from, len > SHOWN ? SHOWN : len);
	buf_adds(out, len > SHOWN ? "..." : "");
}

static void add_difference(struct comparison *c, yaml_id at, const char *map, const char *key,
			   const char *what)
{
	const struct yaml_node *n = &c->now->nodes[at];
	struct problem line;
	problem_at(&line, c->now->file, at ? n->line : 0, at ? n->column : 0, "%s%s%s", map, key,
		   what);
	buf_adds(c->out, line.text);
	buf_addc(c->out, '\n');
	c->differ = true;
}

static void add_value_difference(struct comparison *c, const char *map, const char *key,
				 yaml_id now, yaml_id was)
{
	struct buf one = BUF_INIT, two = BUF_INIT, text = BUF_INIT;
	if (now)
		value_write_yaml(&one, c->now, now, VALUE_VERBATIM);
	if (was)
		value_write_yaml(&two, c->was, was, VALUE_VERBATIM);
	buf_adds(&text, ": ");
	add_shortened(&text, now ? &one : &two, &two);
	buf_adds(&text, !was ? " is new" : !now ? " is gone" : " was ");
	if (now && was)
		add_shortened(&text, &two, &one);
	c->out->failed |= one.failed || two.failed;
	if (buf_cstr(&text))
		add_difference(c, now, map, key, text.data);
	else
		c->out->failed = true;
	buf_free(&one);
	buf_free(&two);
	buf_free(&text);
}

/* ---- the comparison ---- */

static int compare_values(struct comparison *c, const char *map, const char *key, yaml_id now,
			  yaml_id was)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	int rc = write_spec_key(&one, c->now, now, map, c->p);
	if (rc == 0)
		rc = write_spec_key(&two, c->was, was, map, c->p);
	if (rc == 0 && (one.failed || two.failed))
		rc = problem_memory(c->p);
	if (rc == 0 && (one.len != two.len || (one.len && memcmp(one.data, two.data, one.len))))
		add_value_difference(c, map, key, now, was);
	buf_free(&one);
	buf_free(&two);
	return rc;
}

static int compare_maps(struct comparison *c, const char *map, yaml_id now, yaml_id was);

static bool is_map(const struct yamldoc *doc, yaml_id id)
{
	return !id || yamldoc_node(doc, id)->kind == YAML_MAP;
}

/* The values of one key; 0: it has none there. */
static int compare_key(struct comparison *c, const char *map, const char *key, yaml_id now,
		       yaml_id was)
{
	static const char *const maps[][2] = {{"sweep", "sweep."},
					      {"fixed_overrides", "fixed_overrides."},
					      {"metrics", "metrics."}};
	for (size_t i = 0; !*map && i < sizeof maps / sizeof *maps; i++)
		if (strcmp(key, maps[i][0]) == 0 && is_map(c->now, now) && is_map(c->was, was))
			return compare_maps(c, maps[i][1], now, was);
	if (now && was)
		return compare_values(c, map, key, now, was);
	add_value_difference(c, map, key, now, was);
	return 0;
}

/* First what is there now, then what is gone. */
static int compare_maps(struct comparison *c, const char *map, yaml_id now, yaml_id was)
{
	int rc = 0;
	for (yaml_id k = now ? yamldoc_node(c->now, now)->first : 0; k && rc == 0;
	     k = c->now->nodes[c->now->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(c->now, k);
		yaml_id there = was ? yamldoc_find(c->was, was, key->text, key->len) : 0;
		rc = compare_key(c, map, key->text, c->now->nodes[k].next,
				 there ? c->was->nodes[there].next : 0);
	}
	for (yaml_id k = was ? yamldoc_node(c->was, was)->first : 0; k && rc == 0;
	     k = c->was->nodes[c->was->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(c->was, k);
		if (key->kind == YAML_SCALAR &&
		    (!now || !yamldoc_find(c->now, now, key->text, key->len)))
			rc = compare_key(c, map, key->text, 0, c->was->nodes[k].next);
	}
	return rc;
}

int specdiff(const struct yamldoc *now, const struct yamldoc *was, struct buf *out,
	     struct problem *p)
{
	struct comparison c = {.now = now, .was = was, .out = out, .p = p};
	if (!was->root || yamldoc_node(was, was->root)->kind != YAML_MAP)
		return problem_at(p, was->file, 1, 1, "is no spec; restore it");
	if (compare_maps(&c, "", now->root, was->root) != 0)
		return -1;
	if (out->failed)
		return problem_memory(p);
	return c.differ;
}
