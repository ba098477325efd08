/*
 * outputs - a metrics file that cannot be used is said in the record, and is never a
 * failure of the run. What is not known to be the run's own is not taken.
 */
#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "metricstext.h"

enum { MAX_METRICS = 1 << 16, MAX_SOURCE = 1 << 24, MAX_CANDIDATES = 10, MAX_NAME = 16384 };

/* ---- the directory ---- */

/* What cannot be read is no proof that there is nothing. */
static void say_unreadable(struct outputs *o, const char *path)
{
	if (!o->trouble.len)
		buf_addf(&o->trouble, "%s cannot be read: %s", path, file_why(errno));
}

/* What the program wrote to $RUN_DIR_FILE: its first line; NULL: nothing, or nothing that
 * can be read, which is said. */
static char *named_run_dir(struct outputs *o, const struct outputs_place *where)
{
	struct buf text = BUF_INIT;
	struct stat st;
	const char *file = where->run_dir_file;
	if (!file)
		return NULL;
	const int dir = where->logs ? *where->logs : AT_FDCWD;
	const char *name = where->logs ? strrchr(file, '/') + 1 : file;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			say_unreadable(o, file);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_NAME) {
		buf_addf(&o->trouble, "%s is not a file of at most %d bytes", file, MAX_NAME);
	} else if (file_read_at(dir, name, false, &text) != 0 || !buf_cstr(&text)) {
		say_unreadable(o, file);
	} else {
		unlinkat(dir, name, 0);
		text.data[strcspn(text.data, "\r\n")] = '\0';
		if (*text.data)
			return text.data;
	}
	buf_free(&text);
	return NULL;
}

static const char *metrics_name(const struct outputs_place *where)
{
	return where->metrics_file ? where->metrics_file : "metrics.json";
}

/* The metrics file in a directory; false: no memory. */
static bool metrics_path(struct buf *path, const char *dir, const struct outputs_place *where)
{
	const char *name = metrics_name(where);
	if (*name != '/')
		buf_addf(path, "%s/", dir ? dir : ".");
	buf_adds(path, name);
	return buf_cstr(path) != NULL;
}

/* Is there a metrics file that was written since the run started? */
static bool has_new_metrics(const char *dir, const struct outputs_place *where)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool found = metrics_path(&path, dir, where) && stat(path.data, &st) == 0 &&
		     !rundir_is_newer(&where->since, &st.st_mtim);
	buf_free(&path);
	return found;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool outputs_is_own(const char *parent, const char *run)
{
	return owner_named(parent, run);
}

/* One of the names; they are kept where it is not known which. */
static char *pick(struct rundir_names *found, const struct outputs_place *where, bool *proved)
{
	struct owner owner = where->owner;
	const char *name = metrics_name(where), *slash = strrchr(name, '/');
	owner.metrics = slash ? slash + 1 : name;
	owner.parent = where->parent;
	*proved = false;
	int which = found->count ? owner_pick(found, &owner, proved) : -1;
	return which >= 0 ? strdup(found->name[which]) : NULL;
}

/* The directories below dir that have new metrics. */
static void find_deeper(const char *dir, const struct outputs_place *where,
			struct rundir_names *deeper)
{
	struct rundir_names newer;
	*deeper = (struct rundir_names){0};
	if (rundir_newer(dir, &where->since, metrics_name(where), &newer) != 0)
		return;
	for (size_t i = 0; i < newer.count; i++)
		if (has_new_metrics(newer.name[i], where))
			rundir_names_add(deeper, newer.name[i]);
	rundir_names_free(&newer);
}

/* Programs make directories for the day, and in them those of the runs: one that has no
 * metrics stands for those in it that have some. */
static void go_deeper(struct rundir_names *names, const struct outputs_place *where)
{
	struct rundir_names all = {0}, deeper;
	for (size_t i = 0; i < names->count; i++) {
		deeper = (struct rundir_names){0};
		if (!has_new_metrics(names->name[i], where))
			find_deeper(names->name[i], where, &deeper);
		for (size_t k = 0; k < deeper.count; k++)
			rundir_names_add(&all, deeper.name[k]);
		if (!deeper.count)
			rundir_names_add(&all, names->name[i]);
		rundir_names_free(&deeper);
	}
	rundir_names_free(names);
	*names = all;
}

/* The parent is the run's own, and perhaps the program makes another one in it. */
static void find_own(struct outputs *o, const struct outputs_place *where)
{
	/* nobody else makes any here: one of the tick in which the run started is its own */
	struct timespec since = rundir_tick_before(where->since);
	if (!has_new_metrics(where->parent, where) &&
	    rundir_newer(where->parent, &since, NULL, &o->found) != 0)
		say_unreadable(o, where->parent);
	else if (o->found.count == 1)
		o->run_dir = strdup(o->found.name[0]);
	else if (is_directory(where->parent))
		o->run_dir = strdup(where->parent);
	rundir_names_free(&o->found);
}

/* A directory that was there before, in which the run has written metrics. */
static void find_used_again(struct outputs *o, const struct outputs_place *where)
{
	struct rundir_names used, newest = {0};
	bool proved;
	if (rundir_newer(where->parent, &where->since, metrics_name(where), &used) != 0) {
		say_unreadable(o, where->parent);
		return;
	}
	go_deeper(&used, where);
	for (size_t i = 0; i < used.count; i++)
		if (has_new_metrics(used.name[i], where))
			rundir_names_add(&newest, used.name[i]);
	rundir_names_free(&used);
	o->run_dir = pick(&newest, where, &proved);
	if (o->run_dir || o->found.count) {
		rundir_names_free(&newest);
	} else {
		rundir_names_free(&o->found);
		o->found = newest;
	}
}

static bool has(const struct rundir_names *names, const char *name)
{
	for (size_t i = 0; name && i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return true;
	return false;
}

/* What is proved comes first, then where the attempt before was, if this one has written
 * there, then what is new, and last what was there. */
static void find_below(struct outputs *o, const struct outputs_place *where)
{
	bool proved = false;
	if (!where->rundir)
		return;
	if (rundir_after(where->rundir, &where->since, &o->found) != 0) {
		say_unreadable(o, where->parent);
		return;
	}
	char *known = o->run_dir;
	if (!known)
		go_deeper(&o->found, where);
	char *new = known ? NULL : pick(&o->found, where, &proved);
	if (!known && !proved && where->before && has_new_metrics(where->before, where)) {
		free(new);
		new = strdup(where->before);
	}
	o->run_dir = known ? known : new;
	o->fresh = has(&o->found, o->run_dir);
	bool elsewhere = where->owner.seen && where->owner.seen->count;
	if (!o->run_dir && where->completed && (!o->found.count || elsewhere))
		find_used_again(o, where);
	if (!o->run_dir && !o->found.count && where->before && is_directory(where->before))
		o->run_dir = strdup(where->before);
}

void outputs_find(struct outputs *o, const struct outputs_place *where)
{
	*o = (struct outputs){0};
	o->run_dir = named_run_dir(o, where);
	if (!where->parent || o->trouble.len)
		return;
	if (!outputs_is_own(where->parent, where->owner.run))
		find_below(o, where);
	else if (!o->run_dir)
		find_own(o, where);
}

void outputs_free(struct outputs *o)
{
	free(o->run_dir);
	rundir_names_free(&o->found);
	buf_free(&o->metrics);
	buf_free(&o->trouble);
}

/* ---- the metrics ---- */

static void take_file(struct outputs *o, const char *path, const struct outputs_place *where)
{
	struct buf text = BUF_INIT;
	struct stat st;
	if (stat(path, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			buf_adds(&o->trouble, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		buf_adds(&o->trouble, "it is not a regular file");
	} else if (!o->fresh && rundir_is_newer(&where->since, &st.st_mtim)) {
		buf_adds(&o->trouble, "it is older than the run, which has not written it");
	} else if (st.st_size > (where->any ? MAX_SOURCE : MAX_METRICS)) {
		buf_adds(&o->trouble, where->any
					      ? "it is larger than 16 MiB"
					      : "it is larger than 64 KiB; name a smaller file, or "
						"a jq expression, as metrics in modes.yaml");
	} else if (file_read(path, true, &text) != 0) {
		buf_adds(&o->trouble, file_why(errno));
	} else {
		metricstext_read(&text, where->any, &o->metrics, &o->trouble);
	}
	buf_free(&text);
}

bool outputs_path(struct buf *path, const char *run_dir, const struct outputs_place *where)
{
	return (run_dir || *metrics_name(where) == '/') && metrics_path(path, run_dir, where);
}

void outputs_read_metrics(struct outputs *o, const struct outputs_place *where)
{
	struct buf path = BUF_INIT, why = BUF_INIT;
	if (o->trouble.len) /* of the directory */
		return;
	if (outputs_path(&path, o->run_dir, where))
		take_file(o, path.data, where);
	if (o->trouble.len) {
		buf_addf(&why, "%s: %.*s", path.data, (int)o->trouble.len, o->trouble.data);
		buf_free(&o->trouble);
		o->trouble = why;
	}
	buf_free(&path);
}

/* ---- why there are none ---- */

static void explain_no_directory(struct buf *why, const struct outputs *o,
				 const struct outputs_place *where)
{
	size_t count = o->found.count;
	if (!where->parent)
		buf_adds(why, "the run's directory is not known; name run_dir in modes.yaml, or "
			      "write its path to $RUN_DIR_FILE");
	else if (count)
		buf_addf(why,
			 "%zu new director%s in %s, and not known which is this run's; write its "
			 "path to $RUN_DIR_FILE",
			 count, count == 1 ? "y" : "ies", where->parent);
	else
		buf_addf(why,
			 "%s %s; let run_dir name where the program makes its directory, or write "
			 "its path to $RUN_DIR_FILE",
			 is_directory(where->parent) ? "no new directory in" : "there is no",
			 where->parent);
}

void outputs_explain(struct outputs *o, const struct outputs_place *where)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool absolute = *metrics_name(where) == '/';
	bool expected = (where->parent && !where->by_default) || where->metrics_file ||
			o->run_dir || o->found.count;
	if (!where->completed || !expected || o->metrics.len || o->trouble.len)
		return;
	if (!o->run_dir && !absolute)
		explain_no_directory(&o->trouble, o, where);
	else if (metrics_path(&path, o->run_dir, where) && stat(path.data, &st) != 0)
		buf_addf(&o->trouble, "%s does not exist", path.data);
	buf_free(&path);
}

/* ---- the record ---- */

static void write_candidates(struct buf *b, const struct rundir_names *found)
{
	json_add_key(b, "run_dir_candidates");
	for (size_t i = 0; i < found->count && i < MAX_CANDIDATES; i++) {
		buf_addc(b, i ? ',' : '[');
		json_add_string(b, found->name[i], strlen(found->name[i]));
	}
	buf_addc(b, ']');
}

void outputs_write(const struct outputs *o, struct buf *b, bool with_metrics)
{
	struct slice metrics = {o->metrics.data, o->metrics.len};
	if (o->run_dir && !path_is_utf8(o->run_dir))
		json_add_str_field(b, "run_dir_error",
				   "its name is not UTF-8, and no record can hold it");
	else if (o->run_dir)
		json_add_str_field(b, "run_dir", o->run_dir);
	else if (o->found.count)
		write_candidates(b, &o->found);
	if (metrics.len && with_metrics)
		json_add_raw_field(b, "metrics", metrics);
	else if (metrics.len)
		json_add_str_field(b, "metrics_error", "no room for them in the journal");
	else if (o->trouble.len) {
		json_add_key(b, "metrics_error");
		json_add_string(b, o->trouble.data, o->trouble.len);
	}
}
