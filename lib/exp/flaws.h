#ifndef FLAWS_H
#define FLAWS_H
/*
 * flaws - the files of an experiment that could not be read whole, each with the reason.
 * The lines that could be read are folded, and so are all other files.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

struct flaw {
	char *file; /* below the experiment directory: records/run_000.jsonl; owned */
	char *text; /* the message; owned */
	int status; /* exit status */
	bool told;  /* to the user; a flaw that changes is told again */
};

struct flaws {
	struct flaw *list;
	size_t count;
};

/* Set the reason why a file could not be read; NULL: it could be, remove the reason. 0; -1:
 * out of memory. */
int flaws_set(struct flaws *f, const char *file, const struct problem *why);

/* Is the error of open(2) or read(2) one of the file, and not a lack of descriptors or memory? */
bool flaws_is_of_file(int error);

void flaws_free(struct flaws *f);

#endif
