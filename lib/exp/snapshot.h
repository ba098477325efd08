#ifndef SNAPSHOT_H
#define SNAPSHOT_H
/*
 * snapshot - an experiment directory's plan and records folded, and the fold kept
 * as its experiment.json.
 *
 * Nothing depends on experiment.json: it can be deleted at any moment and made
 * again from the plan and the records. Several writers of one are safe: a writer
 * that finds another file than it wrote, or saw before it read the directory, reads
 * the directory again first.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "exp/anchor.h"
#include "exp/fold.h"

struct snapshot {
	char *dir;
	char *file;           /* DIR/experiment.json, for messages */
	struct anchor anchor; /* the directory, which may get another name meanwhile */
	struct fold *fold;
	bool sync;
	bool read;  /* the directory has been folded */
	bool clean; /* what dead writers left beside the file is removed */
	bool there; /* `last` is the file as we wrote it, or as it was when we read */
	struct stat last;
	bool changed; /* since it was written */
};

/* 0, or -1 with a problem: the directory is not there (EXIT_BAD_INPUT) or memory
 * ran out. Free it in both cases. */
int snapshot_open(struct snapshot *s, const char *dir, bool sync, struct problem *p);
/* The same of a directory that is held already, and called dir in messages. */
int snapshot_open_at(struct snapshot *s, const char *dir, const struct anchor *held, bool sync,
		     struct problem *p);
void snapshot_free(struct snapshot *s);

/* Fold what lies in the directory. What cannot be read of a file is left out, and is one of
 * the fold's flaws. 0, or -1 with a problem: plan and records cannot be reached. */
int snapshot_read(struct snapshot *s, struct problem *p);

/* Fold these files of records/ again. 0, or -1 with a problem. */
int snapshot_read_records(struct snapshot *s, char *const *name, size_t count, struct problem *p);

/* Say of each run that is `running` whether its claim is held. Runs of another
 * machine are believed where the directory holds no journal of theirs. */
int snapshot_settle(struct snapshot *s, struct problem *p);

/* Replace experiment.json, settled; a link that stands there as well. */
int snapshot_write(struct snapshot *s, struct problem *p);

/* Replace the file that a user has named with the fold as it is. Where that is a link,
 * what it points to is replaced, and where it is a device or a pipe, written into
 * (snapshot_is_stream). */
bool snapshot_is_stream(const char *file);
int snapshot_write_to(struct fold *f, const char *file, bool sync, struct problem *p);

/* A sink for document_write: *context is a descriptor. */
bool snapshot_sink(void *context, const char *data, size_t len);

#endif
