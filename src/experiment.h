#ifndef EXPERIMENT_H
#define EXPERIMENT_H
/*
 * experiment - the directory that run lines name: its lock, and where journals
 * and logs lie. One is open at a time; lines may go from one to the next.
 */
#include <stdbool.h>

#include "exp/anchor.h"
#include "base/buf.h"
#include "exp/journal.h"

struct experiment {
	char *dir;          /* as the lines have it; NULL: none open */
	struct anchor home; /* the directory itself: others may rename it meanwhile */
	int lock;           /* held as long as it is open; inherited by every run */
	int given;          /* a descriptor with the lock already taken, or -1 */
	int records;        /* directory descriptors */
	int logs;
	bool own;        /* not shared */
	unsigned pasts;  /* journals that were synced before they were believed */
	bool all_synced; /* they all were, at once */
	bool names_synced;
	struct buf made;        /* names of journals made ahead, each with its NUL */
	char records_name[272]; /* for messages */
	char id[64];            /* what it is known by wherever it is: device and inode */
};

void experiment_init(struct experiment *e);

/* Make `dir` the open one. shared: others may run other runs of it meanwhile.
 * 0; or -1 with a problem, EXIT_BUSY if somebody else is at work there. */
int experiment_open(struct experiment *e, const char *dir, bool shared, struct problem *p);
void experiment_close(struct experiment *e);

/* Does a name lead to the one that is open? */
bool experiment_is(const struct experiment *e, const char *dir);

/* Does its name still lead to it? Programs get their files by name. 0, or -1 with a problem
 * that says what became of it. */
int experiment_check(const struct experiment *e, struct problem *p);

/* Make the journals of runs to come, if the first of them has none, so that their
 * names are synced together: experiment_make for each, then experiment_sync_names.
 * Those that are empty still when the experiment is closed go. Not if it is shared. */
bool experiment_lacks(struct experiment *e, const char *run);
void experiment_make(struct experiment *e, const char *run);
int experiment_sync_names(struct experiment *e, struct problem *p);

/* Append the names of the runs whose journals are claimed, "run_000, run_003". */
void experiment_claimed(const char *dir, struct buf *out);

/* Claim a run's journal, as journal_claim does. */
int experiment_claim(struct experiment *e, struct journal *j, const char *run, bool sync,
		     struct problem *p);

/* Append a line about the experiment itself to its own journal. */
int experiment_append(struct experiment *e, const char *line, size_t len, bool sync,
		      struct problem *p);

#endif
