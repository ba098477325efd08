#ifndef ATTEMPT_H
#define ATTEMPT_H
/*
 * attempt - one try of one run, from its claim to its record.
 */
#include "run/child.h"
#include "experiment.h"
#include "progress.h"
#include "run/rundir.h"
#include "runline.h"

struct runner {
	/* what the user asked for */
	char *const *command; /* behind --, or NULL */
	char *const *extra;
	size_t extra_count;
	double timeout, grace; /* seconds */
	int retries;
	bool force, shared, verbose, sync;
	bool new_only; /* skip what was ever started */

	/* called when a claim is held and before anything is started; 0 or -1 */
	int (*before)(void *context, const char *experiment_dir, struct problem *p);
	void *before_context;
	const char *gpu; /* the device that is ours, or NULL */
	int gpu_lock;    /* that it is, or -1 */

	struct experiment experiment;
	struct progress progress;
	struct rundir rundir;
	struct share share; /* with others of one session, or none */
	bool reader_gone;   /* nobody reads our stdout any more */
};

enum outcome {
	OUTCOME_SKIPPED, /* it completed before, or another run-one has it */
	OUTCOME_COMPLETED,
	OUTCOME_FAILED,
	OUTCOME_STOPPED, /* by a signal to us */
	OUTCOME_REFUSED, /* its own journal cannot be used; the other runs are not concerned */
	OUTCOME_PROBLEM  /* nothing more may be started */
};

void runner_init(struct runner *r);
void runner_free(struct runner *r);

/* Do what a run line asks for: claim, start, watch, record, print, retry. */
enum outcome runner_run(struct runner *r, struct runline *l, struct problem *p);

/* May the run be started, as things are? OUTCOME_COMPLETED if so; else as runner_run. */
enum outcome runner_look(struct runner *r, struct runline *l, struct problem *p);

/* Print a line on stdout; a reader that has gone is no problem. */
int runner_print(struct runner *r, const char *line, size_t len, struct problem *p);

#endif
