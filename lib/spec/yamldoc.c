/* yamldoc - look up nodes of the tree, and name their places in messages. */
#include "spec/yamldoc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/scalar.h"

/* Strings of the document, freed together. */
struct yaml_pool {
	struct yaml_pool *next;
	char text[];
};

char *yamldoc_keep(struct yamldoc *doc, const void *text, size_t len)
{
	struct yaml_pool *item = malloc(sizeof *item + len + 1);
	if (!item)
		return NULL;
	memcpy(item->text, text, len);
	item->text[len] = '\0';
	item->next = doc->pool;
	doc->pool = item;
	return item->text;
}

void yamldoc_free(struct yamldoc *doc)
{
	while (doc->pool) {
		struct yaml_pool *next = doc->pool->next;
		free(doc->pool);
		doc->pool = next;
	}
	remarks_free(&doc->remarks);
	names_free(&doc->keys);
	free(doc->nodes);
	free(doc->data);
	free(doc->file);
	*doc = (struct yamldoc){0};
}

const struct yaml_node *yamldoc_node(const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = &doc->nodes[id];
	return n->kind == YAML_ALIAS ? &doc->nodes[n->target] : n;
}

yaml_id yamldoc_find(const struct yamldoc *doc, yaml_id map, const char *key, size_t len)
{
	const struct yaml_node *n = yamldoc_node(doc, map);
	const uint32_t *one;
	yaml_id found = 0;
	size_t at = 0;
	while ((one = names_next(&doc->keys, (yaml_id)(n - doc->nodes), key, len, &at)))
		if (!found || yamldoc_is_string_key(yamldoc_node(doc, *one)))
			found = *one;
	return found;
}

int yamldoc_problem(const struct yamldoc *doc, yaml_id at, struct problem *p, const char *fmt, ...)
{
	char text[sizeof p->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return problem_at(p, doc->file, doc->nodes[at].line, doc->nodes[at].column, "%s", text);
}

void yamldoc_remark(const struct yamldoc *doc, yaml_id at, struct remarks *to, const char *key,
		    const char *kind, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	remarks_add(to, doc->file, doc->nodes[at].line, doc->nodes[at].column, key, kind, text);
}

bool yamldoc_is(const struct yaml_node *n, const char *text)
{
	return n->kind == YAML_SCALAR && n->len == strlen(text) &&
	       memcmp(n->text, text, n->len) == 0;
}

bool yamldoc_is_merge(const struct yaml_node *key)
{
	return key->kind == YAML_SCALAR && yamldoc_is_plain(key) && yamldoc_is(key, "<<");
}

bool yamldoc_is_plain(const struct yaml_node *n)
{
	return n->style == YAML_PLAIN && !n->tag;
}

bool yamldoc_is_string_key(const struct yaml_node *n)
{
	return n->kind == YAML_SCALAR &&
	       (!yamldoc_is_plain(n) || (scalar_type_11(n->text, n->len) == SCALAR_STRING &&
					 scalar_type_12(n->text, n->len) == SCALAR_STRING));
}
