#ifndef PATH_H
#define PATH_H
/*
 * path - check names of files and directories that go into run lines and records, which are
 * JSON and so UTF-8, and through shells, which lose a newline at the end.
 */
#include <stdbool.h>

#include "base/problem.h"

/* Can a record hold it? */
bool path_is_utf8(const char *path);

/* Can it be the name of an experiment's directory, or of one above it? Then it is UTF-8 and
 * has no control character. `what` names it in the problem. 0, or -1 with a problem. */
int path_check(const char *what, const char *path, struct problem *p);

/* The current directory, asked once; borrowed. NULL with a problem: somebody has removed it,
 * or, where it is to be kept, no record can hold its name. */
const char *path_current(bool kept, struct problem *p);

#endif
