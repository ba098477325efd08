/*
 * publish - write below a temporary name, sync, rename.
 *
 * The files and their directories are synced before the rename makes them visible, the parent
 * after it: a reader who sees plan.jsonl can rely on every config that it names.
 */
#include "spec/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exp/draft.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "exp/firstline.h"
#include "exp/layout.h"
#include "exp/plan.h"
#include "exp/origin.h"
#include "spec/specdiff.h"
#include "spec/yamlread.h"
#include "base/clock.h"

enum { SYNC_EACH = 64 }; /* so many configs are synced each, more all at once */

static int lock_file(const char *path, struct problem *p)
{
	int fd = file_open_own(AT_FDCWD, path, 0, NULL);
	if (fd < 0)
		file_problem(p, path, "opened");
	while (fd >= 0 && lock_wait(fd, true) != 0) {
		if (errno == EINTR)
			continue;
		problem_errno(p, "%s cannot be locked", path);
		close(fd);
		fd = -1;
	}
	return fd;
}

int publish_lock(const char *parent, struct problem *p)
{
	struct buf path = BUF_INIT;
	int fd;
	if (file_make_dirs(parent, p) != 0)
		return -1;
	if (!layout_add(&path, parent, LAYOUT_PARENT_LOCK))
		return problem_memory(p);
	while ((fd = lock_file(path.data, p)) >= 0 && !lock_is_named(fd, AT_FDCWD, path.data))
		close(fd); /* it was removed before we had the lock */
	buf_free(&path);
	return fd;
}

/* ---- resuming ---- */

/* The same bytes mean the same; else both are read. */
static int compare_specs(const char *path, const struct buf *stored, const struct spec *spec,
			 struct buf *differences, struct problem *p)
{
	struct yamldoc was;
	if (stored->len == spec->doc.len && memcmp(stored->data, spec->doc.data, stored->len) == 0)
		return 0;
	int rc = yamlread_text(&was, path, stored->len ? stored->data : "", stored->len, p);
	if (rc == 0)
		rc = specdiff(&spec->doc, &was, differences, p);
	yamldoc_free(&was);
	return rc;
}

static int check_spec(const char *dir, const struct spec *spec, struct buf *differences,
		      struct problem *p)
{
	struct buf path = BUF_INIT, stored = BUF_INIT;
	int rc = 0;
	if (!layout_add(&path, dir, LAYOUT_SPEC))
		rc = problem_memory(p);
	else if (file_read(path.data, false, &stored) != 0)
		rc = problem_set(p, EXIT_BAD_INPUT, "%s cannot be read: %s; is %s an experiment?",
				 path.data, file_why(errno), dir);
	else
		rc = compare_specs(path.data, &stored, spec, differences, p);
	buf_free(&path);
	buf_free(&stored);
	return rc;
}

static int check_same_mode(const char *dir, const char *mode, struct problem *p)
{
	errno = 0;
	char *was = mode ? firstline_says(dir, LAYOUT_PLAN, "mode") : NULL;
	int rc = 0;
	if (!was && errno)
		rc = problem_errno(p, "%s/" LAYOUT_PLAN " cannot be read", dir);
	else if (was && strcmp(was, mode) != 0)
		rc = problem_set(p, EXIT_BAD_INPUT,
				 "%s was begun in %s mode; omit the mode %s, or start a new "
				 "experiment without --resume",
				 dir, was, mode);
	free(was);
	return rc;
}

int publish_can_resume(const char *dir, const struct spec *spec, const char *mode,
		       const char *program, struct buf *differences, struct problem *p)
{
	int rc = check_spec(dir, spec, differences, p);
	if (rc != 0)
		return rc;
	if (plan_check(dir, spec->total, program, p) != 0)
		return -1;
	return check_same_mode(dir, mode, p);
}

/* ---- what killed writers have left ---- */

static bool is_of_name(const char *of, const void *name)
{
	return layout_is_dir_of(of, name);
}

void publish_clean(const char *parent, const char *name)
{
	draft_clean(parent, is_of_name, name);
}

static bool is_exactly(const char *of, const void *name)
{
	return strcmp(of, name) == 0;
}

/* ---- writing ---- */

struct writing {
	const struct resolve *r;
	const char *dir; /* the temporary one */
	bool sync;
	const volatile sig_atomic_t *stop;
	struct problem *p;
};

static int write_file(struct writing *w, const char *name, const void *data, size_t len)
{
	struct buf path = BUF_INIT;
	int rc = layout_add(&path, w->dir, name)
			 ? file_create(AT_FDCWD, path.data, data, len, w->sync, path.data, w->p)
			 : problem_memory(w->p);
	buf_free(&path);
	return rc;
}

static int make_dir(struct writing *w, const char *name)
{
	struct buf path = BUF_INIT;
	int rc = layout_add(&path, w->dir, name) ? 0 : problem_memory(w->p);
	if (rc == 0 && mkdir(path.data, 0777) != 0)
		rc = problem_errno(w->p, "%s cannot be made", path.data);
	buf_free(&path);
	return rc;
}

static int sync_dir(struct writing *w, const char *name)
{
	struct buf path = BUF_INIT;
	if (!w->sync)
		return 0;
	int rc = layout_add(&path, w->dir, name) ? 0 : problem_memory(w->p);
	if (rc == 0 && file_sync_dir(path.data) != 0)
		rc = problem_errno(w->p, "%s cannot be synced", path.data);
	buf_free(&path);
	return rc;
}

/* configs/ and plan.jsonl, a run at a time: memory does not grow with them. */
static int write_runs(struct writing *w, int configs, bool sync, int plan)
{
	struct buf config = BUF_INIT, lines = BUF_INIT;
	struct resolve_point at;
	char name[64];
	int rc = resolve_point_init(&at, w->r) == 0 ? 0 : problem_memory(w->p);
	for (uint64_t i = 0; i < w->r->spec->total && rc == 0; i++) {
		buf_clear(&config);
		resolve_config(w->r, &at, &config);
		resolve_line(w->r, &at, &lines);
		snprintf(name, sizeof name, "%s%s", at.run, sweep_suffix(&w->r->bases[at.base]));
		if (config.failed || lines.failed)
			rc = problem_memory(w->p);
		else if (*w->stop)
			rc = problem_set(w->p, EXIT_SIGNAL + *w->stop,
					 "stopped; nothing was published");
		else
			rc = file_create(configs, name, config.data, config.len, sync, name, w->p);
		if (rc == 0 && (lines.len > 65536 || i + 1 == w->r->spec->total)) {
			if (file_write_all(plan, lines.data, lines.len) != 0)
				rc = problem_errno(w->p, "%s/" LAYOUT_PLAN " cannot be written",
						   w->dir);
			buf_clear(&lines);
		}
		if (i + 1 < w->r->spec->total)
			resolve_next(w->r, &at);
	}
	resolve_point_free(&at);
	buf_free(&config);
	buf_free(&lines);
	return rc;
}

static int open_in_draft(struct writing *w, const char *name, int flags)
{
	struct buf path = BUF_INIT;
	int fd = layout_add(&path, w->dir, name)
			 ? open(path.data, flags | O_NOFOLLOW | O_CLOEXEC, 0666)
			 : -1;
	if (fd < 0)
		problem_errno(w->p, "%s cannot be opened", path.data ? path.data : name);
	buf_free(&path);
	return fd;
}

static int write_plan(struct writing *w)
{
	int configs = open_in_draft(w, LAYOUT_CONFIGS, O_RDONLY | O_DIRECTORY);
	int plan = configs < 0 ? -1 : open_in_draft(w, LAYOUT_PLAN, O_WRONLY | O_CREAT | O_EXCL);
	bool at_once = w->sync && w->r->spec->total > SYNC_EACH && configs >= 0 &&
		       file_can_sync_all(configs);
	int rc = plan < 0 ? -1 : write_runs(w, configs, w->sync && !at_once, plan);
	if (rc == 0 && at_once && file_sync_all(configs) != 0)
		rc = problem_errno(w->p, "%s/" LAYOUT_CONFIGS " cannot be synced", w->dir);
	if (rc == 0 && w->sync && fsync(plan) != 0)
		rc = problem_errno(w->p, "%s/" LAYOUT_PLAN " cannot be synced", w->dir);
	if (plan >= 0)
		close(plan);
	if (configs >= 0)
		close(configs);
	return rc;
}

/* The experiment's own journal begins with where it comes from. */
static int write_origin(struct writing *w)
{
	const struct spec *s = w->r->spec;
	struct buf line = BUF_INIT;
	char now[CLOCK_TEXT_SIZE];
	clock_text(now);
	buf_adds(&line, "{\"format\":1");
	json_add_str_field(&line, "experiment", s->name);
	json_add_str_field(&line, "experiment_dir", w->r->dir);
	json_add_str_field(&line, "mode", s->mode);
	json_add_str_field(&line, "spec_path", s->doc.file);
	json_add_str_field(&line, "created_at", now);
	json_add_int_field(&line, "total", (int64_t)s->total);
	origin_add_where(&line);
	buf_adds(&line, "}\n");
	int rc = line.failed
			 ? problem_memory(w->p)
			 : write_file(w, LAYOUT_RECORDS "/" LAYOUT_EXPERIMENT, line.data, line.len);
	buf_free(&line);
	return rc;
}

static int write_all(struct writing *w)
{
	const struct yamldoc *spec = &w->r->spec->doc;
	if (make_dir(w, LAYOUT_CONFIGS) != 0 || make_dir(w, LAYOUT_RECORDS) != 0 ||
	    make_dir(w, LAYOUT_LOGS) != 0 ||
	    write_file(w, LAYOUT_SPEC, spec->data, spec->len) != 0 || write_origin(w) != 0 ||
	    write_plan(w) != 0)
		return -1;
	if (sync_dir(w, LAYOUT_CONFIGS) != 0 || sync_dir(w, LAYOUT_RECORDS) != 0 ||
	    sync_dir(w, ".") != 0)
		return -1;
	return 0;
}

/* Where the directory will stand, and its name: "a/b" -> "a", "b". */
static int split(const char *dir, struct buf *parent, const char **name)
{
	const char *slash = strrchr(dir, '/');
	*name = slash ? slash + 1 : dir;
	if (slash == dir)
		buf_adds(parent, "/");
	else
		buf_add(parent, slash ? dir : ".", slash ? (size_t)(slash - dir) : 1);
	return buf_cstr(parent) ? 0 : -1;
}

static int rename_into_place(struct writing *w, const char *parent)
{
	const char *dir = w->r->dir;
	if (rename(w->dir, dir) != 0) {
		if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) {
			problem_set(w->p, EXIT_BAD_INPUT,
				    layout_has_plan(dir) > 0
					    ? "%s is an experiment already; resume it by "
					      "--resume, or choose another directory"
					    : "%s is not empty; choose another directory",
				    dir);
			return 1;
		}
		return problem_errno(w->p, "%s cannot be made", dir);
	}
	if (w->sync && file_sync_dir(parent) != 0)
		return problem_errno(w->p, "%s cannot be synced", parent);
	return 0;
}

static int publish_below(const char *parent, const char *name, struct writing *w)
{
	struct draft d;
	struct stat st;
	if (stat(w->r->dir, &st) == 0 && !S_ISDIR(st.st_mode))
		return problem_set(w->p, EXIT_BAD_INPUT,
				   "%s exists and is not a directory; choose another", w->r->dir);
	draft_clean(parent, is_exactly, name);
	if (draft_begin(&d, parent, name) != 0)
		return problem_errno(w->p, "a directory cannot be made in %s", parent);
	w->dir = d.dir.data;
	int rc = write_all(w);
	if (rc == 0)
		rc = rename_into_place(w, parent);
	draft_end(&d, rc == 0 ? w->r->dir : NULL);
	return rc;
}

int publish(const struct resolve *r, bool sync, const volatile sig_atomic_t *stop,
	    struct problem *p)
{
	struct writing w = {r, NULL, sync, stop, p};
	struct buf parent = BUF_INIT;
	const char *name;
	int rc = split(r->dir, &parent, &name) == 0 ? file_make_dirs(parent.data, p)
						    : problem_memory(p);
	if (rc == 0)
		rc = publish_below(parent.data, name, &w);
	buf_free(&parent);
	return rc;
}
