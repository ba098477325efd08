#ifndef PROCSEARCH_H
#define PROCSEARCH_H
/*
 * procsearch - find the processes in /proc that belong to runs of an experiment. On Linux only;
 * the interface for other modules is leftover.h.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"

/* What is looked for; the caller sets the first four. */
struct procsearch {
	const char *dir;     /* the experiment; NULL: any */
	const char *run;     /* whose claim and status are known; NULL: any */
	const char *gpu;     /* with this device only; NULL: any */
	bool names;          /* of which runs, whatever their claim and status */
	struct stat records; /* of dir */
	struct stat owner;
	struct buf found; /* of the process that is looked at: its runs, each name with its NUL */
	int error;        /* errno where a process could not be read, or 0 */
};

/* From /proc/PID/stat. */
struct procsearch_process {
	long pid, parent, group;
	char state;
	char name[64];
};

/* Is it a living process of such a run, and not the caller, an ancestor of it or in its process
 * group? dir: set to its experiment. */
bool procsearch_finds(struct procsearch *q, long pid, struct procsearch_process *process,
		      struct buf *dir);

/* Call it for each such process. */
typedef void procsearch_visitor(void *context, struct procsearch *q,
				const struct procsearch_process *process, const struct buf *dir);
void procsearch_visit(struct procsearch *q, procsearch_visitor *visit, void *context);

#endif
