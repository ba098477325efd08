#ifndef FOLD_H
#define FOLD_H
/*
 * fold - an experiment as its lines tell it: lines with the same `run` are
 * merged (row.h), lines without one tell of the experiment itself, and of
 * those, lines with the same `session` of that session too.
 *
 * The document it is written as, experiment.json, is a function of the set of
 * lines alone: their order, repetition and division into files do not matter.
 */
#include "exp/flaws.h"
#include "exp/row.h"

struct fold;

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

/* Tell of each run that is `running` whether it still lives. Those that do not
 * are written as failed, reason abandoned. */
typedef bool fold_alive(void *context, const struct fold_run *run);
void fold_settle(struct fold *f, fold_alive *alive, void *context);

/* From now on write each run with one more field, `spelling`: the JSON text, as a
 * string, of every value in params and metrics, and of the run's own numbers (in
 * fields). Who reads numbers with a program that rewrites them, as jq does, prints
 * them from there. Members of objects in metrics are called test.accuracy. */
void fold_spell(struct fold *f);

/* Where text goes: false stops the writing. */
typedef bool fold_sink(void *context, const char *data, size_t len);

/* Write experiment.json. False: memory ran out, or the sink said so. */
bool fold_write(struct fold *f, fold_sink *sink, void *context);

/* Write the runs with one of the given statuses (NULL: all), one line each. */
bool fold_write_runs(struct fold *f, const char *const *statuses, size_t count, fold_sink *sink,
		     void *context);

#endif
