/*
 * status - the table of the names.
 */
#include "exp/status.h"

#include <string.h>

const char *const status_names[STATUS_COUNT] = {
	[STATUS_PENDING] = "pending",
	[STATUS_RUNNING] = "running",
	[STATUS_COMPLETED] = "completed",
	[STATUS_FAILED] = "failed",
};

static enum run_status find_status(const char *word, size_t len)
{
	for (enum run_status s = STATUS_PENDING; s < STATUS_COUNT; s++)
		if (strlen(status_names[s]) == len && memcmp(word, status_names[s], len) == 0)
			return s;
	return STATUS_NONE;
}

enum run_status status_named(const char *word)
{
	return find_status(word, strlen(word));
}

enum run_status status_of(struct slice raw)
{
	return raw.data && json_is_string(raw) ? find_status(raw.data + 1, raw.len - 2)
					       : STATUS_NONE;
}
