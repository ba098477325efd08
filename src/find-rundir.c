/*
 * find-rundir - print the directory that a run has made, or lines with its metrics.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/linereader.h"
#include "collect.h"
#include "outputs.h"
#include "told.h"
#include "base/json.h"
#include "run/rundir.h"

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

static int read_rundir_options(int argc, char **argv)
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

static int search_line(const struct options *o, const struct json *line)
{
	struct told t = told_by(line, o->config);
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

static int search_lines(const struct options *o)
{
	struct linereader in;
	struct json line;
	struct slice raw;
	struct collect collect = {.config = o->config, .experiment = o->experiment};
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
			got = !o->metrics                     ? search_line(o, &line)
			      : collect_take(&collect, &line) ? EXIT_OK
							      : EXIT_IO;
		}
		status = got > status ? got : status;
	}
	linereader_free(&in);
	if (rc < 0) {
		cli_note("standard input cannot be read: %s", strerror(errno));
		status = EXIT_IO;
	}
	int got = collect_print(&collect);
	return got > status ? got : status;
}

int main(int argc, char **argv)
{
	cli_start(&program);
	int status = read_rundir_options(argc, argv);
	if (status >= 0)
		return status;
	if (!given.root)
		return search_lines(&given);
	return search(&given, given.root, &(struct owner){.config = given.config});
}
