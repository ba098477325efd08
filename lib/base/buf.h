#ifndef BUF_H
#define BUF_H
/*
 * buf - build a text by appending to it.
 *
 * Failure sticks: when memory runs out, `failed` is set and every later append does nothing,
 * so that a caller builds a whole text and checks once, before the text is used. data is not
 * NUL-terminated unless buf_cstr says so. buf_free frees it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data; /* owned; NULL while cap is 0 */
	size_t len; /* bytes in use */
	size_t cap;
	bool failed; /* memory ran out: the content is incomplete */
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		NULL, 0, 0, false                                                                  \
	}

void buf_init(struct buf *b);
void buf_free(struct buf *b);                 /* and init again */
void buf_clear(struct buf *b);                /* empty it, keep the memory, forget a failure */
bool buf_reserve(struct buf *b, size_t more); /* room for `more` bytes; false: failed is set */
void buf_adds(struct buf *b, const char *s);
void buf_addu(struct buf *b, uint64_t n); /* in decimal */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What most of the time is spent in, so inline: copy what fits, grow where it does not. */
void buf_grow_add(struct buf *b, const void *data, size_t len);

static inline void buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0 || len > b->cap - b->len || b->failed) {
		buf_grow_add(b, data, len);
		return;
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* Append a word of a command line, quoted where a shell would read it otherwise. */
void buf_add_word(struct buf *b, const char *word);

/* The content as a C string, borrowed until the next change; NULL if failed. */
const char *buf_cstr(struct buf *b);

#endif
