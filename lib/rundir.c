/*
 * rundir - the listing after one run serves as the listing before the next one.
 */
#include "rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

void rundir_init(struct rundir *r)
{
	*r = (struct rundir){0};
}

void rundir_names_free(struct rundir_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct rundir_names){0};
}

void rundir_free(struct rundir *r)
{
	free(r->parent);
	rundir_names_free(&r->seen);
	rundir_init(r);
}

/* Takes the name; NULL is out of memory. */
static int add_name(struct rundir_names *names, char *name)
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

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_directory(int dir, const struct dirent *entry, struct stat *st)
{
	if (entry->d_name[0] == '.' &&
	    (!entry->d_name[1] || (entry->d_name[1] == '.' && !entry->d_name[2])))
		return false;
	return fstatat(dir, entry->d_name, st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st->st_mode);
}

/* The names of the directories below parent; a parent that is not there has
 * none. since: only those modified after it. */
static int list(const char *parent, const struct stat *since, struct rundir_names *names)
{
	struct dirent *entry;
	struct stat st;
	int rc = 0;
	DIR *dir = opendir(parent);
	*names = (struct rundir_names){0};
	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while (rc == 0 && (entry = readdir(dir))) {
		if (!is_directory(dirfd(dir), entry, &st))
			continue;
		if (since && (st.st_mtim.tv_sec < since->st_mtim.tv_sec ||
			      (st.st_mtim.tv_sec == since->st_mtim.tv_sec &&
			       st.st_mtim.tv_nsec <= since->st_mtim.tv_nsec)))
			continue;
		rc = add_name(names, strdup(entry->d_name));
	}
	closedir(dir);
	if (names->count)
		qsort(names->name, names->count, sizeof *names->name, by_name);
	return rc;
}

static bool same_stamp(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_nlink == b->st_nlink &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int rundir_before(struct rundir *r, const char *parent)
{
	struct stat now;
	bool there = stat(parent, &now) == 0;
	if (r->parent && strcmp(r->parent, parent) == 0 && r->there == there &&
	    (!there || same_stamp(&now, &r->stamp)))
		return 0;
	rundir_free(r);
	r->parent = strdup(parent);
	r->there = there;
	if (there)
		r->stamp = now;
	return r->parent ? list(parent, NULL, &r->seen) : -1;
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

int rundir_after(struct rundir *r, struct rundir_names *found)
{
	struct stat now;
	struct rundir_names names;
	int rc = 0;
	*found = (struct rundir_names){0};
	if (stat(r->parent, &now) != 0 || (r->there && same_stamp(&now, &r->stamp)))
		return 0;
	if (list(r->parent, NULL, &names) != 0)
		return -1;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		if (r->seen.count == 0 || !bsearch(&names.name[i], r->seen.name, r->seen.count,
						   sizeof *r->seen.name, by_name))
			rc = add_name(found, join(r->parent, names.name[i]));
	rundir_names_free(&r->seen);
	r->seen = names;
	r->there = true;
	r->stamp = now;
	return rc;
}

int rundir_newer(const char *parent, const struct stat *since, struct rundir_names *found)
{
	struct rundir_names names;
	int rc = list(parent, since, &names);
	*found = (struct rundir_names){0};
	for (size_t i = 0; i < names.count && rc == 0; i++)
		rc = add_name(found, join(parent, names.name[i]));
	rundir_names_free(&names);
	return rc;
}

/* ---- a copy of the config ---- */

static bool same_content(int dir, const char *name, const struct buf *config)
{
	char chunk[4096];
	size_t at = 0;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n <= 0 || at + (size_t)n > config->len ||
		    memcmp(chunk, config->data + at, (size_t)n) != 0) {
			close(fd);
			return n == 0 && at == config->len;
		}
		at += (size_t)n;
	}
}

static bool holds_copy(int dir, const struct buf *config, int depth)
{
	struct dirent *entry;
	bool found = false;
	DIR *entries = fdopendir(dir);
	if (!entries)
		close(dir);
	while (entries && !found && (entry = readdir(entries))) {
		struct stat st;
		if (fstatat(dirfd(entries), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(st.st_mode) && (size_t)st.st_size == config->len) {
			found = same_content(dirfd(entries), entry->d_name, config);
		} else if (depth > 1 && is_directory(dirfd(entries), entry, &st)) {
			int sub = openat(dirfd(entries), entry->d_name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			found = sub >= 0 && holds_copy(sub, config, depth - 1);
		}
	}
	if (entries)
		closedir(entries);
	return found;
}

/* Has another run the same config? Then a copy of it does not tell whose it is. */
static bool has_twin(const char *config, const struct buf *text)
{
	const char *slash = strrchr(config, '/');
	struct buf parent = BUF_INIT;
	struct dirent *entry;
	size_t same = 0;
	buf_add(&parent, config, slash ? (size_t)(slash - config) : 0);
	DIR *list = buf_cstr(&parent) ? opendir(slash ? parent.data : ".") : NULL;
	while (list && same < 2 && (entry = readdir(list))) {
		struct stat st;
		same += fstatat(dirfd(list), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && (size_t)st.st_size == text->len &&
			same_content(dirfd(list), entry->d_name, text);
	}
	if (list)
		closedir(list);
	buf_free(&parent);
	return same > 1;
}

int rundir_pick(const struct rundir_names *found, const char *config, bool shared)
{
	struct buf text = BUF_INIT;
	int copies = 0, pick = -1;
	if (config && file_read(config, &text) == 0) {
		for (size_t i = 0; i < found->count; i++) {
			int dir = open(found->name[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (dir >= 0 && holds_copy(dir, &text, 2)) {
				copies++;
				pick = (int)i;
			}
		}
	}
	if (copies == 1 && shared && has_twin(config, &text))
		copies = 2;
	buf_free(&text);
	if (copies == 0)
		return found->count == 1 && !shared ? 0 : -1;
	return copies == 1 ? pick : -1;
}
