/*
 * runline - read the fields of a run line, and fill in the placeholders of its command.
 *
 * A placeholder is {config}, {run} or {experiment_dir}, or else a key: of the config file, then
 * of the line's params, then of the config that the line carries.
 */
#include "runline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "exp/journal.h"
#include "base/path.h"
#include "exp/row.h"
#include "base/display.h"
#include "exp/layout.h"
#include "base/template.h"
#include "spec/value.h"
#include "spec/yamlread.h"

struct lookup {
	const struct runline *l;
	const char *config;
	struct yamldoc doc;
	bool tried;
	struct problem why; /* the config cannot give a value: status 0, or it says why */
};

static int refuse_runline(struct problem *p, const char *what)
{
	return problem_set(p, EXIT_BAD_INPUT, "a run line %s", what);
}

int runline_read(struct runline *l, const char *line, size_t len, struct problem *p)
{
	size_t offset;
	const char *why;
	*l = (struct runline){0};
	if (json_parse(&l->fields, line, len, &offset, &why) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "byte %zu: %s; a run line is one JSON object",
				   offset + 1, why);
	if (row_check(&l->fields, p) != 0)
		return -1;
	l->experiment_dir = json_dup(&l->fields, "experiment_dir");
	if (l->experiment_dir && path_check("experiment_dir", l->experiment_dir, p) != 0)
		return -1;
	l->config_path = json_dup(&l->fields, "config_path");
	l->run_dir_parent = json_dup(&l->fields, "run_dir_parent");
	l->metrics_file = json_dup(&l->fields, "metrics_file");
	l->run = json_dup(&l->fields, "run");
	if (!l->run && !json_get(&l->fields, "run").data)
		return 0;
	if (!l->run || !layout_name_is_good(l->run) || layout_run_is_reserved(l->run))
		return refuse_runline(p, "whose \"run\" is not a name such as run_000");
	if (l->experiment_dir ? !*l->experiment_dir
			      : json_get(&l->fields, "experiment_dir").data != NULL)
		return refuse_runline(p, "whose \"experiment_dir\" is not the name of a directory");
	return 0;
}

void runline_free(struct runline *l)
{
	for (char **arg = l->argv; arg && *arg; arg++)
		free(*arg);
	free(l->argv);
	free(l->run);
	free(l->experiment_dir);
	free(l->config_path);
	free(l->run_dir_parent);
	free(l->metrics_file);
	*l = (struct runline){0};
}

/* ---- placeholders ---- */

static bool is_name_of(struct slice name, const char *word)
{
	return name.len == strlen(word) && memcmp(name.data, word, name.len) == 0;
}

static bool add_text(struct buf *out, const char *text)
{
	if (text)
		buf_adds(out, text);
	return text != NULL;
}

/* A scalar member of a JSON object, as text. */
static bool from_object(struct slice object, struct slice name, struct buf *out)
{
	struct buf quoted = BUF_INIT;
	struct slice value = {NULL, 0};
	json_add_string(&quoted, name.data, name.len);
	if (!quoted.failed)
		value = json_member(object, (struct slice){quoted.data + 1, quoted.len - 2});
	buf_free(&quoted);
	if (!value.data || json_is_object(value) || json_is_array(value))
		return false;
	if (json_is_string(value))
		return json_decode(value, out);
	buf_add(out, value.data, value.len);
	return true;
}

/* Read the config once; false: it is no map that could be read, u->why says so. */
static bool read_config(struct lookup *u)
{
	struct stat st;
	if (u->tried)
		return u->why.status == 0;
	u->tried = true;
	/* a FIFO in its place would be waited for */
	if (stat(u->config, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = ENODEV;
		file_problem(&u->why, u->config, "read");
		return false;
	}
	if (yamlread_config(&u->doc, u->config, &u->why) != 0)
		return false;
	if (!u->doc.root || yamldoc_node(&u->doc, u->doc.root)->kind != YAML_MAP)
		problem_at(&u->why, u->config, 1, 1,
			   "is not a map; a config is a map such as lr: 0.1");
	return u->why.status == 0;
}

static bool from_file(struct lookup *u, struct slice name, struct buf *out)
{
	if (!u->config || !read_config(u))
		return false;
	yaml_id value = value_of_key(&u->doc, u->doc.root, name.data, name.len);
	if (!value)
		return false;
	if (yamldoc_node(&u->doc, value)->kind != YAML_SCALAR) {
		yamldoc_problem(&u->doc, value, &u->why,
				"placeholder {%.*s} is a list or map; a command takes single "
				"values: pass {config} instead",
				name.len > 100 ? 100 : (int)name.len, name.data);
		return false;
	}
	value_write_text(out, &u->doc, value);
	return true;
}

static bool look_up_placeholder(void *context, struct slice name, struct buf *out)
{
	struct lookup *u = context;
	if (is_name_of(name, "config"))
		return add_text(out, u->config);
	if (is_name_of(name, "run"))
		return add_text(out, u->l->run);
	if (is_name_of(name, "experiment_dir"))
		return add_text(out, u->l->experiment_dir);
	return from_file(u, name, out) ||
	       from_object(json_get(&u->l->fields, "params"), name, out) ||
	       from_object(json_get(&u->l->fields, "config"), name, out);
}

/* What cannot be filled in may be so because the config cannot be read. */
static int expand_word(struct lookup *u, const char *text, struct buf *out, struct problem *p)
{
	int rc = template_expand(out, text, look_up_placeholder, u, p);
	if (rc != 0 && u->why.status != 0)
		*p = u->why;
	return rc;
}

/* ---- the command ---- */

static int add_argument(struct runline *l, size_t *count, struct buf *text, struct problem *p)
{
	if (text->len && memchr(text->data, '\0', text->len))
		return refuse_runline(p, "whose command has a NUL character");
	char *copy = buf_cstr(text) ? strdup(text->data) : NULL;
	if (!copy)
		return problem_memory(p);
	l->argv[(*count)++] = copy;
	l->argv[*count] = NULL;
	return 0;
}

static size_t count_elements(struct slice array)
{
	size_t pos = 0, count = 0;
	struct slice value;
	while (json_is_array(array) && json_next_element(array, &pos, &value))
		count++;
	return count;
}

static int given_command(struct runline *l, char *const *command, struct lookup *u, size_t *count,
			 struct problem *p)
{
	int rc = 0;
	for (; *command && rc == 0; command++) {
		struct buf text = BUF_INIT;
		rc = expand_word(u, *command, &text, p);
		if (rc == 0)
			rc = add_argument(l, count, &text, p);
		buf_free(&text);
	}
	return rc;
}

/* The line's own command is final, but where the line carries its config: then
 * {config} stands for the file that it is put into. */
static int own_command(struct runline *l, struct lookup *u, size_t *count, struct problem *p)
{
	struct slice array = json_get(&l->fields, "command"), value;
	bool carried = json_get(&l->fields, "config_yaml").data != NULL;
	size_t pos = 0;
	int rc = 0;
	while (rc == 0 && json_next_element(array, &pos, &value)) {
		struct buf text = BUF_INIT, expanded = BUF_INIT;
		if (!json_decode(value, &text) || !buf_cstr(&text))
			rc = refuse_runline(p, "whose command is not a list of strings");
		else if (carried)
			rc = expand_word(u, text.data, &expanded, p);
		if (rc == 0)
			rc = add_argument(l, count, carried ? &expanded : &text, p);
		buf_free(&text);
		buf_free(&expanded);
	}
	return rc;
}

int runline_command(struct runline *l, char *const *command, const char *const *extra,
		    size_t extra_count, const char *config, struct problem *p)
{
	struct lookup u = {.l = l, .config = config};
	size_t own = count_elements(json_get(&l->fields, "command")), given = 0, count = 0;
	while (command && command[given])
		given++;
	if (own + given == 0)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"%s has no command; name one in modes.yaml or in the spec and expand it "
			"anew, or write run-one -- COMMAND {config}",
			l->run);
	l->argv = calloc(own + given + extra_count + 1, sizeof *l->argv);
	if (!l->argv)
		return problem_memory(p);
	int rc = given ? given_command(l, command, &u, &count, p) : own_command(l, &u, &count, p);
	for (size_t i = 0; i < extra_count && rc == 0; i++) {
		struct buf text = BUF_INIT;
		buf_adds(&text, extra[i]);
		rc = add_argument(l, &count, &text, p);
		buf_free(&text);
	}
	yamldoc_free(&u.doc);
	return rc;
}

/* ---- for people ---- */

void runline_params(const struct runline *l, struct buf *out)
{
	size_t from = out->len;
	display_members(out, json_get(&l->fields, "params"));
	if (out->len == from)
		display_value(out, json_get(&l->fields, "base_config"));
}
