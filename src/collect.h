#ifndef COLLECT_H
#define COLLECT_H
/* collect - the metrics of runs, printed as lines that meta-merge takes. */
#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct collect {
	const char *config;     /* instead of that of the lines, or NULL */
	const char *experiment; /* instead of the lines' experiment_dir, or NULL */
	struct buf kept;        /* the lines */
	char **path;            /* of the metrics files, sorted once all are there */
	size_t count;
};

/* Take a run's line. False: out of memory. */
bool collect_take(struct collect *c, const struct json *line);

/* Print a line for each that has metrics, or a reason why it has none, and free it all. The
 * exit status. */
int collect_print(struct collect *c);

#endif
