#ifndef TOLD_H
#define TOLD_H
/* told - what a run line, or a run of experiment.json, says of the run's directory. */
#include "base/json.h"
#include "run/owner.h"

/* NULL where it does not say. */
struct told {
	char *run, *run_dir, *root, *config, *metrics_file;
	struct owner owner;
};

/* config: instead of the line's, or NULL. To be freed; the line has to stay as long. */
struct told told_by(const struct json *line, const char *config);
void told_free(struct told *t);

#endif
