#ifndef MODES_H
#define MODES_H
/*
 * modes - what `training` and `simulation` mean in a project: modes.yaml.
 *
 *     simulation:
 *       command: [python3, scripts/simulate.py, --config, "{config}"]
 *       flags: [--show, --advanced]
 *       run_dir: runs/{dataset}/{model}
 *       metrics: results/final.json       # in the run's directory, or
 *       metrics: {file: results/final.json, jq: .test}
 *
 * Without the file there are the two modes, neither with a command; simulation
 * takes the flags --show, --research_only, --no_confusion and --advanced, and
 * the run directory's parent is runs/{dataset}/{model} where the config has
 * both keys.
 */
#include "base/buf.h"
#include "spec/yamldoc.h"

struct modes {
	struct yamldoc doc;
	bool present; /* there is a file */
};

/* What one mode runs; borrows from struct modes. */
struct mode {
	yaml_id command;          /* a list of strings in the file, or 0 */
	yaml_id run_dir;          /* a string in the file, or 0 */
	yaml_id metrics;          /* a string or a map of file and jq, or 0 */
	const char *const *flags; /* without a file: NULL-terminated */
	yaml_id flag_list;        /* with a file: a list of strings, or 0 */
};

/* Read and check a whole modes.yaml; that it is missing is no error. 0, or -1
 * with a problem; free it in both cases. */
int modes_read(struct modes *m, const char *file, struct problem *p);
void modes_free(struct modes *m);

/* Look a mode up by name. False if there is none; `known` then lists the names. */
bool modes_find(const struct modes *m, const char *name, struct mode *mode, struct buf *known);

/* A checked list of strings, as commands and flags are: not empty if so asked,
 * every item a string or a number without NUL. `what` names it in messages. */
int modes_check_strings(const struct yamldoc *doc, yaml_id list, const char *what,
			bool may_be_empty, struct problem *p);

/* Checked likewise: where metrics are. */
int modes_check_metrics(const struct yamldoc *doc, yaml_id value, struct problem *p);

#endif
