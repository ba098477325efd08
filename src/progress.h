#ifndef PROGRESS_H
#define PROGRESS_H
/*
 * progress - a line on stderr as each run starts and as it ends, with the time
 * that is left, judged from the runs of this session.
 */
#include "outbox.h"
#include "run_options.h"
#include "runline.h"

struct progress {
	const struct run_options *o;
	struct outbox *err;
	uint64_t ended, timed; /* runs that ended; of them, those that completed */
	double seconds;        /* that these took together */
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

void progress_init(struct progress *g, const struct run_options *o, struct outbox *err);
void progress_start(const struct progress *g, const struct runline *l, int attempt);
void progress_end(struct progress *g, const struct runline *l, const struct progress_end *end);

#endif
