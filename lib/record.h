#ifndef RECORD_H
#define RECORD_H
/*
 * record - a JSON object that is the merge of many lines, field by field.
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
#include "jsonl.h"

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

struct vocabulary;

/* NULL: out of memory. */
struct vocabulary *vocabulary_new(void);
void vocabulary_free(struct vocabulary *v);

/* When a line spoke. A note (notes.h) ranks with the ends of runs. */
struct stamp {
	uint32_t attempt;
	unsigned char rank; /* of its status */
	struct slice time;  /* ISO 8601 in UTC, so that bytes compare as times do */
};

enum { RANK_NONE, RANK_PENDING, RANK_RUNNING, RANK_ENDED };

/* The stamp of a line, borrowing from it. */
struct stamp stamp_of(const struct jsonl *line);
int stamp_compare(const struct stamp *a, const struct stamp *b);

/* The times that are compared have so many bytes at the most. */
enum { RECORD_MAX_ATTEMPT = 1000000, RECORD_TIME_SIZE = 64 };

/* Does the line say what every reader understands alike: a format that is known, a status
 * that there is, an attempt that is counted? 0, or -1 with a problem. */
int record_check(const struct jsonl *line, struct problem *p);

struct record {
	char *data; /* owned; NULL: no field yet */
	size_t len;
};

void record_free(struct record *r);

/* Merge a line in. 0, or -1 with a problem (memory, too many different keys). */
int record_merge(struct record *r, struct vocabulary *v, const struct jsonl *line,
		 struct problem *p);

/* Walk the fields in printing order. */
struct record_field {
	unsigned key;
	struct slice name;  /* raw, without quotes */
	struct slice value; /* raw */
	struct stamp stamp;
};

struct record_walk {
	const struct record *record;
	const struct vocabulary *vocabulary;
	size_t at;
	unsigned left;
};

void record_walk(struct record_walk *w, const struct record *r, const struct vocabulary *v);
bool record_next(struct record_walk *w, struct record_field *f);

/* One field's value, or a slice with data NULL. */
struct slice record_get(const struct record *r, const struct vocabulary *v, enum key key);

/* Does a field tell of an attempt's outcome, so that a later attempt hides it? */
bool record_is_outcome(unsigned key);
bool record_names_outcome(struct slice name);

#endif
