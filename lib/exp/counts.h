#ifndef COUNTS_H
#define COUNTS_H
/* counts - how many runs of an experiment have which status. */
#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "exp/status.h"

struct counts {
	size_t runs[STATUS_COUNT]; /* by status; that of STATUS_NONE is 0 */
	size_t interrupted;        /* of the failed: stopped, they have not failed themselves */
	size_t without_metrics;    /* of the completed: some were expected (metrics_error) */
	size_t unreadable;         /* files of the experiment that could not be read whole */
};

/* Count the runs of lines as document_write_runs writes them; a document_sink, *context is a struct
 * counts, which begins with zeros. */
bool counts_sink(void *context, const char *data, size_t len);

/* Read them from the text of an experiment.json, with a NUL behind it, as meta-merge writes
 * it. False: it is not whole, or somebody else wrote it. */
bool counts_read(struct counts *c, const char *text, size_t len);

#endif
