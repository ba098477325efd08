#ifndef OWNER_H
#define OWNER_H
/*
 * owner - decide which of several directories a run has made.
 *
 * What proves it: a byte copy of the run's config in it, if no other run has the same;
 * the run's name in its path; the swept values in a file with the program's settings; a
 * process of the run that had it open. What refutes it: a settings file with other
 * values. A directory about which nothing is known is taken if it is the only one,
 * nobody else can have made it, and the run was not seen at work in another one.
 */
#include "base/json.h"
#include "run/rundir.h"

struct owner {
	const char *run;     /* its name, or NULL */
	const char *parent;  /* what the names begin with, which proves nothing, or NULL */
	const char *config;  /* its config file, or NULL */
	struct slice params; /* raw JSON object of swept values, or data NULL */
	const char *metrics; /* name of its metrics file, which tells nothing, or NULL */
	const struct rundir_names *seen; /* what its processes had open, or NULL */
	bool shared;                     /* others may have made directories there meanwhile */
};

/* The index of the run's directory, or -1: none of them, or not known which. proved: it is
 * not only the one that is left. Those that are refuted are removed from found. */
int owner_pick(struct rundir_names *found, const struct owner *o, bool *proved);

/* Does the path name the run: run_003 as a whole, not as a part of run_0031? */
bool owner_named(const char *path, const char *run);

#endif
