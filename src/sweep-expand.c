/*
 * sweep-expand - emit the runs of an experiment spec as lines, or publish them
 * as an experiment directory first.
 */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changed.h"
#include "check.h"
#include "base/file.h"
#include "spec/indices.h"
#include "base/path.h"
#include "exp/layout.h"
#include "spec/publish.h"
#include "spec/resolve.h"
#include "spec/spec.h"
#include "typed.h"

struct options {
	const char *dir, *parent, *index, *mode, *spec, *caller, *program, *which, *new;
	bool resume, dry_run, print_dir, count, check, strict, verbose, mode_flags, no_sync, quiet;
	bool need_command, newest;
};

static volatile sig_atomic_t stopped_by;

static void on_signal(int number)
{
	stopped_by = number;
}

/* While files are written a signal only asks for the end, so that nothing is
 * left of them. nohup's ignored SIGHUP stays ignored. */
static void catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = on_signal}, old;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &act, NULL);
}

/* ---- options ---- */

static struct options given;

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
	{0, "newest", NULL, "with -p: print the newest experiment of the name SPEC, or of all",
	 .flag = &given.newest},
	{0, "which", "NAME", "print the directory of the experiment NAME, the newest of that name",
	 .text = &given.which},
	{0, "new", "NAME", "make an empty directory PARENT/NAME_TIMESTAMP and print it",
	 .text = &given.new},
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

static int read_options(struct options *o, int argc, char **argv)
{
	int status = cli_read(argc, argv);
	if (status >= 0)
		return status;
	bool without_spec = o->newest || o->which || o->new;
	if ((o->which || o->new) && optind < argc)
		return cli_usage_error("--which and --new take no spec");
	if (optind + 1 != argc && !(without_spec && optind == argc))
		return cli_usage_error(optind == argc ? "no spec is named" : "more than one spec");
	o->spec = argv[optind]; /* NULL: none */
	if (o->dir && o->parent)
		return cli_usage_error("-d and -p exclude each other");
	if ((o->resume || o->print_dir) && !o->dir && !o->parent)
		return cli_usage_error("--resume and --print-dir need -d or -p");
	if (o->newest && !o->parent)
		return cli_usage_error("--newest needs -p");
	if ((o->dir && !*o->dir) || (o->parent && !*o->parent))
		return cli_usage_error("an empty directory name");
	return -1;
}

/* ---- output ---- */

enum { CHUNK = 256 * 1024 };

/* Print the lines of a range; false when there is no use in going on. */
static bool print_range(const struct resolve *r, uint64_t from, uint64_t to, int *status)
{
	struct buf out = BUF_INIT;
	struct resolve_point at;
	bool gone = false, ok = resolve_point_init(&at, r) == 0 && buf_reserve(&out, CHUNK);
	if (ok)
		resolve_seek(r, &at, from);
	for (uint64_t i = from; ok && i <= to; i++) {
		resolve_line(r, &at, &out);
		if (out.failed)
			ok = false;
		if (ok && (out.len >= CHUNK - 4096 || i == to)) {
			ok = cli_print(out.data, out.len, &gone);
			out.len = 0;
		}
		if (ok && i < to)
			resolve_next(r, &at);
	}
	resolve_point_free(&at);
	buf_free(&out);
	if (!ok && !gone)
		*status = EXIT_IO;
	return ok;
}

static int print_lines(const struct resolve *r, const struct options *o)
{
	struct indices list;
	struct problem p;
	int status = EXIT_OK;
	if (indices_parse(&list, o->index ? o->index : "0-", r->spec->total, &p) != 0)
		return cli_complain(&p);
	for (size_t i = 0; i < list.count; i++)
		if (!print_range(r, list.range[i].from, list.range[i].to, &status))
			break;
	indices_free(&list);
	return status;
}

/* Copy a stored plan's lines, those of -i. */
static int print_plan(const char *dir, const struct options *o, uint64_t total)
{
	struct buf path = BUF_INIT, plan = BUF_INIT;
	struct indices list;
	struct problem p;
	bool gone = false;
	int status = EXIT_OK;
	if (!layout_add(&path, dir, LAYOUT_PLAN) || file_read(path.data, false, &plan) != 0) {
		file_problem(&p, path.data ? path.data : dir, "read");
		status = cli_complain(&p);
	} else if (indices_parse(&list, o->index ? o->index : "0-", total, &p) != 0) {
		status = cli_complain(&p);
	} else {
		indices_pick(&list, &plan);
		if (!cli_print(plan.data, plan.len, &gone) && !gone)
			status = EXIT_IO;
		indices_free(&list);
	}
	buf_free(&path);
	buf_free(&plan);
	return status;
}

static int print_text(const char *line)
{
	bool gone;
	return cli_print_name(line, &gone) || gone ? EXIT_OK : EXIT_IO;
}

/* ---- publishing ---- */

static int go_on(const struct spec *spec, const char *dir, const struct options *o);

static int publish_dir(const struct resolve *r, const struct options *o, struct problem *p)
{
	catch_signals();
	return publish(r, !o->no_sync, &stopped_by, p);
}

static int publish_new(const struct spec *spec, const char *dir, const struct options *o)
{
	struct resolve r;
	struct problem p;
	int status = EXIT_OK;
	int rc = resolve_init(&r, spec, dir, &p);
	if (rc == 0 && o->need_command && !spec->command && !spec->mode_of.command)
		rc = problem_set(&p, EXIT_BAD_INPUT,
				 "%s: nothing says what to run; write command: in the spec or in "
				 "modes.yaml below %s",
				 spec->doc.file, spec->mode);
	if (rc == 0 && !o->quiet)
		check_notes(&r);
	if (rc == 0 && dir && !o->dry_run)
		rc = publish_dir(&r, o, &p);
	if (rc > 0 && o->resume && layout_has_plan(dir) > 0) /* somebody else was faster */
		status = go_on(spec, dir, o);
	else if (rc != 0)
		status = cli_complain(&p);
	else if (o->print_dir)
		status = print_text(dir);
	else
		status = print_lines(&r, o);
	resolve_free(&r);
	return status;
}

/* What is different, a line each, and what can be done. */
static int complain_differs(const struct spec *spec, const char *dir, const struct options *o,
			    const struct buf *differences)
{
	struct typed t = {o->caller, o->program, o->dir, o->parent, o->mode};
	struct buf again = BUF_INIT, anew = BUF_INIT;
	typed_resume(&t, dir, &again);
	typed_new(&t, spec->doc.file, &anew);
	if (file_write_all(STDERR_FILENO, differences->data, differences->len) == 0 &&
	    buf_cstr(&again) && buf_cstr(&anew))
		cli_note("%s is not the spec that %s was made from; to resume that: %s; "
			 "to make a new experiment: %s",
			 spec->doc.file, dir, again.data, anew.data);
	buf_free(&again);
	buf_free(&anew);
	return EXIT_BAD_INPUT;
}

static int go_on(const struct spec *spec, const char *dir, const struct options *o)
{
	struct problem p;
	struct buf differences = BUF_INIT;
	int rc = publish_can_resume(dir, spec, o->mode, o->program, &differences, &p);
	int status = rc < 0   ? cli_complain(&p)
		     : rc > 0 ? complain_differs(spec, dir, o, &differences)
			      : EXIT_OK;
	buf_free(&differences);
	if (rc != 0)
		return status;
	if (!o->quiet)
		changed_notes(spec, dir);
	return o->print_dir ? print_text(dir) : print_plan(dir, o, spec->total);
}

static int in_dir(const struct spec *spec, const struct options *o)
{
	char *dir = strdup(o->dir);
	if (!dir)
		return EXIT_IO;
	for (size_t len = strlen(dir); len > 1 && dir[len - 1] == '/'; len--)
		dir[len - 1] = '\0';
	int status = o->resume && layout_has_plan(dir) > 0 ? go_on(spec, dir, o)
							   : publish_new(spec, dir, o);
	free(dir);
	return status;
}

/* Would there be an experiment, and can it be one? Nothing is made, not even the
 * parent with its lock, for a spec that is not sound. */
static int try_parent(const struct spec *spec, const struct options *o, struct problem *p)
{
	struct buf dir = BUF_INIT;
	struct resolve r;
	int found = o->resume ? layout_newest(o->parent, spec->name, &dir, p) : 0;
	int rc = found;
	if (found == 0) {
		rc = layout_new_dir(o->parent, spec->name, &dir, p);
		if (rc == 0) {
			rc = resolve_init(&r, spec, dir.data, p);
			resolve_free(&r);
		}
	}
	buf_free(&dir);
	return rc < 0 ? -1 : 0;
}

static int under_parent(const struct spec *spec, const struct options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	int status, found = 0, lock = -1;
	if (!o->dry_run &&
	    (try_parent(spec, o, &p) != 0 || (lock = publish_lock(o->parent, &p)) < 0))
		return cli_complain(&p);
	if (o->resume)
		found = layout_newest(o->parent, spec->name, &dir, &p);
	if (found < 0 || (found == 0 && layout_new_dir(o->parent, spec->name, &dir, &p) != 0))
		status = cli_complain(&p);
	else if (found)
		status = go_on(spec, dir.data, o);
	else {
		if (lock >= 0)
			publish_clean(o->parent, spec->name);
		status = publish_new(spec, dir.data, o);
	}
	if (lock >= 0)
		close(lock);
	buf_free(&dir);
	return status;
}

/* ---- the program ---- */

static int print_mode_flags(const struct spec *spec)
{
	const struct mode *m = &spec->mode_of;
	const struct yamldoc *doc = &spec->modes.doc;
	int status = EXIT_OK;
	for (size_t i = 0; !m->flag_list && m->flags[i] && status == EXIT_OK; i++)
		status = print_text(m->flags[i]);
	for (yaml_id c = m->flag_list ? yamldoc_node(doc, m->flag_list)->first : 0;
	     c && status == EXIT_OK; c = doc->nodes[c].next)
		status = print_text(yamldoc_node(doc, c)->text);
	return status;
}

/* Print the newest experiment below the parent; nothing where there is none. */
static int print_newest(const struct options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	int found = layout_newest(o->parent, o->spec, &dir, &p), status = EXIT_OK;
	if (found < 0)
		status = cli_complain(&p);
	else if (found > 0)
		status = print_text(dir.data);
	buf_free(&dir);
	return status;
}

static const char *parent_of(const struct options *o)
{
	return o->parent ? o->parent : LAYOUT_PARENT;
}

static int print_which(const struct options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	int rc = layout_find(parent_of(o), o->which, &dir, &p);
	int status = rc == 0 ? print_text(dir.data) : cli_complain(&p);
	buf_free(&dir);
	return status;
}

/* Make an empty directory as publish would name it. */
static int make_new(const struct options *o)
{
	struct buf dir = BUF_INIT;
	struct problem p;
	if (!layout_name_is_good(o->new))
		return cli_usage_error("the name %s cannot be part of a file name; use letters, "
				       "digits, dots, dashes and underscores",
				       o->new);
	int rc = file_make_dirs(parent_of(o), &p);
	while (rc == 0 && (rc = layout_new_dir(parent_of(o), o->new, &dir, &p)) == 0 &&
	       mkdir(dir.data, 0777) != 0)
		if (errno != EEXIST)
			rc = problem_errno(&p, "%s cannot be made", dir.data);
	int status = rc == 0 ? print_text(dir.data) : cli_complain(&p);
	buf_free(&dir);
	return status;
}

/* What is to be kept can be kept: the names, and where we are. */
static int check_names(const struct options *o, struct problem *p)
{
	if (o->dir && path_check("--dir", o->dir, p) != 0)
		return -1;
	if (o->parent && path_check("--parent", o->parent, p) != 0)
		return -1;
	if (o->which && path_check("--which", o->which, p) != 0)
		return -1;
	if ((!o->dir && !o->parent) || o->newest || o->which || o->new)
		return 0;
	if (!path_is_utf8(o->spec))
		return path_check("the spec", o->spec, p);
	return path_current(true, p) ? 0 : -1;
}

static int expand(const struct spec *spec, const struct options *o)
{
	char count[32];
	if (o->check)
		return check_print(spec, o->strict, o->verbose);
	if (o->mode_flags)
		return print_mode_flags(spec);
	if (o->count) {
		snprintf(count, sizeof count, "%llu", (unsigned long long)spec->total);
		return print_text(count);
	}
	if (o->dir)
		return in_dir(spec, o);
	return o->parent ? under_parent(spec, o) : publish_new(spec, NULL, o);
}

int main(int argc, char **argv)
{
	struct spec spec;
	struct problem p;
	given.program = argc ? argv[0] : program.name;
	cli_start(&program);
	int status = read_options(&given, argc, argv);
	if (status >= 0)
		return status;
	if (check_names(&given, &p) != 0)
		return cli_complain(&p);
	if (given.newest)
		return print_newest(&given);
	if (given.which)
		return print_which(&given);
	if (given.new)
		return make_new(&given);
	if (spec_read(&spec, given.spec, "modes.yaml", given.mode, &p) != 0)
		status = cli_complain(&p);
	else
		status = expand(&spec, &given);
	spec_free(&spec);
	return status;
}
