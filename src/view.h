#ifndef VIEW_H
#define VIEW_H
/*
 * view - write an experiment as text for a terminal: progress, runs, the current log.
 */
#include "base/buf.h"
#include "base/json.h"

struct view {
	char *dir;
	struct buf text;      /* the document, experiment.json or what would be it */
	struct slice name;    /* raw */
	struct slice unread;  /* raw: files that could not be folded whole */
	struct slice *run;    /* raw, in the order of the document */
	unsigned char *ended; /* of each: 0, or the first letter of its status */
	size_t count, room;
	size_t completed, failed, interrupted, running;
	size_t current; /* the first running one, or the last that has ended */
	double seconds; /* that the completed ones took */
};

void view_init(struct view *v, const char *dir);
void view_free(struct view *v);

/* Read DIR/experiment.json, or, where it is not what meta-merge writes or `fold` is set,
 * fold what lies there. 0, or -1 with a problem; what was read before is then still there. */
int view_read(struct view *v, bool fold, struct problem *p);

/* Append the heading and at most `rows` lines of the table of runs, with the current
 * one in sight. */
void view_page(const struct view *v, size_t rows, struct buf *out);

/* Append the name and the last lines of the current run's log; nothing if there is
 * none. Of a line that a program has written over (a progress bar) what is seen last. */
void view_log(const struct view *v, size_t lines, struct buf *out);

/* Look into a run again; false: it is not what meta-merge writes. */
bool view_run(const struct view *v, size_t run, struct json *fields);

/* Append the path of a run's log; nothing if it has none. */
void view_log_path(const struct view *v, const struct json *run, struct buf *out);

/* Append "run_003 completed lr=0.1", one line. */
void view_end(const struct view *v, size_t run, struct buf *out);

#endif
