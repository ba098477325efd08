#ifndef LAYOUT_H
#define LAYOUT_H
/*
 * layout - the names of the files in an experiment directory, and of the directory itself, as in
 * sweeputils-format(5). No other C file has one of them in a string literal.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"

/* In the experiment directory, for openat below its descriptor, and for messages:
 * "%s/" LAYOUT_PLAN. */
#define LAYOUT_SPEC     "spec.yaml"       /* the spec, byte for byte */
#define LAYOUT_PLAN     "plan.jsonl"      /* a run line per run, written once */
#define LAYOUT_CONFIGS  "configs"         /* RUN.yaml or RUN.json: the resolved configs */
#define LAYOUT_RECORDS  "records"         /* the journals */
#define LAYOUT_LOGS     "logs"            /* RUN.log, and RUN.run_dir while the run is at work */
#define LAYOUT_LOCK     "lock"            /* held while run-one is at work */
#define LAYOUT_DOCUMENT "experiment.json" /* the fold of plan and records */
#define LAYOUT_SLURM    "slurm" /* what tasks of Slurm printed; exists if there were any */

/* In records/, beside RUN.jsonl. */
#define LAYOUT_EXPERIMENT "experiment.jsonl" /* of the experiment itself and its sessions */
#define LAYOUT_NOTES      "notes.jsonl"      /* notes, kept by meta-merge */

/* The directory that experiments are made in by default. */
#define LAYOUT_PARENT "experiments"
/* In the parent: held while an experiment is published. */
#define LAYOUT_PARENT_LOCK ".lock"
/* In an experiment that is being written (draft.h): says so, and is locked by its writer. */
#define LAYOUT_DRAFT ".publishing"

/* Append the path of a file of an experiment; all end with a NUL that is not counted, as
 * after buf_cstr. False: memory ran out, or had before. */
bool layout_add(struct buf *path, const char *dir, const char *name); /* DIR/NAME */
bool layout_add_record(struct buf *path, const char *dir, const char *run);
bool layout_add_log(struct buf *path, const char *dir, const char *run);
/* What $RUN_DIR_FILE names: a program may write its directory there. */
bool layout_add_run_dir_file(struct buf *path, const char *dir, const char *run);

/* The name of a run's journal in records/. */
bool layout_add_record_name(struct buf *name, const char *run, size_t len);

/* Is it the name of a journal: X.jsonl, where X does not begin with a dot? The length of X,
 * which is the run unless it is LAYOUT_EXPERIMENT or LAYOUT_NOTES; 0: it is none. */
size_t layout_record_run(const char *name);
/* The same of X.log. */
size_t layout_log_run(const char *name);
/* The name in records/ of a path relative to the experiment directory; NULL: another file. */
const char *layout_record_below(const char *path);

/* The length of DIR in DIR/lock. */
size_t layout_lock_dir(const char *lock);

/* Is it a name that can be part of a file name, as those of experiments and runs are? */
bool layout_name_is_good(const char *name);

/* Is it the name of a journal that is no run's, so that no run can have it? */
bool layout_run_is_reserved(const char *run);

/* ---- experiment directories: NAME_YYYYmmdd_HHMMSS, or _2, _3 ... behind it ---- */

/* Is the entry such a directory of the experiment `name`; of any, where that is NULL? */
bool layout_is_dir_of(const char *entry, const char *name);

/* The path for a new experiment below parent, with the local time, that does not exist. The
 * caller holds the lock of the parent (publish_lock), so that it stays free; or else makes it
 * with mkdir, and asks again where that says EEXIST. 0, or -1 with a problem. */
int layout_new_dir(const char *parent, const char *name, struct buf *dir, struct problem *p);

/* The experiment of exactly this name below parent that was made last, by what its records
 * say; of all, where name is NULL. 1 and its path; 0 if there is none; -1 with a problem. */
int layout_newest(const char *parent, const char *name, struct buf *dir, struct problem *p);

/* Does an experiment lie in the directory: a plan, a document or records? */
bool layout_is_experiment(const char *dir);
/* One with a plan, which can be resumed? 1, 0, or -1 with errno: it could not be accessed. */
int layout_has_plan(const char *dir);

/* The experiment that a word stands for: a directory (or DIR/experiment.json), one below
 * parent, or the newest of that name below it; "" or NULL: the newest of all. 0 and its path,
 * or -1 with a problem, EXIT_BAD_INPUT where there is none. */
int layout_find(const char *parent, const char *word, struct buf *dir, struct problem *p);

#endif
