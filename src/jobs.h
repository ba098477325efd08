#ifndef JOBS_H
#define JOBS_H
/*
 * jobs - many runs at once, on this machine: GNU parallel starts a run-one for
 * each run line and sees to it that never more than so many are at work.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment.h"
#include "share.h"

struct jobs {
	uint64_t count;      /* at once; 0: one after another, without all this */
	char **devices;      /* one for each of them, or NULL */
	const char *program; /* what run-one was called as */
	struct share share;
	struct buf places; /* of the lines in the share, one a line */
	uint64_t lines;
};

void jobs_init(struct jobs *j);
void jobs_free(struct jobs *j);

/* Remember a run line. 0, or -1 with a problem. */
int jobs_add(struct jobs *j, const char *line, size_t len, struct problem *p);

/* One word of a command line, quoted for the shell and from parallel. */
void jobs_add_word(struct buf *b, const char *word);

/* Run what was remembered: the experiment is open, `options` are words for each
 * run-one. Returns when all of them have ended, with an exit status. */
int jobs_run(struct jobs *j, const struct experiment *e, const struct buf *options);

/* ---- the other side: one of those that parallel starts ---- */

struct worker {
	int parent; /* parallel's process */
	int lock;   /* the experiment's, held by all of them together */
	int alive;
	int out, err;              /* where the session prints */
	long long environment, at; /* the places of ours, and of our line */
	struct share share;
};

/* From the option's value, as jobs_run wrote it. False: it is none. */
bool worker_read(struct worker *w, const char *text);

/* Print where the session prints, and give the runs the environment of the session.
 * 0, or -1 with a problem, which goes where the session's messages go. */
int worker_start(struct worker *w, struct problem *p);

#endif
