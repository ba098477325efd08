#ifndef ANCHOR_H
#define ANCHOR_H
/*
 * anchor - a directory that is kept open, so that a rename of it is noticed.
 *
 * Files are opened relative to the descriptor. Before a path is given to another process,
 * anchor_check compares it with the descriptor.
 */
#include <sys/types.h>

#include "base/problem.h"

struct anchor {
	int fd; /* of the directory, to be read; -1: none */
	dev_t device;
	ino_t inode;
};

/* Open the directory. 0, or -1 with a problem, EXIT_BAD_INPUT where it does not exist or is
 * not a directory. */
int anchor_open(struct anchor *a, const char *dir, struct problem *p);
/* Duplicate the descriptor. */
int anchor_copy(struct anchor *a, const struct anchor *from, struct problem *p);
void anchor_close(struct anchor *a);

/* Does the path still lead to the directory? 0; -1 with a problem: it was renamed, to what is
 * said where /proc knows it, or removed (EXIT_BAD_INPUT), or it cannot be accessed (EXIT_IO). */
int anchor_check(const struct anchor *a, const char *dir, struct problem *p);

#endif
