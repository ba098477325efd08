/*
 * outbox - a pipe of which poll(2) says that it can be written to takes PIPE_BUF bytes, as
 * long as it has no other writer. O_NONBLOCK is not set: it would be the shell's, too.
 */
#include "outbox.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/wait.h"
#include "cli.h"

static const double patience = 0.9; /* seconds in which a signal does not end it yet */

void outbox_init(struct outbox *o, int fd)
{
	struct stat st;
	*o = (struct outbox){.fd = fd};
	o->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

void outbox_free(struct outbox *o)
{
	buf_free(&o->text);
}

bool outbox_is_empty(const struct outbox *o)
{
	return o->from == o->text.len;
}

bool outbox_is_read(const struct outbox *o)
{
	return o->gone || (outbox_is_empty(o) && wait_has_room(o->fd, 1));
}

/* Whole lines, as many as are sure to be taken; a part of one that is longer. */
static size_t next_piece(const struct outbox *o)
{
	const char *at = o->text.data + o->from;
	size_t len = o->text.len - o->from;
	if (o->is_file || len == 0)
		return len;
	size_t most = len < PIPE_BUF ? len : PIPE_BUF, whole = most;
	while (whole && at[whole - 1] != '\n')
		whole--;
	return whole ? whole : most;
}

static void forget_text(struct outbox *o)
{
	buf_clear(&o->text);
	o->from = 0;
}

int outbox_flush(struct outbox *o, struct problem *p)
{
	while (!outbox_is_empty(o) && wait_has_room(o->fd, 1)) {
		size_t len = next_piece(o);
		if (file_write_all(o->fd, o->text.data + o->from, len) == 0) {
			o->from += len;
			o->since = 0;
		} else if (errno == EAGAIN) {
			break;
		} else {
			o->gone = errno == EPIPE;
			forget_text(o);
			if (!o->gone)
				return problem_errno(p, "standard %s cannot be written",
						     o->fd == STDOUT_FILENO ? "output" : "error");
		}
	}
	if (outbox_is_empty(o))
		forget_text(o);
	return 0;
}

int outbox_add(struct outbox *o, const char *text, size_t len, struct problem *p)
{
	if (o->gone)
		return 0;
	buf_add(&o->text, text, len);
	return o->text.failed ? problem_memory(p) : outbox_flush(o, p);
}

static void name_output(const void *context, struct buf *text)
{
	(void)context;
	buf_adds(text, "the reader of standard output");
}

void outbox_say(struct outbox *o)
{
	if (o->since == 0)
		o->since = clock_now();
	if (o->fd == STDOUT_FILENO)
		wait_say(o->since, &o->said, name_output, NULL);
}

int outbox_finish(struct outbox *o, struct problem *p)
{
	const unsigned want = o->fd == STDOUT_FILENO ? SIGNALS_STDOUT : SIGNALS_STDERR;
	double began = clock_now();
	int rc = 0;
	while (rc == 0 && !outbox_is_empty(o)) {
		rc = outbox_flush(o, p);
		if (rc != 0 || outbox_is_empty(o))
			break;
		if (signals_stop() && clock_now() - began > patience)
			break;
		outbox_say(o);
		signals_wait_standard(want, 0.25);
	}
	return rc;
}
