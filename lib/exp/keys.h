#ifndef KEYS_H
#define KEYS_H
/*
 * keys - numbers for the names of fields, and for values that many rows have in common. Their
 * text is kept once for all rows of a fold.
 */
#include "base/json.h"

/* Fields that are known by name, in the order in which they are printed. What
 * a line has besides comes after them, in the order of bytes. */
enum key {
	KEY_RUN,
	KEY_INDEX,
	KEY_TOTAL,
	KEY_EXPERIMENT,
	KEY_EXPERIMENT_DIR,
	KEY_MODE,
	KEY_STATUS,
	KEY_REASON,
	KEY_RETURN_CODE,
	KEY_SIGNAL,
	KEY_ERROR,
	KEY_ATTEMPT,
	KEY_PARAMS,
	KEY_METRICS,
	KEY_METRICS_ERROR,
	KEY_STARTED_AT,
	KEY_COMPLETED_AT,
	KEY_DURATION_S,
	KEY_RUN_DIR,
	KEY_RUN_DIR_CANDIDATES,
	KEY_RUN_DIR_ERROR,
	KEY_NOTED_AT,
	KEY_BASE_CONFIG,
	KEY_CONFIG_PATH,
	KEY_CONFIG,
	KEY_CONFIG_YAML,
	KEY_COMMAND,
	KEY_RUN_DIR_PARENT,
	KEY_METRICS_FILE,
	KEY_METRICS_JQ,
	KEY_LOG_PATH,
	KEY_HOST,
	KEY_PID,
	KEY_BOOT_ID,
	KEY_USER_S,
	KEY_SYSTEM_S,
	KEY_MAX_RSS_KB,
	KEY_LEFTOVERS,
	KEY_SURVIVORS,
	KEY_CONFIG_CHANGED,
	/* of an experiment and its sessions */
	KEY_SESSION,
	KEY_SESSION_STARTED_AT,
	KEY_SPEC_PATH,
	KEY_CREATED_AT,
	KEY_FORMAT,
	KEY_KNOWN
};

enum { KEYS_COMMON = 16, KEYS_MAX = 60000 };

struct keys_word {
	struct slice name; /* raw, without quotes */
	struct slice common[KEYS_COMMON];
	unsigned common_count;
};

struct keys {
	struct keys_word *word; /* by number; the first KEY_KNOWN are those of enum key */
	size_t count, cap;
	uint16_t *slot; /* hash table of word numbers + 1; its size a power of two */
	size_t slots;
};

/* Add the known ones. False: out of memory; to be freed in both cases. */
bool keys_init(struct keys *k);
void keys_free(struct keys *k);

/* The number of a key as it stands in a line, in whatever spelling; made if it is new. -1: out
 * of memory, or more than KEYS_MAX. */
int keys_number(struct keys *k, struct slice raw);

/* The number of a value among the common ones of its key: the first KEYS_COMMON different ones
 * are added. KEYS_NONE: it is not among them. */
enum { KEYS_NONE = 255 };
unsigned keys_common(struct keys *k, unsigned key, struct slice value);

/* Does a field tell of an attempt's outcome, so that a later attempt hides it? */
bool keys_is_outcome(unsigned key);
bool keys_names_outcome(struct slice name);

#endif
