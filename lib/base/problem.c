/*
 * problem - format messages for the program to print.
 *
 * A message is bounded and always one line: whatever it quotes is written as utf8_shown does,
 * so that no file name and no value can move the cursor, change the direction of writing or
 * begin a second line.
 */
#include "base/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Append src to p->text at len, escaping what cannot be shown; returns the new
 * length. */
static size_t add_visible(struct problem *p, size_t len, const char *src)
{
	const size_t room = sizeof p->text - sizeof "...";
	const unsigned char *at = (const unsigned char *)src, *end = at + strlen(src);
	while (at < end) {
		char piece[UTF8_SHOWN];
		size_t taken, n = utf8_shown(at, end, piece, &taken);
		if (len + n > room) {
			memcpy(p->text + len, "...", 4);
			return len + 3;
		}
		memcpy(p->text + len, piece, n);
		p->text[len += n] = '\0';
		at += taken;
	}
	return len;
}

static size_t add_formatted(struct problem *p, size_t len, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static size_t add_formatted(struct problem *p, size_t len, const char *fmt, va_list ap)
{
	char raw[sizeof p->text * 2];
	vsnprintf(raw, sizeof raw, fmt, ap);
	return add_visible(p, len, raw);
}

int problem_at(struct problem *p, const char *file, size_t line, size_t column, const char *fmt,
	       ...)
{
	char place[64] = ": ";
	va_list ap;
	if (line && column)
		snprintf(place, sizeof place, ":%zu:%zu: ", line, column);
	else if (line)
		snprintf(place, sizeof place, ":%zu: ", line);
	p->status = EXIT_BAD_INPUT;
	size_t len = add_visible(p, 0, file);
	len = add_visible(p, len, place);
	va_start(ap, fmt);
	add_formatted(p, len, fmt, ap);
	va_end(ap);
	return -1;
}

int problem_set(struct problem *p, int status, const char *fmt, ...)
{
	va_list ap;
	p->status = status;
	va_start(ap, fmt);
	add_formatted(p, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int problem_errno(struct problem *p, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	p->status = EXIT_IO;
	va_start(ap, fmt);
	size_t len = add_formatted(p, 0, fmt, ap);
	va_end(ap);
	len = add_visible(p, len, ": ");
	add_visible(p, len, strerror(saved));
	errno = saved;
	return -1;
}

int problem_memory(struct problem *p)
{
	return problem_set(p, EXIT_IO, "out of memory");
}
