#ifndef RUNDIR_H
#define RUNDIR_H
/*
 * rundir - find the directory that a run has made.
 *
 * New directories are found as the difference of two listings of their parent,
 * before and after the run, so that no clock is asked; a parent that did not
 * change is not read again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "buf.h"
#include "problem.h"

struct rundir_names {
	char **name; /* sorted */
	size_t count;
};

struct rundir {
	char *parent;
	bool there;        /* it existed when it was listed */
	struct stat stamp; /* of the parent then */
	struct rundir_names seen;
};

void rundir_init(struct rundir *r);
void rundir_free(struct rundir *r);

/* Remember what is below parent now. 0, or -1 (out of memory, unreadable). */
int rundir_before(struct rundir *r, const char *parent);

/* What is new since then, names joined with the parent. */
int rundir_after(struct rundir *r, struct rundir_names *found);

/* The directories below parent that are newer than a file. */
int rundir_newer(const char *parent, const struct stat *since, struct rundir_names *found);

/* Of several directories, the one that holds a byte copy of the config (two
 * levels deep at the most), else the only one: its index, or -1 if there is
 * none or more than one. shared: other runs may make directories there at the
 * same time, so that the only one may be another's; then only a copy counts, if no
 * other file beside the config is the same. */
int rundir_pick(const struct rundir_names *found, const char *config, bool shared);

void rundir_names_free(struct rundir_names *names);

#endif
