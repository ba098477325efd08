/*
 * snapshot - writers of one experiment.json exclude each other by flock(2) on the directory.
 * Where the file system has no such locks they may overwrite each other's file; the last one to
 * write has read the directory again before, so that its file is complete.
 */
#include "exp/document.h"
#include "exp/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "exp/foldfile.h"
#include "exp/layout.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "exp/origin.h"
#include "base/signals.h"
#include "base/wait.h"

int snapshot_open_at(struct snapshot *s, const char *dir, const struct anchor *held, bool sync,
		     struct problem *p)
{
	struct buf file = BUF_INIT;
	*s = (struct snapshot){.sync = sync, .anchor = {.fd = -1}};
	s->file = layout_add(&file, dir, LAYOUT_DOCUMENT) ? file.data : NULL;
	s->dir = strdup(dir);
	s->fold = fold_new();
	if (!s->dir || !s->file || !s->fold)
		return problem_memory(p);
	return held ? anchor_copy(&s->anchor, held, p) : anchor_open(&s->anchor, dir, p);
}

int snapshot_open(struct snapshot *s, const char *dir, bool sync, struct problem *p)
{
	return snapshot_open_at(s, dir, NULL, sync, p);
}

void snapshot_free(struct snapshot *s)
{
	free(s->dir);
	free(s->file);
	fold_free(s->fold);
	anchor_close(&s->anchor);
	*s = (struct snapshot){.anchor = {.fd = -1}};
}

/* ---- reading ---- */

/* 0; 1 with a problem: a flaw of the file; -1 with a problem. */
static int read_file(struct snapshot *s, int dir, const char *name, const char *shown,
		     struct problem *p)
{
	int fd = file_open(dir, name, false);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0) {
		file_problem(p, shown, "read");
		return flaws_is_of_file(errno) ? 1 : -1;
	}
	int rc = foldfile_read(s->fold, fd, shown, p);
	close(fd);
	return rc;
}

/* Fold what can be read of a file below dir. What cannot is a flaw of the file, and a
 * problem only where the machine lacks something. */
static int fold_file(struct snapshot *s, int dir, const char *below, const char *name,
		     struct problem *p)
{
	struct buf shown = BUF_INIT;
	struct problem why;
	buf_addf(&shown, "%s/%s%s", s->dir, below, name);
	int rc =
		buf_cstr(&shown) ? read_file(s, dir, name, shown.data, &why) : problem_memory(&why);
	if (rc < 0)
		*p = why;
	else if (flaws_set(fold_flaws(s->fold), shown.data + strlen(s->dir) + 1,
			   rc ? &why : NULL) != 0)
		rc = problem_memory(p);
	buf_free(&shown);
	return rc < 0 ? -1 : 0;
}

static int fold_records(struct snapshot *s, int dir, struct problem *p)
{
	struct dirent *entry;
	int rc = 0;
	int fd = openat(dir, LAYOUT_RECORDS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT
			       ? 0
			       : problem_errno(p, "%s/" LAYOUT_RECORDS " cannot be read", s->dir);
	}
	while (rc == 0 && (errno = 0, entry = readdir(list)))
		if (layout_record_run(entry->d_name))
			rc = fold_file(s, dirfd(list), LAYOUT_RECORDS "/", entry->d_name, p);
	if (rc == 0 && errno)
		rc = problem_errno(p, "%s/" LAYOUT_RECORDS " cannot be read", s->dir);
	closedir(list);
	return rc;
}

/* Is there an experiment.json? Nothing is followed. */
static bool look_at_file(const struct snapshot *s, struct stat *st)
{
	return fstatat(s->anchor.fd, LAYOUT_DOCUMENT, st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Remove the flaws of files that do not exist any more. */
static void forget_gone(struct flaws *flaws, int dir)
{
	for (size_t i = flaws->count; i-- > 0;)
		if (faccessat(dir, flaws->list[i].file, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		    errno == ENOENT)
			flaws_set(flaws, flaws->list[i].file, NULL);
}

int snapshot_read(struct snapshot *s, struct problem *p)
{
	const int dir = s->anchor.fd;
	s->there = look_at_file(s, &s->last);
	forget_gone(fold_flaws(s->fold), dir);
	int rc = fold_file(s, dir, "", LAYOUT_PLAN, p);
	if (rc == 0)
		rc = fold_records(s, dir, p);
	s->read = rc == 0;
	s->changed = true;
	return rc;
}

int snapshot_read_records(struct snapshot *s, char *const *name, size_t count, struct problem *p)
{
	int dir = openat(s->anchor.fd, LAYOUT_RECORDS,
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;
	for (size_t i = 0; i < count && rc == 0 && dir >= 0; i++)
		rc = fold_file(s, dir, LAYOUT_RECORDS "/", name[i], p);
	if (dir >= 0)
		close(dir);
	return rc;
}

/* ---- which runs are alive ---- */

/* A run whose claim is free may have ended after its last line was read: it is dead only if its
 * journal, read again, still says `running`. */
struct settling {
	struct snapshot *s;
	char **free_run; /* file names of the journals whose claim is free */
	size_t count;
	bool final;      /* in the second round, after that */
	bool looked;     /* `left` is set: */
	struct buf left; /* the runs that have processes, each with its NUL */
};

static bool is_text(struct slice raw, const char *text)
{
	return raw.len == strlen(text) + 2 && memcmp(raw.data + 1, text, raw.len - 2) == 0;
}

/* Its run-one was killed since this machine was started, and a process of it lives on
 * without the claim. The processes are looked at once for all runs. */
static bool is_left_alive(struct settling *g, const struct fold_run *run)
{
	const char *boot = origin_boot_id();
	if (run->boot_id.data && *boot && !is_text(run->boot_id, boot))
		return false;
	if (!g->looked)
		leftover_names(g->s->dir, &g->left);
	g->looked = true;
	for (size_t at = 0; at < g->left.len; at += strlen(g->left.data + at) + 1)
		if (strlen(g->left.data + at) == run->run.len &&
		    memcmp(g->left.data + at, run->run.data, run->run.len) == 0)
			return true;
	return false;
}

/* Is the claim free? A run of another machine, of which there is no journal here,
 * cannot be asked. */
static bool is_free(const struct snapshot *s, const char *name, const struct fold_run *run)
{
	struct buf path = BUF_INIT;
	int held =
		layout_add(&path, LAYOUT_RECORDS, name) ? lock_held_at(s->anchor.fd, path.data) : 1;
	bool missing = held < 0 && errno == ENOENT;
	buf_free(&path);
	return held == 0 || (missing && is_text(run->host, origin_host()));
}

static bool is_listed(const struct settling *g, const char *name)
{
	for (size_t i = 0; i < g->count; i++)
		if (strcmp(g->free_run[i], name) == 0)
			return true;
	return false;
}

static bool is_alive(void *context, const struct fold_run *run)
{
	struct settling *g = context;
	struct buf name = BUF_INIT;
	bool dead = layout_add_record_name(&name, run->run.data, run->run.len) &&
		    (!g->final || is_listed(g, name.data)) && is_free(g->s, name.data, run);
	if (dead && !g->final) {
		char **more = realloc(g->free_run, (g->count + 1) * sizeof *more);
		if (more) {
			g->free_run = more;
			g->free_run[g->count++] = name.data;
			return true;
		}
	}
	buf_free(&name);
	return !(dead && g->final) || is_left_alive(g, run);
}

int snapshot_settle(struct snapshot *s, struct problem *p)
{
	struct settling g = {.s = s};
	int rc = 0;
	fold_settle(s->fold, is_alive, &g);
	if (g.count) {
		rc = snapshot_read_records(s, g.free_run, g.count, p);
		g.final = true;
		fold_settle(s->fold, is_alive, &g);
	}
	for (size_t i = 0; i < g.count; i++)
		free(g.free_run[i]);
	free(g.free_run);
	buf_free(&g.left);
	return rc;
}

/* ---- writing ---- */

bool snapshot_sink(void *context, const char *data, size_t len)
{
	return file_write_all(*(int *)context, data, len) == 0;
}

/* The file of that name below dir; shown: for messages. */
static int replace(struct fold *f, int dir, const char *name, const char *shown, mode_t mode,
		   bool sync, struct problem *p)
{
	struct file_replace r;
	if (file_replace_begin(&r, dir, name, shown, p) != 0)
		return -1;
	errno = ENOMEM;
	if (!document_write(f, snapshot_sink, &r.fd) || (mode && fchmod(r.fd, mode) != 0)) {
		problem_errno(p, "%s cannot be written", shown);
		file_replace_cancel(&r);
		return -1;
	}
	return file_replace_commit(&r, sync, p);
}

static bool stream_sink(void *context, const char *data, size_t len)
{
	int rc = wait_write(*(int *)context, data, len);
	errno = rc > 0 ? EINTR : errno;
	return rc == 0;
}

static int write_into(struct fold *f, const char *file, struct problem *p)
{
	int rc = 0, fd = wait_open(file);
	errno = fd < 0 ? errno : ENOMEM;
	if (fd < 0 || !document_write(f, stream_sink, &fd))
		rc = problem_errno(p, "%s cannot be written", file);
	if (rc != 0 && errno == EINTR && signals_stop())
		p->status = EXIT_SIGNAL + signals_stop();
	if (fd >= 0)
		close(fd);
	return rc;
}

bool snapshot_is_stream(const char *file)
{
	struct stat st;
	/* these stand for a descriptor, whatever it is */
	if (strcmp(file, "/dev/stdout") == 0 || strcmp(file, "/dev/stderr") == 0 ||
	    strncmp(file, "/dev/fd/", 8) == 0 || strncmp(file, "/proc/self/fd/", 14) == 0)
		return true;
	return stat(file, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int snapshot_write_to(struct fold *f, const char *file, bool sync, struct problem *p)
{
	struct stat st;
	if (snapshot_is_stream(file))
		return write_into(f, file, p);
	if (lstat(file, &st) != 0)
		return replace(f, AT_FDCWD, file, file, 0, sync, p);
	if (!S_ISLNK(st.st_mode))
		return replace(f, AT_FDCWD, file, file, st.st_mode & 07777, sync, p);
	char *real = realpath(file, NULL);
	int rc = real && stat(real, &st) == 0
			 ? replace(f, AT_FDCWD, real, real, st.st_mode & 07777, sync, p)
			 : problem_errno(p, "%s cannot be followed", file);
	free(real);
	return rc;
}

/* A link is replaced, and its target left alone. */
static int replace_own(struct snapshot *s, struct problem *p)
{
	struct stat st;
	bool there = look_at_file(s, &st) && S_ISREG(st.st_mode);
	return replace(s->fold, s->anchor.fd, LAYOUT_DOCUMENT, s->file,
		       there ? st.st_mode & 07777 : 0, s->sync, p);
}

static bool is_unchanged(const struct snapshot *s)
{
	struct stat now;
	if (!look_at_file(s, &now))
		return !s->there;
	return s->there && now.st_ino == s->last.st_ino && now.st_dev == s->last.st_dev &&
	       now.st_size == s->last.st_size && now.st_mtim.tv_sec == s->last.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == s->last.st_mtim.tv_nsec;
}

int snapshot_write(struct snapshot *s, struct problem *p)
{
	int turn = openat(s->anchor.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ours = turn >= 0 ? wait_flock(turn, s->dir) : -1, rc = 0;
	if (ours > 0)
		rc = problem_set(p, EXIT_SIGNAL + signals_stop(),
				 "%s is not written: stopped while another process held the lock "
				 "on %s",
				 s->file, s->dir);
	if (ours == 0 && !s->clean) {
		file_replace_clean(turn, LAYOUT_DOCUMENT);
		s->clean = true;
	}
	if (rc == 0 && (!s->read || !is_unchanged(s)))
		rc = snapshot_read(s, p);
	if (rc == 0)
		rc = snapshot_settle(s, p);
	if (rc == 0)
		rc = replace_own(s, p);
	if (rc == 0)
		s->there = look_at_file(s, &s->last);
	if (rc == 0)
		s->changed = false;
	if (turn >= 0)
		close(turn);
	return rc;
}
