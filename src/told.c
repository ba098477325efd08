/* told - the strings are copies; the params borrow from the line. */
#include "told.h"

#include <stdlib.h>

struct told told_by(const struct json *line, const char *config)
{
	struct told t = {json_dup(line, "run"),
			 json_dup(line, "run_dir"),
			 json_dup(line, "run_dir_parent"),
			 json_dup(line, "config_path"),
			 json_dup(line, "metrics_file"),
			 {0}};
	t.owner = (struct owner){.run = t.run,
				 .config = config ? config : t.config,
				 .params = json_get(line, "params")};
	return t;
}

void told_free(struct told *t)
{
	free(t->run);
	free(t->run_dir);
	free(t->root);
	free(t->config);
	free(t->metrics_file);
}
