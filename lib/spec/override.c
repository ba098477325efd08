/*
 * override - take the pairs of a map, and the items of a list, or say where and why not.
 */
#include "spec/override.h"

#include <stdlib.h>

#include "spec/distinct.h"
#include "spec/value.h"

/* The key of an override: a string to both versions of YAML. */
static int check_override_key(struct yamldoc *doc, yaml_id key, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, key);
	if (n->kind != YAML_SCALAR)
		return yamldoc_problem(doc, key, p,
				       "the key is not a word; write the name of a top-level key");
	if (value_check(doc, key, p) != 0)
		return -1;
	if (n->len > OVERRIDE_MAX_KEY)
		return yamldoc_problem(doc, key, p,
				       "the key is longer than %d bytes; write a shorter one",
				       OVERRIDE_MAX_KEY);
	struct scalar s = value_scalar(n);
	if (s.type != SCALAR_STRING || s.type11 != SCALAR_STRING)
		return yamldoc_problem(
			doc, key, p,
			"the key %s is not a string to every YAML reader; write \"%s\"", n->text,
			n->text);
	return 0;
}

int override_read(struct yamldoc *doc, yaml_id map, const char *what, const char *example,
		  struct override **list, size_t *count, struct problem *p)
{
	if (!map)
		return 0;
	const struct yaml_node *n = yamldoc_node(doc, map);
	if (n->kind != YAML_MAP || n->tag)
		return yamldoc_problem(doc, map, p, "%s is not a map; write %s", what, example);
	size_t pairs = 0;
	for (yaml_id k = n->first; k; k = doc->nodes[doc->nodes[k].next].next)
		pairs++;
	*list = calloc(pairs ? pairs : 1, sizeof **list);
	if (!*list)
		return problem_memory(p);
	for (yaml_id k = n->first; k; k = doc->nodes[doc->nodes[k].next].next) {
		if (check_override_key(doc, k, p) != 0)
			return -1;
		(*list)[(*count)++] = (struct override){.key = yamldoc_node(doc, k)->text,
							.key_len = yamldoc_node(doc, k)->len,
							.at = k,
							.value = doc->nodes[k].next};
	}
	return 0;
}

/* Drop values that are on an axis twice, which would run the same point twice; the first one
 * stays. */
static int drop_twice(struct yamldoc *doc, struct override *axis, yaml_id *candidates,
		      struct problem *p)
{
	size_t *first = malloc(axis->count * sizeof *first), kept = 0;
	struct buf key = BUF_INIT;
	buf_addf(&key, "sweep.%s", axis->key);
	int rc = first && buf_cstr(&key) ? distinct_find(doc, candidates, axis->count, first, p)
					 : problem_memory(p);
	for (size_t i = 0; i < axis->count && rc == 0; i++) {
		const struct yaml_node *n = &doc->nodes[candidates[first[i]]];
		if (first[i] != i)
			yamldoc_remark(doc, candidates[i], &doc->remarks, key.data, "twice",
				       "%s has this value twice, first at %zu:%zu; ignored",
				       key.data, n->line, n->column);
	}
	for (size_t i = 0; i < axis->count && rc == 0; i++)
		if (first[i] == i)
			candidates[kept++] = candidates[i];
	axis->count = kept;
	free(first);
	buf_free(&key);
	return rc;
}

int override_read_candidates(struct yamldoc *doc, struct override *axis, struct problem *p)
{
	const struct yaml_node *list = yamldoc_node(doc, axis->value);
	if (list->kind != YAML_LIST) {
		struct buf text = BUF_INIT;
		if (list->kind == YAML_SCALAR && list->len && list->len < 60)
			value_write_yaml(&text, doc, axis->value, VALUE_PORTABLE);
		const char *shown = buf_cstr(&text);
		int rc = yamldoc_problem(doc, axis->value, p, "sweep.%s is not a list; write [%s]",
					 axis->key, shown && *shown ? shown : "0.1, 0.01");
		buf_free(&text);
		return rc;
	}
	if (!list->first)
		return yamldoc_problem(doc, axis->value, p,
				       "sweep.%s is empty; list at least one value, or remove it",
				       axis->key);
	for (yaml_id c = list->first; c; c = doc->nodes[c].next)
		axis->count++;
	yaml_id *candidates = malloc(axis->count * sizeof *candidates), *to = candidates;
	if (!candidates)
		return problem_memory(p);
	axis->candidates = candidates;
	for (yaml_id c = list->first; c; c = doc->nodes[c].next) {
		if (value_check(doc, c, p) != 0)
			return -1;
		*to++ = c;
	}
	return drop_twice(doc, axis, candidates, p);
}
