#ifndef SUPERVISE_H
#define SUPERVISE_H
/*
 * supervise - watch the main process of a run, stop it when its time is up or ours is, and
 * leave nothing of it behind. Nothing here waits: whoever calls does what is due, and then
 * waits for a signal (SIGCHLD among them) or until more is due.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "run/kin.h"

struct supervise_end {
	int status;          /* as wait(2) has it */
	struct rusage usage; /* of the main process and those it waited for */
	double duration;     /* seconds, since it began */
	bool timed_out;
	int stopped_by;   /* the signal to us that ended it, or 0 */
	size_t leftovers; /* processes it left behind that were stopped */
	size_t survivors; /* of those, how many SIGKILL did not end in time */
};

enum supervise_state {
	SUPERVISE_RUNNING,
	SUPERVISE_SWEEPING,  /* the main process is a zombie; what it left behind is ended */
	SUPERVISE_LINGERING, /* it died of a signal of which ours may be on its way */
	SUPERVISE_ENDED
};

/* Times are those of clock_now. */
struct supervise {
	pid_t pid;      /* of the main process */
	double timeout; /* seconds until it is stopped; 0: no limit */
	double grace;   /* seconds from one signal to the next */
	struct kin kin;
	enum supervise_state state;
	struct supervise_end end;
	double started, next_at;
	int sent;                 /* the last signal that it got from us, or 0 */
	bool told_group, killing; /* while sweeping */
	pid_t *seen;              /* orphans that were signalled once already */
	size_t seen_count, seen_room;
};

/* pid, timeout, grace and kin are set. */
void supervise_begin(struct supervise *s);

/* Do what is due. It is stopped when the time is up, by SIGTERM, or by the signal that asked us
 * to stop (0: none has); if it has not ended after the grace it gets SIGTERM, unless that was
 * the first, and then SIGKILL; that at once when we were asked again. */
void supervise_step(struct supervise *s, int stop, bool again);

/* When something is due though no signal comes; 0: not known to be. */
double supervise_due(const struct supervise *s);

/* We stood still for so long: nothing is due earlier than it would have been. */
void supervise_shift(struct supervise *s, double seconds);

#endif
