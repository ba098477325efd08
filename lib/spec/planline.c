/*
 * planline - one function a field, in the order of the line.
 *
 * Every string is escaped for JSON when it is added to the stencil; what is filled in for a
 * run comes in a form that is escaped already.
 */
#include "spec/planline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exp/status.h"
#include "spec/configtext.h"
#include "spec/placeholder.h"
#include "spec/value.h"

struct writer {
	struct placeholder_writer to;
	struct remarks *remarks;
};

static void text(struct writer *w, const char *s)
{
	stencil_text(w->to.g, s, strlen(s));
}

static void string_field(struct writer *w, const char *key, const char *value)
{
	text(w, ",\"");
	text(w, key);
	text(w, "\":\"");
	stencil_string(w->to.g, value, strlen(value));
	text(w, "\"");
}

/* A template of the mode's that the base cannot fill is left out where the command is
 * the spec's own: it belongs to another program. */
static bool is_left_out(struct writer *w, const char *what, yaml_id own, yaml_id at)
{
	const struct spec *s = w->to.r->spec;
	const char *template = yamldoc_node(own ? &s->doc : &s->modes.doc, at)->text;
	if (own || !s->command || placeholder_can_fill(&w->to, template))
		return false;
	yamldoc_remark(&s->modes.doc, at, w->remarks, s->has_configs ? "configs" : "", what,
		       "%s of mode %s is ignored: %s cannot fill %s, and the command is the "
		       "spec's own; write %s: in the spec if there is any",
		       what, s->mode, w->to.base->path, template, what);
	return true;
}

/* ---- fields ---- */

static int add_command_field(struct writer *w)
{
	const struct yamldoc *doc;
	yaml_id list = sweep_command(w->to.r->spec, &doc);
	if (!list)
		return 0;
	text(w, ",\"command\":[");
	for (yaml_id c = yamldoc_node(doc, list)->first; c; c = doc->nodes[c].next) {
		text(w, c == yamldoc_node(doc, list)->first ? "\"" : ",\"");
		if (placeholder_write(&w->to, doc, c, true) != 0)
			return -1;
		text(w, "\"");
	}
	text(w, "]");
	return 0;
}

static bool has_scalar(struct writer *w, const char *key)
{
	struct stencil scratch = {0};
	struct placeholder_writer try = w->to;
	try.g = &scratch;
	bool found = placeholder_key(&try, (struct slice){key, strlen(key)}) == PLACEHOLDER_FILLED;
	stencil_free(&scratch);
	return found;
}

/* A path in a line is used as it stands; only commands are expanded again. */
static int write_run_dir(struct writer *w)
{
	const struct spec *s = w->to.r->spec;
	const struct yamldoc *doc = s->run_dir ? &s->doc : &s->modes.doc;
	yaml_id at = s->run_dir ? s->run_dir : s->mode_of.run_dir;
	bool by_default =
		!at && !s->modes.present && has_scalar(w, "dataset") && has_scalar(w, "model");
	if ((!at && !by_default) || (at && is_left_out(w, "run_dir", s->run_dir, at)))
		return 0;
	text(w, ",\"run_dir_parent\":\"");
	int rc = 0;
	if (at) {
		rc = placeholder_write(&w->to, doc, at, false);
	} else {
		text(w, "runs/");
		placeholder_key(&w->to, (struct slice){"dataset", 7});
		text(w, "/");
		placeholder_key(&w->to, (struct slice){"model", 5});
	}
	text(w, by_default ? "\",\"run_dir_default\":true" : "\"");
	return rc;
}

/* Where the run's metrics are, where that is not metrics.json. */
static int write_metrics(struct writer *w)
{
	const struct spec *s = w->to.r->spec;
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
		if (placeholder_write(&w->to, doc, file, false) != 0)
			return -1;
		text(w, "\"");
	}
	if (jq)
		string_field(w, "metrics_jq", yamldoc_node(doc, jq)->text);
	return 0;
}

static void add_line_key(struct writer *w, const char *key, size_t len)
{
	text(w, "\"");
	stencil_string(w->to.g, key, len);
	text(w, "\":");
}

static void write_json_value(struct writer *w, const struct yamldoc *doc, yaml_id id)
{
	struct buf b = BUF_INIT;
	value_write_json(&b, doc, id);
	w->to.g->text.failed |= b.failed;
	stencil_text(w->to.g, b.data, b.len);
	buf_free(&b);
}

static void write_params(struct writer *w)
{
	const struct spec *s = w->to.r->spec;
	text(w, ",\"params\":{");
	for (size_t i = 0; i < s->axis_count; i++) {
		text(w, i ? "," : "");
		add_line_key(w, s->axes[i].key, s->axes[i].key_len);
		stencil_place(w->to.g, STENCIL_CHOICE, i, FORM_JSON);
	}
	text(w, "}");
}

static void write_slot_value(struct writer *w, size_t slot)
{
	const struct spec *s = w->to.r->spec;
	if (slot < s->fixed_count)
		write_json_value(w, &s->doc, w->to.r->slots[slot]->value);
	else
		stencil_place(w->to.g, STENCIL_CHOICE, slot - s->fixed_count, FORM_JSON);
}

/* One pair of the base in the JSON form of the resolved config. */
static void write_base_pair(struct writer *w, yaml_id key, bool *first)
{
	const struct yamldoc *doc = &w->to.base->doc;
	const struct yaml_node *n = yamldoc_node(doc, key);
	if (n->kind != YAML_SCALAR)
		return; /* a list or map as a key has no JSON form */
	int slot = yamldoc_is_string_key(n) ? sweep_slot(w->to.r, (struct slice){n->text, n->len})
					    : -1;
	text(w, *first ? "" : ",");
	*first = false;
	add_line_key(w, n->text, n->len);
	if (slot >= 0)
		write_slot_value(w, (size_t)slot);
	else
		write_json_value(w, doc, doc->nodes[key].next);
}

/* What << brings in, but for what is overridden. */
static void write_merged(struct writer *w, bool *first)
{
	const struct yamldoc *doc = &w->to.base->doc;
	yaml_id *keys;
	size_t count;
	w->to.g->text.failed |= !value_merged(doc, doc->root, &keys, &count);
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *k = yamldoc_node(doc, keys[i]);
		if (sweep_slot(w->to.r, (struct slice){k->text, k->len}) < 0)
			write_base_pair(w, keys[i], first);
	}
	free(keys);
}

static void write_config_json(struct writer *w)
{
	const struct yamldoc *doc = &w->to.base->doc;
	const struct resolve *r = w->to.r;
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
		add_line_key(w, r->slots[i]->key, r->slots[i]->key_len);
		write_slot_value(w, i);
	}
	text(w, "}");
}

int planline_write(struct stencil *g, const struct resolve *r, const struct resolve_base *base,
		   struct remarks *remarks, struct problem *p)
{
	struct writer w = {{g, r, base, p}, remarks};
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
		placeholder_config_path(&w.to);
		text(&w, "\",\"config_cksum\":\"");
		stencil_place(g, STENCIL_CKSUM, 0, 0);
		text(&w, "\"");
	} else {
		text(&w, ",\"config_yaml\":\"");
		configtext_write(g, r, &base->splice, FORM_YAML_STRING);
		text(&w, "\"");
		write_config_json(&w);
	}
	if (add_command_field(&w) != 0 || write_run_dir(&w) != 0 || write_metrics(&w) != 0)
		return -1;
	text(&w, ",\"format\":1}\n");
	return g->text.failed ? problem_memory(p) : 0;
}
