#ifndef HISTORY_H
#define HISTORY_H
/*
 * history - what the lines of a run's journal say of the run, as the fold has it (row.h): of
 * two events the later one holds, a line without a status changes none, and one that names no
 * run, or another one, tells nothing of this one.
 */
#include "exp/stamp.h"
#include "exp/status.h"

struct history {
	const char *run; /* that the journal is of, borrowed from its name */
	size_t run_len;  /* 0: its name tells of none, and every run is taken for it */
	int attempt;     /* the highest so far */
	enum run_status status;
	struct stamp stamp; /* of the line that the status is from */
	char time[STAMP_TIME_SIZE];
	bool survivors;     /* processes that SIGKILL did not end */
	struct buf run_dir; /* of the last line that names one, raw */
};

/* journal: its name or path. */
void history_begin(struct history *h, const char *journal);

/* Take the next line. 0, or -1 with a problem: it is none that can be in this journal. */
int history_take(struct history *h, struct slice line, struct problem *p);

/* Is the last event `running`, or an end that did not reach all processes? */
bool history_may_live(const struct history *h);

/* Give up the memory; *run_dir: the directory, for the caller to free, or NULL. 0, or -1 with
 * a problem (memory). */
int history_end(struct history *h, char **run_dir, struct problem *p);

#endif
