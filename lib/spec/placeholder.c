/*
 * placeholder - what is known for all runs of a base becomes text, what differs from run to
 * run a place of the stencil.
 */
#include "spec/placeholder.h"

#include <string.h>

#include "base/template.h"
#include "exp/layout.h"
#include "spec/value.h"

void placeholder_config_path(struct placeholder_writer *w)
{
	const char *suffix = sweep_suffix(w->base);
	stencil_string(w->g, w->r->dir, strlen(w->r->dir));
	stencil_text(w->g, "/" LAYOUT_CONFIGS "/", strlen("/" LAYOUT_CONFIGS "/"));
	stencil_place(w->g, STENCIL_RUN, 0, 0);
	stencil_text(w->g, suffix, strlen(suffix));
}

/* Fixed text of an argument; braces doubled where run-one expands it again. */
static void argument_text(struct placeholder_writer *w, const char *s, size_t len)
{
	struct buf b = BUF_INIT;
	if (w->r->dir)
		buf_add(&b, s, len);
	else
		template_quote(&b, s, len);
	w->g->text.failed |= b.failed;
	stencil_string(w->g, b.data ? b.data : "", b.len);
	buf_free(&b);
}

/* A top-level scalar as text. */
static enum placeholder_result fixed_value(struct placeholder_writer *w, const struct yamldoc *doc,
					   yaml_id id)
{
	struct buf b = BUF_INIT;
	if (!id)
		return PLACEHOLDER_UNKNOWN;
	const struct yaml_node *n = yamldoc_node(doc, id);
	if (n->kind != YAML_SCALAR || memchr(n->text, '\0', n->len))
		return PLACEHOLDER_NOT_SCALAR;
	value_write_text(&b, doc, id);
	w->g->text.failed |= b.failed;
	argument_text(w, b.data ? b.data : "", b.len);
	buf_free(&b);
	return PLACEHOLDER_FILLED;
}

static enum placeholder_result choice_value(struct placeholder_writer *w, size_t axis)
{
	const struct spec *s = w->r->spec;
	for (size_t i = 0; i < s->axes[axis].count; i++)
		if (yamldoc_node(&s->doc, s->axes[axis].candidates[i])->kind != YAML_SCALAR)
			return PLACEHOLDER_NOT_SCALAR;
	stencil_place(w->g, STENCIL_CHOICE, axis, FORM_ARGUMENT);
	return PLACEHOLDER_FILLED;
}

enum placeholder_result placeholder_key(struct placeholder_writer *w, struct slice name)
{
	const struct spec *s = w->r->spec;
	int slot = sweep_slot(w->r, name);
	if (slot >= (int)s->fixed_count)
		return choice_value(w, (size_t)slot - s->fixed_count);
	if (slot >= 0)
		return fixed_value(w, &s->doc, w->r->slots[slot]->value);
	return fixed_value(w, &w->base->doc,
			   value_of_key(&w->base->doc, w->base->doc.root, name.data, name.len));
}

/* The names that are ours come first, then the keys of the config. */
static enum placeholder_result fill_in(struct placeholder_writer *w, struct slice name)
{
	if (slice_is(name, "run")) {
		stencil_place(w->g, STENCIL_RUN, 0, 0);
		return PLACEHOLDER_FILLED;
	}
	if (slice_is(name, "config") && w->r->dir) {
		placeholder_config_path(w);
		return PLACEHOLDER_FILLED;
	}
	if (slice_is(name, "config")) {
		stencil_text(w->g, "{config}", strlen("{config}"));
		return PLACEHOLDER_FILLED;
	}
	if (slice_is(name, "experiment_dir")) {
		stencil_string(w->g, w->r->dir ? w->r->dir : "", w->r->dir ? strlen(w->r->dir) : 0);
		return w->r->dir ? PLACEHOLDER_FILLED : PLACEHOLDER_NO_DIR;
	}
	return placeholder_key(w, name);
}

static int refuse_placeholder(struct placeholder_writer *w, const struct yamldoc *doc, yaml_id at,
			      enum placeholder_result why, struct slice name)
{
	int len = name.len > 100 ? 100 : (int)name.len;
	if (why == PLACEHOLDER_NOT_SCALAR)
		return yamldoc_problem(doc, at, w->p,
				       "placeholder {%.*s} is a list or map; a command "
				       "takes single values: pass {config} instead",
				       len, name.data);
	if (why == PLACEHOLDER_NO_DIR)
		return yamldoc_problem(doc, at, w->p,
				       "placeholder {experiment_dir} needs an experiment "
				       "directory; give -d DIR");
	return yamldoc_problem(doc, at, w->p,
			       "unknown placeholder {%.*s} for %s; write {config}, {run}, "
			       "{experiment_dir} or a key of the config, and {{ }} for braces",
			       len, name.data, w->base->path);
}

int placeholder_write(struct placeholder_writer *w, const struct yamldoc *doc, yaml_id at,
		      bool is_command)
{
	const char *rest = yamldoc_node(doc, at)->text;
	struct slice piece;
	bool is_name;
	int more;
	while ((more = template_next(&rest, &piece, &is_name)) > 0) {
		if (!is_name && is_command)
			argument_text(w, piece.data, piece.len);
		else if (!is_name)
			stencil_string(w->g, piece.data, piece.len);
		enum placeholder_result why = is_name ? fill_in(w, piece) : PLACEHOLDER_FILLED;
		if (why != PLACEHOLDER_FILLED)
			return refuse_placeholder(w, doc, at, why, piece);
	}
	if (more < 0)
		return yamldoc_problem(doc, at, w->p,
				       "a brace without its partner; write {{ or }} for a "
				       "brace");
	return 0;
}

bool placeholder_can_fill(struct placeholder_writer *w, const char *template)
{
	struct stencil scratch = {0};
	struct placeholder_writer try = *w;
	struct slice piece;
	bool is_name, can = true;
	int more = 1;
	try.g = &scratch;
	while (can && (more = template_next(&template, &piece, &is_name)) > 0)
		can = !is_name || slice_is(piece, "run") || slice_is(piece, "config") ||
		      slice_is(piece, "experiment_dir") ||
		      placeholder_key(&try, piece) == PLACEHOLDER_FILLED;
	stencil_free(&scratch);
	return can && more == 0;
}

bool placeholder_in_command(const struct resolve *r, const char *key, size_t len)
{
	const struct yamldoc *doc;
	struct slice piece;
	bool is_name;
	yaml_id list = sweep_command(r->spec, &doc);
	for (yaml_id c = list ? yamldoc_node(doc, list)->first : 0; c; c = doc->nodes[c].next) {
		const char *rest = yamldoc_node(doc, c)->text;
		while (template_next(&rest, &piece, &is_name) > 0)
			if (is_name && piece.len == len && memcmp(piece.data, key, len) == 0)
				return true;
	}
	return false;
}
