#ifndef KIN_H
#define KIN_H
/*
 * kin - does a process belong to a run? It does if it is in the group or the session of its
 * main process, if it was started with the run in its environment (RUN_WITHIN), or if it has
 * the journal or the log of the run open for writing.
 */
#include <stdbool.h>
#include <sys/types.h>

struct kin {
	pid_t group;        /* of the main process, whose number it is */
	const char *within; /* the run in RUN_WITHIN, "DEVICE:INODE/RUN"; NULL: not known */
	int journal, log;   /* descriptors, or -1 */
};

/* Linux, from /proc; elsewhere group and session are all that is known. */
bool kin_is(const struct kin *k, pid_t pid);

#endif
