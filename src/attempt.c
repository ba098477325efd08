/*
 * attempt - the order is the promise: the start is on disk before the program
 * runs, the end is on disk before it is printed, and nothing new is started
 * when a record could not be written.
 */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "endline.h"
#include "event.h"
#include "base/file.h"
#include "run/spawn.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "base/logtail.h"
#include "outputs.h"
#include "base/path.h"
#include "exp/row.h"
#include "planned.h"
#include "run/sight.h"
#include "exp/status.h"
#include "base/wait.h"
#include "whynot.h"
#include "spec/yamlread.h"
#include "base/clock.h"

/* An ordinary end of a run is no longer; with its start it is one block of most disks. */
enum { START_ROOM = 1024, END_ROOM = 3072 };

enum { FOLLOW_CHUNK = 8192, MAX_SHOWN = 1 << 20, REASON_COLUMNS = 120 };

struct attempt {
	struct runner *r;
	struct runline *l;
	struct journal journal; /* fd -1 without an experiment */
	int log;                /* the command's output */
	off_t log_from;         /* where this attempt's output begins */
	char *config;           /* the config file's path */
	char *scratch;          /* a temporary directory of ours, or NULL */
	struct buf log_path;    /* empty without an experiment */
	struct buf run_dir_file;
	struct buf env_text[8];
	const char *env[9];
	struct event event;       /* what there is to tell of it */
	struct buf problem;       /* why it could not be started, or empty */
	char *run_dir;            /* of the attempt before, or NULL */
	struct rundir_names seen; /* directories that its processes worked in */
	struct buf remark;        /* what is to be said of how it ended, or empty */
	pid_t pid;                /* of the run's main process */
	size_t start_size;        /* of the event that tells of its start */
	struct buf start;         /* the event, until it is printed */
	int tries_left;           /* if it fails */
	struct problem *p;
};

void runner_init(struct runner *r)
{
	*r = (struct runner){.grace = 10, .sync = true, .gpu_lock = -1, .share = {.fd = -1}};
	r->progress.share = &r->share;
	experiment_init(&r->experiment);
	rundir_init(&r->rundir);
}

void runner_free(struct runner *r)
{
	experiment_close(&r->experiment);
	rundir_free(&r->rundir);
}

int runner_print(struct runner *r, const char *line, size_t len, struct problem *p)
{
	int rc = r->reader_gone ? 0 : share_begin(&r->share) ? -1 : 1;
	if (rc < 0) {
		rc = wait_write(STDOUT_FILENO, line, len);
		share_end(&r->share);
	}
	r->reader_gone |= rc > 0; /* we end */
	if (rc >= 0)
		return 0;
	if (errno != EPIPE)
		return problem_errno(p, "standard output cannot be written");
	r->reader_gone = true;
	cli_note("nobody reads the events any more; they are in the journals, and the runs go on");
	return 0;
}

/* ---- events ---- */

static int print_event(struct attempt *a, struct buf *b)
{
	int rc = runner_print(a->r, b->data, b->len, a->p);
	buf_free(b);
	return rc;
}

static int record_start(struct attempt *a)
{
	event_start(&a->event, &a->start);
	if (a->start.failed)
		return problem_memory(a->p);
	if (a->journal.fd < 0)
		return 0;
	return journal_append(&a->journal, a->start.data, a->start.len, a->p) == 0 ? 0 : -1;
}

static int print_start(struct attempt *a)
{
	int rc = a->start.len ? print_event(a, &a->start) : 0;
	if (rc == 0)
		progress_start(&a->r->progress, a->l, a->event.attempt);
	return rc;
}

/* The time of a file that was written when the run started: its journal, or else the
 * config that was made for it. Zero: there is none. */
static struct timespec start_mark(const struct attempt *a)
{
	struct stat st = {0};
	int rc = -1;
	if (a->journal.fd >= 0)
		rc = fstat(a->journal.fd, &st);
	else if (a->event.config_is_temporary)
		rc = stat(a->config, &st);
	return rc == 0 ? st.st_mtim : (struct timespec){0};
}

/* May others have made directories beside the run's? */
static bool is_shared(const struct attempt *a)
{
	return a->r->shared && !share_was_alone(&a->r->share);
}

static bool is_watched(const struct attempt *a)
{
	const struct runline *l = a->l;
	return l->run_dir_parent && !outputs_is_own(l->run_dir_parent, l->run);
}

/* What the run has left. With an expression, jq reads the metrics: sweep-metrics. */
static void look_at_outputs(struct attempt *a, struct outputs *o)
{
	const struct runline *l = a->l;
	struct outputs_place where = {.run_dir_file = a->run_dir_file.data,
				      .logs = l->experiment_dir ? &a->r->experiment.logs : NULL,
				      .parent = l->run_dir_parent,
				      .by_default = json_get(&l->fields, "run_dir_default").data,
				      .metrics_file = l->metrics_file,
				      .before = a->run_dir ? a->run_dir : a->journal.run_dir,
				      .rundir = is_watched(a) ? &a->r->rundir : NULL,
				      .completed = !event_reason(&a->event)};
	where.owner = (struct owner){.run = l->run,
				     .config = a->config,
				     .params = json_get(&l->fields, "params"),
				     .seen = &a->seen,
				     .shared = is_shared(a)};
	where.since = start_mark(a);
	outputs_find(o, &where);
	if (!json_get(&l->fields, "metrics_jq").data)
		outputs_read_metrics(o, &where);
	outputs_explain(o, &where);
	free(a->run_dir);
	a->run_dir = o->run_dir ? strdup(o->run_dir) : NULL;
	if (where.completed && o->trouble.len)
		buf_addf(&a->remark, "no metrics: %.*s", (int)o->trouble.len, o->trouble.data);
}

/* A program that changes its config would get the changed one in its next attempt. Where
 * the experiment was renamed meanwhile, its config is not where the run found it. */
static void look_at_config(struct attempt *a)
{
	static bool told;
	struct buf why = BUF_INIT;
	struct problem moved;
	a->event.config_changed = planned_config(a->l, a->config, &why) == 0 &&
				  experiment_check(&a->r->experiment, &moved) == 0;
	if (a->event.config_changed && !told) {
		buf_adds(&why, "; restore it before the run is tried again: ");
		planned_remedy(a->l, a->config, &why);
		cli_note("%s: %s", a->l->run, buf_cstr(&why) ? why.data : "its config changed");
		told = true;
	}
	buf_free(&why);
}

/* Metrics for which there is no room are left in their file. */
static void write_end(struct attempt *a, struct buf *b)
{
	struct journal *j = &a->journal;
	struct outputs o = {0};
	struct problem ignored;
	char now[CLOCK_TEXT_SIZE];
	clock_text(now);
	if (!a->event.start_error) {
		look_at_outputs(a, &o);
		look_at_config(a);
	}
	event_end(&a->event, now, &o, true, b);
	if (j->fd >= 0 && j->size + (off_t)b->len > j->room &&
	    journal_reserve(j, b->len, &ignored) != 0) {
		buf_clear(b);
		event_end(&a->event, now, &o, false, b);
	}
	outputs_free(&o);
}

static int record_end(struct attempt *a)
{
	struct buf b = BUF_INIT;
	write_end(a, &b);
	int rc = b.failed ? problem_memory(a->p) : 0;
	if (rc == 0 && a->journal.fd >= 0)
		rc = endline_append(&a->journal, a->l->run, &b, a->p);
	if (rc == 0)
		return print_event(a, &b);
	buf_free(&b);
	return -1;
}

/* ---- what the command gets ---- */

/* Where the line carries its config, or no directory can take the file that
 * $RUN_DIR_FILE names: a directory of our own. */
static int make_scratch(struct attempt *a)
{
	const char *tmp = getenv("TMPDIR");
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/run-one.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!buf_cstr(&path))
		return problem_memory(a->p);
	if (!mkdtemp(path.data)) {
		problem_errno(a->p, "a temporary directory cannot be made as %s", path.data);
		buf_free(&path);
		return -1;
	}
	a->scratch = path.data;
	return 0;
}

static int write_config(struct attempt *a, struct slice yaml)
{
	struct buf text = BUF_INIT, path = BUF_INIT;
	int rc = 0;
	char *base = json_dup(&a->l->fields, "base_config");
	buf_addf(&path, "%s/%s%s", a->scratch, a->l->run,
		 base && yamlread_is_json_name(base) ? ".json" : ".yaml");
	free(base);
	if (!buf_cstr(&path) || !json_decode(yaml, &text))
		rc = problem_set(a->p, EXIT_BAD_INPUT, "%s: config_yaml is not a string",
				 a->l->run);
	else
		rc = file_create(AT_FDCWD, path.data, text.data, text.len, false, path.data, a->p);
	buf_free(&text);
	a->config = path.data;
	a->event.config_is_temporary = true;
	return rc;
}

static int find_config(struct attempt *a)
{
	struct slice yaml = json_get(&a->l->fields, "config_yaml");
	if (a->l->experiment_dir && a->l->config_path) {
		a->config = strdup(a->l->config_path);
		return a->config ? 0 : problem_memory(a->p);
	}
	if (make_scratch(a) != 0)
		return -1;
	if (yaml.data)
		return write_config(a, yaml);
	if (a->l->config_path)
		a->config = strdup(a->l->config_path);
	return 0;
}

/* Attempts are told apart in the log, which has what the first one printed as it was. */
static int mark_attempt(struct attempt *a)
{
	struct buf line = BUF_INIT;
	char last = '\n';
	off_t end = lseek(a->log, 0, SEEK_END);
	if (end > 0 && pread(a->log, &last, 1, end - 1) == 1 && last != '\n')
		buf_addc(&line, '\n');
	logtail_mark(&line, a->event.attempt);
	int rc = buf_cstr(&line) ? 0 : problem_memory(a->p);
	if (rc == 0 && file_write_all(a->log, line.data, line.len) != 0)
		rc = problem_errno(a->p, "%s cannot be written", a->log_path.data);
	buf_free(&line);
	return rc;
}

static int name_log(struct attempt *a)
{
	if (!a->l->experiment_dir)
		return 0;
	buf_addf(&a->log_path, "%s/logs/%s.log", a->l->experiment_dir, a->l->run);
	a->event.log_path = buf_cstr(&a->log_path);
	return a->event.log_path ? 0 : problem_memory(a->p);
}

/* What is there already may be no log: a FIFO would stop the run. */
static int open_log(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	if (fd >= 0 || errno != EEXIST)
		return fd;
	fd = file_open_own(dir, name, O_APPEND, NULL);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND); /* blocking, as programs expect it */
	return fd;
}

static int open_output(struct attempt *a)
{
	if (!a->l->experiment_dir) {
		a->log = STDERR_FILENO;
		return 0;
	}
	int rc = 0;
	const char *name = strrchr(a->log_path.data, '/') + 1;
	a->log = open_log(a->r->experiment.logs, name);
	if (a->log < 0)
		rc = file_problem(a->p, a->log_path.data, "opened");
	else if (a->event.attempt > 1)
		rc = mark_attempt(a);
	if (rc == 0 && a->r->verbose)
		a->log_from = lseek(a->log, 0, SEEK_END);
	return rc;
}

static void add_env(struct attempt *a, const char *name, const char *dir, const char *value)
{
	size_t i = 0;
	while (a->env[i])
		i++;
	buf_addf(&a->env_text[i], "%s=%s%s%s", name, dir ? dir : "", dir ? "/" : "", value);
	a->env[i] = buf_cstr(&a->env_text[i]);
}

/* The runs that it is part of, for who looks for what is left of one (leftover.h). */
static bool add_within(struct attempt *a)
{
	struct buf within = BUF_INIT;
	const char *outer = getenv("RUN_WITHIN");
	buf_addf(&within, "%s%s%s", outer ? outer : "", outer ? " " : "", a->r->experiment.id);
	bool good = buf_cstr(&within);
	if (good)
		add_env(a, "RUN_WITHIN", within.data, a->l->run);
	buf_free(&within);
	return good;
}

/* Paths are absolute in the environment: a program may change its directory. */
static int set_env(struct attempt *a)
{
	char number[16];
	const char *cwd = path_current(false, a->p);
	if (!cwd)
		return -1;
	if (a->l->experiment_dir)
		buf_addf(&a->run_dir_file, "%s/logs/%s.run_dir", a->l->experiment_dir, a->l->run);
	else
		buf_addf(&a->run_dir_file, "%s/run_dir", a->scratch);
	if (!buf_cstr(&a->run_dir_file))
		return problem_memory(a->p);
	const char *file = a->run_dir_file.data, *dir = a->l->experiment_dir;
	snprintf(number, sizeof number, "%d", a->event.attempt);
	add_env(a, "RUN_ID", NULL, a->l->run);
	add_env(a, "RUN_ATTEMPT", NULL, number);
	add_env(a, "RUN_DIR_FILE", *file == '/' ? NULL : cwd, file);
	if (a->config)
		add_env(a, "RUN_CONFIG", *a->config == '/' ? NULL : cwd, a->config);
	if (dir)
		add_env(a, "EXPERIMENT_DIR", *dir == '/' ? NULL : cwd, dir);
	if (dir && !add_within(a))
		return problem_memory(a->p);
	if (a->r->gpu)
		add_env(a, "CUDA_VISIBLE_DEVICES", NULL, a->r->gpu);
	/* or the log would be empty until 8 KiB are there, and lost by SIGKILL */
	if (!getenv("PYTHONUNBUFFERED"))
		add_env(a, "PYTHONUNBUFFERED", NULL, "1");
	for (size_t i = 0; i < sizeof a->env_text / sizeof *a->env_text; i++)
		if (a->env_text[i].failed) /* all behind it would be missing, too */
			return problem_memory(a->p);
	const char *name = strrchr(file, '/') + 1;
	if ((dir ? unlinkat(a->r->experiment.logs, name, 0) : unlink(file)) != 0 && errno != ENOENT)
		return problem_errno(a->p, "%s cannot be removed", file);
	return 0;
}

/* ---- follow ---- */

/* How much of it is to be shown now: whole lines where other runs are shown, too, but
 * for one that does not end. */
static size_t presentable(const struct attempt *a, const struct buf *text)
{
	size_t whole = text->len;
	if (a->r->share.fd < 0)
		return whole;
	while (whole && text->data[whole - 1] != '\n')
		whole--;
	return whole || text->len < MAX_SHOWN ? whole : text->len;
}

static void show(struct attempt *a, const struct buf *text, size_t len)
{
	if (!share_begin(&a->r->share))
		return;
	wait_write(STDERR_FILENO, text->data, len);
	share_end(&a->r->share);
}

/* Read on in the log, from where text ends. False: there is no more. */
static bool read_on(const struct attempt *a, struct buf *text)
{
	if (!buf_reserve(text, FOLLOW_CHUNK))
		return false;
	ssize_t n =
		pread(a->log, text->data + text->len, FOLLOW_CHUNK, a->log_from + (off_t)text->len);
	text->len += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* Copy what the log has grown by to stderr. */
static void follow(struct attempt *a)
{
	struct buf text = BUF_INIT;
	while (read_on(a, &text)) {
		size_t shown = presentable(a, &text);
		if (!shown)
			continue; /* the line goes on */
		show(a, &text, shown);
		a->log_from += (off_t)shown;
		buf_clear(&text);
	}
	buf_free(&text);
}

/* A last line that was not ended. */
static void follow_rest(struct attempt *a)
{
	struct buf text = BUF_INIT;
	if (a->r->share.fd >= 0)
		while (read_on(a, &text))
			;
	if (text.len) {
		buf_addc(&text, '\n');
		if (!text.failed)
			show(a, &text, text.len);
	}
	buf_free(&text);
}

/* ---- one try ---- */

/* Whose is a directory that was made just now? As long as the run's processes are there,
 * they can be asked; afterwards others may have made one, too. */
static void look_whose(struct attempt *a)
{
	if (a->seen.count == 0 && rundir_count(&a->r->rundir) > 0)
		sight_look(a->pid, a->l->run_dir_parent, &a->seen);
}

/* Some five times a second. */
static void look_on(void *context)
{
	struct attempt *a = context;
	if (a->r->verbose && a->log_path.len)
		follow(a);
	if (is_watched(a))
		look_whose(a);
}

/* Can what tells of the start be printed without waiting for a reader? */
static bool has_room(const struct attempt *a)
{
	const struct runner *r = a->r;
	return (r->reader_gone || wait_has_room(STDOUT_FILENO, a->start_size)) &&
	       (!r->progress.on || wait_has_room(STDERR_FILENO, 1));
}

/* Nothing is started as long as nobody reads what was printed. False: a signal has ended
 * the wait. */
static bool wait_for_readers(struct attempt *a)
{
	const struct runner *r = a->r;
	return has_room(a) || ((r->reader_gone || wait_room(STDOUT_FILENO) <= 0) &&
			       (!r->progress.on || wait_room(STDERR_FILENO) <= 0));
}

/* Its start is on disk before there is a process. Where the system cannot make one, it is
 * taken back: the run has not begun. */
static int start(struct attempt *a, const struct spawn_plan *plan)
{
	struct problem ignored;
	const off_t before = a->journal.size;
	if (record_start(a) != 0)
		return -1;
	if (spawn(plan, &a->pid, &a->event.start_error, a->p) == 0)
		return 0;
	if (a->journal.fd >= 0)
		journal_retract(&a->journal, before, &ignored);
	return -1;
}

static void say_we_wait(void *context)
{
	const struct attempt *a = context;
	cli_note("waiting for %s; Ctrl-C again kills it", a->l->run);
}

/* Of many at once each is told to end by SIGTERM, whatever the first one got. */
static int stop_meant(void *context, int number)
{
	const struct attempt *a = context;
	int meant = share_stop(&a->r->share);
	return meant ? meant : number;
}

static bool stop_again_meant(void *context)
{
	const struct attempt *a = context;
	return share_stop_again(&a->r->share);
}

static int try_command(struct attempt *a)
{
	int inherit[4] = {-1, -1, -1, -1}, inherited = 0;
	if (a->journal.fd >= 0) {
		inherit[inherited++] = a->journal.fd;
		inherit[inherited++] = a->r->experiment.lock;
	}
	if (a->r->gpu_lock >= 0)
		inherit[inherited] = a->r->gpu_lock;
	const struct spawn_plan plan = {a->l->argv, a->env, a->log, inherit};
	struct child_limits limits = {.timeout = a->r->timeout,
				      .grace = a->r->grace,
				      .meant = stop_meant,
				      .again = stop_again_meant,
				      .context = a};
	if ((a->r->verbose && a->log_path.len) || is_watched(a))
		limits.tick = look_on;
	if (a->r->share.fd < 0) /* of many the first run-one says it */
		limits.waiting = say_we_wait;
	a->event.end = (struct child_end){0};
	if (start(a, &plan) != 0)
		return -1;
	limits.started = clock_now();
	print_start(a); /* a failure shows again at the end */
	if (a->event.start_error)
		whynot(a->l->argv[0], a->event.start_error, &a->problem);
	if (!a->event.start_error)
		child_finish(a->pid, &limits, &a->event.end);
	/* env could be started, and has found no interpreter of that name; or a shell was given
	 * what the system cannot execute */
	int status = WIFEXITED(a->event.end.status) ? WEXITSTATUS(a->event.end.status) : 0;
	if (!(status == 127 && whynot_crlf(a->l->argv[0], &a->problem)) &&
	    (status == 127 || status == 126 || status == 2))
		whynot_foreign(a->l->argv[0], &a->problem);
	a->event.problem = a->problem.len ? buf_cstr(&a->problem) : NULL;
	if (a->r->verbose && a->log_path.len)
		follow_rest(a);
	return 0;
}

static enum outcome outcome_of(const struct attempt *a)
{
	if (a->event.end.stopped_by)
		return OUTCOME_STOPPED;
	return event_reason(&a->event) ? OUTCOME_FAILED : OUTCOME_COMPLETED;
}

static void tell_end(struct attempt *a)
{
	char outcome[512];
	enum outcome how = outcome_of(a);
	event_describe(&a->event, outcome, sizeof outcome);
	if (how == OUTCOME_FAILED && !a->event.start_error && a->log_path.len && a->r->progress.on)
		logtail_last(&a->remark, a->log, REASON_COLUMNS);
	struct progress_end end = {.outcome = outcome,
				   .remark = a->remark.len ? buf_cstr(&a->remark) : NULL,
				   .seconds = a->event.end.duration,
				   .completed = how == OUTCOME_COMPLETED,
				   .again = how == OUTCOME_FAILED && a->tries_left > 0 &&
					    !a->event.start_error && !a->event.end.survivors,
				   .stopped = how == OUTCOME_STOPPED};
	progress_end(&a->r->progress, a->l, &end);
}

/* For both events of an attempt. */
static int make_room(struct attempt *a)
{
	size_t start = a->start_size = event_start_size(&a->event);
	if (start == 0)
		return problem_memory(a->p);
	if (a->journal.fd < 0)
		return 0;
	return journal_reserve(&a->journal, (start > START_ROOM ? start : START_ROOM) + END_ROOM,
			       a->p);
}

/* Is the config the one that the plan says? 1; 0: a->problem says why not; -1: that cannot
 * be seen, and a->p says why. */
static int is_planned(struct attempt *a)
{
	int rc = planned_config(a->l, a->config, &a->problem);
	if (rc < 0)
		return problem_set(a->p, EXIT_IO, "%s",
				   buf_cstr(&a->problem) ? a->problem.data : "out of memory");
	if (rc > 0)
		return 1;
	buf_adds(&a->problem, "; restore it: ");
	planned_remedy(a->l, a->config, &a->problem);
	return 0;
}

/* The attempt fails before its start: what was to be run is not what is there. */
static enum outcome refuse_attempt(struct attempt *a)
{
	a->event.refused = true;
	a->event.start_error = EINVAL;
	a->event.end = (struct child_end){0};
	a->event.problem = buf_cstr(&a->problem) ? a->problem.data : "its config was changed";
	if (a->journal.fd >= 0 && journal_reserve(&a->journal, END_ROOM, a->p) != 0)
		return OUTCOME_PROBLEM;
	if (record_end(a) != 0)
		return OUTCOME_PROBLEM;
	tell_end(a);
	return OUTCOME_FAILED;
}

static enum outcome make_attempt(struct attempt *a)
{
	if (a->event.attempt >= STAMP_MAX_ATTEMPT) {
		problem_set(a->p, EXIT_BAD_INPUT,
			    "%s has had attempt %d, and no later one is counted; repair its record",
			    a->l->run, a->event.attempt);
		return OUTCOME_REFUSED;
	}
	if (a->l->experiment_dir && experiment_check(&a->r->experiment, a->p) != 0)
		return OUTCOME_PROBLEM;
	int planned = is_planned(a);
	if (planned < 0)
		return OUTCOME_PROBLEM;
	a->event.attempt++;
	if (!planned)
		return refuse_attempt(a);
	if (is_watched(a) && rundir_before(&a->r->rundir, a->l->run_dir_parent) != 0) {
		problem_errno(a->p, "%s cannot be read", a->l->run_dir_parent);
		return OUTCOME_PROBLEM;
	}
	a->event.config = a->config;
	if (name_log(a) != 0 || make_room(a) != 0)
		return OUTCOME_PROBLEM;
	if (!wait_for_readers(a))
		return OUTCOME_STOPPED;
	if (open_output(a) != 0 || set_env(a) != 0)
		return OUTCOME_PROBLEM;
	if (try_command(a) != 0 || record_end(a) != 0)
		return OUTCOME_PROBLEM;
	tell_end(a);
	if (a->event.end.survivors)
		cli_note("%s left %zu process%s that SIGKILL does not end; it is not started again "
			 "as long as %s",
			 a->l->run, a->event.end.survivors, a->event.end.survivors == 1 ? "" : "es",
			 a->event.end.survivors == 1 ? "it lives" : "they live");
	return outcome_of(a);
}

/* What belongs to one try only. */
static void end_attempt(struct attempt *a)
{
	if (a->log_path.len && a->log >= 0)
		close(a->log);
	a->log = -1;
	buf_free(&a->log_path);
	buf_free(&a->run_dir_file);
	for (size_t i = 0; i < sizeof a->env_text / sizeof *a->env_text; i++) {
		buf_free(&a->env_text[i]);
		a->env[i] = NULL;
	}
	a->log_from = 0;
	a->event.config_changed = false;
	rundir_names_free(&a->seen);
	buf_free(&a->start);
	buf_free(&a->remark);
	buf_free(&a->problem);
}

static void end_run(struct attempt *a)
{
	if (a->scratch)
		file_remove_tree(a->scratch, NULL);
	free(a->scratch);
	free(a->config);
	free(a->run_dir);
	journal_close(&a->journal);
}

static struct attempt attempt_of(struct runner *r, struct runline *l, struct problem *p)
{
	return (struct attempt){.r = r,
				.l = l,
				.journal = {.fd = -1},
				.log = -1,
				.event = {.l = l, .gpu = r->gpu},
				.p = p};
}

/* ---- claims ---- */

/* a->p says who is in the way. */
static enum outcome turn_away(const struct attempt *a)
{
	if (!a->r->shared)
		return OUTCOME_PROBLEM;
	cli_note("%s; skipped", a->p->text);
	return OUTCOME_SKIPPED;
}

static enum outcome busy(struct attempt *a)
{
	struct buf path = BUF_INIT, pids = BUF_INIT;
	buf_addf(&path, "%s/records/%s.jsonl", a->l->experiment_dir, a->l->run);
	if (buf_cstr(&path))
		lock_holders(path.data, &pids);
	const char *who = buf_cstr(&pids);
	problem_set(a->p, EXIT_BUSY,
		    "%s is still alive in %s (process %s); wait for it, or stop it", a->l->run,
		    a->l->experiment_dir, who && *who ? who : "unknown");
	buf_free(&path);
	buf_free(&pids);
	return turn_away(a);
}

/* Does something of it live on without the claim, or can that not be seen? */
static bool has_leftovers(struct attempt *a)
{
	struct leftovers left;
	struct buf word = BUF_INIT;
	const char *dir = a->l->experiment_dir;
	buf_add_word(&word, dir);
	bool found = leftover_of_run(dir, a->l->run, &left) > 0, many = left.count > 1;
	errno = left.error;
	if (!found && errno)
		problem_errno(a->p,
			      "whether processes of %s live on in %s cannot be seen; --force "
			      "starts it all the same",
			      a->l->run, dir);
	else if (found)
		problem_set(
			a->p, EXIT_BUSY,
			"%s is still alive in %s: %s, and process%s %s live%s "
			"on; wait for it, end it with sweep-lock --stop %s, or start the run in "
			"spite of it with --force",
			a->l->run, dir,
			a->journal.status == STATUS_RUNNING ? "its run-one was killed"
							    : "SIGKILL did not end all of it",
			many ? "es" : "", left.who.data ? left.who.data : "unknown",
			many ? "" : "s", buf_cstr(&word) ? word.data : dir);
	found = found || left.error;
	buf_free(&word);
	leftover_free(&left);
	return found;
}

/* OUTCOME_COMPLETED here: it may be started. */
static enum outcome claim(struct attempt *a)
{
	struct runner *r = a->r;
	struct slice status = json_get(&a->l->fields, "status");
	if (!a->l->experiment_dir) {
		int64_t attempt;
		bool done = status_of(status) == STATUS_COMPLETED;
		if (json_int(&a->l->fields, "attempt", &attempt) && attempt > 0 &&
		    attempt <= STAMP_MAX_ATTEMPT)
			a->event.attempt = (int)attempt;
		done = (done && !r->force) || (r->new_only && a->event.attempt > 0);
		return done ? OUTCOME_SKIPPED : OUTCOME_COMPLETED;
	}
	if (experiment_open(&r->experiment, a->l->experiment_dir, r->shared, a->p) != 0)
		return OUTCOME_PROBLEM;
	int rc = experiment_claim(&r->experiment, &a->journal, a->l->run, r->sync, a->p);
	if (rc > 0)
		return busy(a);
	if (rc < 0)
		return a->p->status == EXIT_BAD_INPUT ? OUTCOME_REFUSED : OUTCOME_PROBLEM;
	a->event.attempt = a->journal.attempt;
	bool done = (a->journal.status == STATUS_COMPLETED && !r->force) ||
		    (r->new_only && a->event.attempt > 0);
	if (!done && a->journal.may_live && !r->force && has_leftovers(a))
		return a->p->status == EXIT_IO ? OUTCOME_PROBLEM : turn_away(a);
	return done ? OUTCOME_SKIPPED : OUTCOME_COMPLETED;
}

static int tell_before(const struct runner *r, const struct runline *l, struct problem *p)
{
	return r->before ? r->before(r->before_context, l->experiment_dir, p) : 0;
}

/* What it needs before its first attempt. OUTCOME_COMPLETED: it may be made. */
static enum outcome prepare(struct attempt *a)
{
	const struct runner *r = a->r;
	if (tell_before(r, a->l, a->p) != 0 || find_config(a) != 0)
		return OUTCOME_PROBLEM;
	if (runline_command(a->l, r->command, r->extra, r->extra_count, a->config, a->p) == 0)
		return OUTCOME_COMPLETED;
	if (is_planned(a) != 0)
		return OUTCOME_PROBLEM;
	a->event.attempt++;
	enum outcome outcome = refuse_attempt(a);
	end_attempt(a);
	return outcome;
}

static enum outcome make_attempts(struct attempt *a)
{
	enum outcome outcome = OUTCOME_FAILED;
	for (a->tries_left = a->r->retries; outcome == OUTCOME_FAILED; a->tries_left--) {
		outcome = make_attempt(a);
		end_attempt(a);
		if (a->tries_left == 0 || a->event.start_error || a->event.end.survivors)
			break;
	}
	return outcome;
}

enum outcome runner_run(struct runner *r, struct runline *l, struct problem *p)
{
	struct attempt a = attempt_of(r, l, p);
	enum outcome outcome = claim(&a);
	if (outcome == OUTCOME_COMPLETED)
		outcome = prepare(&a);
	if (outcome == OUTCOME_COMPLETED)
		outcome = make_attempts(&a);
	end_run(&a);
	return outcome;
}

/* No journal yet: no look is needed, and none is made. */
static bool is_new(struct runner *r, const struct runline *l)
{
	char name[256];
	struct stat st;
	snprintf(name, sizeof name, "%s.jsonl", l->run);
	return fstatat(r->experiment.records, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	       errno == ENOENT;
}

enum outcome runner_look(struct runner *r, struct runline *l, struct problem *p)
{
	struct attempt a = attempt_of(r, l, p);
	if (experiment_open(&r->experiment, l->experiment_dir, r->shared, p) != 0)
		return OUTCOME_PROBLEM;
	enum outcome outcome = is_new(r, l) ? OUTCOME_COMPLETED : claim(&a);
	end_run(&a);
	if (outcome == OUTCOME_COMPLETED && tell_before(r, l, p) != 0)
		outcome = OUTCOME_PROBLEM;
	return outcome;
}
