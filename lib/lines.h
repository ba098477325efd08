#ifndef LINES_H
#define LINES_H
/* lines - read a descriptor line by line, however long they are. */
#include "jsonl.h"

enum { LINES_MAX = 64 << 20 }; /* bytes of one line */

struct lines {
	int fd;
	struct buf text;
	size_t from;     /* of the next line in text */
	uint64_t number; /* of the line last returned, from 1 */
	bool ended;
	bool heeds; /* set it: a signal (stop.h) ends a wait for more, -1 with EINTR */
	bool whole; /* the line last returned had its newline */
};

void lines_init(struct lines *l, int fd);
void lines_free(struct lines *l);

/* The next line without its newline, borrowed until the next call. 1; 0 at the
 * end; -1 with errno (EFBIG: longer than LINES_MAX; EINTR: a signal came). */
int lines_next(struct lines *l, struct slice *line);

/* A line that was read already, past those returned: from *at on, 0 for the next one.
 * False: there is no more. */
bool lines_ahead(const struct lines *l, size_t *at, struct slice *line);

/* Would lines_next have to read, and so perhaps wait? */
bool lines_empty(const struct lines *l);

#endif
