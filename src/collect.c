/*
 * collect - a metrics file that several runs name has the metrics of the last one. So all lines
 * are read first, and such a file is read for none of its runs.
 */
#include "collect.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli.h"
#include "outputs.h"
#include "run/rundir.h"
#include "told.h"

/* The directories that a line names as those that its run may have made. */
static bool take_candidates(const struct json *line, struct rundir_names *found)
{
	struct slice list = json_get(line, "run_dir_candidates"), value;
	size_t pos = 0;
	while (json_is_array(list) && json_next_element(list, &pos, &value)) {
		struct buf path = BUF_INIT;
		if (json_decode(value, &path) && buf_cstr(&path))
			rundir_names_add(found, path.data);
		buf_free(&path);
	}
	return found->count > 0;
}

/* The directory that a line names, or the one of its candidates that is proved to be the
 * run's. What was made when the run had ended is not looked for: it would be another's. */
static void find_run_dir(const struct told *t, const struct json *line, struct outputs *out)
{
	struct owner owner = t->owner;
	bool proved;
	owner.shared = true;
	if (t->run_dir)
		out->run_dir = strdup(t->run_dir);
	else if (t->root && t->run && outputs_is_own(t->root, t->run))
		out->run_dir = strdup(t->root);
	else if (take_candidates(line, &out->found)) {
		int pick = owner_pick(&out->found, &owner, &proved);
		out->run_dir = pick >= 0 ? strdup(out->found.name[pick]) : NULL;
	}
}

/* A run that was found to have written no metrics: what is older than it is not its own. */
static struct timespec start_of(const struct json *line)
{
	struct timespec start = {0};
	char *at = json_get(line, "metrics_error").data ? json_dup(line, "started_at") : NULL;
	if (at && clock_parse(at, &start))
		start = rundir_tick_before(start);
	free(at);
	return start;
}

/* ---- files that several runs name ---- */

static int by_path(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static char *metrics_path_of(const struct outputs *out, const struct outputs_place *where)
{
	struct buf path = BUF_INIT;
	if (outputs_path(&path, out->run_dir, where))
		return path.data;
	buf_free(&path);
	return NULL;
}

static void add_metrics_path(struct collect *c, char *path)
{
	char **more = path ? realloc(c->path, (c->count + 1) * sizeof *more) : NULL;
	if (more) {
		c->path = more;
		c->path[c->count++] = path;
	} else {
		free(path);
	}
}

static size_t how_often(const struct collect *c, const char *path)
{
	size_t low = 0, high = c->count, times = 0;
	while (path && low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(c->path[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (path && low + times < c->count && strcmp(c->path[low + times], path) == 0)
		times++;
	return times;
}

/* ---- the metrics of one run ---- */

static struct outputs_place place_of(const struct told *t, const struct json *line)
{
	return (struct outputs_place){.parent = t->root,
				      .by_default = json_get(line, "run_dir_default").data,
				      .metrics_file = t->metrics_file,
				      .since = start_of(line),
				      .owner = t->owner,
				      .completed = true,
				      .any = json_get(line, "metrics_jq").data != NULL};
}

static void note_path(struct collect *c, const struct json *line)
{
	struct told t = told_by(line, c->config);
	struct outputs out = {0};
	struct outputs_place where = place_of(&t, line);
	find_run_dir(&t, line, &out);
	add_metrics_path(c, metrics_path_of(&out, &where));
	told_free(&t);
	outputs_free(&out);
}

/* Once. */
static void say_shared(const char *path, size_t times)
{
	static bool said;
	if (!said)
		cli_note(
			"%s is the file of %zu runs; what was recorded of each as it ended is kept",
			path, times);
	said = true;
}

static void read_metrics(struct outputs *out, const struct outputs_place *where,
			 const struct json *line, const struct collect *c)
{
	char *path = metrics_path_of(out, where);
	size_t times = how_often(c, path);
	if (times < 2)
		outputs_read_metrics(out, where);
	else if (json_get(line, "metrics").data)
		say_shared(path, times);
	else
		buf_addf(&out->trouble,
			 "%s is the file of %zu runs and holds the last one's; let each "
			 "run write its own",
			 path, times);
	if (!out->run_dir && !out->metrics.len && !out->trouble.len)
		json_decode(json_get(line, "metrics_error"), &out->trouble);
	if (times < 2)
		outputs_explain(out, where);
	free(path);
}

static int print_metrics(const struct collect *c, const struct json *line)
{
	static const char *const same[] = {"run", "experiment_dir", "attempt"};
	struct told t = told_by(line, c->config);
	struct outputs out = {0};
	struct outputs_place where = place_of(&t, line);
	struct buf b = BUF_INIT;
	bool gone = false, good = true;
	find_run_dir(&t, line, &out);
	read_metrics(&out, &where, line, c);
	if (out.metrics.len || out.trouble.len) {
		buf_addc(&b, '{');
		for (size_t i = 0; i < sizeof same / sizeof *same; i++)
			if (i == 1 && c->experiment)
				json_add_str_field(&b, same[i], c->experiment);
			else if (json_get(line, same[i]).data)
				json_add_raw_field(&b, same[i], json_get(line, same[i]));
		outputs_write(&out, &b, true);
		buf_adds(&b, "}\n");
		good = buf_cstr(&b) && (cli_print(b.data, b.len, &gone) || gone);
	}
	told_free(&t);
	outputs_free(&out);
	buf_free(&b);
	return good ? EXIT_OK : EXIT_IO;
}

bool collect_take(struct collect *c, const struct json *line)
{
	buf_add(&c->kept, line->line.data, line->line.len);
	buf_addc(&c->kept, '\n');
	note_path(c, line);
	return !c->kept.failed;
}

int collect_print(struct collect *c)
{
	struct json line;
	size_t offset;
	const char *why, *lf;
	int status = EXIT_OK;
	if (c->count)
		qsort(c->path, c->count, sizeof *c->path, by_path);
	for (const char *at = c->kept.data; at && at < c->kept.data + c->kept.len; at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(c->kept.data + c->kept.len - at));
		if (json_parse(&line, at, (size_t)(lf - at), &offset, &why) != 0)
			continue;
		int got = print_metrics(c, &line);
		status = got > status ? got : status;
	}
	for (size_t i = 0; i < c->count; i++)
		free(c->path[i]);
	free(c->path);
	buf_free(&c->kept);
	return status;
}
