#ifndef JOURNAL_H
#define JOURNAL_H
/*
 * journal - what happened to one run, appended line by line, and the claim on
 * the run: whoever holds the lock on its journal may start it, nobody else.
 *
 * The descriptor is meant to be inherited by the run's process: the claim then
 * lives exactly as long as any process of the run does.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"
#include "exp/status.h"

/* What has to be synced. */
enum {
	JOURNAL_NO_SYNC = 0,
	JOURNAL_SYNC = 1,        /* what is written; and unless the next two say that they are
				  * on disk already: */
	JOURNAL_PAST_SYNCED = 2, /* what is read, */
	JOURNAL_NAMES_SYNCED = 4 /* and the names of journals that are there */
};

struct journal {
	int fd;     /* -1: not open */
	int dir;    /* directory it lies in, borrowed */
	off_t size; /* bytes of whole lines */
	off_t room; /* there is room until here, where it can be kept; journal_reserve */
	bool torn;  /* after the whole lines is a part of one, which is still to be cut off */
	bool fresh; /* its name may not be on disk yet */
	bool sync;
	char name[272];         /* for messages: DIR/NAME */
	int attempt;            /* the highest so far, 0 if none */
	enum run_status status; /* as the fold has it; STATUS_NONE: no event yet */
	bool may_live;          /* the last event is `running`, or an end that SIGKILL did
				 * not bring to all processes of the run */
	char *run_dir;          /* that the last event to name one named, or NULL; owned */
};

/* Open (or make) the journal and take the lock; then, with the lock held, make
 * sure that what is read is on disk, cut off a torn last line, and read what
 * happened so far. dir: the records directory, dir_name its name in messages;
 * name: the file in it.
 * 0: claimed; 1: somebody else holds the claim (not open); -1: a problem. */
int journal_claim(struct journal *j, int dir, const char *dir_name, const char *name, unsigned sync,
		  struct problem *p);

/* The same for a journal that several processes write to, which claim it for a few lines: wait
 * until the claim is free. 0; -1 with a problem, also when a signal ended the wait (wait.h). */
int journal_claim_waiting(struct journal *j, int dir, const char *dir_name, const char *name,
			  unsigned sync, struct problem *p);

/* Before a process inherits it: a number of 100 or more, where that can be had, which no
 * program expects; and room for so many bytes more, so that a disk that fills up while the
 * run is at work does not keep its result from being recorded. Some file systems keep none
 * (sweeputils-format(5)), and say nothing. -1 with a problem: there is no room, or the file
 * may not grow so far (RLIMIT_FSIZE, as it was at the first call). */
int journal_reserve(struct journal *j, size_t bytes, struct problem *p);

/* Append one line, newline included, in one write; on disk when this returns 0 (with sync).
 * 1 with a problem: there is no room (ENOSPC, EDQUOT, EFBIG); nothing of the line counts,
 * and it can be appended again as soon as there is. -1 with a problem: what the disk holds
 * is unknown; stop. */
int journal_append(struct journal *j, const char *line, size_t len, struct problem *p);

/* Cut the journal back to this size: the lines after it must not have been printed. 0, or -1
 * with a problem. */
int journal_retract(struct journal *j, off_t size, struct problem *p);

/* may_live of the journal at this path, without a claim: it may have changed when this returns.
 * False where it cannot be read, too. */
bool journal_may_live(const char *path);

/* Close; the lock goes when the last process that inherited it goes. */
void journal_close(struct journal *j);

#endif
