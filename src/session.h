#ifndef SESSION_H
#define SESSION_H
/*
 * session - what all runs of one run-one have in common, and the lines that it writes about
 * the experiment itself.
 */
#include "claim.h"
#include "outbox.h"
#include "progress.h"
#include "run_options.h"
#include "runline.h"

struct session {
	const struct run_options *o;
	struct claim claim; /* the experiment that is open */
	struct outbox out;  /* events */
	struct outbox err;  /* progress, and what runs print (--verbose) */
	bool reader_told;   /* that nobody reads the events any more */
	struct progress progress;
	bool new_only;             /* of --new-first: skip what was ever started */
	bool recorded;             /* the line about the session is written */
	const char *queue;         /* to wait in before the first run, or NULL */
	uint64_t line;             /* the number of the last line that was read; 0: none */
	uint64_t started, refused; /* runs */
	uint64_t starts;           /* attempts that had a process */
	bool closed;               /* no more lines are taken */
	bool failed_fast;          /* nor are runs started that have not begun (--fail-fast) */
	struct problem why;        /* the last one that closed it */
	int status;                /* the exit status so far */
};

void session_init(struct session *s, const struct run_options *o);
void session_free(struct session *s);

/* Print lines on stdout; a reader that has gone is no problem. 0, or -1. */
int session_print(struct session *s, const char *line, size_t len, struct problem *p);

/* Write what can be written of what was printed. */
int session_flush(struct session *s, struct problem *p);

/* Have events and progress been read, so that a run may start? */
bool session_is_read(const struct session *s);

/* A run of the experiment is about to start, or a line about it is to be kept: a line about
 * the session comes first, once. 0, or -1 with a problem. */
int session_begin(struct session *s, const char *dir, struct problem *p);

/* A line without a run is kept with the experiment and passed on. 0, or -1. */
int session_pass_on(struct session *s, const struct runline *l, struct problem *p);

/* Before the first run: open the experiment and wait for our turn in the queue, with its lock
 * held: that is what those who come later wait for. 0; 1: stopped by a signal; -1. */
int session_wait_turn(struct session *s, const char *dir, struct problem *p);

/* Append where the lines come from, for messages. */
void session_add_input(const struct session *s, struct buf *text);

/* A run has failed: where that is asked for, start no other. */
void session_fail_fast(struct session *s);

/* Take no more lines, for this reason, which is said. */
void session_give_up(struct session *s, const struct problem *p);

/* The exit status, when all runs have ended. */
int session_status(struct session *s);

#endif
