#ifndef CLAIM_H
#define CLAIM_H
/*
 * claim - the experiment that run lines name, with its lock taken, and the claims on its runs.
 * One is open at a time; lines may go from one to the next.
 */
#include <stdbool.h>

#include "exp/anchor.h"
#include "base/buf.h"
#include "exp/journal.h"

struct claim {
	char *dir;          /* as the lines have it; NULL: none open */
	struct anchor home; /* the directory itself: others may rename it meanwhile */
	int lock;           /* held as long as it is open; inherited by every run */
	int records;        /* directory descriptors */
	int logs;
	bool own;        /* not shared */
	unsigned pasts;  /* journals that were synced before they were believed */
	bool all_synced; /* they all were, at once */
	bool names_synced;
	struct buf name;        /* of a journal, for the call at hand */
	struct buf made;        /* names of journals made ahead, each with its NUL */
	char records_name[272]; /* for messages */
	char id[64];            /* what it is known by wherever it is: device and inode */
};

void claim_init(struct claim *e);

/* Make `dir` the open one. shared: others may run other runs of it meanwhile.
 * 0; or -1 with a problem, EXIT_BUSY if somebody else is at work there. */
int claim_open(struct claim *e, const char *dir, bool shared, struct problem *p);
void claim_close(struct claim *e);

/* Does a name lead to the one that is open? */
bool claim_is(const struct claim *e, const char *dir);

/* Does its name still lead to it? Programs get their files by name. 0, or -1 with a problem
 * that says what became of it. */
int claim_check(const struct claim *e, struct problem *p);

/* Make the journals of runs to come, if the first of them has none, so that their
 * names are synced together: claim_make for each, then claim_sync_names.
 * Those that are empty still when the experiment is closed go. Not if it is shared. */
bool claim_lacks(struct claim *e, const char *run);
void claim_make(struct claim *e, const char *run);
int claim_sync_names(struct claim *e, struct problem *p);

/* Claim a run's journal, as journal_claim does. */
int claim_run(struct claim *e, struct journal *j, const char *run, bool sync, struct problem *p);

/* Append a line about the experiment itself to its own journal. */
int claim_append(struct claim *e, const char *line, size_t len, bool sync, struct problem *p);

#endif
