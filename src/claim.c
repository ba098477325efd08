/*
 * claim - the lock file is made when it is first needed and never removed. If
 * somebody removes it all the same while we are at work, others may come in beside us:
 * what is claimed is protected by its journal, as it is where the experiment is shared,
 * and nothing is removed but with its own lock held.
 */
#include "claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/path.h"
#include "exp/layout.h"

enum {
	HIGH_FD = 100,
	SYNC_EACH = 64 /* so many journals are synced each before they are believed */
};

void claim_init(struct claim *e)
{
	*e = (struct claim){.home = {.fd = -1}, .lock = -1, .records = -1, .logs = -1};
}

/* Remove a journal that is empty and that nobody has claimed. Who waits to claim it finds
 * that it is gone. */
static void remove_empty(int records, const char *name)
{
	struct stat st;
	int fd = openat(records, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (lock_try(fd, true) == 0 && fstat(fd, &st) == 0 && st.st_size == 0 &&
	    lock_is_named(fd, records, name))
		unlinkat(records, name, 0);
	close(fd);
}

static void unmake(struct claim *e)
{
	struct stat st;
	for (size_t at = 0; at < e->made.len; at += strlen(e->made.data + at) + 1)
		if (fstatat(e->records, e->made.data + at, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_size == 0)
			remove_empty(e->records, e->made.data + at);
	buf_clear(&e->made);
}

void claim_close(struct claim *e)
{
	unmake(e);
	buf_free(&e->made);
	buf_free(&e->name);
	anchor_close(&e->home);
	if (e->lock >= 0)
		close(e->lock);
	if (e->records >= 0)
		close(e->records);
	if (e->logs >= 0)
		close(e->logs);
	free(e->dir);
	claim_init(e);
}

/* The runs whose journals are locked, as "run_003, run_004". */
static void add_claimed(const char *dir, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct dirent *entry;
	size_t from = out->len;
	buf_addf(&path, "%s/" LAYOUT_RECORDS, dir);
	DIR *list = buf_cstr(&path) ? opendir(path.data) : NULL;
	while (list && (entry = readdir(list))) {
		size_t len = layout_record_run(entry->d_name);
		if (len == 0)
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/" LAYOUT_RECORDS "/%s", dir, entry->d_name);
		if (buf_cstr(&path) && lock_held(path.data) == 1)
			buf_addf(out, "%s%.*s", out->len > from ? ", " : "", (int)len,
				 entry->d_name);
	}
	if (list)
		closedir(list);
	buf_free(&path);
}

static int say_at_work(const char *dir, const char *lock, struct problem *p)
{
	struct buf pids = BUF_INIT, runs = BUF_INIT, word = BUF_INIT;
	buf_add_word(&word, dir);
	lock_holders(lock, &pids);
	add_claimed(dir, &runs);
	const char *who = buf_cstr(&pids), *what = buf_cstr(&runs);
	problem_set(p, EXIT_BUSY,
		    "%s is at work: %s%s%s%s%s; wait for it, or stop it with sweep-lock --stop %s",
		    dir, who && *who ? "process " : "another process", who ? who : "",
		    what && *what ? " (" : "", what ? what : "", what && *what ? ")" : "",
		    buf_cstr(&word) ? word.data : dir);
	buf_free(&word);
	buf_free(&pids);
	buf_free(&runs);
	return -1;
}

/* To a high number, where no program expects a descriptor. */
static int open_lock_of(int dir)
{
	int fd = file_open_own(dir, LAYOUT_LOCK, 0, NULL);
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static int lock_named(struct claim *e, const char *dir, const char *path, bool shared,
		      struct problem *p)
{
	do {
		if (e->lock >= 0)
			close(e->lock);
		e->lock = open_lock_of(e->home.fd);
		if (e->lock < 0) {
			file_problem(p, path, "opened");
			p->status = errno == ENOENT ? EXIT_BAD_INPUT : p->status;
			return -1;
		}
		if (lock_try(e->lock, !shared) != 0)
			return errno == EAGAIN ? say_at_work(dir, path, p)
					       : problem_errno(p, "%s cannot be locked", path);
	} while (!lock_is_named(e->lock, e->home.fd, LAYOUT_LOCK));
	return 0;
}

static int take_lock(struct claim *e, const char *dir, bool shared, struct problem *p)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/" LAYOUT_LOCK, dir);
	if (!buf_cstr(&path))
		return problem_memory(p);
	int rc = lock_named(e, dir, path.data, shared, p);
	buf_free(&path);
	return rc;
}

static int open_dir(const struct claim *e, const char *name, int *fd, struct problem *p)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	*fd = openat(e->home.fd, name, flags);
	if (*fd < 0 && errno == ENOENT && mkdirat(e->home.fd, name, 0777) == 0)
		*fd = openat(e->home.fd, name, flags);
	if (*fd < 0 && errno == ENOTDIR)
		return problem_set(p, EXIT_BAD_INPUT,
				   "%s/%s is no directory; a link is not followed", e->dir, name);
	return *fd < 0 ? problem_errno(p, "%s/%s cannot be opened", e->dir, name) : 0;
}

static void set_id(struct claim *e)
{
	struct stat st;
	if (fstat(e->records, &st) == 0)
		snprintf(e->id, sizeof e->id, "%ju:%ju", (uintmax_t)st.st_dev,
			 (uintmax_t)st.st_ino);
}

bool claim_is(const struct claim *e, const char *dir)
{
	struct stat st;
	return e->dir &&
	       (strcmp(e->dir, dir) == 0 ||
		(stat(dir, &st) == 0 && st.st_dev == e->home.device && st.st_ino == e->home.inode));
}

/* The lines spell it otherwise. */
static int respell(struct claim *e, const char *dir, struct problem *p)
{
	char *copy = strdup(dir);
	if (!copy)
		return problem_memory(p);
	free(e->dir);
	e->dir = copy;
	snprintf(e->records_name, sizeof e->records_name, "%s/" LAYOUT_RECORDS, dir);
	return 0;
}

int claim_open(struct claim *e, const char *dir, bool shared, struct problem *p)
{
	if (e->dir && strcmp(e->dir, dir) == 0)
		return 0;
	if (claim_is(e, dir))
		return respell(e, dir, p);
	if (!path_current(true, p)) /* records are to tell it */
		return -1;
	claim_close(e);
	e->dir = strdup(dir);
	e->own = !shared;
	snprintf(e->records_name, sizeof e->records_name, "%s/" LAYOUT_RECORDS, dir);
	if (!e->dir)
		return problem_memory(p);
	if (anchor_open(&e->home, dir, p) == 0 && take_lock(e, dir, shared, p) == 0 &&
	    open_dir(e, LAYOUT_RECORDS, &e->records, p) == 0 &&
	    open_dir(e, LAYOUT_LOGS, &e->logs, p) == 0) {
		set_id(e);
		return 0;
	}
	claim_close(e);
	return -1;
}

int claim_check(const struct claim *e, struct problem *p)
{
	return anchor_check(&e->home, e->dir, p);
}

/* After many journals with a past, the rest of them is synced at once. */
static int sync_pasts(struct claim *e, struct problem *p)
{
	if (!e->own || e->all_synced || ++e->pasts != SYNC_EACH || !file_can_sync_all(e->records))
		return 0;
	if (file_sync_all(e->records) != 0)
		return problem_errno(p, "%s cannot be synced", e->records_name);
	e->all_synced = true;
	return 0;
}

/* False: no memory. */
static bool name_journal(struct claim *e, const char *run)
{
	buf_clear(&e->name);
	return layout_add_record_name(&e->name, run, strlen(run));
}

bool claim_lacks(struct claim *e, const char *run)
{
	if (!name_journal(e, run) ||
	    faccessat(e->records, e->name.data, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	unmake(e); /* what is to come is made anew */
	return true;
}

/* Failures show when it is claimed. */
void claim_make(struct claim *e, const char *run)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = name_journal(e, run) ? openat(e->records, e->name.data, flags, 0666) : -1;
	if (fd < 0)
		return;
	close(fd);
	buf_add(&e->made, e->name.data, e->name.len + 1);
}

int claim_sync_names(struct claim *e, struct problem *p)
{
	if (fsync(e->records) != 0)
		return problem_errno(p, "%s cannot be synced", e->records_name);
	e->names_synced = true;
	return 0;
}

int claim_run(struct claim *e, struct journal *j, const char *run, bool sync, struct problem *p)
{
	unsigned how = sync ? JOURNAL_SYNC : JOURNAL_NO_SYNC;
	if (sync && e->all_synced)
		how |= JOURNAL_PAST_SYNCED;
	if (sync && e->names_synced)
		how |= JOURNAL_NAMES_SYNCED;
	if (!name_journal(e, run))
		return problem_memory(p);
	int rc = journal_claim(j, e->records, e->records_name, e->name.data, how, p);
	if (rc == 0 && sync && j->size > 0 && sync_pasts(e, p) != 0) {
		journal_close(j);
		rc = -1;
	}
	return rc;
}

/* Several writers may share the experiment: each takes the journal's lock for
 * the moment of its line. */
int claim_append(struct claim *e, const char *line, size_t len, bool sync, struct problem *p)
{
	struct journal j;
	unsigned how = sync ? JOURNAL_SYNC : JOURNAL_NO_SYNC;
	int rc = journal_claim_waiting(&j, e->records, e->records_name, LAYOUT_EXPERIMENT, how, p);
	if (rc == 0) {
		rc = journal_append(&j, line, len, p);
		journal_close(&j);
	}
	return rc;
}
