#ifndef OUTBOX_H
#define OUTBOX_H
/*
 * outbox - what is to be written to a standard descriptor, whose reader is not waited for.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"

struct outbox {
	int fd;
	struct buf text;
	size_t from;  /* what is before it was written */
	bool gone;    /* nobody reads it any more: what is added is dropped */
	bool is_file; /* a write never waits */
	double since; /* when it was first seen to wait for its reader, or 0 */
	bool said;    /* that it does */
};

void outbox_init(struct outbox *o, int fd);
void outbox_free(struct outbox *o);

/* Add whole lines, and write what can be written now, a line at a time. 0, or -1 with a
 * problem: memory, or an error of the write; that the reader has gone is none. */
int outbox_add(struct outbox *o, const char *text, size_t len, struct problem *p);
int outbox_flush(struct outbox *o, struct problem *p);

bool outbox_is_empty(const struct outbox *o);

/* Has all been read, so that more can be written at once? */
bool outbox_is_read(const struct outbox *o);

/* For who waits for its reader: say so after three seconds, on standard error. */
void outbox_say(struct outbox *o);

/* Write the rest. A signal that asks for the end (signals.h) ends that, but not in its first
 * second, in which most readers read. */
int outbox_finish(struct outbox *o, struct problem *p);

#endif
