#ifndef PLACEHOLDER_H
#define PLACEHOLDER_H
/*
 * placeholder - fill in the templates of commands and paths (base/template.h), into the
 * stencil of a run line.
 *
 * A name is looked up in this order: {run}, {config} and {experiment_dir}; the swept and
 * fixed keys of the spec; the top-level keys of the base, merge keys followed. All text is
 * escaped for the inside of a JSON string. Without an experiment directory run-one expands
 * commands again, so {config} stays and the braces of values are doubled.
 */
#include "spec/sweep.h"

/* Where templates are written to, and for which base. */
struct placeholder_writer {
	struct stencil *g;
	const struct resolve *r;
	const struct resolve_base *base;
	struct problem *p;
};

enum placeholder_result {
	PLACEHOLDER_FILLED,
	PLACEHOLDER_UNKNOWN,
	PLACEHOLDER_NOT_SCALAR, /* a list or map, or text with a NUL */
	PLACEHOLDER_NO_DIR      /* there is no experiment directory */
};

/* Write a template that is a node of a file. is_command: run-one expands it again. 0, or -1
 * with a problem at the node that says what to write. */
int placeholder_write(struct placeholder_writer *w, const struct yamldoc *doc, yaml_id at,
		      bool is_command);

/* Write the value of a key of the config. */
enum placeholder_result placeholder_key(struct placeholder_writer *w, struct slice name);

/* Write "DIR/configs/RUN.yaml". There is an experiment directory. */
void placeholder_config_path(struct placeholder_writer *w);

/* Has the base what the template needs? Nothing is written. */
bool placeholder_can_fill(struct placeholder_writer *w, const char *template);

/* Has the command the placeholder {KEY}? */
bool placeholder_in_command(const struct resolve *r, const char *key, size_t len);

#endif
