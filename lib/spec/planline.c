/*
 * planline - every string that goes into the program is escaped for JSON on its
 * way in; what is filled in later comes in a form that is escaped already.
 */
#include "spec/planline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "exp/status.h"
#include "base/template.h"
#include "spec/value.h"
#include "spec/yamlread.h"

struct writer {
	struct stencil *g;
	const struct resolve *r;
	const struct resolve_base *base;
	struct remarks *remarks;
	struct problem *p;
};

static void text(struct writer *w, const char *s)
{
	stencil_text(w->g, s, strlen(s));
}

/* Text inside a JSON string. */
static void string_text(struct writer *w, const char *s, size_t len)
{
	struct buf b = BUF_INIT;
	json_add_string(&b, s, len);
	w->g->text.failed |= b.failed;
	if (!b.failed)
		stencil_text(w->g, b.data + 1, b.len - 2);
	buf_free(&b);
}

static void string_field(struct writer *w, const char *key, const char *value)
{
	text(w, ",\"");
	text(w, key);
	text(w, "\":\"");
	string_text(w, value, strlen(value));
	text(w, "\"");
}

const char *planline_suffix(const struct resolve_base *base)
{
	return yamlread_is_json_name(base->path) ? ".json" : ".yaml";
}

void planline_config_path(struct stencil *g, const struct resolve *r,
			  const struct resolve_base *base)
{
	struct writer w = {.g = g};
	string_text(&w, r->dir, strlen(r->dir));
	text(&w, "/configs/");
	stencil_place(g, STENCIL_RUN, 0, 0);
	text(&w, planline_suffix(base));
}

/* ---- placeholders ---- */

/* The axis or fixed override of a key: its slot, or -1. */
static int slot_of(const struct resolve *r, struct slice name)
{
	for (size_t i = 0; i < r->slot_count; i++)
		if (r->slots[i]->key_len == name.len &&
		    memcmp(r->slots[i]->key, name.data, name.len) == 0)
			return (int)i;
	return -1;
}

static bool is(struct slice name, const char *word)
{
	return name.len == strlen(word) && memcmp(name.data, word, name.len) == 0;
}

/* Fixed text of an argument; braces doubled where run-one expands it again. */
static void argument_text(struct writer *w, const char *s, size_t len)
{
	struct buf b = BUF_INIT;
	if (w->r->dir)
		buf_add(&b, s, len);
	else
		template_quote(&b, s, len);
	w->g->text.failed |= b.failed;
	string_text(w, b.data ? b.data : "", b.len);
	buf_free(&b);
}

/* A top-level scalar as text. -1: no such key; -2: not a scalar. */
static int fixed_value(struct writer *w, const struct yamldoc *doc, yaml_id id)
{
	struct buf b = BUF_INIT;
	if (!id)
		return -1;
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind != YAML_SCALAR || memchr(n->text, '\0', n->len))
		return -2;
	value_write_text(&b, doc, id);
	w->g->text.failed |= b.failed;
	argument_text(w, b.data ? b.data : "", b.len);
	buf_free(&b);
	return 0;
}

static int choice_value(struct writer *w, size_t axis)
{
	const struct spec *s = w->r->spec;
	for (size_t i = 0; i < s->axes[axis].count; i++)
		if (yamldoc_node(&s->doc, s->axes[axis].candidates[i])->kind != YAML_SCALAR)
			return -2;
	stencil_place(w->g, STENCIL_CHOICE, axis, FORM_ARGUMENT);
	return 0;
}

static int key_value(struct writer *w, struct slice name)
{
	const struct spec *s = w->r->spec;
	int slot = slot_of(w->r, name);
	if (slot >= (int)s->fixed_count)
		return choice_value(w, (size_t)slot - s->fixed_count);
	if (slot >= 0)
		return fixed_value(w, &s->doc, w->r->slots[slot]->value);
	return fixed_value(w, &w->base->doc,
			   value_of_key(&w->base->doc, w->base->doc.root, name.data, name.len));
}

/* 0, -1: unknown, -2: not a scalar, -3: needs an experiment directory. */
static int placeholder(struct writer *w, struct slice name)
{
	if (is(name, "run")) {
		stencil_place(w->g, STENCIL_RUN, 0, 0);
		return 0;
	}
	if (is(name, "config") && w->r->dir) {
		planline_config_path(w->g, w->r, w->base);
		return 0;
	}
	if (is(name, "config")) {
		text(w, "{config}");
		return 0;
	}
	if (is(name, "experiment_dir")) {
		string_text(w, w->r->dir ? w->r->dir : "", w->r->dir ? strlen(w->r->dir) : 0);
		return w->r->dir ? 0 : -3;
	}
	return key_value(w, name);
}

static int placeholder_problem(struct writer *w, const struct yamldoc *doc, yaml_id at, int why,
			       struct slice name)
{
	int len = name.len > 100 ? 100 : (int)name.len;
	if (why == -2)
		return yamldoc_problem(doc, at, w->p,
				       "placeholder {%.*s} is a list or map; a command "
				       "takes single values: pass {config} instead",
				       len, name.data);
	if (why == -3)
		return yamldoc_problem(doc, at, w->p,
				       "placeholder {experiment_dir} needs an experiment "
				       "directory; give -d DIR");
	return yamldoc_problem(doc, at, w->p,
			       "unknown placeholder {%.*s} for %s; write {config}, {run}, "
			       "{experiment_dir} or a key of the config, and {{ }} for braces",
			       len, name.data, w->base->path);
}

/* One template, at a node of a file, inside a JSON string. */
static int write_template(struct writer *w, const struct yamldoc *doc, yaml_id at, bool is_command)
{
	const char *rest = yamldoc_node(doc, at)->text;
	struct slice piece;
	bool is_name;
	int more;
	while ((more = template_next(&rest, &piece, &is_name)) > 0) {
		if (!is_name && is_command)
			argument_text(w, piece.data, piece.len);
		else if (!is_name)
			string_text(w, piece.data, piece.len);
		int why = is_name ? placeholder(w, piece) : 0;
		if (why != 0)
			return placeholder_problem(w, doc, at, why, piece);
	}
	if (more < 0)
		return yamldoc_problem(doc, at, w->p,
				       "a brace without its partner; write {{ or }} for a "
				       "brace");
	return 0;
}

/* Has the base what the template needs? */
static bool can_fill(struct writer *w, const char *template)
{
	struct stencil scratch = {0};
	struct writer try = *w;
	struct slice piece;
	bool is_name, can = true;
	int more = 1;
	try.g = &scratch;
	while (can && (more = template_next(&template, &piece, &is_name)) > 0)
		can = !is_name || is(piece, "run") || is(piece, "config") ||
		      is(piece, "experiment_dir") || key_value(&try, piece) == 0;
	stencil_free(&scratch);
	return can && more == 0;
}

/* A template of the mode's that the base cannot fill is left out where the command is
 * the spec's own: it belongs to another program. */
static bool is_left_out(struct writer *w, const char *what, yaml_id own, yaml_id at)
{
	const struct spec *s = w->r->spec;
	const char *template = yamldoc_node(own ? &s->doc : &s->modes.doc, at)->text;
	if (own || !s->command || can_fill(w, template))
		return false;
	yamldoc_remark(&s->modes.doc, at, w->remarks, s->has_configs ? "configs" : "", what,
		       "%s of mode %s is left out: %s cannot fill %s, and the command is the "
		       "spec's own; write %s: in the spec if there is any",
		       what, s->mode, w->base->path, template, what);
	return true;
}

/* ---- fields ---- */

/* The command's list, and the file it is in; 0: there is none. */
static yaml_id command_of(const struct spec *s, const struct yamldoc **doc)
{
	*doc = s->command ? &s->doc : &s->modes.doc;
	return s->command ? s->command : s->mode_of.command;
}

bool planline_command_takes(const struct resolve *r, const char *key, size_t len)
{
	const struct yamldoc *doc;
	struct slice piece;
	bool is_name;
	yaml_id list = command_of(r->spec, &doc);
	for (yaml_id c = list ? yamldoc_node(doc, list)->first : 0; c; c = doc->nodes[c].next) {
		const char *rest = yamldoc_node(doc, c)->text;
		while (template_next(&rest, &piece, &is_name) > 0)
			if (is_name && piece.len == len && memcmp(piece.data, key, len) == 0)
				return true;
	}
	return false;
}

static int write_command(struct writer *w)
{
	const struct yamldoc *doc;
	yaml_id list = command_of(w->r->spec, &doc);
	if (!list)
		return 0;
	text(w, ",\"command\":[");
	for (yaml_id c = yamldoc_node(doc, list)->first; c; c = doc->nodes[c].next) {
		text(w, c == yamldoc_node(doc, list)->first ? "\"" : ",\"");
		if (write_template(w, doc, c, true) != 0)
			return -1;
		text(w, "\"");
	}
	text(w, "]");
	return 0;
}

static bool has_scalar(struct writer *w, const char *key)
{
	struct stencil scratch = {0};
	struct writer try = *w;
	try.g = &scratch;
	bool found = key_value(&try, (struct slice){key, strlen(key)}) == 0;
	stencil_free(&scratch);
	return found;
}

/* A path in a line is used as it stands; only commands are expanded again. */
static int write_run_dir(struct writer *w)
{
	const struct spec *s = w->r->spec;
	const struct yamldoc *doc = s->run_dir ? &s->doc : &s->modes.doc;
	yaml_id at = s->run_dir ? s->run_dir : s->mode_of.run_dir;
	bool by_default =
		!at && !s->modes.present && has_scalar(w, "dataset") && has_scalar(w, "model");
	if ((!at && !by_default) || (at && is_left_out(w, "run_dir", s->run_dir, at)))
		return 0;
	text(w, ",\"run_dir_parent\":\"");
	int rc = 0;
	if (at) {
		rc = write_template(w, doc, at, false);
	} else {
		text(w, "runs/");
		key_value(w, (struct slice){"dataset", 7});
		text(w, "/");
		key_value(w, (struct slice){"model", 5});
	}
	text(w, by_default ? "\",\"run_dir_default\":true" : "\"");
	return rc;
}

/* Where the run's metrics are, where that is not metrics.json. */
static int write_metrics(struct writer *w)
{
	const struct spec *s = w->r->spec;
	const struct yamldoc *doc = s->metrics ? &s->doc : &s->modes.doc;
	yaml_id at = s->metrics ? s->metrics : s->mode_of.metrics, file = at, jq = 0;
	if (!at)
		return 0;
	if (yamldoc_node(doc, at)->kind == YAML_MAP) {
		file = value_of_key(doc, at, "file", 4);
		jq = value_of_key(doc, at, "jq", 2);
	}
	if (file && is_left_out(w, "metrics", s->metrics, file))
		return 0;
	if (file) {
		text(w, ",\"metrics_file\":\"");
		if (write_template(w, doc, file, false) != 0)
			return -1;
		text(w, "\"");
	}
	if (jq)
		string_field(w, "metrics_jq", yamldoc_node(doc, jq)->text);
	return 0;
}

static void write_key(struct writer *w, const char *key, size_t len)
{
	text(w, "\"");
	string_text(w, key, len);
	text(w, "\":");
}

static void write_json_value(struct writer *w, const struct yamldoc *doc, yaml_id id)
{
	struct buf b = BUF_INIT;
	value_write_json(&b, doc, id);
	w->g->text.failed |= b.failed;
	stencil_text(w->g, b.data, b.len);
	buf_free(&b);
}

static void write_params(struct writer *w)
{
	const struct spec *s = w->r->spec;
	text(w, ",\"params\":{");
	for (size_t i = 0; i < s->axis_count; i++) {
		text(w, i ? "," : "");
		write_key(w, s->axes[i].key, s->axes[i].key_len);
		stencil_place(w->g, STENCIL_CHOICE, i, FORM_JSON);
	}
	text(w, "}");
}

static void write_slot_value(struct writer *w, size_t slot)
{
	const struct spec *s = w->r->spec;
	if (slot < s->fixed_count)
		write_json_value(w, &s->doc, w->r->slots[slot]->value);
	else
		stencil_place(w->g, STENCIL_CHOICE, slot - s->fixed_count, FORM_JSON);
}

/* One pair of the base in the JSON form of the resolved config. */
static void write_base_pair(struct writer *w, yaml_id key, bool *first)
{
	const struct yamldoc *doc = &w->base->doc;
	const struct yaml_node *n = yamldoc_node(doc, key);
	if (n->kind != YAML_SCALAR)
		return; /* a list or map as a key has no JSON form */
	int slot = yamldoc_is_string_key(n) ? slot_of(w->r, (struct slice){n->text, n->len}) : -1;
	text(w, *first ? "" : ",");
	*first = false;
	write_key(w, n->text, n->len);
	if (slot >= 0)
		write_slot_value(w, (size_t)slot);
	else
		write_json_value(w, doc, doc->nodes[key].next);
}

/* What << brings in, but for what is overridden. */
static void write_merged(struct writer *w, bool *first)
{
	const struct yamldoc *doc = &w->base->doc;
	yaml_id *keys;
	size_t count;
	w->g->text.failed |= !value_merged(doc, doc->root, &keys, &count);
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *k = yamldoc_node(doc, keys[i]);
		if (slot_of(w->r, (struct slice){k->text, k->len}) < 0)
			write_base_pair(w, keys[i], first);
	}
	free(keys);
}

static void write_config_json(struct writer *w)
{
	const struct yamldoc *doc = &w->base->doc;
	const struct resolve *r = w->r;
	bool first = true;
	text(w, ",\"config\":{");
	write_merged(w, &first);
	for (yaml_id k = yamldoc_node(doc, doc->root)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next)
		if (!yamldoc_is_merge(yamldoc_node(doc, k)) && value_is_in_json(doc, doc->root, k))
			write_base_pair(w, k, &first);
	for (size_t i = 0; i < r->slot_count; i++) {
		if (yamldoc_find(doc, doc->root, r->slots[i]->key, r->slots[i]->key_len))
			continue;
		text(w, first ? "" : ",");
		first = false;
		write_key(w, r->slots[i]->key, r->slots[i]->key_len);
		write_slot_value(w, i);
	}
	text(w, "}");
}

static void write_config_yaml(struct writer *w)
{
	const struct splice *s = &w->base->splice;
	text(w, ",\"config_yaml\":\"");
	for (size_t i = 0; i < s->count; i++) {
		const struct edits_piece *piece = &s->pieces[i];
		if (piece->slot < 0) {
			string_text(w, s->text.data + piece->from, piece->len);
		} else if ((size_t)piece->slot < w->r->spec->fixed_count) {
			struct buf b = BUF_INIT;
			value_write_yaml(&b, &w->r->spec->doc, w->r->slots[piece->slot]->value,
					 s->json ? VALUE_JSON : VALUE_PORTABLE);
			string_text(w, b.data ? b.data : "", b.len);
			buf_free(&b);
		} else {
			stencil_place(w->g, STENCIL_CHOICE,
				      (size_t)piece->slot - w->r->spec->fixed_count,
				      FORM_YAML_STRING);
		}
	}
	text(w, "\"");
}

int planline_program(struct stencil *g, const struct resolve *r, const struct resolve_base *base,
		     struct remarks *remarks, struct problem *p)
{
	struct writer w = {g, r, base, remarks, p};
	char total[64];
	text(&w, "{\"run\":\"");
	stencil_place(g, STENCIL_RUN, 0, 0);
	text(&w, "\",\"index\":");
	stencil_place(g, STENCIL_INDEX, 0, 0);
	snprintf(total, sizeof total, ",\"total\":%llu", (unsigned long long)r->spec->total);
	text(&w, total);
	string_field(&w, "experiment", r->spec->name);
	if (r->dir)
		string_field(&w, "experiment_dir", r->dir);
	string_field(&w, "mode", r->spec->mode);
	string_field(&w, "status", status_names[STATUS_PENDING]);
	write_params(&w);
	string_field(&w, "base_config", base->path);
	if (r->dir) {
		text(&w, ",\"config_path\":\"");
		planline_config_path(g, r, base);
		text(&w, "\",\"config_cksum\":\"");
		stencil_place(g, STENCIL_CKSUM, 0, 0);
		text(&w, "\"");
	} else {
		write_config_yaml(&w);
		write_config_json(&w);
	}
	if (write_command(&w) != 0 || write_run_dir(&w) != 0 || write_metrics(&w) != 0)
		return -1;
	text(&w, ",\"format\":1}\n");
	return g->text.failed ? problem_memory(p) : 0;
}
