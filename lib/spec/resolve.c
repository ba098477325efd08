/*
 * resolve - the steps from a spec to its runs: parse the bases, cut them,
 * render the candidates, prove, write the programs. After resolve_init nothing
 * can fail but memory.
 *
 * The proof is in two halves. Each base is rendered with the first choice of
 * every axis and parsed: every overridden key must mean what the spec said and
 * every other key what the base said. Then all candidates of an axis are parsed
 * as values in a map of the base's style and compared one by one: the slot is
 * the same for all of them, so what holds for the first holds for each that
 * reads the same by itself.
 */
#include "spec/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cksum.h"
#include "spec/grid.h"
#include "base/json.h"
#include "spec/lacking.h"
#include "spec/planline.h"
#include "spec/rewrite.h"
#include "base/template.h"
#include "spec/value.h"
#include "spec/yamlread.h"

enum { PROOF_CHUNK = 1000 }; /* candidates parsed at a time */

/* ---- candidates ---- */

/* An argument's text is inside a JSON string, and is expanded again by run-one
 * if the line has no experiment directory. */
static void add_argument(struct buf *out, const struct spec *s, yaml_id id, bool quote)
{
	struct buf plain = BUF_INIT, quoted = BUF_INIT, json = BUF_INIT;
	value_write_text(&plain, &s->doc, id);
	if (quote)
		template_quote(&quoted, plain.data, plain.len);
	else
		buf_add(&quoted, plain.data, plain.len);
	json_add_string(&json, quoted.data ? quoted.data : "", quoted.len);
	out->failed |= plain.failed || quoted.failed || json.failed;
	if (!out->failed)
		buf_add(out, json.data + 1, json.len - 2);
	buf_free(&plain);
	buf_free(&quoted);
	buf_free(&json);
}

static void add_forms(struct stencil_choices *c, const struct resolve *r, yaml_id id, bool json)
{
	const struct yamldoc *doc = &r->spec->doc;
	struct buf *yaml = &c->text[FORM_YAML], string = BUF_INIT;
	size_t from = yaml->len;
	value_write_yaml(yaml, doc, id, json ? VALUE_JSON : VALUE_PORTABLE);
	if (yaml->failed)
		return;
	json_add_string(&string, yaml->data + from, yaml->len - from);
	if (!string.failed)
		buf_add(&c->text[FORM_YAML_STRING], string.data + 1, string.len - 2);
	yaml->failed |= string.failed;
	buf_free(&string);
	value_write_json(&c->text[FORM_JSON], doc, id);
	if (yamldoc_node(doc, id)->kind == YAML_SCALAR)
		add_argument(&c->text[FORM_ARGUMENT], r->spec, id, r->dir == NULL);
}

static int make_choices(struct stencil_choices *c, const struct resolve *r,
			const struct override *axis, bool json, struct problem *p)
{
	c->count = axis->count;
	for (int form = 0; form < FORM_COUNT; form++) {
		c->ends[form] = malloc(axis->count * sizeof *c->ends[form]);
		if (!c->ends[form])
			return problem_memory(p);
	}
	for (size_t i = 0; i < axis->count; i++) {
		add_forms(c, r, axis->candidates[i], json);
		for (int form = 0; form < FORM_COUNT; form++)
			c->ends[form][i] = c->text[form].len;
	}
	for (int form = 0; form < FORM_COUNT; form++)
		if (c->text[form].failed)
			return problem_memory(p);
	return 0;
}

/* A JSON base can only take what JSON has. */
static int check_json(const struct resolve *r, struct problem *p)
{
	const struct spec *s = r->spec;
	for (size_t i = 0; i < r->slot_count; i++) {
		const struct override *o = r->slots[i];
		for (size_t c = 0; c < (o->count ? o->count : 1); c++) {
			yaml_id bad =
				value_lacks_json(&s->doc, o->count ? o->candidates[c] : o->value);
			if (bad)
				return yamldoc_problem(
					&s->doc, bad, p,
					"the base config is JSON, which "
					"has no %s; write it in quotes to mean a string",
					yamldoc_node(&s->doc, bad)->text);
		}
	}
	return 0;
}

/* ---- programs ---- */

static int config_program(struct stencil *g, const struct resolve *r, const struct splice *s,
			  struct problem *p)
{
	size_t fixed = r->spec->fixed_count;
	for (size_t i = 0; i < s->count; i++) {
		const struct edits_piece *piece = &s->pieces[i];
		if (piece->slot < 0) {
			stencil_text(g, s->text.data + piece->from, piece->len);
		} else if ((size_t)piece->slot < fixed) {
			struct buf b = BUF_INIT;
			value_write_yaml(&b, &r->spec->doc, r->slots[piece->slot]->value,
					 s->json ? VALUE_JSON : VALUE_PORTABLE);
			g->text.failed |= b.failed;
			stencil_text(g, b.data, b.len);
			buf_free(&b);
		} else {
			stencil_place(g, STENCIL_CHOICE, (size_t)piece->slot - fixed, FORM_YAML);
		}
	}
	return g->text.failed ? problem_memory(p) : 0;
}

/* ---- the proof ---- */

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

static bool overridden(const struct resolve *r, const struct yaml_node *key)
{
	for (size_t i = 0; i < r->slot_count; i++)
		if (yamldoc_is(key, r->slots[i]->key) && yamldoc_is_string_key(key))
			return true;
	return false;
}

/* The first pair, from this one on, that is not overridden; 0: none. */
static yaml_id next_kept(const struct resolve *r, const struct yamldoc *doc, yaml_id key)
{
	while (key && overridden(r, yamldoc_node(doc, key)))
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
	struct resolve_point first = {0};
	struct buf text = BUF_INIT;
	int rc = resolve_point_init(&first, r) == 0 ? 0 : problem_memory(p);
	if (rc == 0) {
		stencil_render(&b->config, r->choices, "", "", first.choice, "", &text);
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
	resolve_point_free(&first);
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
	if (b->splice.json || rewrite_plan(&b->splice, &b->doc, r->slots, r->slot_count, &again) ||
	    config_program(&b->config, r, &b->splice, &again) != 0)
		return -1;
	return prove_first(r, b, &again);
}

static int prove(const struct resolve *r, struct problem *p)
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

/* ---- making a resolver ---- */

static int list_slots(struct resolve *r, struct problem *p)
{
	const struct spec *s = r->spec;
	r->slot_count = s->fixed_count + s->axis_count;
	r->slots = calloc(r->slot_count + 1, sizeof *r->slots);
	r->counts = calloc(s->axis_count + 1, sizeof *r->counts);
	r->choices = calloc(s->axis_count + 1, sizeof *r->choices);
	r->bases = calloc(s->base_count, sizeof *r->bases);
	if (!r->slots || !r->counts || !r->choices || !r->bases)
		return problem_memory(p);
	for (size_t i = 0; i < s->fixed_count; i++)
		r->slots[i] = &s->fixed[i];
	for (size_t i = 0; i < s->axis_count; i++) {
		r->slots[s->fixed_count + i] = &s->axes[i];
		r->counts[i] = s->axes[i].count;
	}
	return 0;
}

static int read_base(struct resolve *r, struct resolve_base *b, yaml_id name, struct problem *p)
{
	b->path = yamldoc_node(&r->spec->doc, name)->text;
	if (yamlread_config(&b->doc, b->path, p) != 0 ||
	    splice_plan(&b->splice, &b->doc, r->slots, r->slot_count, p) != 0)
		return -1;
	if (b->splice.json && check_json(r, p) != 0)
		return -1;
	return config_program(&b->config, r, &b->splice, p);
}

int resolve_init(struct resolve *r, const struct spec *spec, const char *dir, struct problem *p)
{
	*r = (struct resolve){.spec = spec, .dir = dir, .digits = grid_digits(spec->total)};
	if (spec_check_bases(spec, p) != 0 || list_slots(r, p) != 0)
		return -1;
	for (size_t i = 0; i < spec->base_count; i++)
		if (read_base(r, &r->bases[i], spec->bases[i], p) != 0)
			return -1;
	for (size_t i = 0; i < spec->axis_count; i++)
		if (make_choices(&r->choices[i], r, &spec->axes[i], r->bases[0].splice.json, p) !=
		    0)
			return -1;
	if (prove(r, p) != 0)
		return -1;
	for (size_t i = 0; i < spec->base_count; i++)
		if (planline_program(&r->bases[i].line, r, &r->bases[i], &r->remarks, p) != 0)
			return -1;
	lacking_note(r, &r->remarks);
	return 0;
}

void resolve_free(struct resolve *r)
{
	for (size_t i = 0; r->bases && i < r->spec->base_count; i++) {
		stencil_free(&r->bases[i].config);
		stencil_free(&r->bases[i].line);
		splice_free(&r->bases[i].splice);
		yamldoc_free(&r->bases[i].doc);
	}
	for (size_t i = 0; r->choices && i < r->spec->axis_count; i++)
		stencil_choices_free(&r->choices[i]);
	remarks_free(&r->remarks);
	free(r->bases);
	free(r->choices);
	free(r->counts);
	free(r->slots);
	*r = (struct resolve){0};
}

/* ---- points ---- */

int resolve_point_init(struct resolve_point *point, const struct resolve *r)
{
	*point = (struct resolve_point){
		.choice = calloc(r->spec->axis_count + 1, sizeof *point->choice)};
	if (!point->choice)
		return -1;
	resolve_seek(r, point, 0);
	return 0;
}

void resolve_point_free(struct resolve_point *point)
{
	free(point->choice);
	*point = (struct resolve_point){0};
}

static void name_point(const struct resolve *r, struct resolve_point *point)
{
	snprintf(point->run, sizeof point->run, "run_%0*llu", r->digits,
		 (unsigned long long)point->index);
	snprintf(point->digits, sizeof point->digits, "%llu", (unsigned long long)point->index);
	point->base = r->spec->has_configs ? (size_t)point->index : 0;
}

void resolve_seek(const struct resolve *r, struct resolve_point *point, uint64_t index)
{
	point->index = index;
	grid_at(index, r->counts, r->spec->axis_count, point->choice);
	name_point(r, point);
}

/* The decimal number after; true: it became zeros. */
static bool count_up(char *digits, size_t len)
{
	while (len-- > 0) {
		if (digits[len] != '9') {
			digits[len]++;
			return false;
		}
		digits[len] = '0';
	}
	return true;
}

void resolve_next(const struct resolve *r, struct resolve_point *point)
{
	size_t len = strlen(point->digits);
	point->index++;
	grid_next(r->counts, r->spec->axis_count, point->choice);
	count_up(point->run + 4, strlen(point->run + 4)); /* run_ and as many digits as the last */
	if (count_up(point->digits, len)) {
		point->digits[0] = '1';
		memcpy(point->digits + len, "0", 2);
	}
	point->base = r->spec->has_configs ? (size_t)point->index : 0;
}

void resolve_config(const struct resolve *r, const struct resolve_point *point, struct buf *out)
{
	stencil_render(&r->bases[point->base].config, r->choices, point->run, point->digits,
		       point->choice, "", out);
}

void resolve_line(const struct resolve *r, const struct resolve_point *point, struct buf *out)
{
	char cksum[CKSUM_SIZE] = "";
	struct buf config = BUF_INIT;
	if (r->dir) {
		resolve_config(r, point, &config);
		cksum_text(cksum, config.data ? config.data : "", config.len);
	}
	out->failed |= config.failed;
	buf_free(&config);
	stencil_render(&r->bases[point->base].line, r->choices, point->run, point->digits,
		       point->choice, cksum, out);
}
