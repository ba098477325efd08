/*
 * choices - each candidate is written once in each form, all of one form in one buffer.
 */
#include "spec/choices.h"

#include <stdlib.h>

#include "base/json_add.h"
#include "base/template.h"
#include "spec/value.h"

/* An argument's text is inside a JSON string, and is expanded again by run-one
 * if the line has no experiment directory. */
static void add_argument_form(struct buf *out, const struct spec *s, yaml_id id, bool quote)
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
		add_argument_form(&c->text[FORM_ARGUMENT], r->spec, id, r->dir == NULL);
}

int choices_make(struct stencil_choices *c, const struct resolve *r, const struct override *axis,
		 bool json, struct problem *p)
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

int choices_check_json(const struct resolve *r, struct problem *p)
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
