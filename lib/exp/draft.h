#ifndef DRAFT_H
#define DRAFT_H
/*
 * draft - the directory in which an experiment is written before it gets its name.
 *
 * It is PARENT/.NAME.XXXXXXXX with random digits, and has a mark: a file with a known text,
 * which its writer keeps locked. A draft is removed only if it has the mark and nobody holds the
 * lock.
 */
#include <stdbool.h>

#include "base/buf.h"

struct draft {
	struct buf dir; /* its path */
	int mark;       /* descriptor */
};

/* Make one for the experiment NAME. Its mode is what the umask, or what the parent hands
 * down (setgid, an ACL), makes of it. 0; or -1 with errno, and there is nothing to end. */
int draft_begin(struct draft *d, const char *parent, const char *name);

/* It has been renamed to this path; or, where that is NULL, it is removed. */
void draft_end(struct draft *d, const char *published);

/* Remove those below parent whose writers have died, of each NAME for which is_of returns
 * true. */
void draft_clean(const char *parent, bool (*is_of)(const char *name, const void *context),
		 const void *context);

#endif
