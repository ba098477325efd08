/*
 * publish - order matters: the files and their directories are synced before
 * the rename makes them visible, the parent after it. Who sees plan.jsonl may
 * rely on every config it names.
 */
#include "spec/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exp/draft.h"
#include "base/file.h"
#include "base/json.h"
#include "spec/planline.h"
#include "base/lock.h"
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
	buf_addf(&path, "%s/.lock", parent);
	if (!buf_cstr(&path))
		return problem_memory(p);
	while ((fd = lock_file(path.data, p)) >= 0 && !lock_is_named(fd, AT_FDCWD, path.data))
		close(fd); /* it was removed before we had the lock */
	buf_free(&path);
	return fd;
}

int publish_name(const char *parent, const char *name, struct buf *dir, struct problem *p)
{
	char stamp[32];
	struct stat st;
	struct tm local;
	time_t now = time(NULL);
	if (!localtime_r(&now, &local) || !strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", &local))
		return problem_errno(p, "the local time cannot be read");
	for (unsigned n = 1;; n++) {
		buf_clear(dir);
		buf_addf(dir, "%s/%s_%s", parent, name, stamp);
		if (n > 1)
			buf_addf(dir, "_%u", n);
		if (!buf_cstr(dir))
			return problem_memory(p);
		if (lstat(dir->data, &st) != 0)
			return errno == ENOENT
				       ? 0
				       : problem_errno(p, "%s cannot be looked at", dir->data);
	}
}

/* Does an entry go on as _YYYYmmdd_HHMMSS[_N]? Then its stamp, and N (1 without). */
static bool parse_stamp(const char *end_of_name, const char **stamp, unsigned long *n)
{
	char *end;
	if (*end_of_name != '_')
		return false;
	*stamp = end_of_name + 1;
	if (strspn(*stamp, "0123456789") != 8 || (*stamp)[8] != '_' ||
	    strspn(*stamp + 9, "0123456789") != 6)
		return false;
	*n = 1;
	if ((*stamp)[15] == '\0')
		return true;
	if ((*stamp)[15] != '_' || strspn(*stamp + 16, "0123456789") == 0)
		return false;
	*n = strtoul(*stamp + 16, &end, 10);
	return *end == '\0';
}

/* Is it NAME_YYYYmmdd_HHMMSS[_N], of this name, or of any where that is NULL? */
static bool parse_entry(const char *entry, const char *name, const char **stamp, unsigned long *n)
{
	size_t len = name ? strlen(name) : strlen(entry);
	if (name)
		return strncmp(entry, name, len) == 0 && parse_stamp(entry + len, stamp, n);
	while (len > 0 && !parse_stamp(entry + len, stamp, n))
		len--;
	return len > 0;
}

/* 1, 0 or -1 with errno. */
static int has_plan(const char *dir)
{
	struct buf path = BUF_INIT;
	int rc = 1;
	buf_addf(&path, "%s/plan.jsonl", dir);
	errno = ENOMEM;
	if (!buf_cstr(&path) || access(path.data, F_OK) != 0)
		rc = file_is_absent(errno) ? 0 : -1;
	buf_free(&path);
	return rc;
}

/* The first line of a file, with its newline; NULL with errno: 0 where it has none. */
static char *first_line(const char *dir, const char *name, size_t *len)
{
	struct buf path = BUF_INIT;
	char *text = NULL;
	size_t size = 0;
	buf_addf(&path, "%s/%s", dir, name);
	errno = ENOMEM;
	int fd = buf_cstr(&path) ? file_open(AT_FDCWD, path.data, false) : -1;
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	errno = f ? 0 : errno;
	ssize_t n = f ? getline(&text, &size, f) : -1;
	int error = n > 0 ? 0 : errno;
	if (f)
		fclose(f);
	buf_free(&path);
	if (n <= 0 || text[n - 1] != '\n') {
		free(text);
		text = NULL;
	}
	*len = (size_t)(n > 0 ? n - 1 : 0);
	errno = error;
	return text;
}

/* A string field of the first line of a file below a directory. NULL: it does not say, with
 * errno 0, or it could not be read. */
static char *first_line_says(const char *dir, const char *name, const char *key)
{
	struct json line;
	size_t offset, len;
	const char *why;
	char *text = first_line(dir, name, &len), *value = NULL;
	if (!text)
		return NULL;
	if (json_parse(&line, text, len, &offset, &why) == 0)
		value = json_dup(&line, key);
	free(text);
	errno = 0;
	return value;
}

/* When it was made, in UTC: the local time of its name goes back in autumn, and is
 * another one to a user who works from elsewhere. "" where it does not say, NULL with errno
 * where that could not be seen. */
static char *made_at(const char *dir)
{
	char *when = first_line_says(dir, "records/experiment.jsonl", "created_at");
	return when || (errno && !file_is_absent(errno)) ? when : strdup("");
}

/* The newest so far. */
struct newest {
	char *when;
	char stamp[16];
	unsigned long n;
	struct buf *dir;
};

/* An experiment that could not be looked at may be the newest: 0, or -1 with errno. */
static int consider(struct newest *best, const struct buf *path, const char *stamp, unsigned long n)
{
	int whole = has_plan(path->data);
	char *when = whole > 0 ? made_at(path->data) : NULL;
	if (!when)
		return whole == 0 ? 0 : -1;
	int order = best->when ? strcmp(when, best->when) : 1;
	if (order == 0)
		order = strncmp(stamp, best->stamp, 15);
	if (order < 0 || (order == 0 && n <= best->n)) {
		free(when);
		return 0;
	}
	free(best->when);
	best->when = when;
	memcpy(best->stamp, stamp, 15);
	best->n = n;
	buf_clear(best->dir);
	buf_add(best->dir, path->data, path->len);
	return 0;
}

int publish_newest(const char *parent, const char *name, struct buf *dir, struct problem *p)
{
	struct newest best = {.dir = dir};
	unsigned long n;
	const char *stamp;
	struct dirent *entry;
	struct buf path = BUF_INIT;
	int rc = 0;
	DIR *list = opendir(parent);
	if (!list)
		return errno == ENOENT ? 0 : problem_errno(p, "%s cannot be read", parent);
	buf_clear(dir);
	while (rc == 0 && (errno = 0, entry = readdir(list))) {
		if (!parse_entry(entry->d_name, name, &stamp, &n))
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/%s", parent, entry->d_name);
		rc = buf_cstr(&path) ? consider(&best, &path, stamp, n) : problem_memory(p);
	}
	if (errno)
		rc = problem_errno(p, "%s cannot be read", rc != 0 ? path.data : parent);
	closedir(list);
	free(best.when);
	buf_free(&path);
	if (rc != 0 || dir->len == 0)
		return rc;
	return buf_cstr(dir) ? 1 : problem_memory(p);
}

/* ---- going on ---- */

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
	buf_addf(&path, "%s/spec.yaml", dir);
	if (!buf_cstr(&path))
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

static int check_mode(const char *dir, const char *mode, struct problem *p)
{
	errno = 0;
	char *was = mode ? first_line_says(dir, "plan.jsonl", "mode") : NULL;
	int rc = 0;
	if (!was && errno)
		rc = problem_errno(p, "%s/plan.jsonl cannot be read", dir);
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
	return check_mode(dir, mode, p);
}

/* ---- what the dead have left ---- */

static bool is_of_name(const char *of, const void *name)
{
	const char *stamp;
	unsigned long n;
	return parse_entry(of, name, &stamp, &n);
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
	buf_addf(&path, "%s/%s", w->dir, name);
	int rc = buf_cstr(&path)
			 ? file_create(AT_FDCWD, path.data, data, len, w->sync, path.data, w->p)
			 : problem_memory(w->p);
	buf_free(&path);
	return rc;
}

static int make_dir(struct writing *w, const char *name)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/%s", w->dir, name);
	int rc = buf_cstr(&path) ? 0 : problem_memory(w->p);
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
	buf_addf(&path, "%s/%s", w->dir, name);
	int rc = buf_cstr(&path) ? 0 : problem_memory(w->p);
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
		snprintf(name, sizeof name, "%s%s", at.run, planline_suffix(&w->r->bases[at.base]));
		if (config.failed || lines.failed)
			rc = problem_memory(w->p);
		else if (*w->stop)
			rc = problem_set(w->p, EXIT_SIGNAL + *w->stop,
					 "stopped; nothing was published");
		else
			rc = file_create(configs, name, config.data, config.len, sync, name, w->p);
		if (rc == 0 && (lines.len > 65536 || i + 1 == w->r->spec->total)) {
			if (file_write_all(plan, lines.data, lines.len) != 0)
				rc = problem_errno(w->p, "%s/plan.jsonl cannot be written", w->dir);
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

static int open_below(struct writing *w, const char *name, int flags)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/%s", w->dir, name);
	int fd = buf_cstr(&path) ? open(path.data, flags | O_NOFOLLOW | O_CLOEXEC, 0666) : -1;
	if (fd < 0)
		problem_errno(w->p, "%s cannot be opened", path.data ? path.data : name);
	buf_free(&path);
	return fd;
}

static int write_plan(struct writing *w)
{
	int configs = open_below(w, "configs", O_RDONLY | O_DIRECTORY);
	int plan = configs < 0 ? -1 : open_below(w, "plan.jsonl", O_WRONLY | O_CREAT | O_EXCL);
	bool at_once = w->sync && w->r->spec->total > SYNC_EACH && configs >= 0 &&
		       file_can_sync_all(configs);
	int rc = plan < 0 ? -1 : write_runs(w, configs, w->sync && !at_once, plan);
	if (rc == 0 && at_once && file_sync_all(configs) != 0)
		rc = problem_errno(w->p, "%s/configs cannot be synced", w->dir);
	if (rc == 0 && w->sync && fsync(plan) != 0)
		rc = problem_errno(w->p, "%s/plan.jsonl cannot be synced", w->dir);
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
	int rc = line.failed ? problem_memory(w->p)
			     : write_file(w, "records/experiment.jsonl", line.data, line.len);
	buf_free(&line);
	return rc;
}

static int write_all(struct writing *w)
{
	const struct yamldoc *spec = &w->r->spec->doc;
	if (make_dir(w, "configs") != 0 || make_dir(w, "records") != 0 ||
	    make_dir(w, "logs") != 0 || write_file(w, "spec.yaml", spec->data, spec->len) != 0 ||
	    write_origin(w) != 0 || write_plan(w) != 0)
		return -1;
	if (sync_dir(w, "configs") != 0 || sync_dir(w, "records") != 0 || sync_dir(w, ".") != 0)
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
				    has_plan(dir) > 0 ? "%s is an experiment already; resume it by "
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
				   "%s exists and is no directory; choose another", w->r->dir);
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
