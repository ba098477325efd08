/*
 * logtail - read the last 64 kB of a log, which can be of any size; a line that began before
 * them is shown from there.
 */
#include "base/logtail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/display.h"
#include "base/clock.h"

enum { BYTES = 65536 };
static const char mark[] = "--- attempt ", mark_end[] = "Z ---";

void logtail_mark(struct buf *out, int attempt)
{
	char now[CLOCK_TEXT_SIZE];
	clock_text(now);
	buf_addf(out, "%s%d, %s ---\n", mark, attempt, now);
}

static bool is_mark(struct slice line)
{
	size_t begin = sizeof mark - 1, end = sizeof mark_end - 1;
	return line.len > begin + end && memcmp(line.data, mark, begin) == 0 &&
	       memcmp(line.data + line.len - end, mark_end, end) == 0;
}

/* Take the last line off a text; it is without its newline. */
static struct slice take_last(struct slice *text)
{
	size_t end = text->len, at;
	if (text->data[end - 1] == '\n')
		end--;
	for (at = end; at > 0 && text->data[at - 1] != '\n';)
		at--;
	text->len = at;
	return (struct slice){text->data + at, end - at};
}

/* What a terminal shows last of a line with carriage returns. */
static struct slice seen_last(struct slice line)
{
	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	for (size_t at = line.len; at > 0; at--)
		if (line.data[at - 1] == '\r')
			return (struct slice){line.data + at, line.len - at};
	return line;
}

/* The length of a sequence that sets a colour or moves the cursor, or 0. */
static size_t sequence(const char *text, size_t len)
{
	size_t at = 2;
	if (len < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (at < len && text[at] >= ' ' && text[at] <= '?')
		at++;
	return at < len && text[at] >= '@' && text[at] <= '~' ? at + 1 : 0;
}

static void add_plain_text(struct buf *out, struct slice line)
{
	size_t from = 0, at = 0;
	while (at < line.len) {
		size_t skip = line.data[at] == '\t' ? 1 : sequence(line.data + at, line.len - at);
		if (!skip) {
			at++;
			continue;
		}
		display_add(out, line.data + from, at - from);
		buf_adds(out, line.data[at] == '\t' ? "    " : "");
		from = at += skip;
	}
	display_add(out, line.data + from, line.len - from);
}

void logtail_line(struct buf *out, struct slice line, size_t columns)
{
	size_t from = out->len;
	add_plain_text(out, seen_last(line));
	if (out->failed || out->len == from ||
	    display_width(out->data + from, out->len - from) <= columns)
		return;
	out->len = from + display_fit(out->data + from, out->len - from, columns - 3);
	buf_adds(out, "...");
}

/* The last bytes of a file; none without a failure: it is empty. */
static ssize_t read_end(int fd, char *text)
{
	off_t size = lseek(fd, 0, SEEK_END), from = size > BYTES ? size - BYTES : 0;
	if (size <= 0)
		return (ssize_t)size;
	ssize_t n = pread(fd, text, BYTES, from);
	/* not in the middle of a character */
	ssize_t cut = 0;
	while (from > 0 && cut < n && cut < 3 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut++;
	if (cut)
		memmove(text, text + cut, (size_t)(n - cut));
	return n - cut;
}

int logtail_add(struct buf *out, const char *path, bool follow, size_t lines, const char *indent)
{
	char text[BYTES];
	int fd = file_open(AT_FDCWD, path, follow);
	if (fd < 0)
		return -1;
	ssize_t n = read_end(fd, text);
	int error = errno;
	close(fd);
	if (n < 0) {
		errno = error;
		return -1;
	}
	while (n > 0 && strchr(" \t\r\n", text[n - 1]) && text[n - 1])
		n--;
	struct slice rest = {text, (size_t)n};
	size_t from = rest.len;
	while (rest.len && lines-- > 0) {
		if (is_mark(take_last(&rest)))
			break;
		from = rest.len;
	}
	for (const char *at = text + from, *end = text + n; at < end;) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((lf ? lf : end) - at);
		buf_adds(out, indent);
		logtail_line(out, (struct slice){at, len}, LOGTAIL_COLUMNS);
		buf_addc(out, '\n');
		at += len + 1;
	}
	return 0;
}

static bool is_blank_from(const struct buf *text, size_t from)
{
	return strspn(text->data + from, " ") == text->len - from;
}

void logtail_last(struct buf *out, int fd, size_t columns)
{
	char text[BYTES];
	struct slice rest = {text, 0};
	ssize_t n = read_end(fd, text);
	rest.len = n > 0 ? (size_t)n : 0;
	while (rest.len) {
		struct slice line = take_last(&rest);
		size_t from = out->len;
		if (is_mark(line))
			return;
		logtail_line(out, line, columns);
		if (!buf_cstr(out) || !is_blank_from(out, from))
			return;
		out->len = from;
	}
}
