/*
 * find-rundir - which directory did a run make?
 */
#include "common.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"
#include "outputs.h"
#include "jsonl.h"
#include "rundir.h"

static const struct program_text text = {
	"find-rundir",
	"find-rundir [-am] [-r DIR] [-s FILE] [-c CONFIG]",
	"Print the directory that a run has made. With --root, it is looked for below DIR;\n"
	"else run lines are read from standard input, and each says where to look.\n"
	"\n"
	"  -r, --root DIR       look for directories below DIR\n"
	"  -s, --since FILE     only those that were changed after FILE was\n"
	"  -c, --config CONFIG  rather one that holds a copy of CONFIG\n"
	"  -a, --all            print all that it may be\n"
	"  -m, --metrics        print lines with the metrics in it instead\n"
	"  -h, --help           print this\n"
	"  -V, --version        print the version\n"
	"\n"
	"Exit status: 0 found, 1 none or more than one.\n",
};

static const struct option long_options[] = {
	{"root", required_argument, NULL, 'r'},   {"since", required_argument, NULL, 's'},
	{"config", required_argument, NULL, 'c'}, {"all", no_argument, NULL, 'a'},
	{"metrics", no_argument, NULL, 'm'},      {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0},
};

struct options {
	const char *root, *since, *config;
	bool all, metrics;
};

static int take_option(struct options *o, int option)
{
	switch (option) {
	case 'r':
		o->root = optarg;
		return -1;
	case 's':
		o->since = optarg;
		return -1;
	case 'c':
		o->config = optarg;
		return -1;
	case 'a':
		o->all = true;
		return -1;
	case 'm':
		o->metrics = true;
		return -1;
	default:
		return common_other_option(option);
	}
}

static int read_options(struct options *o, int argc, char **argv)
{
	int option;
	while ((option = common_getopt(argc, argv, "+:r:s:c:amhV", long_options)) != -1) {
		int status = take_option(o, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc)
		return common_usage_error("unexpected argument %s", argv[optind]);
	if (o->metrics && o->root)
		return common_usage_error("--metrics takes run lines; leave --root away");
	return -1;
}

static int print_path(const char *path)
{
	struct buf line = BUF_INIT;
	bool gone = false;
	buf_addf(&line, "%s\n", path);
	bool good = buf_cstr(&line) && (common_print(line.data, line.len, &gone) || gone);
	buf_free(&line);
	return good ? EXIT_OK : EXIT_IO;
}

static int complain_errno(const char *path)
{
	struct problem p;
	problem_errno(&p, "%s cannot be read", path);
	if (errno == ENOENT || errno == ENOTDIR)
		p.status = EXIT_BAD_INPUT;
	return common_complain(&p);
}

static int say_which(const struct rundir_names *found, const char *root)
{
	if (found->count == 0) {
		common_note("no directory below %s", root);
		return EXIT_RUN_FAILED;
	}
	common_note("%zu directories below %s, and none alone holds a copy of the config; --all "
		    "prints them",
		    found->count, root);
	return EXIT_RUN_FAILED;
}

static int search(const struct options *o, const char *root, const char *config)
{
	struct rundir_names found;
	struct stat since = {0}, dir;
	int status = EXIT_OK;
	if (o->since && stat(o->since, &since) != 0)
		return complain_errno(o->since);
	if (stat(root, &dir) != 0)
		return complain_errno(root);
	int rc = rundir_newer(root, &since, &found);
	int pick = rc == 0 ? rundir_pick(&found, config, false) : -1;
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

static int search_line(const struct options *o, const struct jsonl *line)
{
	char *run = jsonl_dup(line, "run"), *known = jsonl_dup(line, "run_dir");
	char *root = jsonl_dup(line, "run_dir_parent"), *config = jsonl_dup(line, "config_path");
	int status;
	if (known)
		status = print_path(known);
	else if (root)
		status = search(o, root, o->config ? o->config : config);
	else {
		common_note("%s names no run_dir_parent; give modes.yaml a run_dir, or use --root",
			    run ? run : "the line");
		status = EXIT_RUN_FAILED;
	}
	free(run);
	free(known);
	free(root);
	free(config);
	return status;
}

/* ---- metrics ---- */

/* The directory that a line names, or else the one that can be found. */
static void find_run_dir(const struct options *o, const struct jsonl *line, struct outputs *out)
{
	struct stat since = {0};
	char *root = jsonl_dup(line, "run_dir_parent"), *config = jsonl_dup(line, "config_path");
	out->run_dir = jsonl_dup(line, "run_dir");
	if (!out->run_dir && root && rundir_newer(root, &since, &out->found) == 0) {
		int pick = rundir_pick(&out->found, o->config ? o->config : config, true);
		out->run_dir = pick >= 0 ? strdup(out->found.name[pick]) : NULL;
		rundir_names_free(&out->found);
	}
	free(root);
	free(config);
}

static int print_metrics(const struct options *o, const struct jsonl *line)
{
	static const char *const same[] = {"run", "experiment_dir", "attempt"};
	struct outputs out = {0};
	struct buf b = BUF_INIT;
	char *file = jsonl_dup(line, "metrics_file");
	bool gone = false, good = true;
	find_run_dir(o, line, &out);
	outputs_read_metrics(&out, file, jsonl_get(line, "metrics_jq").data != NULL);
	if (out.metrics.len || out.trouble.len) {
		buf_addc(&b, '{');
		for (size_t i = 0; i < sizeof same / sizeof *same; i++)
			if (jsonl_get(line, same[i]).data)
				jsonl_add_raw_field(&b, same[i], jsonl_get(line, same[i]));
		outputs_write(&out, &b, true);
		buf_adds(&b, "}\n");
		good = buf_cstr(&b) && (common_print(b.data, b.len, &gone) || gone);
	}
	free(file);
	outputs_free(&out);
	buf_free(&b);
	return good ? EXIT_OK : EXIT_IO;
}

static int search_lines(const struct options *o)
{
	struct lines in;
	struct jsonl line;
	struct slice raw;
	size_t offset;
	const char *why;
	int status = EXIT_OK, rc;
	lines_init(&in, STDIN_FILENO);
	while ((rc = lines_next(&in, &raw)) > 0) {
		int got;
		if (jsonl_parse(&line, raw.data, raw.len, &offset, &why) != 0) {
			common_note("stdin:%llu:%zu: %s; a run line is one JSON object, and "
				    "this one is left out",
				    (unsigned long long)in.number, offset + 1, why);
			got = EXIT_BAD_INPUT;
		} else {
			got = o->metrics ? print_metrics(o, &line) : search_line(o, &line);
		}
		status = got > status ? got : status;
	}
	lines_free(&in);
	if (rc < 0) {
		common_note("standard input cannot be read: %s", strerror(errno));
		return EXIT_IO;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	common_start(&text);
	int status = read_options(&o, argc, argv);
	if (status >= 0)
		return status;
	return o.root ? search(&o, o.root, o.config) : search_lines(&o);
}
