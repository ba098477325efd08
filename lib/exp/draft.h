#ifndef DRAFT_H
#define DRAFT_H
/*
 * draft - the directory in which an experiment is written before it gets its name.
 *
 * It is PARENT/.NAME.XXXXXXXX, its last letters made by chance, and holds a mark: a file
 * that says what the directory is, and is locked as long as its writer lives. Only what has
 * both, and whose writer is dead, is ever removed.
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

/* Remove those below parent that the dead have left, of each NAME of which is_of says that
 * it is meant. */
void draft_clean(const char *parent, bool (*is_of)(const char *name, const void *context),
		 const void *context);

#endif
