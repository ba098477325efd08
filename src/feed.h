#ifndef FEED_H
#define FEED_H
/*
 * feed - the run lines, from standard input or from a plan, one when it is asked for. With
 * --new-first they are read twice.
 */
#include "base/linereader.h"
#include "session.h"

enum feed_state {
	FEED_LINE,  /* here is one */
	FEED_EMPTY, /* more has to be read: feed_read, when standard input is readable */
	FEED_ENDED
};

struct feed {
	struct session *s;
	struct linereader in;
	bool held; /* `line` was not taken yet */
	struct slice line;
	bool first_pass;  /* of two */
	struct buf taken; /* a byte a line: was it taken for a run in the first pass? */
};

/* Open the plan, if it is not standard input that is read: its experiment is held from here on,
 * so that no line is read of another one that has its name by then. 0, or -1. */
int feed_init(struct feed *f, struct session *s, struct problem *p);
void feed_free(struct feed *f);

/* The next line, the same one until it is taken; borrowed until then. */
enum feed_state feed_next(struct feed *f);

/* run: it has begun a run, or its run was refused: it is passed over in a second pass. */
void feed_take(struct feed *f, bool run);

/* Read once. 0, or -1 with a problem. */
int feed_read(struct feed *f, struct problem *p);

/* Make the journal of the run, and of those whose lines were read already, if it has none:
 * their names are synced together, before any of them starts. 0, or -1 with a problem. */
int feed_make_journals(struct feed *f, const struct runline *l, struct problem *p);

#endif
