#ifndef OUTPUTS_H
#define OUTPUTS_H
/*
 * outputs - what a run has left: its directory, and the metrics in it.
 */
#include "buf.h"
#include "rundir.h"

struct outputs {
	char *run_dir;             /* NULL: none, or not known which */
	struct rundir_names found; /* new directories, where it is not known */
	struct buf metrics;        /* the metrics file as one line, or empty */
	struct buf trouble;        /* why there are none, or empty */
};

/* run_dir_file: what $RUN_DIR_FILE named, removed once it is read. rundir: what was
 * there before, or NULL. config: the run's config, or NULL. shared: other runs may
 * make directories there at the same time. */
void outputs_find(struct outputs *o, const char *run_dir_file, struct rundir *rundir,
		  const char *config, bool shared);
void outputs_free(struct outputs *o);

/* Read the metrics in run_dir. file: relative to it, NULL for metrics.json.
 * any: whatever JSON it is, for a jq expression that makes an object of it. */
void outputs_read_metrics(struct outputs *o, const char *file, bool any);

/* Append the fields run_dir or run_dir_candidates, metrics or metrics_error. */
void outputs_write(const struct outputs *o, struct buf *b, bool with_metrics);

#endif
