#ifndef FOLDFILE_H
#define FOLDFILE_H
/* foldfile - fold a file of lines, however large it is, or a document. */
#include "exp/fold.h"

/* Take in what fd has, from where it stands to its end; a torn last line (no newline, or
 * NUL bytes) is left out. `shown` names the file in problems. 0; 1 with a problem: that of
 * the first line that cannot be used, while all others are taken in, or the rest cannot be
 * read; -1 with a problem: memory ran out, or the like. */
int foldfile_read(struct fold *f, int fd, const char *shown, struct problem *p);

/* Take in the runs of an experiment.json, also of one that another program has laid out
 * anew. 0, or -1 with a problem. */
int foldfile_read_document(struct fold *f, const char *path, struct problem *p);

#endif
