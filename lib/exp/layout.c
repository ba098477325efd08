/*
 * layout - the names that sweeputils-format(5) describes, and the search for experiments.
 *
 * The newest experiment is the one with the latest created_at, in UTC: the local time in the name
 * goes back at the end of daylight saving time, and differs between time zones. One that cannot be
 * read may be the newest, so it is an error and is not skipped.
 */
#include "exp/layout.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "exp/firstline.h"

#define RECORD  ".jsonl"
#define LOG     ".log"
#define RUN_DIR ".run_dir"

/* ---- files ---- */

bool layout_add(struct buf *path, const char *dir, const char *name)
{
	buf_addf(path, "%s/%s", dir, name);
	return buf_cstr(path) != NULL;
}

bool layout_add_record(struct buf *path, const char *dir, const char *run)
{
	buf_addf(path, "%s/" LAYOUT_RECORDS "/%s" RECORD, dir, run);
	return buf_cstr(path) != NULL;
}

bool layout_add_log(struct buf *path, const char *dir, const char *run)
{
	buf_addf(path, "%s/" LAYOUT_LOGS "/%s" LOG, dir, run);
	return buf_cstr(path) != NULL;
}

bool layout_add_run_dir_file(struct buf *path, const char *dir, const char *run)
{
	buf_addf(path, "%s/" LAYOUT_LOGS "/%s" RUN_DIR, dir, run);
	return buf_cstr(path) != NULL;
}

bool layout_add_record_name(struct buf *name, const char *run, size_t len)
{
	buf_add(name, run, len);
	buf_adds(name, RECORD);
	return buf_cstr(name) != NULL;
}

static size_t before(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);
	return *name != '.' && len > end && strcmp(name + len - end, ending) == 0 ? len - end : 0;
}

size_t layout_record_run(const char *name)
{
	return before(name, RECORD);
}

const char *layout_record_below(const char *path)
{
	static const char records[] = LAYOUT_RECORDS "/";
	return strncmp(path, records, sizeof records - 1) == 0 ? path + sizeof records - 1 : NULL;
}

size_t layout_log_run(const char *name)
{
	return before(name, LOG);
}

size_t layout_lock_dir(const char *lock)
{
	static const char end[] = "/" LAYOUT_LOCK;
	size_t len = strlen(lock);
	return len > sizeof end - 1 ? len - (sizeof end - 1) : 0;
}

bool layout_name_is_good(const char *name)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	return *name && *name != '.' && *name != '-' && name[strspn(name, good)] == '\0' &&
	       strlen(name) <= 200;
}

static bool is_journal_of(const char *name, const char *run)
{
	size_t len = layout_record_run(name);
	return strlen(run) == len && memcmp(run, name, len) == 0;
}

bool layout_run_is_reserved(const char *run)
{
	return is_journal_of(LAYOUT_EXPERIMENT, run) || is_journal_of(LAYOUT_NOTES, run);
}

/* ---- NAME_YYYYmmdd_HHMMSS[_N] ---- */

enum { STAMP = sizeof "YYYYmmdd_HHMMSS" - 1 };

int layout_new_dir(const char *parent, const char *name, struct buf *dir, struct problem *p)
{
	char stamp[STAMP + 8];
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
				       : problem_errno(p, "%s cannot be accessed", dir->data);
	}
}

/* Does the rest of an entry have the form _YYYYmmdd_HHMMSS[_N]? Sets stamp, and n (1 without). */
static bool parse_stamp(const char *end_of_name, const char **stamp, unsigned long *n)
{
	static const char digits[] = "0123456789";
	char *end;
	if (*end_of_name != '_')
		return false;
	*stamp = end_of_name + 1;
	if (strspn(*stamp, digits) != 8 || (*stamp)[8] != '_' || strspn(*stamp + 9, digits) != 6)
		return false;
	*n = 1;
	if ((*stamp)[STAMP] == '\0')
		return true;
	if ((*stamp)[STAMP] != '_' || strspn(*stamp + STAMP + 1, digits) == 0)
		return false;
	*n = strtoul(*stamp + STAMP + 1, &end, 10);
	return *end == '\0';
}

static bool parse_entry(const char *entry, const char *name, const char **stamp, unsigned long *n)
{
	size_t len = name ? strlen(name) : strlen(entry);
	if (name)
		return strncmp(entry, name, len) == 0 && parse_stamp(entry + len, stamp, n);
	while (len > 0 && !parse_stamp(entry + len, stamp, n))
		len--;
	return len > 0;
}

bool layout_is_dir_of(const char *entry, const char *name)
{
	const char *stamp;
	unsigned long n;
	return parse_entry(entry, name, &stamp, &n);
}

/* ---- the newest ---- */

int layout_has_plan(const char *dir)
{
	struct buf path = BUF_INIT;
	int rc = 1;
	errno = ENOMEM;
	if (!layout_add(&path, dir, LAYOUT_PLAN) || access(path.data, F_OK) != 0)
		rc = file_is_absent(errno) ? 0 : -1;
	buf_free(&path);
	return rc;
}

/* "" where it has none, NULL with errno where it could not be read. */
static char *made_at(const char *dir)
{
	char *when = firstline_says(dir, LAYOUT_RECORDS "/" LAYOUT_EXPERIMENT, "created_at");
	return when || (errno && !file_is_absent(errno)) ? when : strdup("");
}

/* The newest so far. */
struct newest {
	char *when;
	char stamp[STAMP];
	unsigned long n;
	struct buf *dir;
};

/* 0, or -1 with errno. */
static int consider(struct newest *best, const struct buf *path, const char *stamp, unsigned long n)
{
	int whole = layout_has_plan(path->data);
	char *when = whole > 0 ? made_at(path->data) : NULL;
	if (!when)
		return whole == 0 ? 0 : -1;
	int order = best->when ? strcmp(when, best->when) : 1;
	if (order == 0)
		order = memcmp(stamp, best->stamp, STAMP);
	if (order < 0 || (order == 0 && n <= best->n)) {
		free(when);
		return 0;
	}
	free(best->when);
	best->when = when;
	memcpy(best->stamp, stamp, STAMP);
	best->n = n;
	buf_clear(best->dir);
	buf_add(best->dir, path->data, path->len);
	return 0;
}

int layout_newest(const char *parent, const char *name, struct buf *dir, struct problem *p)
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
		rc = layout_add(&path, parent, entry->d_name) ? consider(&best, &path, stamp, n)
							      : problem_memory(p);
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

/* ---- what a word stands for ---- */

bool layout_is_experiment(const char *dir)
{
	static const char *const files[] = {LAYOUT_PLAN, LAYOUT_DOCUMENT, LAYOUT_RECORDS};
	struct buf path = BUF_INIT;
	struct stat st;
	bool found = false;
	for (size_t i = 0; i < sizeof files / sizeof *files && !found; i++) {
		buf_clear(&path);
		found = layout_add(&path, dir, files[i]) && stat(path.data, &st) == 0;
	}
	buf_free(&path);
	return found;
}

/* The length of a directory's name without /experiment.json and a slash at its end. */
static size_t length_of_dir(const char *word)
{
	static const char document[] = "/" LAYOUT_DOCUMENT;
	size_t len = strlen(word), end = sizeof document - 1;
	if (len > end && strcmp(word + len - end, document) == 0)
		len -= end;
	while (len > 1 && word[len - 1] == '/')
		len--;
	return len;
}

/* The word itself, or below parent. */
static bool is_path_of_one(const char *parent, const char *word, struct buf *dir)
{
	buf_add(dir, word, length_of_dir(word));
	if (buf_cstr(dir) && layout_is_experiment(dir->data))
		return true;
	buf_clear(dir);
	return layout_add(dir, parent, word) && layout_is_experiment(dir->data);
}

int layout_find(const char *parent, const char *word, struct buf *dir, struct problem *p)
{
	const char *name = word && *word ? word : NULL;
	buf_clear(dir);
	if (name && is_path_of_one(parent, name, dir))
		return 0;
	int found = 0;
	if (dir->failed)
		return problem_memory(p);
	if (!name || !strchr(name, '/'))
		found = layout_newest(parent, name, dir, p);
	if (found == 0 && name)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"%s is neither an experiment directory nor the name of one below %s/", word,
			parent);
	if (found == 0)
		return problem_set(p, EXIT_BAD_INPUT, "no experiment below %s/; name a directory",
				   parent);
	return found < 0 ? -1 : 0;
}
