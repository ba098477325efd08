/*
 * follow - the log is read every half second; an incomplete last line is kept for the next
 * read.
 */
#include "follow.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "base/file.h"
#include "base/logtail.h"
#include "base/signals.h"

enum { LINES = 20, END = 65536, MOST = 1 << 20 };
static const double pause_s = 0.5;

struct log {
	int fd;
	off_t at;
	struct buf rest; /* read, and not printed: it has no end yet */
	bool terminal, drawn;
};

/* Move to the beginning of the last lines. */
static void seek_last(struct log *l)
{
	char text[END];
	struct stat st;
	off_t from = fstat(l->fd, &st) == 0 && st.st_size > END ? st.st_size - END : 0;
	ssize_t n = pread(l->fd, text, sizeof text, from), at = n;
	for (int lines = 0; at > 0; at--)
		if (text[at - 1] == '\n' && at < n && ++lines == LINES)
			break;
	l->at = from + (at > 0 ? at : 0);
}

/* True: there may be more. */
static bool read_log_part(struct log *l)
{
	char text[END];
	ssize_t n;
	while (l->rest.len < MOST && (n = pread(l->fd, text, sizeof text, l->at)) > 0) {
		buf_add(&l->rest, text, (size_t)n);
		l->at += n;
	}
	return l->rest.len >= MOST;
}

/* Take the whole lines of what was read, or all of it. */
static void take_log_lines(struct log *l, bool all, struct buf *out)
{
	const char *text = l->rest.data;
	size_t from = 0, len = l->rest.len;
	while (from < len) {
		const char *lf = memchr(text + from, '\n', len - from);
		if (!lf && !all && len - from < MOST)
			break;
		size_t end = lf ? (size_t)(lf - text) : len;
		logtail_line(out, (struct slice){text + from, end - from}, LOGTAIL_COLUMNS);
		buf_addc(out, '\n');
		from = end + (lf != NULL);
	}
	if (from)
		memmove(l->rest.data, text + from, len - from);
	l->rest.len = len - from;
}

/* The unfinished line, over the one that stood there. */
static void draw_partial_line(const struct log *l, struct buf *out)
{
	struct winsize size = {0};
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (l->rest.len)
		logtail_line(out, (struct slice){l->rest.data, l->rest.len},
			     size.ws_col > 8 ? size.ws_col - 1U : 79);
}

/* more: set if there may be more. */
static bool print_some(struct log *l, bool all, bool *more)
{
	struct buf out = BUF_INIT;
	bool gone = false, ok = true;
	size_t had = l->rest.len;
	*more = read_log_part(l);
	all = all && !*more;
	if (l->drawn && (all || l->rest.len > had))
		buf_adds(&out, "\r\033[K");
	if (all || l->rest.len > had)
		take_log_lines(l, all, &out);
	if (l->terminal && l->rest.len > 0 && (out.len > 0 || l->rest.len > had))
		draw_partial_line(l, &out);
	if (out.len)
		l->drawn = l->terminal && l->rest.len > 0;
	ok = !out.failed && !l->rest.failed && (!out.len || cli_print(out.data, out.len, &gone));
	buf_free(&out);
	return ok;
}

static bool print_log(struct log *l, bool all)
{
	bool more, ok;
	do
		ok = print_some(l, all, &more);
	while (ok && more && !signals_stop());
	return ok;
}

int follow_log(const char *path, bool (*at_work)(void *), void *context)
{
	struct log l = {.fd = file_open(AT_FDCWD, path, true), .terminal = isatty(STDOUT_FILENO)};
	struct problem p;
	bool on = true, ok = true;
	if (l.fd < 0) {
		file_problem(&p, path, "read");
		return cli_complain(&p);
	}
	seek_last(&l);
	while (ok && on && !signals_stop()) {
		on = at_work(context);
		ok = print_log(&l, !on);
		if (ok && on)
			signals_wait(pause_s);
	}
	close(l.fd);
	buf_free(&l.rest);
	return signals_stop() ? EXIT_SIGNAL + signals_stop() : EXIT_OK;
}
