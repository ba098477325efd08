/* rewrite - append everything to one buffer; a piece ends where a slot is. */
#include "spec/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "spec/scalar_write.h"
#include "spec/value.h"

struct rewriter {
	struct splice *s;
	const struct yamldoc *base;
	const struct override *const *overrides;
	size_t override_count;
	size_t from;  /* where the piece that is being written begins */
	size_t pairs; /* written so far */
};

static void end_piece(struct rewriter *w)
{
	struct splice *s = w->s;
	if (s->text.len > w->from)
		s->pieces[s->count++] = (struct edits_piece){w->from, s->text.len - w->from, -1};
	w->from = s->text.len;
}

static void add_slot(struct rewriter *w, size_t slot)
{
	end_piece(w);
	w->s->pieces[w->s->count++] = (struct edits_piece){w->from, 0, (int)slot};
}

/* The override of a key, or override_count. */
static size_t find_override(const struct rewriter *w, const struct yaml_node *key)
{
	size_t i = 0;
	if (!yamldoc_is_string_key(key))
		return w->override_count;
	while (i < w->override_count && (w->overrides[i]->key_len != key->len ||
					 memcmp(w->overrides[i]->key, key->text, key->len) != 0))
		i++;
	return i;
}

static void begin_pair(struct rewriter *w)
{
	if (w->s->flow && w->pairs)
		buf_adds(&w->s->text, ", ");
	w->pairs++;
}

static void end_pair(struct rewriter *w)
{
	if (!w->s->flow)
		buf_addc(&w->s->text, '\n');
}

static void add_pair(struct rewriter *w, yaml_id key)
{
	const struct yaml_node *n = yamldoc_node(w->base, key);
	size_t slot = find_override(w, n);
	bool absent = n->kind == YAML_SCALAR && n->style == YAML_PLAIN && n->len == 0;
	bool complex = n->kind != YAML_SCALAR || n->len > OVERRIDE_MAX_KEY || absent;
	begin_pair(w);
	buf_adds(&w->s->text, complex ? "? " : "");
	if (!absent)
		value_write_yaml(&w->s->text, w->base, key, VALUE_VERBATIM);
	buf_adds(&w->s->text, !complex ? ": " : w->s->flow ? " : " : "\n: ");
	if (slot < w->override_count)
		add_slot(w, slot);
	else
		value_write_yaml(&w->s->text, w->base, w->base->nodes[key].next, VALUE_VERBATIM);
	w->s->replaced += slot < w->override_count;
	end_pair(w);
}

static void append_pair(struct rewriter *w, size_t slot)
{
	const struct override *o = w->overrides[slot];
	struct scalar key = scalar_read(o->key, o->key_len, false);
	begin_pair(w);
	scalar_write_yaml(&w->s->text, &key, w->s->json ? '"' : 0);
	buf_adds(&w->s->text, ": ");
	add_slot(w, slot);
	w->s->appended++;
	end_pair(w);
}

static void write_pairs(struct rewriter *w)
{
	const struct yaml_node *root = yamldoc_node(w->base, w->base->root);
	struct buf *text = &w->s->text;
	if (root->tag) {
		buf_adds(text, "--- ");
		value_write_tag(text, root->tag);
		buf_addc(text, w->s->flow ? ' ' : '\n');
	}
	buf_adds(text, w->s->flow ? "{" : "");
	for (yaml_id k = root->first; k; k = w->base->nodes[w->base->nodes[k].next].next)
		add_pair(w, k);
	for (size_t i = 0; i < w->override_count; i++)
		if (!yamldoc_find(w->base, w->base->root, w->overrides[i]->key,
				  w->overrides[i]->key_len))
			append_pair(w, i);
	buf_adds(text, w->s->flow ? "}\n" : "");
	end_piece(w);
}

int rewrite_plan(struct splice *s, const struct yamldoc *base,
		 const struct override *const *overrides, size_t count, struct problem *p)
{
	struct rewriter w = {s, base, overrides, count, 0, 0};
	bool flow = s->flow, json = s->json;
	splice_free(s);
	*s = (struct splice){.flow = flow, .json = json, .rewritten = true};
	s->pieces = malloc((2 * count + 1) * sizeof *s->pieces);
	if (!s->pieces)
		return problem_memory(p);
	write_pairs(&w);
	return s->text.failed ? problem_memory(p) : 0;
}
