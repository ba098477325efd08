#ifndef DELIVER_H
#define DELIVER_H
/* deliver - what meta-merge makes of a fold: a file, lines, or numbers. */
#include "exp/fold.h"

enum { DELIVER_STATUSES = 16 };

/* What the user asks for. */
struct deliver_to {
	const char *output, *dir, *of;
	const char *status[DELIVER_STATUSES];
	size_t statuses;
	bool no_sync, spelling, counts;
	bool to_one; /* what is folded is one document, and no line is passed on */
};

/* Print or write the fold: with to_one only. The exit status; a problem has been told. */
int deliver_fold(const struct deliver_to *o, struct fold *f);

/* Print the counts of an experiment.json as it is. The exit status. */
int deliver_counts_of(const char *file);

/* Name the files that could not be read, each once. The exit status that they call for. */
int deliver_flaws(struct flaws *flaws);

#endif
