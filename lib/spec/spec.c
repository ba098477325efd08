/*
 * spec - one function a key, which takes the value or says where and why not. No other module
 * checks a spec again.
 */
#include "spec/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spec/grid.h"
#include "spec/value.h"
#include "spec/yamlread.h"
#include "exp/layout.h"

struct reader {
	struct spec *s;
	struct problem *p;
	yaml_id name, mode, base_config, configs, sweep, fixed; /* values, or 0 */
};

static const struct yaml_node *node(const struct reader *r, yaml_id id)
{
	return yamldoc_node(&r->s->doc, id);
}

static yaml_id next(const struct reader *r, yaml_id id)
{
	return r->s->doc.nodes[id].next;
}

#define REFUSE(r, at, ...) yamldoc_problem(&(r)->s->doc, at, (r)->p, __VA_ARGS__)

/* ---- the keys ---- */

static int sort_keys(struct reader *r)
{
	struct spec *s = r->s;
	struct {
		const char *key;
		yaml_id *value;
	} known[] = {
		{"name", &r->name},
		{"mode", &r->mode},
		{"base_config", &r->base_config},
		{"configs", &r->configs},
		{"sweep", &r->sweep},
		{"fixed_overrides", &r->fixed},
		{"command", &s->command},
		{"run_dir", &s->run_dir},
		{"metrics", &s->metrics},
	};
	for (yaml_id k = node(r, s->doc.root)->first; k; k = next(r, next(r, k))) {
		const struct yaml_node *key = node(r, k);
		size_t i = 0;
		while (i < sizeof known / sizeof *known && !yamldoc_is(key, known[i].key))
			i++;
		if (i == sizeof known / sizeof *known)
			return REFUSE(r, k,
				      "unknown key %s; a spec has name, mode, base_config, sweep, "
				      "fixed_overrides, configs, command, run_dir and metrics",
				      key->kind == YAML_SCALAR ? key->text : "(not a word)");
		*known[i].value = next(r, k);
	}
	return 0;
}

/* A required string. */
static int take_string(struct reader *r, yaml_id value, const char *key, const char *example,
		       const char **out)
{
	if (!value)
		return problem_at(r->p, r->s->doc.file, node(r, r->s->doc.root)->line,
				  node(r, r->s->doc.root)->column, "%s is missing; write %s: %s",
				  key, key, example);
	const struct yaml_node *n = node(r, value);
	if (n->kind != YAML_SCALAR || value_scalar(n).type == SCALAR_NULL || n->len == 0)
		return REFUSE(r, value, "%s is %s; write %s: %s", key,
			      n->kind == YAML_SCALAR ? "empty" : "not a string", key, example);
	if (value_check(&r->s->doc, value, r->p) != 0)
		return -1;
	*out = n->text;
	return 0;
}

static int take_spec_name(struct reader *r)
{
	if (take_string(r, r->name, "name", "lr_sweep", &r->s->name) != 0)
		return -1;
	if (!layout_name_is_good(r->s->name))
		return REFUSE(r, r->name,
			      "name %s cannot be part of a file name; use letters, digits, "
			      "dots, dashes and underscores, not starting with . or -, at most 200",
			      r->s->name);
	return 0;
}

/* The modes that there are serve as examples: "train (or eval)". */
static int take_mode_name(struct reader *r)
{
	struct mode none;
	struct buf known = BUF_INIT, example = BUF_INIT;
	modes_find(&r->s->modes, "", &none, &known);
	const char *names = buf_cstr(&known), *others = names ? strstr(names, " or ") : NULL;
	size_t len = others ? (size_t)(others - names) : known.len;
	buf_add(&example, known.data, len);
	if (others)
		buf_addf(&example, " (%s)", others + 1);
	const char *text = buf_cstr(&example);
	int rc = text ? take_string(r, r->mode, "mode", *text ? text : "NAME", &r->s->mode)
		      : problem_memory(r->p);
	buf_free(&known);
	buf_free(&example);
	return rc;
}

static int take_mode(struct reader *r, const char *modes_file, const char *instead)
{
	struct buf known = BUF_INIT;
	if (modes_read(&r->s->modes, modes_file, r->p) != 0 || take_mode_name(r) != 0)
		return -1;
	if (instead)
		r->s->mode = instead;
	int rc = 0;
	if (!modes_find(&r->s->modes, r->s->mode, &r->s->mode_of, &known)) {
		const char *names = buf_cstr(&known);
		if (instead)
			rc = problem_set(r->p, EXIT_BAD_INPUT, "unknown mode %s; use %s", instead,
					 names && *names ? names : "one of modes.yaml");
		else
			rc = REFUSE(r, r->mode, "unknown mode %s; write %s", r->s->mode,
				    names && *names ? names : "one of modes.yaml");
	}
	buf_free(&known);
	return rc;
}

static int take_base(struct reader *r, yaml_id value, const char *key)
{
	const char *path = NULL;
	if (take_string(r, value, key, "configs/base.yaml", &path) != 0)
		return -1;
	for (size_t i = 0; i < r->s->base_count; i++)
		if (strcmp(node(r, r->s->bases[i])->text, path) == 0)
			return REFUSE(r, value, "%s names %s twice, first in line %zu; remove one",
				      key, path, node(r, r->s->bases[i])->line);
	r->s->bases[r->s->base_count++] = value;
	return 0;
}

int spec_check_bases(const struct spec *s, struct problem *p)
{
	const char *key = s->has_configs ? "configs" : "base_config";
	for (size_t i = 0; i < s->base_count; i++) {
		const char *path = yamldoc_node(&s->doc, s->bases[i])->text;
		struct stat st;
		if (stat(path, &st) != 0 || access(path, R_OK) != 0)
			return yamldoc_problem(&s->doc, s->bases[i], p,
					       "%s %s cannot be read: %s; write a path relative to "
					       "the current directory",
					       key, path, strerror(errno));
		if (S_ISDIR(st.st_mode))
			return yamldoc_problem(
				&s->doc, s->bases[i], p,
				"%s %s is a directory; write the path of a YAML file", key, path);
	}
	return 0;
}

static int take_bases(struct reader *r)
{
	struct spec *s = r->s;
	if (r->base_config && r->configs)
		return REFUSE(r, r->configs,
			      "configs and base_config are both given; keep one of them");
	if (!r->base_config && !r->configs)
		return problem_at(r->p, s->doc.file, node(r, s->doc.root)->line,
				  node(r, s->doc.root)->column,
				  "base_config is missing; write "
				  "base_config: configs/base.yaml, or configs: [a.yaml, b.yaml]");
	s->has_configs = r->configs != 0;
	if (r->configs && (node(r, r->configs)->kind != YAML_LIST || !node(r, r->configs)->first))
		return REFUSE(r, r->configs, "configs is %s; write [a.yaml, b.yaml]",
			      node(r, r->configs)->kind == YAML_LIST ? "empty" : "not a list");
	size_t count = 1;
	if (r->configs) {
		count = 0;
		for (yaml_id c = node(r, r->configs)->first; c; c = next(r, c))
			count++;
	}
	s->bases = calloc(count, sizeof *s->bases);
	if (!s->bases)
		return problem_memory(r->p);
	if (!r->configs)
		return take_base(r, r->base_config, "base_config");
	for (yaml_id c = node(r, r->configs)->first; c; c = next(r, c))
		if (take_base(r, c, "configs") != 0)
			return -1;
	return 0;
}

/* ---- axes and overrides ---- */

static int take_sweep(struct reader *r)
{
	struct spec *s = r->s;
	if (r->sweep && r->configs)
		return REFUSE(r, r->sweep,
			      "sweep goes with base_config, not with configs; remove one "
			      "of the two");
	if (override_read(&s->doc, r->sweep, "sweep", "{lr: [0.1, 0.01]}", &s->axes, &s->axis_count,
			  r->p) != 0)
		return -1;
	if (r->sweep && s->axis_count == 0)
		return REFUSE(r, r->sweep, "sweep is empty; write {lr: [0.1, 0.01]}, or remove it");
	uint64_t total = s->base_count;
	for (size_t i = 0; i < s->axis_count; i++) {
		if (override_read_candidates(&s->doc, &s->axes[i], r->p) != 0)
			return -1;
		if (!grid_multiply(&total, s->axes[i].count))
			return REFUSE(r, s->axes[i].at,
				      "the product of the axes is beyond 2^63 runs; "
				      "sweep fewer values");
	}
	s->total = total;
	return 0;
}

static bool is_axis(const struct spec *s, const struct override *o)
{
	for (size_t i = 0; i < s->axis_count; i++)
		if (s->axes[i].key_len == o->key_len &&
		    memcmp(s->axes[i].key, o->key, o->key_len) == 0)
			return true;
	return false;
}

static int take_fixed(struct reader *r)
{
	struct spec *s = r->s;
	size_t count = 0;
	if (override_read(&s->doc, r->fixed, "fixed_overrides", "{seed: 0}", &s->fixed, &count,
			  r->p) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (value_check(&s->doc, s->fixed[i].value, r->p) != 0)
			return -1;
		if (!is_axis(s, &s->fixed[i]))
			s->fixed[s->fixed_count++] = s->fixed[i];
	}
	return 0;
}

static int take_command(struct reader *r)
{
	const char *path;
	if (r->s->command &&
	    modes_check_strings(&r->s->doc, r->s->command, "command", false, r->p) != 0)
		return -1;
	if (r->s->run_dir &&
	    take_string(r, r->s->run_dir, "run_dir", "runs/{dataset}/{model}", &path) != 0)
		return -1;
	return r->s->metrics ? modes_check_metrics(&r->s->doc, r->s->metrics, r->p) : 0;
}

int spec_read(struct spec *s, const char *file, const char *modes_file, const char *mode,
	      struct problem *p)
{
	struct reader r = {.s = s, .p = p};
	*s = (struct spec){0};
	if (yamlread_file(&s->doc, file, p) != 0)
		return -1;
	if (!s->doc.root)
		return problem_at(p, file, 1, 1,
				  "is empty; write name:, mode:, base_config: and sweep:");
	if (node(&r, s->doc.root)->kind != YAML_MAP)
		return REFUSE(&r, s->doc.root,
			      "is not a map; write name:, mode:, base_config: and sweep:");
	if (sort_keys(&r) != 0 || take_spec_name(&r) != 0 || take_mode(&r, modes_file, mode) != 0 ||
	    take_bases(&r) != 0 || take_sweep(&r) != 0 || take_fixed(&r) != 0)
		return -1;
	return take_command(&r);
}

void spec_free(struct spec *s)
{
	for (size_t i = 0; i < s->axis_count; i++)
		free((void *)(uintptr_t)s->axes[i].candidates);
	free(s->axes);
	free(s->fixed);
	free(s->bases);
	modes_free(&s->modes);
	yamldoc_free(&s->doc);
	*s = (struct spec){0};
}
