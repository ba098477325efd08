/*
 * find-rundir - print the directory that a run has made, or lines with its metrics.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/linereader.h"
#include "outputs.h"
#include "base/json.h"
#include "run/rundir.h"
#include "base/clock.h"

struct options {
	const char *root, *since, *config, *experiment;
	bool all, metrics;
};

static struct options given;

static const struct cli_option option_list[] = {
	{'r', "root", "DIR", "search below DIR", .text = &given.root},
	{'s', "since", "FILE", "only directories that are newer than FILE", .text = &given.since},
	{'c', "config", "CONFIG", "prefer one that contains a copy of CONFIG",
	 .text = &given.config},
	{'a', "all", NULL, "print all candidates", .flag = &given.all},
	{'m', "metrics", NULL, "print lines with its metrics instead", .flag = &given.metrics},
	{'e', "experiment", "DIR", "name DIR as the experiment in these lines",
	 .text = &given.experiment},
	{0},
};

static const struct cli_program program = {
	.name = "find-rundir",
	.usage = "find-rundir [-am] [-r DIR] [-s FILE] [-c CONFIG] [-e DIR]",
	.about =
		"Print the directory that a run has made. With --root, search directly below DIR;\n"
		"else read run lines from standard input, each of which says where to search.\n",
	.options = option_list,
	.column = 23,
	.after = "Exit status: 0 found, 1 none or more than one.\n",
	.in_order = true,
};

static int read_options(int argc, char **argv)
{
	int status = cli_read(argc, argv);
	if (status >= 0)
		return status;
	if (optind < argc)
		return cli_usage_error("unexpected argument %s", argv[optind]);
	if (given.metrics && given.root)
		return cli_usage_error("--metrics takes run lines; omit --root");
	return -1;
}

static int print_path(const char *path)
{
	bool gone;
	return cli_print_name(path, &gone) || gone ? EXIT_OK : EXIT_IO;
}

static int complain_errno(const char *path)
{
	struct problem p;
	problem_errno(&p, "%s cannot be read", path);
	if (errno == ENOENT || errno == ENOTDIR)
		p.status = EXIT_BAD_INPUT;
	return cli_complain(&p);
}

static int say_which(const struct rundir_names *found, const char *root)
{
	if (found->count == 0) {
		cli_note("no directory below %s", root);
		return EXIT_RUN_FAILED;
	}
	cli_note("%zu director%s below %s, and none alone holds a copy of the config; --all "
		 "prints them",
		 found->count, found->count == 1 ? "y" : "ies", root);
	return EXIT_RUN_FAILED;
}

/* Below root, what may be the owner's. */
static int search(const struct options *o, const char *root, const struct owner *owner)
{
	struct rundir_names found;
	struct stat since = {0}, dir;
	bool proved;
	int status = EXIT_OK;
	if (o->since && stat(o->since, &since) != 0)
		return complain_errno(o->since);
	if (stat(root, &dir) != 0)
		return complain_errno(root);
	int rc = rundir_newer(root, &since.st_mtim, NULL, &found);
	int pick = rc == 0 ? owner_pick(&found, owner, &proved) : -1;
	if (rc != 0)
		status = complain_errno(root);
	else if (pick >= 0)
		status = print_path(found.name[pick]);
	else if (!o->all || found.count == 0)
		status = say_which(&found, root);
	for (size_t i = 0; i < found.count && rc == 0 && pick < 0 && o->all && !status; i++)
		status = print_path(found.name[i]);
	rundir_names_free(&found);
	return status;
}

/* ---- run lines ---- */

/* What a line says of its run, as C strings. */
struct told {
	char *run, *run_dir, *root, *config, *metrics_file;
	struct owner owner;
};

static struct told told_by(const struct options *o, const struct json *line)
{
	struct told t = {json_dup(line, "run"),
			 json_dup(line, "run_dir"),
			 json_dup(line, "run_dir_parent"),
			 json_dup(line, "config_path"),
			 json_dup(line, "metrics_file"),
			 {0}};
	t.owner = (struct owner){.run = t.run,
				 .config = o->config ? o->config : t.config,
				 .params = json_get(line, "params")};
	return t;
}

static void told_free(struct told *t)
{
	free(t->run);
	free(t->run_dir);
	free(t->root);
	free(t->config);
	free(t->metrics_file);
}

static int search_line(const struct options *o, const struct json *line)
{
	struct told t = told_by(o, line);
	int status;
	if (t.run_dir)
		status = print_path(t.run_dir);
	else if (t.root && t.run && outputs_is_own(t.root, t.run))
		status = print_path(t.root);
	else if (t.root)
		status = search(o, t.root, &t.owner);
	else {
		cli_note("%s names no run_dir_parent; give modes.yaml a run_dir, or use --root",
			 t.run ? t.run : "the line");
		status = EXIT_RUN_FAILED;
	}
	told_free(&t);
	return status;
}

/* ---- metrics ---- */

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

/* Of one file the runs before the last one have lost theirs. */
struct paths {
	char **path; /* sorted once all are there */
	size_t count;
};

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

static void add_path(struct paths *all, char *path)
{
	char **more = path ? realloc(all->path, (all->count + 1) * sizeof *more) : NULL;
	if (more) {
		all->path = more;
		all->path[all->count++] = path;
	} else {
		free(path);
	}
}

static size_t how_often(const struct paths *all, const char *path)
{
	size_t low = 0, high = all->count, times = 0;
	while (path && low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(all->path[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (path && low + times < all->count && strcmp(all->path[low + times], path) == 0)
		times++;
	return times;
}

/* ---- a line of metrics ---- */

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

static void note_path(const struct options *o, struct paths *all, const struct json *line)
{
	struct told t = told_by(o, line);
	struct outputs out = {0};
	struct outputs_place where = place_of(&t, line);
	find_run_dir(&t, line, &out);
	add_path(all, metrics_path_of(&out, &where));
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
			 const struct json *line, const struct paths *all)
{
	char *path = metrics_path_of(out, where);
	size_t times = how_often(all, path);
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

static int print_metrics(const struct options *o, const struct json *line, const struct paths *all)
{
	static const char *const same[] = {"run", "experiment_dir", "attempt"};
	struct told t = told_by(o, line);
	struct outputs out = {0};
	struct outputs_place where = place_of(&t, line);
	struct buf b = BUF_INIT;
	bool gone = false, good = true;
	find_run_dir(&t, line, &out);
	read_metrics(&out, &where, line, all);
	if (out.metrics.len || out.trouble.len) {
		buf_addc(&b, '{');
		for (size_t i = 0; i < sizeof same / sizeof *same; i++)
			if (i == 1 && o->experiment)
				json_add_str_field(&b, same[i], o->experiment);
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

/* ---- all lines ---- */

static int print_all_metrics(const struct options *o, const struct buf *kept, struct paths *all)
{
	struct json line;
	size_t offset;
	const char *why, *lf;
	int status = EXIT_OK;
	if (all->count)
		qsort(all->path, all->count, sizeof *all->path, by_path);
	for (const char *at = kept->data; at && at < kept->data + kept->len; at = lf + 1) {
		lf = memchr(at, '\n', (size_t)(kept->data + kept->len - at));
		if (json_parse(&line, at, (size_t)(lf - at), &offset, &why) != 0)
			continue;
		int got = print_metrics(o, &line, all);
		status = got > status ? got : status;
	}
	for (size_t i = 0; i < all->count; i++)
		free(all->path[i]);
	free(all->path);
	return status;
}

/* For metrics a line is only remembered: others may name the same file. */
static int take_line(const struct options *o, const struct json *line, struct buf *kept,
		     struct paths *all)
{
	if (!o->metrics)
		return search_line(o, line);
	buf_add(kept, line->line.data, line->line.len);
	buf_addc(kept, '\n');
	note_path(o, all, line);
	return kept->failed ? EXIT_IO : EXIT_OK;
}

static int search_lines(const struct options *o)
{
	struct linereader in;
	struct json line;
	struct slice raw;
	struct buf kept = BUF_INIT;
	struct paths all = {0};
	size_t offset;
	const char *why;
	int status = EXIT_OK, rc;
	linereader_init(&in, STDIN_FILENO);
	while ((rc = linereader_next(&in, &raw)) > 0) {
		int got;
		if (json_parse(&line, raw.data, raw.len, &offset, &why) != 0) {
			cli_note("stdin:%llu:%zu: %s; a run line is one JSON object, and "
				 "this one is ignored",
				 (unsigned long long)in.number, offset + 1, why);
			got = EXIT_BAD_INPUT;
		} else {
			got = take_line(o, &line, &kept, &all);
		}
		status = got > status ? got : status;
	}
	linereader_free(&in);
	if (rc < 0) {
		cli_note("standard input cannot be read: %s", strerror(errno));
		status = EXIT_IO;
	}
	int got = print_all_metrics(o, &kept, &all);
	buf_free(&kept);
	return got > status ? got : status;
}

int main(int argc, char **argv)
{
	cli_start(&program);
	int status = read_options(argc, argv);
	if (status >= 0)
		return status;
	if (!given.root)
		return search_lines(&given);
	return search(&given, given.root, &(struct owner){.config = given.config});
}
