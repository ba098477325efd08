/*
 * run_setup - paths are absolute in the environment: a program may change its directory.
 */
#include "run_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "exp/layout.h"
#include "planned.h"
#include "spec/yamlread.h"

/* ---- the config ---- */

/* Where the line carries its config, or no directory can take the file that
 * $RUN_DIR_FILE names: a directory of our own. */
static int make_scratch(struct run *r, struct problem *p)
{
	const char *tmp = getenv("TMPDIR");
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/run-one.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!buf_cstr(&path))
		return problem_memory(p);
	if (!mkdtemp(path.data)) {
		problem_errno(p, "a temporary directory cannot be made as %s", path.data);
		buf_free(&path);
		return -1;
	}
	r->scratch = path.data;
	return 0;
}

static int write_config(struct run *r, struct slice yaml, struct problem *p)
{
	struct buf text = BUF_INIT, path = BUF_INIT;
	int rc = 0;
	char *base = json_dup(&r->l.fields, "base_config");
	buf_addf(&path, "%s/%s%s", r->scratch, r->l.run,
		 base && yamlread_is_json_name(base) ? ".json" : ".yaml");
	free(base);
	if (!buf_cstr(&path) || !json_decode(yaml, &text))
		rc = problem_set(p, EXIT_BAD_INPUT, "%s: config_yaml is not a string", r->l.run);
	else
		rc = file_create(AT_FDCWD, path.data, text.data, text.len, false, path.data, p);
	buf_free(&text);
	r->config = path.data;
	r->event.config_is_temporary = true;
	return rc;
}

int run_setup_config(struct run *r, struct problem *p)
{
	struct slice yaml = json_get(&r->l.fields, "config_yaml");
	if (r->l.experiment_dir && r->l.config_path) {
		r->config = strdup(r->l.config_path);
		return r->config ? 0 : problem_memory(p);
	}
	if (make_scratch(r, p) != 0)
		return -1;
	if (yaml.data)
		return write_config(r, yaml, p);
	if (r->l.config_path)
		r->config = strdup(r->l.config_path);
	return 0;
}

int run_setup_is_planned(struct run *r, struct problem *p)
{
	int rc = planned_config(&r->l, r->config, &r->problem);
	if (rc < 0)
		return problem_set(p, EXIT_IO, "%s",
				   buf_cstr(&r->problem) ? r->problem.data : "out of memory");
	if (rc > 0)
		return 1;
	buf_adds(&r->problem, "; restore it: ");
	planned_remedy(&r->l, r->config, &r->problem);
	return 0;
}

/* ---- the environment ---- */

static void add_variable(struct run *r, const char *name, const char *dir, const char *value)
{
	size_t i = 0;
	while (r->env[i])
		i++;
	buf_addf(&r->env_text[i], "%s=%s%s%s", name, dir ? dir : "", dir ? "/" : "", value);
	r->env[i] = buf_cstr(&r->env_text[i]);
}

/* The runs that it is part of, for who looks for what is left of one (kin.h, leftover.h). */
static bool add_run_within(struct run *r)
{
	struct buf all = BUF_INIT;
	const char *outer = getenv("RUN_WITHIN");
	buf_addf(&r->within, "%s/%s", r->s->claim.id, r->l.run);
	buf_addf(&all, "%s%s%s", outer ? outer : "", outer ? " " : "",
		 buf_cstr(&r->within) ? r->within.data : "");
	bool good = buf_cstr(&r->within) && buf_cstr(&all);
	if (good)
		add_variable(r, "RUN_WITHIN", NULL, all.data);
	buf_free(&all);
	return good;
}

static bool add_all(struct run *r, const char *cwd)
{
	char number[16];
	const char *file = r->run_dir_file.data, *dir = r->l.experiment_dir;
	snprintf(number, sizeof number, "%d", r->event.attempt);
	add_variable(r, "RUN_ID", NULL, r->l.run);
	add_variable(r, "RUN_ATTEMPT", NULL, number);
	add_variable(r, "RUN_DIR_FILE", *file == '/' ? NULL : cwd, file);
	if (r->config)
		add_variable(r, "RUN_CONFIG", *r->config == '/' ? NULL : cwd, r->config);
	if (dir)
		add_variable(r, "EXPERIMENT_DIR", *dir == '/' ? NULL : cwd, dir);
	if (dir && !add_run_within(r))
		return false;
	if (r->gpu.device)
		add_variable(r, "CUDA_VISIBLE_DEVICES", NULL, r->gpu.device);
	/* or the log would be empty until 8 KiB are there, and lost by SIGKILL */
	if (!getenv("PYTHONUNBUFFERED"))
		add_variable(r, "PYTHONUNBUFFERED", NULL, "1");
	for (size_t i = 0; i < sizeof r->env_text / sizeof *r->env_text; i++)
		if (r->env_text[i].failed) /* all behind it would be missing, too */
			return false;
	return true;
}

int run_setup_env(struct run *r, struct problem *p)
{
	const char *dir = r->l.experiment_dir, *cwd = path_current(false, p);
	if (!cwd)
		return -1;
	if (dir)
		layout_add_run_dir_file(&r->run_dir_file, dir, r->l.run);
	else
		buf_addf(&r->run_dir_file, "%s/run_dir", r->scratch);
	if (!buf_cstr(&r->run_dir_file) || !add_all(r, cwd))
		return problem_memory(p);
	const char *file = r->run_dir_file.data, *name = strrchr(file, '/') + 1;
	if ((dir ? unlinkat(r->s->claim.logs, name, 0) : unlink(file)) != 0 && errno != ENOENT)
		return problem_errno(p, "%s cannot be removed", file);
	return 0;
}
