#ifndef EVENT_H
#define EVENT_H
/*
 * event - the two lines that a run writes of itself, when it starts and when it has
 * ended. Their fields are those of sweeputils-format(5).
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "run/supervise.h"
#include "outputs.h"
#include "runline.h"
#include "base/clock.h"

/* What there is to tell. Nothing in it is owned. */
struct event {
	const struct runline *l;
	int attempt;              /* from 1 on */
	const char *config;       /* the config file's path, or NULL */
	bool config_is_temporary; /* its path means nothing to others */
	const char *log_path;     /* or NULL */
	const char *gpu;          /* the device that is the run's, or NULL */
	int start_error;          /* errno of an exec that failed, or 0 */
	const char *problem;      /* why it could not be started, or what is wrong with its
				   * script, for people; or NULL */
	bool refused;             /* not even tried: problem says all */
	bool config_changed;      /* when it had ended, the config was not the planned one */
	struct supervise_end end; /* without a start_error */
};

/* Append the line that tells of the start, now; a failed buf shows it. */
void event_start(const struct event *e, struct buf *b);

/* Append the line that tells of the end, which was at that time (clock_text): what the
 * outputs are is found out later. Without metrics it names their file only. */
void event_end(const struct event *e, const char *at, const struct outputs *o, bool with_metrics,
	       struct buf *b);

/* Why it failed, as the field reason has it; NULL: it completed. */
const char *event_reason(const struct event *e);

/* How it ended, for people. */
void event_describe(const struct event *e, char *out, size_t size);

#endif
