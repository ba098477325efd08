/*
 * rundir - inotify reports the names that processes of this machine make in a directory. Where
 * the watch could not be set, or broke (queue overflow, the directory was moved or removed), the
 * directory is listed instead.
 */
#include "run/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "base/buf.h"
#include "base/file.h"

/* ---- names ---- */

void rundir_names_free(struct rundir_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct rundir_names){0};
}

/* Takes the name; NULL is out of memory. */
static int take_name(struct rundir_names *names, char *name)
{
	char **more = names->name;
	/* grown whenever the count is a power of two */
	if (name && (names->count & (names->count - 1)) == 0)
		more = realloc(names->name, (names->count ? names->count * 2 : 1) * sizeof *more);
	if (!name || !more) {
		free(name);
		return -1;
	}
	names->name = more;
	names->name[names->count++] = name;
	return 0;
}

int rundir_names_add(struct rundir_names *names, const char *name)
{
	return take_name(names, strdup(name));
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void sort(struct rundir_names *names)
{
	if (names->count)
		qsort(names->name, names->count, sizeof *names->name, by_name);
}

static bool has_name(const struct rundir_names *names, const char *name)
{
	return names->count &&
	       bsearch(&name, names->name, names->count, sizeof *names->name, by_name);
}

static char *join(const char *parent, const char *name)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/%s", parent, name);
	if (!buf_cstr(&path)) {
		buf_free(&path);
		return NULL;
	}
	return path.data;
}

/* ---- listings ---- */

/* An entry that cannot be accessed may be new: these return 1, 0 or -1. */

static int is_directory_entry(int dir, const struct dirent *entry)
{
	struct stat st;
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
#ifdef DT_DIR
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
#endif
	if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	return S_ISDIR(st.st_mode);
}

bool rundir_is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

struct timespec rundir_tick_before(struct timespec t)
{
	const long tick = 10000000, second = 1000000000;
	bool borrow = t.tv_nsec < tick;
	if (borrow && t.tv_sec == 0)
		return (struct timespec){0};
	return (struct timespec){t.tv_sec - borrow, t.tv_nsec - tick + (borrow ? second : 0)};
}

static int file_is_newer(int dir, const char *name, const char *file, const struct timespec *since)
{
	struct stat st;
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/%s", name, file);
	int rc = -1;
	if (!buf_cstr(&path))
		errno = ENOMEM;
	else if (fstatat(dir, path.data, &st, 0) == 0)
		rc = rundir_is_newer(&st.st_mtim, since);
	else if (file_is_absent(errno))
		rc = 0;
	buf_free(&path);
	return rc;
}

static int changed(int dir, const char *name, const struct timespec *since, const char *file)
{
	struct stat st;
	if (!since)
		return 1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	if (rundir_is_newer(&st.st_mtim, since))
		return 1;
	return file ? file_is_newer(dir, name, file, since) : 0;
}

static int add_if_changed(int dir, const struct dirent *entry, const struct timespec *since,
			  const char *file, struct rundir_names *names)
{
	int rc = is_directory_entry(dir, entry);
	if (rc > 0)
		rc = changed(dir, entry->d_name, since, file);
	return rc > 0 ? rundir_names_add(names, entry->d_name) : rc;
}

/* The names of the directories below parent, sorted; a parent that is not there has
 * none. */
static int list(const char *parent, const struct timespec *since, const char *file,
		struct rundir_names *names)
{
	struct dirent *entry;
	int rc = 0, error;
	DIR *dir = opendir(parent);
	*names = (struct rundir_names){0};
	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while (rc == 0 && (errno = 0, entry = readdir(dir)))
		rc = add_if_changed(dirfd(dir), entry, since, file, names);
	error = errno;
	closedir(dir);
	sort(names);
	errno = error;
	return error ? -1 : rc;
}

/* Each name becomes a path. */
static int join_all(const char *parent, struct rundir_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		char *path = join(parent, names->name[i]);
		if (!path)
			return -1;
		free(names->name[i]);
		names->name[i] = path;
	}
	return 0;
}

int rundir_newer(const char *parent, const struct timespec *since, const char *file,
		 struct rundir_names *found)
{
	int rc = list(parent, since, file, found), error = errno;
	if (rc == 0)
		return join_all(parent, found);
	rundir_names_free(found);
	errno = error;
	return rc;
}

/* ---- a watch ---- */

#ifdef __linux__

static int watch_parent(const char *parent)
{
	const unsigned what = IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd >= 0 && inotify_add_watch(fd, parent, what) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int take_inotify_event(struct rundir *r, const struct inotify_event *e)
{
	if (e->mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT))
		r->complete = false;
	if (!(e->mask & IN_ISDIR) || !(e->mask & (IN_CREATE | IN_MOVED_TO)) || e->len == 0)
		return 0;
	return rundir_names_add(&r->fresh, e->name);
}

/* Read the events so far into names, or drop them where that is NULL. 0 or -1. */
static int read_watched(struct rundir *r)
{
	_Alignas(struct inotify_event) char text[8192];
	ssize_t n;
	int rc = 0;
	while (rc == 0 && r->watch >= 0) {
		n = read(r->watch, text, sizeof text);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		for (char *at = text; rc == 0 && at < text + n;) {
			const struct inotify_event *e = (const void *)at;
			rc = take_inotify_event(r, e);
			at += sizeof *e + e->len;
		}
	}
	return rc;
}

#else

static int watch_parent(const char *parent)
{
	(void)parent;
	return -1;
}

static int read_watched(struct rundir *r)
{
	(void)r;
	return 0;
}

#endif

/* ---- before and after ---- */

void rundir_init(struct rundir *r)
{
	*r = (struct rundir){.watch = -1};
}

void rundir_free(struct rundir *r)
{
	if (r->watch >= 0)
		close(r->watch);
	free(r->parent);
	rundir_names_free(&r->seen);
	rundir_names_free(&r->fresh);
	rundir_init(r);
}

/* Keep the watch of the run before, if it is still of this directory. */
static bool goes_on(struct rundir *r, const char *parent)
{
	if (!r->parent || strcmp(r->parent, parent) != 0 || r->watch < 0 || read_watched(r) != 0)
		return false;
	rundir_names_free(&r->fresh);
	return r->complete;
}

int rundir_before(struct rundir *r, const char *parent)
{
	struct stat st;
	if (goes_on(r, parent))
		return 0;
	rundir_free(r);
	r->parent = strdup(parent);
	r->there = stat(parent, &st) == 0;
	r->complete = true;
	if (!r->parent || (!r->there && !file_is_absent(errno)))
		return -1;
	if (r->there)
		r->watch = watch_parent(parent);
	return r->there && r->watch < 0 ? list(parent, NULL, NULL, &r->seen) : 0;
}

/* Of all that is there, what was not there before. */
static int compare_listings(struct rundir *r, struct rundir_names *found)
{
	struct rundir_names now;
	int rc = list(r->parent, NULL, NULL, &now);
	for (size_t i = 0; i < now.count && rc == 0; i++)
		if (!has_name(&r->seen, now.name[i]))
			rc = rundir_names_add(found, now.name[i]);
	rundir_names_free(&now);
	return rc;
}

/* 1, 0 or -1. */
static int is_there(const char *parent, const char *name)
{
	struct stat st;
	char *path = join(parent, name);
	int rc = -1;
	if (path && lstat(path, &st) == 0)
		rc = S_ISDIR(st.st_mode);
	else if (path && file_is_absent(errno))
		rc = 0;
	free(path);
	return rc;
}

/* A directory that was made, removed and made again is reported twice. */
static int take_fresh(struct rundir *r, struct rundir_names *found)
{
	sort(&r->fresh);
	for (size_t i = 0; i < r->fresh.count; i++) {
		const char *name = r->fresh.name[i];
		bool told = i > 0 && strcmp(r->fresh.name[i - 1], name) == 0;
		int rc = told ? 0 : is_there(r->parent, name);
		if (rc < 0 || (rc > 0 && rundir_names_add(found, name) != 0))
			return -1;
	}
	return 0;
}

int rundir_after(struct rundir *r, const struct timespec *since, struct rundir_names *found)
{
	*found = (struct rundir_names){0};
	int rc = r->watch >= 0 ? read_watched(r) : 0;
	if (rc == 0 && !r->complete)
		return rundir_newer(r->parent, since, NULL, found);
	if (rc == 0)
		rc = r->watch >= 0 ? take_fresh(r, found) : compare_listings(r, found);
	return rc == 0 ? join_all(r->parent, found) : -1;
}

size_t rundir_count(struct rundir *r)
{
	return r->watch >= 0 && read_watched(r) == 0 ? r->fresh.count : 0;
}
