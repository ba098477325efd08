/*
 * expand - the lines of a spec, or of the plan of an experiment that is resumed.
 *
 * With a directory the experiment is published first, so that a line that is printed is one
 * whose config is on disk. While files are written a signal only asks for the end.
 */
#include "expand.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "changed.h"
#include "check.h"
#include "cli.h"
#include "exp/layout.h"
#include "spec/indices.h"
#include "spec/publish.h"
#include "spec/resolve.h"
#include "typed.h"

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

static int print_lines(const struct resolve *r, const struct expand_options *o)
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
static int print_plan(const char *dir, const struct expand_options *o, uint64_t total)
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

int expand_print(const char *line)
{
	bool gone;
	return cli_print_name(line, &gone) || gone ? EXIT_OK : EXIT_IO;
}

/* ---- publishing ---- */

static int go_on(const struct spec *spec, const char *dir, const struct expand_options *o);

static int publish_dir(const struct resolve *r, const struct expand_options *o, struct problem *p)
{
	catch_signals();
	return publish(r, !o->no_sync, &stopped_by, p);
}

int expand_new(const struct spec *spec, const char *dir, const struct expand_options *o)
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
		status = expand_print(dir);
	else
		status = print_lines(&r, o);
	resolve_free(&r);
	return status;
}

/* What is different, a line each, and what can be done. */
static int complain_differs(const struct spec *spec, const char *dir,
			    const struct expand_options *o, const struct buf *differences)
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

static int go_on(const struct spec *spec, const char *dir, const struct expand_options *o)
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
	return o->print_dir ? expand_print(dir) : print_plan(dir, o, spec->total);
}

int expand_in_dir(const struct spec *spec, const struct expand_options *o)
{
	char *dir = strdup(o->dir);
	if (!dir)
		return EXIT_IO;
	for (size_t len = strlen(dir); len > 1 && dir[len - 1] == '/'; len--)
		dir[len - 1] = '\0';
	int status = o->resume && layout_has_plan(dir) > 0 ? go_on(spec, dir, o)
							   : expand_new(spec, dir, o);
	free(dir);
	return status;
}

/* Would there be an experiment, and can it be one? Nothing is made, not even the
 * parent with its lock, for a spec that is not sound. */
static int try_parent(const struct spec *spec, const struct expand_options *o, struct problem *p)
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

int expand_below_parent(const struct spec *spec, const struct expand_options *o)
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
		status = expand_new(spec, dir.data, o);
	}
	if (lock >= 0)
		close(lock);
	buf_free(&dir);
	return status;
}
