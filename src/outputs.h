#ifndef OUTPUTS_H
#define OUTPUTS_H
/*
 * outputs - what a run has left: its directory, and the metrics in it; or why there are
 * none.
 */
#include "base/buf.h"
#include "run/owner.h"
#include "run/rundir.h"

/* Where to look. All borrowed. */
struct outputs_place {
	const char *run_dir_file; /* what $RUN_DIR_FILE named; removed once it is read */
	const int *logs;          /* the directory that it lies in, whatever its path says by now;
				   * or NULL */
	const char *parent;       /* the line's run_dir_parent, or NULL */
	bool by_default;          /* nobody has named it */
	const char *metrics_file; /* relative to the run's directory, or NULL: metrics.json */
	const char *before;       /* the directory of an earlier attempt, or NULL */
	struct rundir *rundir;    /* what was made meanwhile, or NULL */
	struct timespec since;    /* of a file that was written when the run started */
	struct owner owner;       /* what is known of the run; its metrics is filled in */
	bool completed;           /* only then metrics are missed */
	bool any;                 /* a jq expression makes metrics of whatever JSON it is */
};

struct outputs {
	char *run_dir;             /* NULL: none, or not known which */
	bool fresh;                /* made by this attempt, so that all in it is its own */
	struct rundir_names found; /* new directories, where it is not known */
	struct buf metrics;        /* the metrics file as one line, or empty */
	struct buf trouble;        /* why there are none, or empty */
};

/* Is the parent the run's own directory, since its path names the run? Then nothing has to
 * be watched. */
bool outputs_is_own(const char *parent, const char *run);

void outputs_find(struct outputs *o, const struct outputs_place *where);
void outputs_free(struct outputs *o);

/* Append the path of the metrics file of a run with that directory, or NULL. False: there
 * is none, or no memory. */
bool outputs_path(struct buf *path, const char *run_dir, const struct outputs_place *where);

/* Read the metrics, or say why they cannot be read. A file that was not changed since the
 * run started is another's result. */
void outputs_read_metrics(struct outputs *o, const struct outputs_place *where);

/* Metrics are expected of a run whose mode or spec says where they would be, and of one
 * that made a directory. Where there are none, and it is not said yet why, say it. */
void outputs_explain(struct outputs *o, const struct outputs_place *where);

/* Append the fields run_dir or run_dir_candidates, metrics or metrics_error. */
void outputs_write(const struct outputs *o, struct buf *b, bool with_metrics);

#endif
