#ifndef RUN_H
#define RUN_H
/*
 * run - one run line at work, in a slot of the pool: what it has, from its claim to its last
 * record. runner.h moves it from state to state, attempt.h makes its attempts.
 */
#include "event.h"
#include "exp/journal.h"
#include "gpu.h"
#include "run/rundir.h"
#include "run/supervise.h"
#include "run_log.h"
#include "runline.h"
#include "session.h"

enum run_state {
	RUN_FREE,      /* the slot has none */
	RUN_CLAIMED,   /* it waits for its device */
	RUN_READY,     /* it starts when all that was printed has been read */
	RUN_WORKING,   /* it has processes */
	RUN_RECORDING, /* its end is to be written: at once, or when there is room */
	RUN_SHOWING,   /* the rest of what it printed is shown (--verbose) */
	RUN_ENDED      /* see outcome */
};

enum run_outcome {
	RUN_COMPLETED,
	RUN_FAILED,
	RUN_SKIPPED, /* it completed before, or another run-one has it */
	RUN_STOPPED, /* by a signal to us */
	RUN_REFUSED, /* its own journal cannot be used; the other runs are not concerned */
	RUN_PROBLEM  /* nothing more may be started */
};

struct run {
	/* of the slot */
	struct session *s;
	struct gpu gpu;
	struct rundir rundir;
	enum run_state state;

	/* of the run */
	struct buf line; /* l borrows from it */
	struct runline l;
	struct journal journal; /* fd -1 without an experiment */
	char *config;           /* the config file's path, or NULL */
	char *scratch;          /* a temporary directory of ours, or NULL */
	char *run_dir;          /* of the attempt before, or NULL */
	int tries_left;         /* if it fails */
	enum run_outcome outcome;
	struct problem p; /* why, where it is RUN_REFUSED or RUN_PROBLEM */

	/* of an attempt */
	struct run_log log;
	struct buf run_dir_file;
	struct buf env_text[8];
	const char *env[9];
	struct buf within; /* the run, as RUN_WITHIN has it */
	struct event event;
	struct buf problem;            /* why it could not be started, or empty */
	struct supervise process;      /* its main process, and what that leaves */
	uint64_t number;               /* of the start, in the session */
	bool company;                  /* another run of the session was alive when it started */
	struct rundir_names seen;      /* directories that its processes worked in */
	struct buf remark;             /* what is to be said of how it ended, or empty */
	double look_at;                /* when its processes are looked at again; 0: they are not */
	struct buf end;                /* the line that tells of its end */
	double record_at, record_wait; /* when it is written, and tried again */
	bool record_said;              /* that it waits for room */
	double show_until;             /* when the reader of that is not waited for; 0: not known */
};

/* A free slot; device: that of its runs, or NULL, borrowed. */
void run_init(struct run *r, struct session *s, const char *device);
void run_free(struct run *r);

/* What belongs to one attempt only, and what belongs to the run. */
void run_clear_attempt(struct run *r);
void run_clear(struct run *r);

/* Does its directory have to be found among those that were made meanwhile? */
bool run_is_watched(const struct run *r);

#endif
