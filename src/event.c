/*
 * event - how the lines are written that tell what happens to a run.
 */
#include "event.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "exp/row.h"
#include "exp/origin.h"
#include "exp/status.h"
#include "base/template.h"
#include "base/clock.h"

/* ---- both lines ---- */

static void begin(struct buf *b, const struct event *e, enum run_status status)
{
	buf_adds(b, "{\"run\":");
	json_add_string(b, e->l->run, strlen(e->l->run));
	if (e->l->experiment_dir)
		json_add_str_field(b, "experiment_dir", e->l->experiment_dir);
	json_add_int_field(b, "attempt", e->attempt);
	json_add_str_field(b, "status", status_names[status]);
}

static void finish_line(struct buf *b)
{
	buf_adds(b, ",\"format\":1}\n");
}

/* ---- the start ---- */

static void add_slurm(struct buf *b)
{
	static const char *const fields[][2] = {{"slurm_job_id", "SLURM_JOB_ID"},
						{"slurm_array_job_id", "SLURM_ARRAY_JOB_ID"},
						{"slurm_array_task_id", "SLURM_ARRAY_TASK_ID"},
						{"node", "SLURMD_NODENAME"}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const char *value = getenv(fields[i][1]);
		if (value)
			json_add_str_field(b, fields[i][0], value);
	}
}

/* Without a directory there is no plan to fold with: the event carries the run
 * line, so that it is one itself. */
static void add_line(struct buf *b, const struct runline *l)
{
	static const char *const own[] = {"run", "format", "command"};
	for (size_t i = 0; i < l->fields.count; i++) {
		const struct json_field *f = &l->fields.field[i];
		bool skip = keys_names_outcome(f->key);
		for (size_t k = 0; k < sizeof own / sizeof *own; k++)
			skip |= f->key.len == strlen(own[k]) &&
				memcmp(f->key.data, own[k], f->key.len) == 0;
		if (skip)
			continue;
		buf_adds(b, ",\"");
		buf_add(b, f->key.data, f->key.len);
		buf_adds(b, "\":");
		buf_add(b, f->value.data, f->value.len);
	}
}

/* An argument as a run line has it: a temporary config file is {config} there. */
static void add_template(struct buf *b, const struct event *e, const char *arg)
{
	struct buf text = BUF_INIT;
	for (const char *at; (at = strstr(arg, e->config)); arg = at + strlen(e->config)) {
		template_quote(&text, arg, (size_t)(at - arg));
		buf_adds(&text, "{config}");
	}
	template_quote(&text, arg, strlen(arg));
	if (buf_cstr(&text))
		json_add_string(b, text.data, text.len);
	else
		b->failed = true;
	buf_free(&text);
}

static void add_command(struct buf *b, const struct event *e)
{
	json_add_key(b, "command");
	for (char **arg = e->l->argv; *arg; arg++) {
		buf_addc(b, arg == e->l->argv ? '[' : ',');
		if (e->config_is_temporary)
			add_template(b, e, *arg);
		else
			json_add_string(b, *arg, strlen(*arg));
	}
	buf_addc(b, ']');
}

void event_start(const struct event *e, struct buf *b)
{
	char now[CLOCK_TEXT_SIZE];
	clock_text(now);
	begin(b, e, STATUS_RUNNING);
	json_add_str_field(b, "started_at", now);
	json_add_str_field(b, "host", origin_host());
	if (*origin_boot_id())
		json_add_str_field(b, "boot_id", origin_boot_id());
	add_command(b, e);
	if (!e->l->experiment_dir)
		add_line(b, e->l);
	if (e->log_path)
		json_add_str_field(b, "log_path", e->log_path);
	if (e->gpu)
		json_add_str_field(b, "gpu", e->gpu);
	add_slurm(b);
	finish_line(b);
}

/* ---- the end ---- */

/* The exit status as a shell has it. */
static int return_code(const struct event *e)
{
	if (e->start_error)
		return e->start_error == ENOENT || e->start_error == ENOTDIR ? 127 : 126;
	if (WIFSIGNALED(e->end.status))
		return 128 + WTERMSIG(e->end.status);
	return WEXITSTATUS(e->end.status);
}

static const char *signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {{SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
		     {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
		     {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"}, {SIGSEGV, "SIGSEGV"},
		     {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
		     {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}, {SIGXCPU, "SIGXCPU"},
		     {SIGXFSZ, "SIGXFSZ"}, {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

const char *event_reason(const struct event *e)
{
	if (e->start_error)
		return "not_started";
	if (e->end.stopped_by)
		return "interrupted";
	if (e->end.timed_out)
		return "timeout";
	if (WIFSIGNALED(e->end.status))
		return "signal";
	return WEXITSTATUS(e->end.status) != 0 ? "exit" : NULL;
}

static void add_failure(const struct event *e, struct buf *b, const char *reason)
{
	json_add_str_field(b, "reason", reason);
	if (e->problem) {
		struct buf text = BUF_INIT;
		buf_addf(&text, "%s%s%s", e->refused ? "" : e->l->argv[0], e->refused ? "" : ": ",
			 e->problem);
		if (buf_cstr(&text))
			json_add_str_field(b, "error", text.data);
		buf_free(&text);
	}
	if (!e->start_error && WIFSIGNALED(e->end.status)) {
		const char *name = signal_name(WTERMSIG(e->end.status));
		if (name)
			json_add_str_field(b, "signal", name);
		else
			json_add_int_field(b, "signal", WTERMSIG(e->end.status));
	}
}

static void add_seconds(struct buf *b, const char *key, double seconds)
{
	json_add_key(b, key);
	buf_addf(b, "%.3f", seconds);
}

static double cpu_seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

void event_end(const struct event *e, const char *at, const struct outputs *o, bool with_metrics,
	       struct buf *b)
{
	const char *reason = event_reason(e);
	begin(b, e, reason ? STATUS_FAILED : STATUS_COMPLETED);
	json_add_str_field(b, "completed_at", at);
	json_add_int_field(b, "return_code", return_code(e));
	if (reason)
		add_failure(e, b, reason);
	add_seconds(b, "duration_s", e->end.duration);
	outputs_write(o, b, with_metrics);
	if (!e->start_error) {
		add_seconds(b, "user_s", cpu_seconds(e->end.usage.ru_utime));
		add_seconds(b, "system_s", cpu_seconds(e->end.usage.ru_stime));
		json_add_int_field(b, "max_rss_kb", e->end.usage.ru_maxrss);
	}
	if (e->end.leftovers)
		json_add_int_field(b, "leftovers", (int64_t)e->end.leftovers);
	if (e->end.survivors)
		json_add_int_field(b, "survivors", (int64_t)e->end.survivors);
	if (e->config_changed)
		buf_adds(b, ",\"config_changed\":true");
	finish_line(b);
}

void event_describe(const struct event *e, char *out, size_t size)
{
	const char *reason = event_reason(e);
	const char *name = WIFSIGNALED(e->end.status) ? signal_name(WTERMSIG(e->end.status)) : NULL;
	if (!reason)
		snprintf(out, size, "completed");
	else if (strcmp(reason, "interrupted") == 0)
		snprintf(out, size, "interrupted");
	else if (e->refused)
		snprintf(out, size, "failed (%s)", e->problem);
	else if (e->problem)
		snprintf(out, size, "failed (%s: %s)", e->l->argv[0], e->problem);
	else if (strcmp(reason, "exit") == 0)
		snprintf(out, size, "failed (exit %d)", return_code(e));
	else if (strcmp(reason, "signal") == 0)
		snprintf(out, size, "failed (%s)", name ? name : "signal");
	else
		snprintf(out, size, "failed (%s)", reason);
}
