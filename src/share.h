#ifndef SHARE_H
#define SHARE_H
/*
 * share - what the run-ones of one session with --jobs have in common: the run
 * lines, whose turn it is to print, and how many runs have ended.
 *
 * A temporary file without a name, known by its inherited descriptor. What is in it
 * is found by its place. The turn is a classic record lock of fcntl(2), which
 * belongs to a process and not to the descriptor, so that those who inherited one
 * descriptor exclude each other, and a process that dies gives it up.
 *
 * Where there is no session, fd is -1 and a turn costs nothing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/problem.h"

struct tally {
	uint64_t jobs;     /* runs at once */
	uint64_t expected; /* runs to be started */
	uint64_t workers;  /* run-ones that were started */
	uint64_t done;     /* of them, those that have ended by themselves */
	uint64_t ended;    /* runs that have ended */
	uint64_t timed;    /* of them, those that completed: the others tell no time */
	uint64_t failed;   /* runs that have failed */
	uint64_t lost;     /* run-ones that could not write or read */
	double seconds;    /* that those that completed took together */
};

struct share {
	int fd;
	off_t size;
	uint64_t workers; /* as we were started */
	bool alone;       /* all before us had ended */
};

/* 0, or -1 with a problem. */
int share_create(struct share *s, struct problem *p);
void share_close(struct share *s);

/* Append something; *at is its place. */
int share_add(struct share *s, const void *data, size_t len, off_t *at, struct problem *p);

/* Append to out what is at a place, up to one or two bytes that end it. */
int share_until(const struct share *s, off_t at, const char *end, size_t end_len, struct buf *out,
		struct problem *p);

/* What is written between the two is not mixed with what others write. A turn in a turn
 * is the same one. share_begin waits, since who has the turn may wait for a reader; false:
 * a signal has ended that (wait.h), and it is not our turn. share_try does not wait. */
bool share_begin(const struct share *s);
bool share_try(const struct share *s);
void share_end(const struct share *s);

/* The signal that ended the session, for those who learn of it by another one; 0: none
 * is known. Told once, before they do, and without a turn, which a stopped process may
 * have. */
void share_tell_stop(const struct share *s, int number);
int share_stop(const struct share *s);

/* That whoever ended it asks again: two signals may come to one who is slow as one. */
void share_tell_again(const struct share *s);
bool share_stop_again(const struct share *s);

/* One more of each: a worker begins, a run has failed, a worker could not write or read,
 * a worker ends. */
void share_count_worker(struct share *s);
void share_count_failed(const struct share *s);
void share_count_lost(const struct share *s);
void share_count_done(const struct share *s);

/* Was no other run of the session alive since our worker began? */
bool share_was_alone(const struct share *s);

/* Inside a turn. */
struct tally share_tally(const struct share *s);
void share_set_tally(const struct share *s, const struct tally *t);

#endif
