#ifndef HISTORY_H
#define HISTORY_H
/*
 * history - attempt, status and directory of a run from the lines of its journal, as the fold
 * has them (row.h): of two events the later one counts, a line without a status does not change
 * it, and a line of no run or of another one is skipped.
 */
#include "exp/stamp.h"
#include "exp/status.h"

struct history {
	const char *run; /* from the name of the journal, borrowed */
	size_t run_len;  /* 0: the name has none, and lines of all runs count */
	int attempt;     /* the highest so far */
	enum run_status status;
	struct stamp stamp; /* of the line that the status is from */
	char time[STAMP_TIME_SIZE];
	bool survivors;     /* processes that SIGKILL did not end */
	struct buf run_dir; /* of the last line that names one, raw */
};

/* journal: its name or path. */
void history_begin(struct history *h, const char *journal);

/* Take the next line. 0, or -1 with a problem: it is not valid in this journal. */
int history_take(struct history *h, struct slice line, struct problem *p);

/* Is the last event `running`, or an end that did not reach all processes? */
bool history_may_live(const struct history *h);

/* Free it; *run_dir: the directory, for the caller to free, or NULL. 0, or -1 with
 * a problem (memory). */
int history_end(struct history *h, char **run_dir, struct problem *p);

#endif
