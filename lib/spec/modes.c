/*
 * modes - check the whole file when it is read, also the modes that are not used, so that a
 * mistake shows before the first run that would need it.
 */
#include "spec/modes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "spec/value.h"
#include "spec/yamlread.h"

static const char *const builtin[] = {"simulation", "training"};
static const char *const simulation_flags[] = {"--show", "--research_only", "--no_confusion",
					       "--advanced", NULL};
static const char *const no_flags[] = {NULL};

int modes_check_strings(const struct yamldoc *doc, yaml_id list, const char *what,
			bool may_be_empty, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, list);
	if (n->kind != YAML_LIST || (!n->first && !may_be_empty))
		return yamldoc_problem(doc, list, p,
				       "%s is %s; write a list such as [python3, train.py, "
				       "--config, \"{config}\"]",
				       what, n->kind == YAML_LIST ? "empty" : "not a list");
	for (yaml_id c = n->first; c; c = doc->nodes[c].next) {
		const struct yaml_node *item = yamldoc_node(doc, c);
		if (item->kind != YAML_SCALAR || (item->style == YAML_PLAIN && item->len == 0))
			return yamldoc_problem(doc, c, p,
					       "an item of %s is not a string; write it in "
					       "quotes",
					       what);
		if (value_check(doc, c, p) != 0)
			return -1;
	}
	return 0;
}

static bool is_text_node(const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = yamldoc_node(doc, id);
	return n->kind == YAML_SCALAR && n->len > 0 && !memchr(n->text, '\0', n->len);
}

int modes_check_metrics(const struct yamldoc *doc, yaml_id value, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, value);
	if (is_text_node(doc, value))
		return value_check(doc, value, p);
	if (n->kind != YAML_MAP || !n->first)
		return yamldoc_problem(doc, value, p,
				       "metrics is not a file's name; write results/final.json, or "
				       "{file: results/final.json, jq: .test}");
	for (yaml_id k = n->first; k; k = doc->nodes[doc->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(doc, k);
		if (!yamldoc_is(key, "file") && !yamldoc_is(key, "jq"))
			return yamldoc_problem(doc, k, p, "unknown key %s; metrics has file and jq",
					       key->kind == YAML_SCALAR ? key->text : "");
		if (!is_text_node(doc, doc->nodes[k].next))
			return yamldoc_problem(doc, doc->nodes[k].next, p,
					       "%s of metrics is not a string; write it in quotes",
					       key->text);
		if (value_check(doc, doc->nodes[k].next, p) != 0)
			return -1;
	}
	return 0;
}

static int check_one_mode(const struct yamldoc *doc, yaml_id name, struct problem *p)
{
	const char *mode = doc->nodes[name].text;
	yaml_id body = doc->nodes[name].next;
	if (yamldoc_node(doc, body)->kind != YAML_MAP)
		return yamldoc_problem(doc, body, p,
				       "mode %s is not a map; write command:, run_dir:, "
				       "metrics: and flags: below it",
				       mode);
	for (yaml_id k = yamldoc_node(doc, body)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(doc, k);
		yaml_id value = doc->nodes[k].next;
		int rc = 0;
		if (yamldoc_is(key, "command"))
			rc = modes_check_strings(doc, value, "command", false, p);
		else if (yamldoc_is(key, "flags"))
			rc = modes_check_strings(doc, value, "flags", true, p);
		else if (yamldoc_is(key, "metrics"))
			rc = modes_check_metrics(doc, value, p);
		else if (yamldoc_is(key, "run_dir") &&
			 yamldoc_node(doc, value)->kind == YAML_SCALAR &&
			 yamldoc_node(doc, value)->len > 0)
			rc = value_check(doc, value, p);
		else if (yamldoc_is(key, "run_dir"))
			rc = yamldoc_problem(doc, value, p,
					     "run_dir is not a path; write "
					     "runs/{dataset}/{model}");
		else
			rc = yamldoc_problem(doc, k, p,
					     "unknown key %s; a mode has command, run_dir, metrics "
					     "and flags",
					     key->kind == YAML_SCALAR ? key->text : "");
		if (rc != 0)
			return rc;
	}
	return 0;
}

int modes_read(struct modes *m, const char *file, struct problem *p)
{
	*m = (struct modes){0};
	struct stat st;
	bool found = stat(file, &st) == 0;
	if (!found && errno == ENOENT)
		return 0;
	m->present = true;
	/* the user has not named it, as one who writes into a FIFO would */
	if (found && S_ISFIFO(st.st_mode))
		return problem_at(p, file, 0, 0, "is not a regular file");
	if (yamlread_file(&m->doc, file, p) != 0)
		return -1;
	const struct yamldoc *doc = &m->doc;
	if (!doc->root || yamldoc_node(doc, doc->root)->kind != YAML_MAP)
		return problem_at(p, file, 1, 1,
				  "is not a map of modes; write simulation: and below it "
				  "command:");
	for (yaml_id k = yamldoc_node(doc, doc->root)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		if (yamldoc_node(doc, k)->kind != YAML_SCALAR)
			return yamldoc_problem(doc, k, p,
					       "the name of a mode is not a word; write "
					       "simulation:");
		if (check_one_mode(doc, k, p) != 0)
			return -1;
	}
	return 0;
}

void modes_free(struct modes *m)
{
	yamldoc_free(&m->doc);
	*m = (struct modes){0};
}

static bool find_builtin(const char *name, struct mode *mode, struct buf *known)
{
	for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++) {
		if (strcmp(name, builtin[i]) == 0) {
			mode->flags = i == 0 ? simulation_flags : no_flags;
			return true;
		}
		buf_addf(known, "%s%s", i ? " or " : "", builtin[i]);
	}
	return false;
}

static yaml_id part(const struct yamldoc *doc, yaml_id body, const char *key)
{
	yaml_id k = yamldoc_find(doc, body, key, strlen(key));
	return k ? doc->nodes[k].next : 0;
}

bool modes_find(const struct modes *m, const char *name, struct mode *mode, struct buf *known)
{
	const struct yamldoc *doc = &m->doc;
	*mode = (struct mode){.flags = no_flags};
	if (!m->present)
		return find_builtin(name, mode, known);
	for (yaml_id k = yamldoc_node(doc, doc->root)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		if (yamldoc_is(yamldoc_node(doc, k), name)) {
			yaml_id body = doc->nodes[k].next;
			mode->command = part(doc, body, "command");
			mode->run_dir = part(doc, body, "run_dir");
			mode->metrics = part(doc, body, "metrics");
			mode->flag_list = part(doc, body, "flags");
			return true;
		}
		buf_addf(known, "%s%s", known->len ? " or " : "", yamldoc_node(doc, k)->text);
	}
	return false;
}
