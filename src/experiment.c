/*
 * experiment - the lock file is made when it is first needed and never removed. If
 * somebody removes it all the same while we are at work, others may come in beside us:
 * what is claimed is protected by its journal, as it is where the experiment is shared,
 * and nothing is removed but with its own lock held.
 */
#include "experiment.h"

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

void experiment_init(struct experiment *e)
{
	*e = (struct experiment){
		.home = {.fd = -1}, .lock = -1, .given = -1, .records = -1, .logs = -1};
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

static void unmake(struct experiment *e)
{
	struct stat st;
	for (size_t at = 0; at < e->made.len; at += strlen(e->made.data + at) + 1)
		if (fstatat(e->records, e->made.data + at, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_size == 0)
			remove_empty(e->records, e->made.data + at);
	buf_clear(&e->made);
}

void experiment_close(struct experiment *e)
{
	unmake(e);
	buf_free(&e->made);
	anchor_close(&e->home);
	if (e->lock >= 0)
		close(e->lock);
	if (e->records >= 0)
		close(e->records);
	if (e->logs >= 0)
		close(e->logs);
	free(e->dir);
	int given = e->given;
	experiment_init(e);
	e->given = given;
}

/* The runs whose journals are locked, as "run_003, run_004". */
void experiment_claimed(const char *dir, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct dirent *entry;
	size_t from = out->len;
	buf_addf(&path, "%s/records", dir);
	DIR *list = buf_cstr(&path) ? opendir(path.data) : NULL;
	while (list && (entry = readdir(list))) {
		size_t len = strlen(entry->d_name);
		if (len < 7 || strcmp(entry->d_name + len - 6, ".jsonl") != 0)
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s/records/%s", dir, entry->d_name);
		if (buf_cstr(&path) && lock_held(path.data) == 1)
			buf_addf(out, "%s%.*s", out->len > from ? ", " : "", (int)len - 6,
				 entry->d_name);
	}
	if (list)
		closedir(list);
	buf_free(&path);
}

static int busy(const char *dir, const char *lock, struct problem *p)
{
	struct buf pids = BUF_INIT, runs = BUF_INIT, word = BUF_INIT;
	buf_add_word(&word, dir);
	lock_holders(lock, &pids);
	experiment_claimed(dir, &runs);
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

/* Whoever started us has taken the lock, and we share it. */
static int take_given(struct experiment *e, const char *dir, struct problem *p)
{
	struct stat ours, file;
	if (fstat(e->given, &ours) != 0 ||
	    fstatat(e->home.fd, "lock", &file, AT_SYMLINK_NOFOLLOW) != 0 ||
	    ours.st_ino != file.st_ino || ours.st_dev != file.st_dev)
		return problem_set(p, EXIT_BAD_INPUT,
				   "%s was renamed while it was in use, or its lock was removed",
				   dir);
	e->lock = fcntl(e->given, F_DUPFD_CLOEXEC, HIGH_FD);
	return e->lock < 0 ? problem_errno(p, "the lock of %s cannot be shared", dir) : 0;
}

/* To a high number, where no program expects a descriptor. */
static int open_lock(int dir)
{
	int fd = file_open_own(dir, "lock", 0, NULL);
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

static int take_own(struct experiment *e, const char *dir, const char *path, bool shared,
		    struct problem *p)
{
	do {
		if (e->lock >= 0)
			close(e->lock);
		e->lock = open_lock(e->home.fd);
		if (e->lock < 0) {
			file_problem(p, path, "opened");
			p->status = errno == ENOENT ? EXIT_BAD_INPUT : p->status;
			return -1;
		}
		if (lock_try(e->lock, !shared) != 0)
			return errno == EAGAIN ? busy(dir, path, p)
					       : problem_errno(p, "%s cannot be locked", path);
	} while (!lock_is_named(e->lock, e->home.fd, "lock"));
	return 0;
}

static int take_lock(struct experiment *e, const char *dir, bool shared, struct problem *p)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/lock", dir);
	if (!buf_cstr(&path))
		return problem_memory(p);
	int rc = e->given >= 0 ? take_given(e, dir, p) : take_own(e, dir, path.data, shared, p);
	buf_free(&path);
	return rc;
}

static int open_dir(const struct experiment *e, const char *name, int *fd, struct problem *p)
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

static void set_id(struct experiment *e)
{
	struct stat st;
	if (fstat(e->records, &st) == 0)
		snprintf(e->id, sizeof e->id, "%ju:%ju", (uintmax_t)st.st_dev,
			 (uintmax_t)st.st_ino);
}

bool experiment_is(const struct experiment *e, const char *dir)
{
	struct stat st;
	return e->dir &&
	       (strcmp(e->dir, dir) == 0 ||
		(stat(dir, &st) == 0 && st.st_dev == e->home.device && st.st_ino == e->home.inode));
}

/* The lines spell it otherwise. */
static int respell(struct experiment *e, const char *dir, struct problem *p)
{
	char *copy = strdup(dir);
	if (!copy)
		return problem_memory(p);
	free(e->dir);
	e->dir = copy;
	snprintf(e->records_name, sizeof e->records_name, "%s/records", dir);
	return 0;
}

int experiment_open(struct experiment *e, const char *dir, bool shared, struct problem *p)
{
	if (e->dir && strcmp(e->dir, dir) == 0)
		return 0;
	if (experiment_is(e, dir))
		return respell(e, dir, p);
	if (!path_current(true, p)) /* records are to tell it */
		return -1;
	experiment_close(e);
	e->dir = strdup(dir);
	e->own = !shared;
	snprintf(e->records_name, sizeof e->records_name, "%s/records", dir);
	if (!e->dir)
		return problem_memory(p);
	if (anchor_open(&e->home, dir, p) == 0 && take_lock(e, dir, shared, p) == 0 &&
	    open_dir(e, "records", &e->records, p) == 0 && open_dir(e, "logs", &e->logs, p) == 0) {
		set_id(e);
		return 0;
	}
	experiment_close(e);
	return -1;
}

int experiment_check(const struct experiment *e, struct problem *p)
{
	return anchor_check(&e->home, e->dir, p);
}

/* After many journals with a past, the rest of them is synced at once. */
static int sync_pasts(struct experiment *e, struct problem *p)
{
	if (!e->own || e->all_synced || ++e->pasts != SYNC_EACH || !file_can_sync_all(e->records))
		return 0;
	if (file_sync_all(e->records) != 0)
		return problem_errno(p, "%s cannot be synced", e->records_name);
	e->all_synced = true;
	return 0;
}

static void journal_name(char name[256], const char *run)
{
	snprintf(name, 256, "%s.jsonl", run);
}

bool experiment_lacks(struct experiment *e, const char *run)
{
	char name[256];
	journal_name(name, run);
	if (faccessat(e->records, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	unmake(e); /* what is to come is made anew */
	return true;
}

/* Failures show when it is claimed. */
void experiment_make(struct experiment *e, const char *run)
{
	char name[256];
	journal_name(name, run);
	int fd = openat(e->records, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0666);
	if (fd < 0)
		return;
	close(fd);
	buf_add(&e->made, name, strlen(name) + 1);
}

int experiment_sync_names(struct experiment *e, struct problem *p)
{
	if (fsync(e->records) != 0)
		return problem_errno(p, "%s cannot be synced", e->records_name);
	e->names_synced = true;
	return 0;
}

int experiment_claim(struct experiment *e, struct journal *j, const char *run, bool sync,
		     struct problem *p)
{
	char name[256];
	unsigned how = sync ? JOURNAL_SYNC : JOURNAL_NO_SYNC;
	if (sync && e->all_synced)
		how |= JOURNAL_PAST_SYNCED;
	if (sync && e->names_synced)
		how |= JOURNAL_NAMES_SYNCED;
	journal_name(name, run);
	int rc = journal_claim(j, e->records, e->records_name, name, how, p);
	if (rc == 0 && sync && j->size > 0 && sync_pasts(e, p) != 0) {
		journal_close(j);
		rc = -1;
	}
	return rc;
}

/* Several writers may share the experiment: each takes the journal's lock for
 * the moment of its line. */
int experiment_append(struct experiment *e, const char *line, size_t len, bool sync,
		      struct problem *p)
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
