/*
 * journal - the protocol that keeps results.
 *
 *   open, lock, fsync, read, cut the torn tail, believe.
 *
 * The lock comes before the first look: a state read before it may be somebody
 * else's past. The fsync comes before the read: a dead writer's last line may
 * exist in memory only, and acting on a line that a power cut then takes back
 * would run something twice. A line is appended in one write and synced before
 * anyone is told; the directory is synced after the first one of each claim, so that
 * the name survives too. A failed fsync is not tried again: what it covered is unknown.
 *
 * Who has the experiment to itself may sync more than one journal at once: its lock
 * was taken before, so no writer of any journal was left. After one sync of the file
 * system, what is read was on disk then (JOURNAL_PAST_SYNCED). After one sync of the
 * directory, a journal that is there has its name on disk (JOURNAL_NAMES_SYNCED),
 * since all that are made later sync theirs with their first line.
 */
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fallocate */
#endif
#endif
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jsonl.h"
#include "lock.h"

enum { HIGH_FD = 100 };

static bool parses(struct jsonl *event, const char *line, size_t len)
{
	size_t offset;
	const char *why;
	return !memchr(line, '\0', len) && jsonl_parse(event, line, len, &offset, &why) == 0;
}

/* Take one event's news. */
static void take_event(struct journal *j, const struct jsonl *event)
{
	int64_t attempt;
	if (!jsonl_int(event, "attempt", &attempt) || attempt < j->attempt || attempt > 1000000)
		return;
	struct slice status = jsonl_get(event, "status");
	enum journal_status news = JOURNAL_NONE;
	if (status.len == 9 && memcmp(status.data, "\"running\"", 9) == 0)
		news = JOURNAL_RUNNING;
	else if (status.len == 11 && memcmp(status.data, "\"completed\"", 11) == 0)
		news = JOURNAL_COMPLETED;
	else if (status.len == 8 && memcmp(status.data, "\"failed\"", 8) == 0)
		news = JOURNAL_FAILED;
	if (attempt > j->attempt || news > j->status)
		j->status = news;
	j->attempt = (int)attempt;
}

/* The whole lines, and their events for j, if it is not NULL. */
static ssize_t take_whole(struct journal *j, const char *text, size_t len, size_t *offset)
{
	size_t from = 0;
	while (from < len) {
		struct jsonl event;
		const char *lf = memchr(text + from, '\n', len - from);
		size_t line = lf ? (size_t)(lf - text) - from : len - from;
		bool last = !lf || from + line + 1 == len;
		if (!lf || !parses(&event, text + from, line)) {
			*offset = from;
			return last ? (ssize_t)from : -1;
		}
		if (j)
			take_event(j, &event);
		from += line + 1;
	}
	return (ssize_t)len;
}

ssize_t journal_whole(const char *text, size_t len, size_t *offset)
{
	return take_whole(NULL, text, len, offset);
}

static int cut(struct journal *j, off_t whole, struct problem *p)
{
	if (ftruncate(j->fd, whole) != 0 || (j->sync && fsync(j->fd) != 0))
		return problem_errno(p, "the torn last line of %s cannot be cut off", j->name);
	return 0;
}

static int read_text(struct journal *j, char *text, size_t size, struct problem *p)
{
	size_t have = 0;
	while (have < size) {
		ssize_t n = pread(j->fd, text + have, size - have, (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return problem_errno(p, "%s cannot be read", j->name);
		have += (size_t)n;
	}
	return 0;
}

static int read_past(struct journal *j, size_t size, struct problem *p)
{
	size_t offset = 0;
	char *text = malloc(size);
	if (!text)
		return problem_memory(p);
	int rc = read_text(j, text, size, p);
	ssize_t whole = rc == 0 ? take_whole(j, text, size, &offset) : 0;
	if (whole < 0)
		rc = problem_set(
			p, EXIT_BAD_INPUT,
			"%s: byte %zu: not a JSON line, and not the last one; repair or move the "
			"file away",
			j->name, offset);
	if (rc == 0 && (size_t)whole < size)
		rc = cut(j, whole, p);
	if (rc == 0)
		j->size = whole;
	free(text);
	return rc;
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

static int look_back(struct journal *j, bool past_synced, struct problem *p)
{
	struct stat st;
	if (fstat(j->fd, &st) != 0)
		return problem_errno(p, "%s cannot be looked at", j->name);
	if (!S_ISREG(st.st_mode))
		return problem_set(p, EXIT_BAD_INPUT, "%s is not a regular file", j->name);
	if (st.st_size == 0)
		return 0;
	if (j->sync && !past_synced && fsync(j->fd) != 0)
		return problem_errno(p, "%s cannot be synced", j->name);
	return read_past(j, (size_t)st.st_size, p);
}

/* Who wrote the first line may have died before the name was on disk, so it is synced
 * also for a journal that is there, unless the caller has done it. */
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
	if (open_journal(j, name, sync) < 0)
		return problem_errno(p, "%s cannot be opened", j->name);
	int rc = 0;
	if (lock_try(j->fd, true) != 0)
		rc = errno == EAGAIN ? 1 : problem_errno(p, "%s cannot be locked", j->name);
	if (rc == 0)
		rc = look_back(j, sync & JOURNAL_PAST_SYNCED, p);
	if (rc != 0)
		journal_close(j);
	return rc;
}

int journal_reserve(struct journal *j, size_t bytes, struct problem *p)
{
	if (j->fd < HIGH_FD)
		move_up(j);
#ifdef FALLOC_FL_KEEP_SIZE
	if (fallocate(j->fd, FALLOC_FL_KEEP_SIZE, j->size, (off_t)bytes) != 0 &&
	    (errno == ENOSPC || errno == EDQUOT || errno == EIO))
		return problem_errno(p, "no room in %s for the result of the run", j->name);
#else
	(void)j;
	(void)bytes;
	(void)p;
#endif
	return 0;
}

int journal_append(struct journal *j, const char *line, size_t len, struct problem *p)
{
	ssize_t n;
	do
		n = write(j->fd, line, len);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n < len) {
		/* a short write means that the rest will fail: find out why */
		ssize_t more = write(j->fd, line + n, len - (size_t)n);
		if (more >= 0 && (size_t)(n + more) == len)
			n += more;
		else if (more >= 0)
			errno = ENOSPC;
	}
	if (n < 0 || (size_t)n < len) {
		problem_errno(p, "%s cannot be written", j->name);
		if (n > 0 && ftruncate(j->fd, j->size) != 0)
			return -1; /* the next holder of the claim cuts it off */
		return -1;
	}
	if (j->sync && fdatasync(j->fd) != 0)
		return problem_errno(p, "%s cannot be synced", j->name);
	if (j->sync && j->fresh && fsync(j->dir) != 0)
		return problem_errno(p, "the directory of %s cannot be synced", j->name);
	j->fresh = false;
	j->size += n;
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}
