#ifndef FOLDFILE_H
#define FOLDFILE_H
/* foldfile - a file of lines into a fold, however large it is. */
#include "exp/fold.h"

/* Take in what fd has, from where it stands to its end; a torn last line (no newline, or
 * NUL bytes) is left out. `shown` names the file in problems. 0; 1 with a problem: that of
 * the first line that cannot be used, while all others are taken in, or the rest cannot be
 * read; -1 with a problem: memory ran out, or the like. */
int foldfile_read(struct fold *f, int fd, const char *shown, struct problem *p);

#endif
