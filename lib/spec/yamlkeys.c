/*
 * yamlkeys - put the keys of every map into the document's table, and find those that stand
 * twice.
 *
 * Keys with one text are one key only to readers that give them one type: 1 and "1" are two
 * to all of them, yes and "yes" are one to YAML 1.2.
 */
#include "spec/yamlkeys.h"

#include <string.h>

#include "spec/scalar.h"

/* Of two keys with one text: are they one to some reader? */
static bool is_one_key(const struct yaml_node *a, const struct yaml_node *b)
{
	const struct yaml_node *plain = yamldoc_is_plain(a) ? a : b;
	if (yamldoc_is_plain(a) != yamldoc_is_plain(b) && !a->tag && !b->tag)
		return scalar_type_11(plain->text, plain->len) == SCALAR_STRING ||
		       scalar_type_12(plain->text, plain->len) == SCALAR_STRING;
	return !a->tag || !b->tag || strcmp(a->tag, b->tag) == 0;
}

/* The key stands in the map already, there. */
static int take_again(struct yamldoc *doc, yaml_id first, yaml_id key, struct problem *p)
{
	const char *name = yamldoc_node(doc, key)->text;
	size_t line = doc->nodes[first].line;
	if (!doc->config)
		return yamldoc_problem(doc, key, p,
				       "key %s is repeated, first in line %zu; remove one", name,
				       line);
	doc->nodes[key].again = true;
	yamldoc_remark(doc, key, &doc->remarks, name, "twice",
		       "key %s is repeated, first in line %zu; the last one wins, as "
		       "PyYAML and JSON readers take it; remove one",
		       name, line);
	return 0;
}

static void take_merge(struct yamldoc *doc, yaml_id map, yaml_id key)
{
	yaml_id before = doc->nodes[map].merge;
	doc->nodes[key].merge = before;
	doc->nodes[map].merge = key;
	if (before && doc->config)
		yamldoc_remark(doc, key, &doc->remarks, "<<", "twice",
			       "<< is repeated, first in line %zu; PyYAML merges both, the "
			       "later one before the earlier, and ruamel.yaml refuses it; write "
			       "one << with a list",
			       doc->nodes[before].line);
}

static int index_key(struct yamldoc *doc, yaml_id map, yaml_id key, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, key);
	uint32_t *known;
	size_t at = 0;
	if (n->kind != YAML_SCALAR)
		return 0;
	if (yamldoc_is_merge(n))
		take_merge(doc, map, key);
	while ((known = names_next(&doc->keys, map, n->text, n->len, &at))) {
		yaml_id first = *known;
		if (!is_one_key(n, yamldoc_node(doc, first)))
			continue;
		*known = key;
		return yamldoc_is_merge(n) ? 0 : take_again(doc, first, key, p);
	}
	return names_add(&doc->keys, map, n->text, n->len, key) ? 0 : problem_memory(p);
}

int yamlkeys_index(struct yamldoc *doc, struct problem *p)
{
	for (yaml_id id = 1; id < doc->count; id++) {
		const struct yaml_node *map = &doc->nodes[id];
		for (yaml_id k = map->kind == YAML_MAP ? map->first : 0; k;
		     k = doc->nodes[doc->nodes[k].next].next)
			if (index_key(doc, id, k, p) != 0)
				return -1;
	}
	return 0;
}
