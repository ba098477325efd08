/* linereader - keep one buffer; what is unread moves to its front before more is read. */
#include "base/linereader.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/signals.h"

enum { CHUNK = 65536 };

void linereader_init(struct linereader *l, int fd)
{
	*l = (struct linereader){.fd = fd};
}

void linereader_free(struct linereader *l)
{
	buf_free(&l->text);
}

static const char *newline(const struct linereader *l, size_t from)
{
	return from < l->text.len ? memchr(l->text.data + from, '\n', l->text.len - from) : NULL;
}

bool linereader_empty(const struct linereader *l)
{
	return !l->ended && !newline(l, l->from);
}

bool linereader_ahead(const struct linereader *l, size_t *at, struct slice *line)
{
	const char *from = l->text.data + l->from + *at, *lf = newline(l, l->from + *at);
	if (!lf)
		return false;
	*line = (struct slice){from, (size_t)(lf - from)};
	*at += line->len + 1;
	return true;
}

int linereader_fill(struct linereader *l)
{
	if (l->from > 0) {
		memmove(l->text.data, l->text.data + l->from, l->text.len - l->from);
		l->text.len -= l->from;
		l->from = 0;
	}
	if (l->text.len > LINEREADER_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (!buf_reserve(&l->text, CHUNK)) {
		errno = ENOMEM;
		return -1;
	}
	if (l->heeds && !signals_wait_readable(l->fd, -1)) {
		errno = EINTR;
		return -1;
	}
	ssize_t n = read(l->fd, l->text.data + l->text.len, l->text.cap - l->text.len);
	if (n > 0)
		l->text.len += (size_t)n;
	l->ended = n == 0;
	return n > 0 ? 1 : (int)n;
}

static int give_line(struct linereader *l, const char *end, struct slice *line)
{
	*line = (struct slice){l->text.data + l->from, (size_t)(end - l->text.data) - l->from};
	l->from = (size_t)(end - l->text.data) + l->whole;
	l->number++;
	return 1;
}

int linereader_next(struct linereader *l, struct slice *line)
{
	const char *lf = newline(l, l->from);
	while (!lf && !l->ended) {
		size_t looked = l->text.len - l->from;
		if (linereader_fill(l) < 0)
			return -1;
		lf = newline(l, l->from + looked);
	}
	l->whole = lf != NULL;
	if (lf)
		return give_line(l, lf, line);
	if (l->from == l->text.len)
		return 0;
	return give_line(l, l->text.data + l->text.len, line);
}
