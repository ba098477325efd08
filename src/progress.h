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
	uint64_t expected; /* runs to be started in this session; 0: unknown */
	uint64_t ended;
	double seconds;            /* that they took together */
	const struct share *share; /* where these are counted if we are one of many */
};

void progress_start(const struct progress *g, const struct runline *l, int attempt);

/* outcome: "completed", "failed (exit 3)". remark: what else there is to say, or NULL. */
void progress_end(struct progress *g, const struct runline *l, const char *outcome, double seconds,
		  const char *remark);

#endif
