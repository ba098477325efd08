/*
 * queue - a process appends one line when it enters. The file is truncated only by a process that
 * enters and finds that all others in it have ended. A line that a full disk has cut off is
 * ignored; the next one begins with a newline.
 *
 * The file is locked while a process enters, and not while it waits. The locks of those before
 * it are opened while the file is locked, so that they may be renamed later. One of them may have
 * ended and entered again after us, with the same lock: it waits for us, and we do not wait for
 * it.
 */
#include "run/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "exp/flaws.h"
#include "exp/layout.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "base/wait.h"

struct place {
	char *lock; /* its path */
	int fd;     /* of it; -1: it cannot be opened */
};

struct queue {
	const char *name;
	bool force; /* in spite of leftovers */
	int fd;
	off_t behind; /* where the lines of those after us begin */
	struct place *before;
	size_t count;
};

/* ---- the file ---- */

static int read_from(int fd, off_t from, struct buf *text)
{
	ssize_t n = 1;
	while (n > 0) {
		if (!buf_reserve(text, 4096))
			return -1;
		n = pread(fd, text->data + text->len, text->cap - text->len,
			  from + (off_t)text->len);
		if (n > 0)
			text->len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	return n < 0 || !buf_cstr(text) ? -1 : 0;
}

/* The next whole line, cut off the text, as the path that it is; NULL: there is none. */
static char *next_path(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL, *to;
	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	if (*line != '\\')
		return line;
	to = ++line;
	for (const char *from = line; *from; from++)
		if (*from != '\\')
			*to++ = *from;
		else if (*++from)
			*to++ = (char)(*from == 'n' ? '\n' : *from);
		else
			break;
	*to = '\0';
	return line;
}

static void add_lock_path(struct buf *line, const char *path)
{
	bool escaped = strchr(path, '\n') != NULL;
	buf_adds(line, escaped ? "\\" : "");
	for (; *path; path++)
		if (escaped && (*path == '\n' || *path == '\\'))
			buf_adds(line, *path == '\n' ? "\\n" : "\\\\");
		else
			buf_addc(line, *path);
	buf_addc(line, '\n');
}

/* ---- entering ---- */

static bool has_place(const struct queue *q, const char *lock)
{
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->before[i].lock, lock) == 0)
			return true;
	return false;
}

static int add_queue_place(struct queue *q, const char *lock)
{
	struct place *more = realloc(q->before, (q->count + 1) * sizeof *more);
	char *copy = more ? strdup(lock) : NULL;
	if (more)
		q->before = more;
	if (!copy)
		return -1;
	int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool lacking = fd < 0 && !flaws_is_of_file(errno); /* it may be there */
	q->before[q->count++] = (struct place){copy, fd};
	return lacking ? -1 : 0;
}

/* The leftovers of the experiment that this is the lock of. */
static size_t leftovers_behind(const char *lock, struct leftovers *l)
{
	struct buf dir = BUF_INIT;
	*l = (struct leftovers){0};
	buf_add(&dir, lock, layout_lock_dir(lock));
	size_t count = buf_cstr(&dir) ? leftover_of_experiment(dir.data, l) : 0;
	buf_free(&dir);
	return count;
}

/* True, too, where that cannot be found out. */
static bool is_place_at_work(const struct queue *q, const char *lock)
{
	struct leftovers left = {0};
	int rc = lock_held(lock);
	bool held = rc > 0 || (rc < 0 && !flaws_is_of_file(errno));
	if (!held && !q->force)
		held = leftovers_behind(lock, &left) > 0 || !flaws_is_of_file(left.error);
	leftover_free(&left);
	return held;
}

static int find_earlier(struct queue *q, char *text, const char *lock)
{
	for (char *path; (path = next_path(&text));)
		if (strcmp(path, lock) != 0 && !has_place(q, path) && is_place_at_work(q, path) &&
		    add_queue_place(q, path) != 0)
			return -1;
	return 0;
}

/* In one write; what a full disk has cut off is removed again. */
static int append(struct queue *q, const struct buf *line, off_t size)
{
	if (file_write_all(q->fd, line->data, line->len) == 0)
		return 0;
	int saved = errno;
	if (ftruncate(q->fd, size) != 0)
		errno = saved; /* the next line begins with a newline */
	errno = saved;
	return -1;
}

static int come(struct queue *q, const char *lock)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	errno = ENOMEM;
	int rc = read_from(q->fd, 0, &text);
	off_t size = (off_t)text.len;
	if (rc == 0 && size > 0 && text.data[size - 1] != '\n')
		buf_addc(&line, '\n');
	add_lock_path(&line, lock);
	if (rc == 0 && (line.failed || find_earlier(q, text.data, lock) != 0))
		rc = -1;
	if (rc == 0 && q->count == 0 && size > 0 && ftruncate(q->fd, 0) == 0)
		size = 0;
	if (rc == 0)
		rc = append(q, &line, size);
	q->behind = size + (off_t)line.len;
	buf_free(&text);
	buf_free(&line);
	return rc;
}

/* ---- the lock of the file ---- */

/* Open it and lock it; again, if it was removed before it was locked. */
static int open_locked(struct queue *q)
{
	for (;;) {
		q->fd = file_open_own(AT_FDCWD, q->name, O_APPEND, NULL);
		int rc = q->fd >= 0 ? wait_lock(q->fd, true, q->name) : -1;
		if (rc != 0 || lock_is_named(q->fd, AT_FDCWD, q->name))
			return rc;
		close(q->fd);
	}
}

static int enter(struct queue *q, const char *lock, struct problem *p)
{
	int rc = open_locked(q);
	if (rc == 0)
		rc = come(q, lock);
	if (rc < 0)
		problem_set(p, EXIT_IO, "the queue %s cannot be entered, and no turn was taken: %s",
			    q->name, file_why(errno));
	if (q->fd >= 0)
		lock_release(q->fd);
	return rc;
}

static void leave_queue(struct queue *q)
{
	for (size_t i = 0; i < q->count; i++) {
		free(q->before[i].lock);
		if (q->before[i].fd >= 0)
			close(q->before[i].fd);
	}
	free(q->before);
	if (q->fd >= 0)
		close(q->fd);
}

/* ---- waiting ---- */

struct turn {
	const struct queue *q;
	const struct place *before;
};

static bool came_again(const struct turn *t)
{
	struct buf text = BUF_INIT;
	char *at = read_from(t->q->fd, t->q->behind, &text) == 0 ? text.data : NULL, *path;
	bool again = false;
	while (!again && (path = next_path(&at)))
		again = strcmp(path, t->before->lock) == 0;
	buf_free(&text);
	return again;
}

/* Asked again whenever the wait is interrupted, every second. */
static int block_on_queue_turn(void *context)
{
	const struct turn *t = context;
	return came_again(t) ? 0 : lock_wait(t->before->fd, false);
}

static void name_queue_turn(const void *context, struct buf *text)
{
	const struct turn *t = context;
	struct buf who = BUF_INIT;
	wait_add_holders(t->before->lock, &who);
	buf_addf(text, "its turn: %.*s came before it (%s)", (int)layout_lock_dir(t->before->lock),
		 t->before->lock, buf_cstr(&who) ? who.data : "");
	buf_free(&who);
}

static int wait_queue_turn(const struct queue *q, const struct place *before, struct problem *p)
{
	struct turn t = {q, before};
	long above = lock_held_above(before->lock);
	if (above)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"process %ld, which has started this one, is before it in the queue: it "
			"would wait for itself; omit --queue here",
			above);
	if (before->fd < 0)
		return 0;
	int rc = lock_try(before->fd, false);
	if (rc != 0)
		rc = errno == EAGAIN ? wait_for(block_on_queue_turn, &t, name_queue_turn) : -1;
	if (rc < 0)
		problem_errno(p, "%s cannot be waited for", before->lock);
	lock_release(before->fd); /* that experiment may be started again */
	return rc;
}

/* ---- waiting for leftovers ---- */

static void name_queue_leftovers(const char *lock, const struct leftovers *left, struct buf *text)
{
	const char *who = left->who.data, *dir = left->dir.data;
	buf_addf(text,
		 "its turn: a killed run-one of %s, which came before it, has left process %s at "
		 "work",
		 dir ? dir : lock, who ? who : "unknown");
}

static int wait_leftovers(const struct queue *q, const struct place *before, struct problem *p)
{
	const char *lock = before->lock;
	int rc = q->force ? 0 : leftover_wait(leftovers_behind, lock, name_queue_leftovers);
	if (rc < 0)
		problem_errno(p, "whether processes of %.*s live on cannot be seen",
			      (int)layout_lock_dir(lock), lock);
	return rc;
}

int queue_wait(const char *queue, const char *lock, bool force, struct problem *p)
{
	struct queue q = {.name = queue, .force = force, .fd = -1};
	int rc = enter(&q, lock, p);
	for (size_t i = 0; i < q.count && rc == 0; i++)
		if ((rc = wait_queue_turn(&q, &q.before[i], p)) == 0)
			rc = wait_leftovers(&q, &q.before[i], p);
	leave_queue(&q);
	return rc;
}
