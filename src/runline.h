#ifndef RUNLINE_H
#define RUNLINE_H
/*
 * runline - a run line as run-one needs it: the fields it uses, checked, and the
 * command with its placeholders filled in.
 */
#include "base/json.h"

struct runline {
	struct json fields;   /* borrows from the line */
	char *run;            /* its id */
	char *experiment_dir; /* NULL: the line carries its config */
	char *config_path;    /* may be NULL */
	char *run_dir_parent; /* may be NULL */
	char *metrics_file;   /* may be NULL */
	char **argv;          /* NULL-terminated; filled in by runline_command */
};

/* Read a line. 0, or -1 with a problem that names what is wrong with it. Free it
 * in both cases. */
int runline_read(struct runline *l, const char *line, size_t len, struct problem *p);
void runline_free(struct runline *l);

/* Fill in argv. command: what stands behind --, or NULL for the line's own;
 * extra: arguments to append; config: the config file's path, or NULL. */
int runline_command(struct runline *l, char *const *command, const char *const *extra,
		    size_t extra_count, const char *config, struct problem *p);

/* Append "lr=0.1 seed=0": the swept values, for people; else the base config. */
void runline_params(const struct runline *l, struct buf *out);

#endif
