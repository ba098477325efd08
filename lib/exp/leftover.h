#ifndef LEFTOVER_H
#define LEFTOVER_H
/*
 * leftover - processes of a run whose run-one was killed.
 *
 * A claim lives in descriptors that a run inherits. A launcher whose worker gets none of
 * them dies with run-one, the worker lives, and the claim is free. Such a process is known
 * by its environment (RUN_ID and EXPERIMENT_DIR, or RUN_WITHIN), or by the run's log, which
 * it has open as run-one opened it. Linux, from /proc: what this user may look at on this
 * machine, and in this PID namespace. Neither we nor who started us are leftovers, nor who
 * is in our process group.
 *
 * A run has leftovers only if nobody holds its claim, and its journal ends with `running`, or
 * with an end that SIGKILL did not bring to all of it (journal.h, may_live).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"

struct leftovers {
	size_t count;
	struct buf who; /* "4242 (python3), 4250 (sh)" */
	struct buf dir; /* the experiment of the first one */
	int error;      /* errno of a look that failed: what was not seen may be one; or 0 */
};

void leftover_free(struct leftovers *l);

/* Of a run whose claim is ours or known to be free, and which may live: what is left of
 * it? l: set, to be freed. How many there are. */
size_t leftover_of_run(const char *dir, const char *run, struct leftovers *l);

/* Of any run of the experiment. */
size_t leftover_of_experiment(const char *dir, struct leftovers *l);

/* The runs of the experiment that processes are part of, whoever has their claims: append
 * each name with its NUL. */
void leftover_names(const char *dir, struct buf *names);

/* Of runs of any experiment that got the device as CUDA_VISIBLE_DEVICES. */
size_t leftover_on_gpu(const char *device, struct leftovers *l);

/* Wait until a look at the subject finds none, with a look a second. name: append what is
 * waited for, as of the look before; how to end it is said behind. The results of wait.h; -1,
 * too, where they cannot be seen for want of descriptors or memory. */
int leftover_wait(size_t (*look)(const char *subject, struct leftovers *l), const char *subject,
		  void (*name)(const char *subject, const struct leftovers *l, struct buf *text));

/* End the leftovers of an experiment: SIGTERM, and after `grace` seconds SIGKILL. Each is
 * looked at again with a handle on it in hand (pidfd). 0: there are none any more; 1: there
 * were none; -1: a problem. killed: how many got SIGKILL. */
int leftover_stop(const char *dir, double grace, size_t *killed, struct problem *p);

#endif
