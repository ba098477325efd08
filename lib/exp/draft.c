/*
 * draft - the mark is created first and removed last, so that SIGKILL at any moment leaves an
 * empty directory, or one with the mark.
 *
 * Between mkdir or open and the lock of the mark another process may clean up and remove the
 * draft. The writer notices that and makes another one.
 */
#include "exp/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "exp/layout.h"
#include "base/lock.h"

enum { CHANCE = 8 };

static const char mark_text[] =
	"sweep-expand writes an experiment here. If it was killed, the next one that writes\n"
	"an experiment of this name removes the directory.\n";

/* ---- writing one ---- */

/* A new mark that is locked and says what it is. -1 with errno: EEXIST where another
 * process has cleaned it up. */
static int make_mark(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	bool lost = fd < 0 ? errno == ENOENT : lock_try(fd, true) != 0 && errno == EAGAIN;
	if (fd >= 0 && !lost)
		lost = fstat(fd, &st) == 0 && st.st_nlink == 0;
	if (fd >= 0 && !lost && file_write_all(fd, mark_text, sizeof mark_text - 1) == 0)
		return fd;
	int error = lost ? EEXIST : errno;
	if (fd >= 0 && !lost)
		unlink(path);
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static int try_name(struct draft *d, const char *parent, const char *name)
{
	char chance[CHANCE + 1];
	struct buf mark = BUF_INIT;
	file_random(chance, CHANCE);
	buf_clear(&d->dir);
	buf_addf(&d->dir, "%s/.%s.%s", parent, name, chance);
	buf_addf(&mark, "%s/.%s.%s/" LAYOUT_DRAFT, parent, name, chance);
	errno = ENOMEM;
	if (buf_cstr(&d->dir) && buf_cstr(&mark) && mkdir(d->dir.data, 0777) == 0) {
		d->mark = make_mark(mark.data);
		int saved = errno;
		if (d->mark < 0)
			rmdir(d->dir.data);
		errno = saved;
	}
	int saved = errno;
	buf_free(&mark);
	errno = saved;
	return d->mark < 0 ? -1 : 0;
}

int draft_begin(struct draft *d, const char *parent, const char *name)
{
	int rc;
	*d = (struct draft){.mark = -1};
	while ((rc = try_name(d, parent, name)) != 0 && errno == EEXIST)
		;
	int saved = errno;
	if (rc != 0)
		buf_free(&d->dir);
	errno = saved;
	return rc;
}

/* SIGKILL between the rename and this leaves the mark, which nobody reads there. */
void draft_end(struct draft *d, const char *published)
{
	struct buf mark = BUF_INIT;
	if (published) {
		buf_addf(&mark, "%s/" LAYOUT_DRAFT, published);
		if (buf_cstr(&mark))
			unlink(mark.data);
	} else {
		file_remove_tree(d->dir.data, LAYOUT_DRAFT);
	}
	close(d->mark);
	buf_free(&mark);
	buf_free(&d->dir);
}

/* ---- cleaning up after writers that were killed ---- */

/* The NAME of .NAME.XXXXXXXX, which the caller frees; NULL: not a draft. */
static char *name_of(const char *entry)
{
	const char *chance = strrchr(entry, '.');
	bool is = *entry == '.' && chance != entry && file_is_random(chance + 1, CHANCE);
	return is ? strndup(entry + 1, (size_t)(chance - entry) - 1) : NULL;
}

/* Is there nothing in it beside the mark? */
static bool is_bare(const char *path)
{
	struct dirent *entry;
	bool bare = true;
	DIR *list = opendir(path);
	while (list && bare && (entry = readdir(list)))
		bare = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		       strcmp(entry->d_name, LAYOUT_DRAFT) == 0;
	if (list)
		closedir(list);
	return list && bare;
}

/* Does the mark have our text, or, where nothing else is there, the beginning of it? */
static bool is_ours(const char *path, const char *mark)
{
	const size_t whole = sizeof mark_text - 1;
	struct buf text = BUF_INIT;
	bool ours = file_read(mark, false, &text) == 0 && text.len <= whole &&
		    (text.len == 0 || memcmp(text.data, mark_text, text.len) == 0) &&
		    (text.len == whole || is_bare(path));
	buf_free(&text);
	return ours;
}

/* An empty directory is removed without a mark. */
static void remove_dead(const char *path)
{
	struct buf mark = BUF_INIT;
	if (rmdir(path) == 0)
		return;
	buf_addf(&mark, "%s/" LAYOUT_DRAFT, path);
	int fd = buf_cstr(&mark) ? open(mark.data, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
				 : -1;
	if (fd >= 0 && lock_try(fd, true) == 0 && is_ours(path, mark.data))
		file_remove_tree(path, LAYOUT_DRAFT);
	if (fd >= 0)
		close(fd);
	buf_free(&mark);
}

void draft_clean(const char *parent, bool (*is_of)(const char *name, const void *context),
		 const void *context)
{
	struct buf path = BUF_INIT;
	struct dirent *entry;
	DIR *list = opendir(parent);
	while (list && (entry = readdir(list))) {
		char *name = name_of(entry->d_name);
		buf_clear(&path);
		buf_addf(&path, "%s/%s", parent, entry->d_name);
		if (name && is_of(name, context) && buf_cstr(&path))
			remove_dead(path.data);
		free(name);
	}
	if (list)
		closedir(list);
	buf_free(&path);
}
