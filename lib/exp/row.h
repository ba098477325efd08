#ifndef ROW_H
#define ROW_H
/*
 * row - a JSON object that is the merge of many lines, field by field.
 *
 * Of two values for a field the later one wins: later is the higher attempt,
 * then the higher rank of status, then the later time, then the greater bytes.
 * That is a total order on what lines say, so the merge is commutative,
 * associative and idempotent, whatever lines repeat, reorder or split.
 *
 * A record is packed into one block, because there may be millions of them:
 * keys are numbers from a vocabulary that all records share, and values that
 * many records have in common stand there once.
 */
#include "base/json.h"

/* Fields that are known by name, in the order in which they are printed. What
 * a line has besides comes after them, in the order of bytes. */
enum row_key {
	ROW_RUN,
	ROW_INDEX,
	ROW_TOTAL,
	ROW_EXPERIMENT,
	ROW_EXPERIMENT_DIR,
	ROW_MODE,
	ROW_STATUS,
	ROW_REASON,
	ROW_RETURN_CODE,
	ROW_SIGNAL,
	ROW_ERROR,
	ROW_ATTEMPT,
	ROW_PARAMS,
	ROW_METRICS,
	ROW_METRICS_ERROR,
	ROW_STARTED_AT,
	ROW_COMPLETED_AT,
	ROW_DURATION_S,
	ROW_RUN_DIR,
	ROW_RUN_DIR_CANDIDATES,
	ROW_RUN_DIR_ERROR,
	ROW_NOTED_AT,
	ROW_BASE_CONFIG,
	ROW_CONFIG_PATH,
	ROW_CONFIG,
	ROW_CONFIG_YAML,
	ROW_COMMAND,
	ROW_RUN_DIR_PARENT,
	ROW_METRICS_FILE,
	ROW_METRICS_JQ,
	ROW_LOG_PATH,
	ROW_HOST,
	ROW_PID,
	ROW_BOOT_ID,
	ROW_USER_S,
	ROW_SYSTEM_S,
	ROW_MAX_RSS_KB,
	ROW_LEFTOVERS,
	ROW_SURVIVORS,
	ROW_CONFIG_CHANGED,
	/* of an experiment and its sessions */
	ROW_SESSION,
	ROW_SESSION_STARTED_AT,
	ROW_SPEC_PATH,
	ROW_CREATED_AT,
	ROW_FORMAT,
	ROW_KNOWN
};

struct row_vocabulary;

/* NULL: out of memory. */
struct row_vocabulary *row_vocabulary_new(void);
void row_vocabulary_free(struct row_vocabulary *v);

/* When a line spoke. A note (notes.h) ranks with the ends of runs. */
struct row_stamp {
	uint32_t attempt;
	unsigned char rank; /* of its status */
	struct slice time;  /* ISO 8601 in UTC, so that bytes compare as times do */
};

enum { ROW_RANK_NONE, ROW_RANK_PENDING, ROW_RANK_RUNNING, ROW_RANK_ENDED };

/* The stamp of a line, borrowing from it. */
struct row_stamp row_stamp_of(const struct json *line);
int row_stamp_compare(const struct row_stamp *a, const struct row_stamp *b);

/* The times that are compared have so many bytes at the most. */
enum { ROW_MAX_ATTEMPT = 1000000, ROW_TIME_SIZE = 64 };

/* Does the line say what every reader understands alike: a format that is known, a status
 * that there is, an attempt that is counted? 0, or -1 with a problem. */
int row_check(const struct json *line, struct problem *p);

struct row {
	char *data; /* owned; NULL: no field yet */
	size_t len;
};

void row_free(struct row *r);

/* Merge a line in. 0, or -1 with a problem (memory, too many different keys). */
int row_merge(struct row *r, struct row_vocabulary *v, const struct json *line, struct problem *p);

/* Walk the fields in printing order. */
struct row_field {
	unsigned key;
	struct slice name;  /* raw, without quotes */
	struct slice value; /* raw */
	struct row_stamp stamp;
};

struct row_walk {
	const struct row *record;
	const struct row_vocabulary *vocabulary;
	size_t at;
	unsigned left;
};

void row_walk(struct row_walk *w, const struct row *r, const struct row_vocabulary *v);
bool row_next(struct row_walk *w, struct row_field *f);

/* One field's value, or a slice with data NULL. */
struct slice row_get(const struct row *r, const struct row_vocabulary *v, enum row_key key);

/* Does a field tell of an attempt's outcome, so that a later attempt hides it? */
bool row_is_outcome(unsigned key);
bool row_names_outcome(struct slice name);

#endif
