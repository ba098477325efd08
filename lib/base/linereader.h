#ifndef LINEREADER_H
#define LINEREADER_H
/* linereader - read a descriptor line by line, however long the lines are. */
#include "base/json.h"

enum { LINEREADER_MAX = 64 << 20 }; /* bytes of one line */

struct linereader {
	int fd;
	struct buf text;
	size_t from;     /* of the next line in text */
	uint64_t number; /* of the line last returned, from 1 */
	bool ended;
	bool heeds; /* set it: a signal (signals.h) ends a wait for more, -1 with EINTR */
	bool whole; /* the line last returned had its newline */
};

void linereader_init(struct linereader *l, int fd);
void linereader_free(struct linereader *l);

/* The next line without its newline, borrowed until the next call. 1; 0 at the
 * end; -1 with errno (EFBIG: longer than LINEREADER_MAX; EINTR: a signal came). */
int linereader_next(struct linereader *l, struct slice *line);

/* A line that was read already, past those returned: from *at on, 0 for the next one.
 * False: there is no more. */
bool linereader_ahead(const struct linereader *l, size_t *at, struct slice *line);

/* Would linereader_next have to read, and so perhaps wait? Then this reads once, for who
 * knows that there is something: 1; 0 at the end; -1 with errno as above. */
bool linereader_empty(const struct linereader *l);
int linereader_fill(struct linereader *l);

#endif
