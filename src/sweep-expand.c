/*
 * sweep-expand - emit the runs of an experiment spec as lines, or publish them
 * as an experiment directory first.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "expand.h"
#include "base/file.h"
#include "base/path.h"
#include "exp/layout.h"

/* ---- options ---- */

static struct expand_options given;

/* Questions and requests that need no spec. */
static struct {
	const char *which, *new;
} asked;

static const struct cli_option option_list[] = {
	{'d', "dir", "DIR", "publish the experiment as DIR first", .text = &given.dir},
	{'p', "parent", "PARENT", "publish it as PARENT/NAME_TIMESTAMP first",
	 .text = &given.parent},
	{'r', "resume", NULL, "with -d or -p: continue the newest one, if there is one",
	 .flag = &given.resume},
	{'i', "index", "LIST", "only these runs: 3 or 0-9 or 5,7,20-", .text = &given.index},
	{'m', "mode", "MODE", "instead of the spec's mode", .text = &given.mode},
	{'n', "dry-run", NULL, "with -d or -p: print the lines, write nothing",
	 .flag = &given.dry_run},
	{0, "which", "NAME", "print the directory of the experiment NAME, the newest of that name",
	 .text = &asked.which},
	{0, "new", "NAME", "make an empty directory PARENT/NAME_TIMESTAMP and print it",
	 .text = &asked.new},
	{0, "print-dir", NULL, "print the experiment directory instead of the lines",
	 .flag = &given.print_dir},
	{0, "count", NULL, "print the number of runs instead of the lines", .flag = &given.count},
	{0, "check", NULL, "print each note on the spec and its base configs",
	 .flag = &given.check},
	{0, "strict", NULL, "with --check: notes are errors", .flag = &given.strict},
	{'v', "verbose", NULL, "with --check: report how each base config is written",
	 .flag = &given.verbose},
	{0, "mode-flags", NULL, "print the flags that the spec's mode takes",
	 .flag = &given.mode_flags},
	{'q', "quiet", NULL, "print no notes", .flag = &given.quiet},
	{0, "need-command", NULL, "refuse a spec for which no command is given",
	 .flag = &given.need_command},
	{0, "no-sync", NULL, "do not wait until what is published is on disk",
	 .flag = &given.no_sync},
	{0, "caller", "COMMAND", "for drivers: what messages write before a spec",
	 .text = &given.caller},
	{0},
};

static const struct cli_program program = {
	.name = "sweep-expand",
	.usage = "sweep-expand [-d DIR | -p PARENT] [-r] [-i LIST] [-m MODE] [-n] [options] SPEC",
	.about = "Emit the runs of an experiment spec, one JSON line each.\n",
	.options = option_list,
	.column = 23,
};

static int read_expand_options(struct expand_options *o, int argc, char **argv)
{
	int status = cli_read(argc, argv);
	if (status >= 0)
		return status;
	if (asked.which && asked.new)
		return cli_usage_error("--which and --new exclude each other");
	bool without_spec = asked.which || asked.new;
	if (without_spec && optind < argc)
		return cli_usage_error("--which and --new take no spec");
	if (optind + 1 != argc && !without_spec)
		return cli_usage_error(optind == argc ? "no spec is named" : "more than one spec");
	o->spec = argv[optind]; /* NULL: with --which and --new */
	if (o->dir && o->parent)
		return cli_usage_error("-d and -p exclude each other");
	if ((o->resume || o->print_dir) && !o->dir && !o->parent)
		return cli_usage_error("--resume and --print-dir need -d or -p");
	if ((o->dir && !*o->dir) || (o->parent && !*o->parent))
		return cli_usage_error("an empty directory name");
	return -1;
}

/* ---- the program ---- */

static int print_mode_flags(const struct spec *spec)
{
	const struct mode *m = &spec->mode_of;
	const struct yamldoc *doc = &spec->modes.doc;
	int status = EXIT_OK;
	for (size_t i = 0; !m->flag_list && m->flags[i] && status == EXIT_OK; i++)
		status = expand_print(m->flags[i]);
	for (yaml_id c = m->flag_list ? yamldoc_node(doc, m->flag_list)->first : 0;
	     c && status == EXIT_OK; c = doc->nodes[c].next)
		status = expand_print(yamldoc_node(doc, c)->text);
	return status;
}

static const char *parent_of(const struct expand_options *o)
{
	return o->parent ? o->parent : LAYOUT_PARENT;
}

static int print_which(const struct expand_options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	int rc = layout_find(parent_of(o), asked.which, &dir, &p);
	int status = rc == 0 ? expand_print(dir.data) : cli_complain(&p);
	buf_free(&dir);
	return status;
}

/* Make an empty directory as publish would name it. */
static int make_new(const struct expand_options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	if (!layout_name_is_good(asked.new))
		return cli_usage_error("the name %s cannot be part of a file name; use letters, "
				       "digits, dots, dashes and underscores",
				       asked.new);
	int rc = file_make_dirs(parent_of(o), &p);
	while (rc == 0 && (rc = layout_new_dir(parent_of(o), asked.new, &dir, &p)) == 0 &&
	       mkdir(dir.data, 0777) != 0)
		if (errno != EEXIST)
			rc = problem_errno(&p, "%s cannot be made", dir.data);
	int status = rc == 0 ? expand_print(dir.data) : cli_complain(&p);
	buf_free(&dir);
	return status;
}

/* What is to be kept can be kept: the names, and where we are. */
static int check_names(const struct expand_options *o, struct problem *p)
{
	if (o->dir && path_check("--dir", o->dir, p) != 0)
		return -1;
	if (o->parent && path_check("--parent", o->parent, p) != 0)
		return -1;
	if (asked.which && path_check("--which", asked.which, p) != 0)
		return -1;
	if ((!o->dir && !o->parent) || !o->spec)
		return 0;
	if (!path_is_utf8(o->spec))
		return path_check("the spec", o->spec, p);
	return path_current(true, p) ? 0 : -1;
}

static int expand_spec(const struct spec *spec, const struct expand_options *o)
{
	char count[32];
	if (o->check)
		return check_print(spec, o->strict, o->verbose);
	if (o->mode_flags)
		return print_mode_flags(spec);
	if (o->count) {
		snprintf(count, sizeof count, "%llu", (unsigned long long)spec->total);
		return expand_print(count);
	}
	if (o->dir)
		return expand_in_dir(spec, o);
	return o->parent ? expand_below_parent(spec, o) : expand_new(spec, NULL, o);
}

int main(int argc, char **argv)
{
	struct spec spec;
	struct problem p;
	given.program = argc ? argv[0] : program.name;
	cli_start(&program);
	int status = read_expand_options(&given, argc, argv);
	if (status >= 0)
		return status;
	if (check_names(&given, &p) != 0)
		return cli_complain(&p);
	if (asked.which)
		return print_which(&given);
	if (asked.new)
		return make_new(&given);
	if (spec_read(&spec, given.spec, "modes.yaml", given.mode, &p) != 0)
		status = cli_complain(&p);
	else
		status = expand_spec(&spec, &given);
	spec_free(&spec);
	return status;
}
