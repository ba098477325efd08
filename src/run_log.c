/*
 * run_log - what is there already under the name of a log may be none: a FIFO would stop the
 * run, so only a regular file is taken.
 */
#include "run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/logtail.h"
#include "exp/layout.h"

enum { FOLLOW_CHUNK = 8192, MAX_SHOWN = 1 << 20 };

/* Attempts are told apart in the log, which has what the first one printed as it was. */
static int mark_attempt(const struct run_log *log, int attempt, struct problem *p)
{
	struct buf line = BUF_INIT;
	char last = '\n';
	off_t end = lseek(log->fd, 0, SEEK_END);
	if (end > 0 && pread(log->fd, &last, 1, end - 1) == 1 && last != '\n')
		buf_addc(&line, '\n');
	logtail_mark(&line, attempt);
	int rc = buf_cstr(&line) ? 0 : problem_memory(p);
	if (rc == 0 && file_write_all(log->fd, line.data, line.len) != 0)
		rc = problem_errno(p, "%s cannot be written", log->path.data);
	buf_free(&line);
	return rc;
}

int run_log_name(struct run_log *log, const char *dir, const char *run, struct problem *p)
{
	return layout_add_log(&log->path, dir, run) ? 0 : problem_memory(p);
}

static int open_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (fd >= 0 || errno != EEXIST)
		return fd;
	fd = file_open_own(dir, name, O_APPEND, NULL);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND); /* blocking, as programs expect it */
	return fd;
}

int run_log_open(struct run_log *log, const struct claim *c, int attempt, struct problem *p)
{
	if (!log->path.len) {
		log->fd = STDERR_FILENO;
		return 0;
	}
	log->fd = open_file(c->logs, strrchr(log->path.data, '/') + 1);
	if (log->fd < 0)
		return file_problem(p, log->path.data, "opened");
	if (attempt > 1 && mark_attempt(log, attempt, p) != 0)
		return -1;
	log->from = lseek(log->fd, 0, SEEK_END);
	return 0;
}

void run_log_close(struct run_log *log)
{
	if (log->path.len && log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	log->from = 0;
	buf_free(&log->path);
}

/* ---- showing it ---- */

/* Read on, from where text ends. False: there is no more. */
static bool read_on(const struct run_log *log, struct buf *text)
{
	if (!buf_reserve(text, FOLLOW_CHUNK))
		return false;
	ssize_t n =
		pread(log->fd, text->data + text->len, FOLLOW_CHUNK, log->from + (off_t)text->len);
	text->len += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* How much of it is to be shown now: whole lines where other runs are shown, too, but
 * for one that does not end. */
static size_t presentable(const struct buf *text, const char *prefix)
{
	size_t whole = text->len;
	if (!prefix)
		return whole;
	while (whole && text->data[whole - 1] != '\n')
		whole--;
	return whole || text->len < MAX_SHOWN ? whole : text->len;
}

static void show(const char *text, size_t len, const char *prefix, struct outbox *err)
{
	struct problem ignored;
	struct buf lines = BUF_INIT;
	for (const char *end = text + len; prefix && text < end;) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t n = lf ? (size_t)(lf - text) + 1 : (size_t)(end - text);
		buf_addf(&lines, "%s: ", prefix);
		buf_add(&lines, text, n);
		if (!lf)
			buf_addc(&lines, '\n');
		text += n;
	}
	if (prefix && !lines.failed)
		outbox_add(err, lines.data, lines.len, &ignored);
	else if (!prefix)
		outbox_add(err, text, len, &ignored);
	buf_free(&lines);
}

bool run_log_follow(struct run_log *log, const char *prefix, struct outbox *err)
{
	struct buf text = BUF_INIT;
	const off_t until = log->from + MAX_SHOWN;
	bool more = true;
	while (log->from < until && outbox_is_empty(err) && (more = read_on(log, &text))) {
		size_t shown = presentable(&text, prefix);
		if (!shown)
			continue; /* the line goes on */
		show(text.data, shown, prefix, err);
		log->from += (off_t)shown;
		buf_clear(&text);
	}
	buf_free(&text);
	return more;
}

bool run_log_follow_rest(struct run_log *log, const char *prefix, struct outbox *err)
{
	struct buf text = BUF_INIT;
	if (run_log_follow(log, prefix, err))
		return false;
	while (prefix && text.len < MAX_SHOWN && read_on(log, &text))
		;
	log->from += (off_t)text.len;
	if (text.len && !text.failed)
		show(text.data, text.len, prefix, err);
	buf_free(&text);
	return true;
}
