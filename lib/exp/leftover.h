#ifndef LEFTOVER_H
#define LEFTOVER_H
/*
 * leftover - processes of a run whose run-one was killed.
 *
 * The claim is a lock that is held by inherited descriptors. A worker that inherited none of them
 * may outlive its launcher and run-one; then the claim is free. Such a process is found by its
 * environment (RUN_ID and EXPERIMENT_DIR, or RUN_WITHIN), or by the run's log, which it has open
 * as run-one opened it. On Linux only, from /proc: processes of this machine and PID namespace
 * that this user may read. The caller, its ancestors and its process group are not leftovers.
 *
 * A run has leftovers only if nobody holds its claim, and its last event is `running`,
 * or an end after which processes had survived SIGKILL (journal.h, may_live).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"

struct leftovers {
	size_t count;
	struct buf who; /* "4242 (python3), 4250 (sh)" */
	struct buf dir; /* the experiment of the first one */
	int error;      /* errno where a process could not be read, which may be one; or 0 */
};

void leftover_free(struct leftovers *l);

/* Those of a run whose claim is ours or known to be free, and which may live. l: set, to be
 * freed. Their number. */
size_t leftover_of_run(const char *dir, const char *run, struct leftovers *l);

/* Those of all runs of the experiment. */
size_t leftover_of_experiment(const char *dir, struct leftovers *l);

/* The runs of the experiment that have processes, whether claimed or not: append each name
 * with its NUL. */
void leftover_names(const char *dir, struct buf *names);

/* Those of runs of any experiment with this CUDA_VISIBLE_DEVICES. */
size_t leftover_on_gpu(const char *device, struct leftovers *l);

/* Wait until look(subject) finds none; it is called once a second. name: append what is waited
 * for; how to end it is appended then. The results of wait.h; also -1 where descriptors or
 * memory ran out. */
int leftover_wait(size_t (*look)(const char *subject, struct leftovers *l), const char *subject,
		  void (*name)(const char *subject, const struct leftovers *l, struct buf *text));

/* End the leftovers of an experiment: SIGTERM, and after `grace` seconds SIGKILL. Each is
 * checked again after its pidfd was opened. 0: there are none any more; 1: there
 * were none; -1: a problem. killed: how many got SIGKILL. */
int leftover_stop(const char *dir, double grace, size_t *killed, struct problem *p);

#endif
