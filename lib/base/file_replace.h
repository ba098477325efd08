#ifndef FILE_REPLACE_H
#define FILE_REPLACE_H
/*
 * file_replace - replace a file in one step.
 *
 * begin makes a temporary beside the file, NAME.tmp.RANDOM, the caller writes to fd, commit
 * does fsync, rename, fsync of the directory. A reader sees the old content or the new,
 * never a part; after a failure, or cancel, the old one is still there and the temporary is
 * gone.
 */
#include <stdbool.h>

#include "base/problem.h"

struct file_replace {
	int fd; /* -1: none begun */
	char *temporary;
	int dir;
	const char *name, *shown; /* borrowed */
};

/* name: below the directory descriptor, or with AT_FDCWD a path; shown: for messages. 0, or
 * -1 with a problem; after begin has returned 0 either commit or cancel ends it. */
int file_replace_begin(struct file_replace *r, int dir, const char *name, const char *shown,
		       struct problem *p);
int file_replace_commit(struct file_replace *r, bool sync, struct problem *p);
void file_replace_cancel(struct file_replace *r);

/* Remove temporaries of that file of the directory whose writers are dead: those that have
 * our form of name and are not locked. */
void file_replace_clean(int dir, const char *name);

#endif
