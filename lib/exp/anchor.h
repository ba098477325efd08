#ifndef ANCHOR_H
#define ANCHOR_H
/*
 * anchor - a directory that is held on to, whatever becomes of its name.
 *
 * What is opened below its descriptor is the directory that was opened first. Where a path
 * has to be used all the same, because others get it, the name is looked at before.
 */
#include <sys/types.h>

#include "base/problem.h"

struct anchor {
	int fd; /* of the directory, to be read; -1: none */
	dev_t device;
	ino_t inode;
};

/* Hold on to the directory; where it is not there, or is none, with EXIT_BAD_INPUT. 0, or
 * -1 with a problem. */
int anchor_open(struct anchor *a, const char *dir, struct problem *p);
/* The same one once more. */
int anchor_copy(struct anchor *a, const struct anchor *from, struct problem *p);
void anchor_close(struct anchor *a);

/* Is the directory still what this name, under which it was opened, stands for? 0; or -1
 * with a problem that says what became of it (EXIT_BAD_INPUT): renamed, and to what where
 * that can be known, or removed; or that the name cannot be looked at (EXIT_IO). */
int anchor_check(const struct anchor *a, const char *dir, struct problem *p);

#endif
