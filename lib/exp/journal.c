/*
 * journal - the protocol by which no recorded line is lost, and no run is claimed twice:
 *
 *   open, lock, check that it has a name, fsync, read, truncate a torn last line.
 *
 * It is read with the lock held, because another process may write before. An unused journal
 * is removed by the process that holds its lock; a process that had opened it before gets the
 * lock of a file without a name (st_nlink 0), and opens the name again. The fsync comes before
 * the read: the last line of a writer that died may be in the page cache only, and a power cut
 * after we acted on it would take it away. A line is appended in one write and synced before
 * journal_append returns; the directory is synced after the first line of each claim, for the
 * name. After a failed fsync it is unknown what is on disk, so it is not repeated, but for a full
 * disk: then the line is cut off and written again, and the next fsync covers that.
 *
 * A process that holds the lock of the experiment may sync all journals at once, since no other
 * has one open for writing: after one syncfs what is read is on disk (JOURNAL_PAST_SYNCED), and
 * after one fsync of the directory all names of journals are (JOURNAL_NAMES_SYNCED). Journals that
 * are made later sync their names with their first line.
 */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fallocate */
#endif
#endif
#include "exp/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/linereader.h"
#include "base/lock.h"
#include "exp/history.h"
#include "base/signals.h"
#include "base/wait.h"

enum { HIGH_FD = 100 };

/* Can it be the torn write of a crash: no newline, or NUL bytes, which were never written to
 * disk? Any other line that is not JSON is somebody else's, and is not removed. */
static bool is_torn(const char *line, size_t len, bool newline)
{
	return !newline || memchr(line, '\0', len);
}

static int cannot_read_journal(const struct journal *j, const struct linereader *in,
			       struct problem *p)
{
	if (errno != EFBIG)
		return problem_errno(p, "%s cannot be read", j->name);
	return problem_at(p, j->name, in->number + 1, 0,
			  "longer than 64 MiB, the limit; move the file away");
}

/* Take what the lines say, one at a time: a journal may be larger than the memory. j->size
 * counts those that are whole: all, or without a torn last one. */
static int take_lines(struct journal *j, struct history *h, off_t size, struct problem *p)
{
	struct linereader in;
	struct slice line;
	struct problem why;
	int rc = 0;
	linereader_init(&in, j->fd);
	while (rc == 0 && j->size < size) {
		int got = linereader_next(&in, &line);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got == 0 ? EIO : errno;
			rc = cannot_read_journal(j, &in, p);
			break;
		}
		off_t end = j->size + (off_t)line.len + 1;
		if (end >= size && is_torn(line.data, line.len, in.whole))
			break;
		if (history_take(h, line, &why) != 0)
			rc = problem_at(p, j->name, in.number, 0, "%s", why.text);
		j->size = end;
	}
	linereader_free(&in);
	return rc;
}

static int cut_to_size(struct journal *j, struct problem *p)
{
	if (ftruncate(j->fd, j->size) != 0 || (j->sync && fsync(j->fd) != 0))
		return problem_errno(p, "the torn last line of %s cannot be cut off", j->name);
	return 0;
}

int journal_retract(struct journal *j, off_t size, struct problem *p)
{
	j->size = size;
	return cut_to_size(j, p);
}

static int read_past(struct journal *j, off_t size, struct problem *p)
{
	struct history h;
	history_begin(&h, j->name);
	int rc = take_lines(j, &h, size, p);
	if (rc == 0 && j->size < size)
		rc = cut_to_size(j, p);
	j->attempt = h.attempt;
	j->status = h.status;
	j->may_live = history_may_live(&h);
	int ended = history_end(&h, &j->run_dir, rc == 0 ? p : &(struct problem){0});
	return rc == 0 ? ended : rc;
}

bool journal_may_live(const char *path)
{
	struct journal j = {.fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
	struct history h;
	struct problem ignored;
	struct stat st;
	snprintf(j.name, sizeof j.name, "%s", path);
	history_begin(&h, j.name);
	bool good = j.fd >= 0 && fstat(j.fd, &st) == 0 && S_ISREG(st.st_mode) &&
		    take_lines(&j, &h, st.st_size, &ignored) == 0;
	history_end(&h, &j.run_dir, &ignored);
	journal_close(&j);
	return good && history_may_live(&h);
}

/* To a high number, where no program expects a descriptor. */
static void move_up(struct journal *j)
{
	int high = fcntl(j->fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high < 0)
		return;
	close(j->fd);
	j->fd = high;
}

/* 0; 1: it was removed before it was locked; -1. */
static int look_back(struct journal *j, bool past_synced, struct problem *p)
{
	struct stat st;
	if (fstat(j->fd, &st) != 0)
		return problem_errno(p, "%s cannot be accessed", j->name);
	if (st.st_nlink == 0)
		return 1;
	if (!S_ISREG(st.st_mode))
		return problem_set(p, EXIT_BAD_INPUT, "%s is not a regular file", j->name);
	if (st.st_size == 0)
		return 0;
	if (j->sync && !past_synced && fsync(j->fd) != 0)
		return problem_errno(p, "%s cannot be synced", j->name);
	return read_past(j, st.st_size, p);
}

/* The writer of the first line may have died before the name was on disk: it is synced for a
 * journal that exists, too, unless the caller has done it. */
static int open_journal(struct journal *j, const char *name, unsigned sync)
{
	int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	j->fresh = !(sync & JOURNAL_NAMES_SYNCED);
	if (!j->fresh && (j->fd = openat(j->dir, name, flags)) < 0 && errno == ENOENT)
		j->fresh = true;
	if (j->fresh)
		j->fd = openat(j->dir, name, flags | O_CREAT, 0666);
	return j->fd;
}

int journal_claim(struct journal *j, int dir, const char *dir_name, const char *name, unsigned sync,
		  struct problem *p)
{
	*j = (struct journal){.fd = -1, .dir = dir, .sync = sync != JOURNAL_NO_SYNC};
	snprintf(j->name, sizeof j->name, "%s/%s", dir_name, name);
	int rc = 1;
	while (rc == 1) {
		if (open_journal(j, name, sync) < 0)
			return file_problem(p, j->name, "opened");
		if (lock_try(j->fd, true) != 0) {
			rc = errno == EAGAIN ? 1 : problem_errno(p, "%s cannot be locked", j->name);
			journal_close(j);
			return rc;
		}
		rc = look_back(j, sync & JOURNAL_PAST_SYNCED, p);
		if (rc != 0)
			journal_close(j);
	}
	return rc;
}

int journal_claim_waiting(struct journal *j, int dir, const char *dir_name, const char *name,
			  unsigned sync, struct problem *p)
{
	int rc;
	while ((rc = journal_claim(j, dir, dir_name, name, sync, p)) == 1) {
		int free = wait_free(dir, name, j->name);
		if (free > 0)
			return problem_set(p, EXIT_SIGNAL + signals_stop(),
					   "%s is not written: stopped while another process held "
					   "its lock",
					   j->name);
		if (free < 0)
			return problem_errno(p, "%s cannot be waited for", j->name);
	}
	return rc;
}

/* May the file grow so far (RLIMIT_FSIZE)? The limit is read once. */
static int check_limit(const struct journal *j, off_t end, struct problem *p)
{
	static struct rlimit most;
	if (most.rlim_cur == 0 && getrlimit(RLIMIT_FSIZE, &most) != 0)
		most.rlim_cur = RLIM_INFINITY;
	if (most.rlim_cur == RLIM_INFINITY || (rlim_t)end <= most.rlim_cur)
		return 0;
	return problem_set(
		p, EXIT_IO,
		"%s has to grow to %lld bytes, and the limit of a file is %llu; raise it "
		"(ulimit -f)",
		j->name, (long long)end, (unsigned long long)most.rlim_cur);
}

int journal_reserve(struct journal *j, size_t bytes, struct problem *p)
{
	off_t end = j->size + (off_t)bytes;
	if (j->fd < HIGH_FD)
		move_up(j);
	if (check_limit(j, end, p) != 0)
		return -1;
#ifdef FALLOC_FL_KEEP_SIZE
	if (fallocate(j->fd, FALLOC_FL_KEEP_SIZE, j->size, (off_t)bytes) != 0 &&
	    (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO))
		return problem_errno(p, "no room in %s for the result of the run", j->name);
#endif
	j->room = end;
	return 0;
}

/* Errors after which a later try may succeed. */
static bool is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/* Cut off what is behind the whole lines. 0, or as journal_append. */
static int mend(struct journal *j, struct problem *p)
{
	j->torn = j->torn && ftruncate(j->fd, j->size) != 0;
	if (!j->torn)
		return 0;
	problem_errno(p, "a part of a line cannot be cut off %s", j->name);
	return is_full(errno) ? 1 : -1;
}

/* How much of it was written; if not all, errno says why. */
static size_t write_line(int fd, const char *line, size_t len)
{
	size_t done = 0;
	while (done < len) {
		ssize_t n = write(fd, line + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* A line that was not written or synced completely is cut off at once, so that no reader takes
 * it, and the next one is not appended to a part of it. */
static int fail(struct journal *j, bool is_written, const char *what, struct problem *p)
{
	int why = errno;
	struct problem ignored;
	problem_errno(p, "%s cannot be %s", j->name, what);
	j->torn = is_written;
	return mend(j, &ignored) >= 0 && is_full(why) ? 1 : -1;
}

int journal_append(struct journal *j, const char *line, size_t len, struct problem *p)
{
	int rc = mend(j, p);
	if (rc != 0)
		return rc;
	size_t written = write_line(j->fd, line, len);
	if (written < len)
		return fail(j, written > 0, "written", p);
	if (j->sync && fdatasync(j->fd) != 0)
		return is_full(errno) ? fail(j, true, "synced", p)
				      : problem_errno(p, "%s cannot be synced", j->name);
	if (j->sync && j->fresh && fsync(j->dir) != 0)
		return problem_errno(p, "the directory of %s cannot be synced", j->name);
	j->fresh = false;
	j->size += (off_t)len;
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	free(j->run_dir);
	j->run_dir = NULL;
	j->fd = -1;
}
