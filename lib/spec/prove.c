/*
 * prove - render, parse what was rendered, compare.
 *
 * The proof is in two halves. Each base is rendered with the first choice of every axis and
 * parsed: every overridden key must mean what the spec said and every other key what the
 * base said. Then all candidates of an axis are parsed as values in a map of the base's
 * style and compared one by one: the slot is the same for all of them, so what holds for the
 * first holds for each that reads the same by itself.
 */
#include "spec/prove.h"

#include <stdlib.h>
#include <string.h>

#include "spec/configtext.h"
#include "spec/rewrite.h"
#include "spec/value.h"
#include "spec/yamlread.h"

enum { PROOF_CHUNK = 1000 }; /* candidates parsed at a time */

static bool same_meaning(const struct yamldoc *a, yaml_id left, const struct yamldoc *b,
			 yaml_id right)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	value_write_key(&one, a, left);
	value_write_key(&two, b, right);
	bool same = !one.failed && !two.failed && one.len == two.len &&
		    (one.len == 0 || memcmp(one.data, two.data, one.len) == 0);
	buf_free(&one);
	buf_free(&two);
	return same;
}

static int proof_failed(const struct resolve *r, const struct override *o, const char *path,
			struct problem *p)
{
	return yamldoc_problem(
		&r->spec->doc, o->at, p,
		"the value of %s cannot be written into %s so "
		"that it reads as it was meant; write that key of the base config on "
		"one line",
		o->key, path);
}

static bool is_overridden(const struct resolve *r, const struct yaml_node *key)
{
	return key->kind == YAML_SCALAR && yamldoc_is_string_key(key) &&
	       sweep_slot(r, (struct slice){key->text, key->len}) >= 0;
}

/* The first pair, from this one on, that is not overridden; 0: none. */
static yaml_id next_kept(const struct resolve *r, const struct yamldoc *doc, yaml_id key)
{
	while (key && is_overridden(r, yamldoc_node(doc, key)))
		key = doc->nodes[doc->nodes[key].next].next;
	return key;
}

static yaml_id after(const struct yamldoc *doc, yaml_id key)
{
	return doc->nodes[doc->nodes[key].next].next;
}

/* The pairs of the base that are not overridden are there as they were, in their order. */
static int prove_rest(const struct resolve *r, const struct resolve_base *b,
		      const struct yamldoc *got, struct problem *p)
{
	const struct yamldoc *doc = &b->doc;
	yaml_id was = next_kept(r, doc, yamldoc_node(doc, doc->root)->first);
	yaml_id is = next_kept(r, got, yamldoc_node(got, got->root)->first);
	while (was && is && same_meaning(doc, was, got, is) &&
	       same_meaning(doc, doc->nodes[was].next, got, got->nodes[is].next)) {
		was = next_kept(r, doc, after(doc, was));
		is = next_kept(r, got, after(got, is));
	}
	if (was && yamldoc_node(doc, was)->kind == YAML_SCALAR)
		return yamldoc_problem(doc, was, p,
				       "overriding other keys would change %s; write "
				       "the values of the base config on lines of their own",
				       yamldoc_node(doc, was)->text);
	if (was || is)
		return problem_at(p, b->path, 1, 1,
				  "its keys cannot be overridden as it is written; "
				  "write each top-level key on a line of its own");
	return 0;
}

static int prove_first(const struct resolve *r, const struct resolve_base *b, struct problem *p)
{
	struct yamldoc got = {0};
	struct problem why;
	size_t *first = calloc(r->spec->axis_count + 1, sizeof *first);
	struct buf text = BUF_INIT;
	int rc = first ? 0 : problem_memory(p);
	if (rc == 0) {
		stencil_render(&b->config, r->choices, "", "", first, "", &text);
		rc = text.failed ? problem_memory(p) : 0;
	}
	if (rc == 0 && (yamlread_config_text(&got, b->path, text.data, text.len, &why) != 0 ||
			!got.root || yamldoc_node(&got, got.root)->kind != YAML_MAP))
		rc = proof_failed(r, r->slots[0], b->path, p);
	for (size_t i = 0; i < r->slot_count && rc == 0; i++) {
		const struct override *o = r->slots[i];
		yaml_id key = yamldoc_find(&got, got.root, o->key, o->key_len);
		yaml_id meant = o->count ? o->candidates[0] : o->value;
		if (!key || !same_meaning(&r->spec->doc, meant, &got, got.nodes[key].next) ||
		    !value_is_portable(&got, got.nodes[key].next))
			rc = proof_failed(r, o, b->path, p);
	}
	if (rc == 0)
		rc = prove_rest(r, b, &got, p);
	yamldoc_free(&got);
	free(first);
	buf_free(&text);
	return rc;
}

/* A map of the base's style with some candidates as its values. */
static void write_sample(struct buf *out, const struct stencil_choices *c, size_t from, size_t to,
			 bool flow)
{
	buf_adds(out, flow ? "{" : "");
	for (size_t i = from; i < to; i++) {
		size_t start = i ? c->ends[FORM_YAML][i - 1] : 0;
		buf_adds(out, flow && i > from ? ", " : "");
		buf_adds(out, flow ? "\"k" : "k");
		buf_addu(out, i);
		buf_adds(out, flow ? "\": " : ": ");
		buf_add(out, c->text[FORM_YAML].data + start, c->ends[FORM_YAML][i] - start);
		buf_adds(out, flow ? "" : " # as written\n");
	}
	buf_adds(out, flow ? "}\n" : "");
}

static int prove_candidates(const struct resolve *r, size_t axis, size_t from, size_t to,
			    struct problem *p)
{
	const struct override *o = &r->spec->axes[axis];
	struct buf text = BUF_INIT;
	struct yamldoc got = {0};
	struct problem why;
	write_sample(&text, &r->choices[axis], from, to, r->bases[0].splice.flow);
	int rc = text.failed ? problem_memory(p) : 0;
	if (rc == 0 && yamlread_text(&got, r->bases[0].path, text.data, text.len, &why) != 0)
		rc = proof_failed(r, o, r->bases[0].path, p);
	yaml_id key = rc == 0 ? yamldoc_node(&got, got.root)->first : 0;
	for (size_t i = from; i < to && rc == 0; i++) {
		yaml_id value = got.nodes[key].next;
		if (!same_meaning(&r->spec->doc, o->candidates[i], &got, value) ||
		    !value_is_portable(&got, value))
			rc = proof_failed(r, o, r->bases[0].path, p);
		key = got.nodes[value].next;
	}
	yamldoc_free(&got);
	buf_free(&text);
	return rc;
}

/* A base that cannot be spliced is written anew; what cannot be read back then
 * either is refused, for the first reason. */
static int prove_base(const struct resolve *r, struct resolve_base *b, struct problem *p)
{
	struct problem again;
	if (prove_first(r, b, p) == 0)
		return 0;
	stencil_free(&b->config);
	if (b->splice.json ||
	    rewrite_plan(&b->splice, &b->doc, r->slots, r->slot_count, &again) != 0)
		return -1;
	configtext_write(&b->config, r, &b->splice, FORM_YAML);
	if (b->config.text.failed)
		return -1;
	return prove_first(r, b, &again);
}

int prove(const struct resolve *r, struct problem *p)
{
	if (r->slot_count == 0)
		return 0;
	for (size_t i = 0; i < r->spec->base_count; i++)
		if (prove_base(r, &r->bases[i], p) != 0)
			return -1;
	for (size_t a = 0; a < r->spec->axis_count; a++) {
		size_t count = r->spec->axes[a].count;
		for (size_t from = 0; from < count; from += PROOF_CHUNK) {
			size_t to = count - from > PROOF_CHUNK ? from + PROOF_CHUNK : count;
			if (prove_candidates(r, a, from, to, p) != 0)
				return -1;
		}
	}
	return 0;
}
