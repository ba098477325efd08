/*
 * run - a slot keeps its device and its watch of directories from one run to the next.
 */
#include "run.h"

#include <stdlib.h>

#include "base/file.h"
#include "outputs.h"

void run_init(struct run *r, struct session *s, const char *device)
{
	*r = (struct run){.s = s, .journal = {.fd = -1}, .log = {.fd = -1}};
	gpu_init(&r->gpu, device);
	rundir_init(&r->rundir);
}

void run_free(struct run *r)
{
	run_clear_attempt(r);
	run_clear(r);
	gpu_free(&r->gpu);
	rundir_free(&r->rundir);
	buf_free(&r->line);
}

void run_clear_attempt(struct run *r)
{
	run_log_close(&r->log);
	buf_free(&r->run_dir_file);
	for (size_t i = 0; i < sizeof r->env_text / sizeof *r->env_text; i++) {
		buf_free(&r->env_text[i]);
		r->env[i] = NULL;
	}
	buf_free(&r->within);
	rundir_names_free(&r->seen);
	buf_free(&r->remark);
	buf_free(&r->problem);
	buf_free(&r->end);
	r->event.config_changed = false;
	r->company = false;
	r->look_at = 0;
}

void run_clear(struct run *r)
{
	if (r->scratch)
		file_remove_tree(r->scratch, NULL);
	free(r->scratch);
	free(r->config);
	free(r->run_dir);
	r->scratch = r->config = r->run_dir = NULL;
	journal_close(&r->journal);
	r->journal = (struct journal){.fd = -1};
	runline_free(&r->l);
	r->state = RUN_FREE;
}

bool run_is_watched(const struct run *r)
{
	return r->l.run_dir_parent && !outputs_is_own(r->l.run_dir_parent, r->l.run);
}
