#ifndef RUN_LOG_H
#define RUN_LOG_H
/*
 * run_log - the file that takes what a run prints, and its copy on stderr (--verbose).
 */
#include <sys/types.h>

#include "claim.h"
#include "outbox.h"

struct run_log {
	int fd;          /* -1: not open; without an experiment, stderr */
	struct buf path; /* for people and records; empty without an experiment */
	off_t from;      /* where what is not shown yet begins */
};

/* Open it: below the experiment where it has a path, else it is stderr. A later attempt appends
 * to it, a line between them. 0, or -1 with a problem. */
int run_log_open(struct run_log *log, const struct claim *c, int attempt, struct problem *p);
void run_log_close(struct run_log *log);

/* Set the path, before it is opened: of a run with an experiment. 0, or -1. */
int run_log_name(struct run_log *log, const char *dir, const char *run, struct problem *p);

/* Copy what it has grown by. prefix: NULL, or the run: then whole lines, with its name before
 * each. Nothing is read while what was shown before has not been written, and a mebibyte at
 * most, since a program may print as fast as it is copied. Is there more? */
bool run_log_follow(struct run_log *log, const char *prefix, struct outbox *err);

/* The same to its end, with a last line that was not ended. False: not all of it yet. */
bool run_log_follow_rest(struct run_log *log, const char *prefix, struct outbox *err);

#endif
