/*
 * share - the tally is the first block of the file, with the signal that ended the
 * session in its middle; what was added follows. Nothing
 * depends on the tally but what is said to people and the exit status of failed
 * runs; what happened to a run is in its journal.
 */
#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/wait.h"

enum { STOP = 2048, AGAIN = STOP + sizeof(int), AFTER_TALLY = 4096, HIGH_FD = 100 };

int share_create(struct share *s, struct problem *p)
{
	struct tally none = {0};
	FILE *file = tmpfile();
	*s = (struct share){.fd = -1, .size = AFTER_TALLY};
	if (file)
		s->fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, HIGH_FD);
	if (file)
		fclose(file);
	if (s->fd < 0)
		return problem_errno(p, "a temporary file cannot be made");
	share_set_tally(s, &none);
	return 0;
}

void share_close(struct share *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int write_at(int fd, const char *data, size_t len, off_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int share_add(struct share *s, const void *data, size_t len, off_t *at, struct problem *p)
{
	*at = s->size;
	if (write_at(s->fd, data, len, s->size) != 0)
		return problem_errno(p, "a temporary file cannot be written");
	s->size += (off_t)len;
	return 0;
}

/* Where the end begins, not before `from`; -1: not there yet. */
static ssize_t find(const struct buf *b, size_t from, const char *end, size_t end_len)
{
	for (; from + end_len <= b->len; from++)
		if (memcmp(b->data + from, end, end_len) == 0)
			return (ssize_t)from;
	return -1;
}

int share_until(const struct share *s, off_t at, const char *end, size_t end_len, struct buf *out,
		struct problem *p)
{
	const size_t start = out->len;
	while (buf_reserve(out, 4096)) {
		size_t from = out->len > start ? out->len - 1 : start;
		ssize_t n = pread(s->fd, out->data + out->len, out->cap - out->len,
				  at + (off_t)(out->len - start));
		if (n < 0 && errno == EINTR)
			continue;
		out->len += n > 0 ? (size_t)n : 0;
		ssize_t found = find(out, from, end, end_len);
		if (found >= 0) {
			out->len = (size_t)found;
			return 0;
		}
		if (n <= 0)
			return problem_set(p, EXIT_IO, "what the session shares cannot be read");
	}
	return problem_memory(p);
}

static int depth; /* of our turns */

static int lock_turn(const struct share *s, int command, short type, pid_t *holder)
{
	struct flock first = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
	int rc = fcntl(s->fd, command, &first);
	if (rc != 0 && errno == EACCES)
		errno = EAGAIN;
	if (holder)
		*holder = first.l_type == F_UNLCK ? 0 : first.l_pid;
	return rc;
}

static int block_on_turn(void *context)
{
	return lock_turn(context, F_SETLKW, F_WRLCK, NULL);
}

static void name_turn(const void *context, struct buf *text)
{
	pid_t holder = 0;
	lock_turn(context, F_GETLK, F_WRLCK, &holder);
	buf_addf(text, "its turn to print, which process %ld has", (long)holder);
}

bool share_try(const struct share *s)
{
	if (s->fd >= 0 && depth == 0 && lock_turn(s, F_SETLK, F_WRLCK, NULL) != 0)
		return false;
	depth++;
	return true;
}

bool share_begin(const struct share *s)
{
	struct share same = *s;
	if (share_try(s))
		return true;
	if (errno == EAGAIN && wait_for(block_on_turn, &same, name_turn) > 0)
		return false;
	depth++;
	return true;
}

void share_end(const struct share *s)
{
	if (--depth == 0 && s->fd >= 0)
		lock_turn(s, F_SETLK, F_UNLCK, NULL);
}

struct tally share_tally(const struct share *s)
{
	struct tally t;
	if (s->fd < 0 || pread(s->fd, &t, sizeof t, 0) != (ssize_t)sizeof t)
		t = (struct tally){0};
	return t;
}

void share_set_tally(const struct share *s, const struct tally *t)
{
	if (s->fd >= 0)
		write_at(s->fd, (const char *)t, sizeof *t, 0);
}

static void tell(const struct share *s, off_t at, int what)
{
	if (s->fd >= 0)
		write_at(s->fd, (const char *)&what, sizeof what, at);
}

static int told(const struct share *s, off_t at)
{
	int what;
	return s->fd >= 0 && pread(s->fd, &what, sizeof what, at) == (ssize_t)sizeof what ? what
											  : 0;
}

void share_tell_stop(const struct share *s, int number)
{
	tell(s, STOP, number);
}

int share_stop(const struct share *s)
{
	return told(s, STOP);
}

void share_tell_again(const struct share *s)
{
	tell(s, AGAIN, 1);
}

bool share_stop_again(const struct share *s)
{
	return told(s, AGAIN);
}

void share_count_worker(struct share *s)
{
	if (!share_begin(s))
		return;
	struct tally t = share_tally(s);
	s->alone = t.workers == t.done;
	s->workers = ++t.workers;
	share_set_tally(s, &t);
	share_end(s);
}

static void count(const struct share *s, struct tally more)
{
	if (!share_begin(s))
		return;
	struct tally t = share_tally(s);
	t.failed += more.failed;
	t.lost += more.lost;
	t.done += more.done;
	share_set_tally(s, &t);
	share_end(s);
}

void share_count_failed(const struct share *s)
{
	count(s, (struct tally){.failed = 1});
}

void share_count_lost(const struct share *s)
{
	count(s, (struct tally){.lost = 1});
}

void share_count_done(const struct share *s)
{
	count(s, (struct tally){.done = 1});
}

bool share_was_alone(const struct share *s)
{
	if (!share_begin(s))
		return false;
	struct tally t = share_tally(s);
	share_end(s);
	return s->fd >= 0 && s->alone && t.workers == s->workers;
}
