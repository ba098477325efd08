#ifndef FLAWS_H
#define FLAWS_H
/*
 * flaws - the files of an experiment that could not be read whole, each with the reason.
 * What they hold beside is folded, and so are all other files.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

struct flaw {
	char *file; /* below the experiment directory: records/run_000.jsonl; owned */
	char *text; /* the message; owned */
	int status; /* as a program ends for it */
	bool told;  /* to the user; a flaw that changes is told again */
};

struct flaws {
	struct flaw *list;
	size_t count;
};

/* Remember why a file could not be read, instead of what was known of it; without a reason:
 * it could be. 0; -1: out of memory. */
int flaws_set(struct flaws *f, const char *file, const struct problem *why);

/* Did a call fail because of the file it was about, and not because the machine lacks
 * something? error: of open(2) or read(2). */
bool flaws_is_of_file(int error);

void flaws_free(struct flaws *f);

#endif
