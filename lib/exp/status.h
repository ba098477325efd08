#ifndef STATUS_H
#define STATUS_H
/*
 * status - the four states of a run.
 */
#include "base/json.h"

enum run_status {
	STATUS_NONE, /* none of these */
	STATUS_PENDING,
	STATUS_RUNNING,
	STATUS_COMPLETED,
	STATUS_FAILED,
	STATUS_COUNT
};

extern const char *const status_names[STATUS_COUNT]; /* NULL for STATUS_NONE */

/* Of a word, and of a raw JSON value (data NULL: it is missing). */
enum run_status status_named(const char *word);
enum run_status status_of(struct slice raw);

#endif
