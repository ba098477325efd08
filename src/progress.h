#ifndef PROGRESS_H
#define PROGRESS_H
/*
 * progress - a line on stderr as each run starts and as it ends, with the time
 * that is left, judged from the runs of this session.
 */
#include "runline.h"
#include "share.h"

struct progress {
	bool on;
	uint64_t expected;         /* runs to be started in this session; 0: unknown */
	uint64_t ended, timed;     /* runs that ended; of them, those that completed */
	double seconds;            /* that these took together */
	const struct share *share; /* where these are counted if we are one of many */
};

/* How an attempt ended. */
struct progress_end {
	const char *outcome; /* for people: "completed", "failed (exit 3)" */
	const char *remark;  /* what else there is to say, or NULL */
	double seconds;
	bool completed;
	bool again;   /* the run is tried again */
	bool stopped; /* the session ends here */
};

void progress_start(const struct progress *g, const struct runline *l, int attempt);
void progress_end(struct progress *g, const struct runline *l, const struct progress_end *end);

#endif
