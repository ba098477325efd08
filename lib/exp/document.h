#ifndef DOCUMENT_H
#define DOCUMENT_H
/* document - the fold written as experiment.json, or its runs as lines. */
#include "exp/fold.h"

/* Where text goes, whole lines at a time: false stops the writing. */
typedef bool document_sink(void *context, const char *data, size_t len);

/* Write experiment.json. False: memory ran out, or the sink said so. */
bool document_write(struct fold *f, document_sink *sink, void *context);

/* Write the runs with one of the given statuses (NULL: all), one line each. */
bool document_write_runs(struct fold *f, const char *const *statuses, size_t count,
			 document_sink *sink, void *context);

#endif
