#ifndef FOLD_H
#define FOLD_H
/*
 * fold - merge the lines of an experiment: those with the same `run` into one row (row.h),
 * those without a run into one of the experiment, and of these those with the same `session`
 * into one of that session, too.
 *
 * The document it is written as, experiment.json, is a function of the set of
 * lines alone: their order, repetition and division into files do not matter.
 */
#include "exp/flaws.h"
#include "exp/row.h"
#include "exp/status.h"

struct fold_entry {
	struct row row;
	int64_t index; /* INT64_MAX: unknown */
	uint32_t hash;
	bool dead;     /* running, but nobody holds its claim */
	uint32_t flaw; /* of its journal, number + 1; 0: none */
};

struct fold_session {
	char *id; /* raw */
	struct row row;
};

struct fold {
	struct row_shared shared;
	struct fold_entry *run;
	size_t count, cap;
	uint32_t *slot; /* run numbers + 1 */
	size_t slots;
	uint32_t *order; /* run numbers as they are printed */
	bool ordered;
	/* Write each run with the field `spelling`: the JSON text, as a string, of its numbers
	 * and of every value in params and metrics (spelling.h). The caller sets it. */
	bool spell;
	bool metrics; /* some run has some */
	struct row top;
	struct fold_session *session;
	size_t sessions;
	struct flaws flaws;
	char newest[72]; /* time of the newest line, raw with its quotes; "" none */
};

/* NULL: out of memory. */
struct fold *fold_new(void);
void fold_free(struct fold *f);

/* Take a parsed line in. 0, or -1 with a problem. */
int fold_line(struct fold *f, const struct json *line, struct problem *p);

/* How many runs are known. */
size_t fold_count(const struct fold *f);

/* What could not be read: it is written as `record_errors` of the experiment, and that of
 * records/RUN.jsonl as `record_error` of the run. */
struct flaws *fold_flaws(struct fold *f);

/* Is the run (its id raw, with quotes) known; and what is shown of it under a key, or,
 * if run has data NULL, of the experiment: raw and borrowed, data NULL if there is
 * nothing. */
bool fold_has(const struct fold *f, struct slice run);
struct slice fold_shown(const struct fold *f, struct slice run, struct slice key);

/* How many fields the run (or the experiment) would have with those of a line. */
size_t fold_fields(const struct fold *f, struct slice run, const struct json *line);

/* A running run, for a question about it; borrowed for the call. */
struct fold_run {
	struct slice run;           /* its id, without quotes */
	struct slice host, boot_id; /* raw, or data NULL */
};

/* Ask for each run that is `running` whether it is alive. Those that are not are written as
 * failed, reason abandoned. */
typedef bool fold_alive(void *context, const struct fold_run *run);
void fold_settle(struct fold *f, fold_alive *alive, void *context);

/* ---- for document.c ---- */

/* The run of that id (raw, with quotes), or NULL. */
struct fold_entry *fold_find(const struct fold *f, struct slice id);

/* The status of its row, and failed for one that fold_settle found dead. */
enum run_status fold_status(const struct fold *f, const struct fold_entry *r);

/* A field of a row; data NULL: it has none. */
struct slice fold_get(const struct fold *f, const struct row *r, enum key key);

#endif
