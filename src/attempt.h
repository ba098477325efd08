#ifndef ATTEMPT_H
#define ATTEMPT_H
/*
 * attempt - one try of one run: its start, on disk before its program is, and the line that
 * tells of its end.
 */
#include "run.h"

/* Start the next attempt of a claimed run. 0: it is at work, or has failed to start (the
 * event's start_error says so, and there is no process); -1: nothing more may be started. */
int attempt_start(struct run *r, struct problem *p);

/* Fail the next attempt before its start, for what r->problem says. */
void attempt_refuse(struct run *r);

/* While it is at work: show what it prints, and see where its processes work. */
void attempt_look(struct run *r);

/* It has ended: r->end is set to the line that tells of it. 0, or -1 with a problem. */
int attempt_end(struct run *r, struct problem *p);

/* It is on record: show the rest of what it printed. False: not all of it yet. */
bool attempt_show_rest(struct run *r);

/* Tell of the end on stderr, for people. */
void attempt_tell(struct run *r);

enum run_outcome attempt_outcome(const struct run *r);

/* Is the run tried again? */
bool attempt_is_tried_again(const struct run *r);

#endif
