/*
 * jobs - how many at once are still one session.
 *
 *   run-one --jobs N        reads all lines, leaves out what has completed
 *    `- parallel -j N       hands out the places of the lines
 *        |- run-one --worker    runs one line, as it would alone
 *        `- run-one --worker
 *
 * The lock. The first run-one takes the experiment's lock exclusively, and all
 * below inherit its descriptor. So for others a session with --jobs is what any
 * session is: a second one is turned away, --held and --stop find it, and the lock
 * is free when the last process has ended, however they end.
 *
 * The end. Parallel is killed when we die (PR_SET_PDEATHSIG), and a worker gets
 * SIGTERM when parallel dies. So SIGKILL to parallel stops all of them at once,
 * and none is forgotten that was just being started: a worker whose parent is not
 * the parallel it was started by ends before it starts anything. What parallel
 * itself makes of signals differs from version to version and is not relied on.
 * The signal that we were stopped by is written into the share before, and a worker
 * that gets SIGTERM looks there for what it stands for: SIGINT goes on to the runs as
 * SIGINT. Who is stopped (SIGSTOP) would not hear: each gets SIGCONT, too.
 * All have ended when the pipe `alive`, which they hold, has no writer any more.
 *
 * The output. Workers write to our stdout and stderr directly, in turns (share.h);
 * parallel neither buffers nor delays it, and its own messages are kept aside and
 * shown only if it fails. It gets places and not lines because a line may be
 * longer than an argument can be, and because `parallel --pipe` does not end when
 * --halt says so (seen with 20221122).
 *
 * The runs' environment is that of the session, which is kept in the share: what
 * parallel needs, and what it adds or overwrites, is not theirs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* environ */
#endif
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "base/file.h"
#include "run/lock_stop.h"
#include "run/spawn.h"
#include "base/signals.h"
#include "base/clock.h"

enum { HIGH_FD = 100 };

static const double patience = 0.3; /* seconds in which most runs end after Ctrl-C */

void jobs_init(struct jobs *j)
{
	*j = (struct jobs){.share = {.fd = -1}};
}

void jobs_free(struct jobs *j)
{
	share_close(&j->share);
	buf_free(&j->places);
	free(j->devices);
	jobs_init(j);
}

int jobs_add(struct jobs *j, const char *line, size_t len, struct problem *p)
{
	off_t at;
	if (j->share.fd < 0 && share_create(&j->share, p) != 0)
		return -1;
	off_t end;
	if (share_add(&j->share, line, len, &at, p) != 0 ||
	    share_add(&j->share, "\n", 1, &end, p) != 0)
		return -1;
	buf_addf(&j->places, "%lld\n", (long long)at);
	j->lines++;
	return j->places.failed ? problem_memory(p) : 0;
}

/* ---- parallel's command line ---- */

/* Parallel replaces {}, {.}, {#}, {= perl =} and such: no brace is left beside
 * what follows it. */
static void quote(struct buf *b, const char *word)
{
	buf_addc(b, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *word);
		if (*word == '{')
			buf_adds(b, "''");
	}
	buf_addc(b, '\'');
}

void jobs_add_word(struct buf *b, const char *word)
{
	buf_addc(b, ' ');
	quote(b, word);
}

/* Descriptors that parallel and its children inherit. */
struct session {
	int lock, share, alive, out, err;
	int places;        /* read by parallel */
	int heard;         /* what parallel says */
	int ended;         /* our end of `alive` */
	off_t environment; /* its place in the share */
};

static void write_command(struct buf *b, const struct jobs *j, const struct session *s,
			  const struct buf *options)
{
	if (j->devices) {
		buf_adds(b, "set --");
		for (char **device = j->devices; *device; device++)
			jobs_add_word(b, *device);
		buf_adds(b, "; shift $(({%} - 1)); ");
	}
	buf_adds(b, "exec ");
	quote(b, j->program);
	buf_addf(b, " --worker \"$PARALLEL_PID:%d:%d:%d:%d:%d:%lld:{}\"", s->lock, s->share,
		 s->alive, s->out, s->err, (long long)s->environment);
	if (j->devices)
		buf_adds(b, " --gpus \"$1\"");
	buf_add(b, options->data, options->len);
}

/* ---- starting it ---- */

static int temporary(const struct buf *content)
{
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, HIGH_FD) : -1;
	if (file)
		fclose(file);
	if (fd >= 0 && content && file_write_all(fd, content->data, content->len) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Each NAME=VALUE with its NUL, and another NUL. In the share, not in a command line,
 * which everybody on the machine may read. */
static int save_environment(struct session *s, struct jobs *j, struct problem *p)
{
	struct buf all = BUF_INIT;
	for (char **env = environ; *env; env++)
		buf_add(&all, *env, strlen(*env) + 1);
	buf_addc(&all, '\0');
	int rc = all.failed ? problem_memory(p)
			    : share_add(&j->share, all.data, all.len, &s->environment, p);
	buf_free(&all);
	return rc;
}

static int session_open(struct session *s, struct jobs *j, const struct experiment *e,
			struct problem *p)
{
	int ends[2];
	*s = (struct session){e->lock, j->share.fd, -1, -1, -1, -1, -1, -1, 0};
	if (pipe(ends) != 0)
		return problem_errno(p, "a pipe cannot be made");
	s->ended = fcntl(ends[0], F_DUPFD_CLOEXEC, HIGH_FD);
	s->alive = fcntl(ends[1], F_DUPFD_CLOEXEC, HIGH_FD);
	close(ends[0]);
	close(ends[1]);
	s->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, HIGH_FD);
	s->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, HIGH_FD);
	s->places = temporary(&j->places);
	s->heard = temporary(NULL);
	if (s->ended < 0 || s->alive < 0 || s->out < 0 || s->err < 0 || s->places < 0 ||
	    s->heard < 0)
		return problem_errno(p, "a session of many jobs cannot be prepared");
	return save_environment(s, j, p);
}

static int start_parallel(pid_t *pid, const struct jobs *j, struct session *s, const char *command,
			  struct problem *p)
{
	char count[32], places[32];
	char *argv[] = {"parallel",
			"--plain",
			"--will-cite",
			"--ungroup",
			"--jobs",
			count,
			"--halt",
			"soon,fail=1",
			"--arg-file",
			places,
			(char *)(uintptr_t)command,
			NULL};
	/* a directory that is there and takes no files: parallel would keep a cache in it */
	const char *env[] = {"PARALLEL_SHELL=/bin/sh", "PARALLEL_HOME=/proc", NULL, NULL};
	const int inherit[] = {s->lock, s->share, s->alive, s->out, s->err, s->places, -1};
	const struct spawn_plan plan = {argv, env, s->heard, inherit};
	int why;
	snprintf(count, sizeof count, "%llu", (unsigned long long)j->count);
	snprintf(places, sizeof places, "/dev/fd/%d", s->places);
	if (!getenv("HOME"))
		env[2] = "HOME=/"; /* or it would complain */
	if (spawn(&plan, pid, &why, p) != 0)
		return -1;
	close(s->alive);
	s->alive = -1;
	if (why == ENOENT)
		return problem_set(p, EXIT_BAD_INPUT,
				   "GNU parallel is not installed; many runs at once need it: "
				   "install the package parallel");
	errno = why;
	return why ? problem_errno(p, "parallel cannot be started") : 0;
}

/* ---- waiting ---- */

/* SIGTERM to each of them, and what it stands for beside it. */
static void stop_workers(const struct share *share, pid_t parallel, const char *lock)
{
	share_tell_stop(share, signals_stop());
#ifdef __linux__
	kill(parallel, SIGKILL);
#else
	kill(parallel, SIGTERM);
#endif
	lock_stop_signal(lock, SIGCONT);
}

static void say_we_wait(const char *dir)
{
	struct buf runs = BUF_INIT;
	experiment_claimed(dir, &runs);
	if (buf_cstr(&runs) && *runs.data)
		cli_note("waiting for %s; Ctrl-C again kills %s", runs.data,
			 strchr(runs.data, ',') ? "them" : "it");
	buf_free(&runs);
}

struct waiting {
	pid_t parallel;
	const char *dir, *lock;
	bool told, told_again; /* that they are to end */
	double say_at;         /* when who pressed Ctrl-C is told what is waited for, or 0 */
};

static void attend(struct waiting *w, const struct share *share)
{
	if (signals_stop() && !w->told) {
		w->told = true;
		w->say_at = signals_stop() == SIGINT ? clock_now() + patience : 0;
		stop_workers(share, w->parallel, w->lock);
	}
	if (signals_again() && !w->told_again) {
		w->told_again = true;
		share_tell_again(share);
		lock_stop_signal(w->lock, SIGTERM);
	}
	if (w->say_at > 0 && clock_now() >= w->say_at) {
		w->say_at = 0;
		say_we_wait(w->dir);
	}
}

/* Until all have ended; parallel's status as wait(2) has it. */
static int wait_all(struct waiting *w, const struct share *share, int ended)
{
	int status = 0;
	bool alive = true;
	char byte;
	while (alive) {
		attend(w, share);
		double left = w->say_at > 0 ? w->say_at - clock_now() : -1;
		if (signals_wait_readable(ended, w->say_at > 0 && left < 0 ? 0 : left))
			alive = read(ended, &byte, 1) != 0;
	}
	while (waitpid(w->parallel, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* ---- how it ended ---- */

/* The first line that parallel said, or what stands in for it. */
static void first_words(int heard, char *out, size_t size)
{
	ssize_t n = pread(heard, out, size - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (!*out)
		snprintf(out, size, "it said nothing");
}

/* A worker that could not go on has said why, and ended with its status. */
static int judge(const struct session *s, int status, const struct tally *t)
{
	char said[256];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
	first_words(s->heard, said, sizeof said);
	if (t->workers == 0) {
		cli_note("parallel is not GNU parallel, or cannot work here (%s); install the "
			 "package parallel",
			 said);
		return EXIT_BAD_INPUT;
	}
	if (WIFSIGNALED(status)) {
		cli_note("parallel was killed by signal %d; its runs were stopped",
			 WTERMSIG(status));
		return code;
	}
	if (code == EXIT_OK)
		return t->failed ? EXIT_RUN_FAILED : EXIT_OK;
	if (code == EXIT_RUN_FAILED || code == EXIT_BAD_INPUT || code == EXIT_IO ||
	    code == EXIT_BUSY)
		return code;
	if (code > EXIT_SIGNAL && code < EXIT_SIGNAL + 65) {
		cli_note("a run-one was stopped by signal %d; nothing more was started",
			 code - EXIT_SIGNAL);
		return EXIT_RUN_FAILED;
	}
	cli_note("parallel failed with status %d: %s", code, said);
	return EXIT_IO;
}

static void session_close(struct session *s)
{
	const int own[] = {s->alive, s->out, s->err, s->places, s->heard, s->ended};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (own[i] >= 0)
			close(own[i]);
}

int jobs_run(struct jobs *j, const struct experiment *e, const struct buf *options)
{
	struct session s;
	struct waiting w = {.dir = e->dir};
	struct problem p;
	struct buf command = BUF_INIT, lock = BUF_INIT;
	struct tally t = {.jobs = j->count, .expected = j->lines};
	int status;
	share_set_tally(&j->share, &t);
	buf_addf(&lock, "%s/lock", e->dir);
	int rc = session_open(&s, j, e, &p);
	if (rc == 0)
		write_command(&command, j, &s, options);
	if (rc == 0 && (!buf_cstr(&command) || !buf_cstr(&lock) || options->failed))
		rc = problem_memory(&p);
	if (rc == 0)
		rc = start_parallel(&w.parallel, j, &s, command.data, &p);
	if (rc == 0) {
		w.lock = lock.data;
		status = wait_all(&w, &j->share, s.ended);
		t = share_tally(&j->share);
		if (!signals_stop())
			status = judge(&s, status, &t);
		else
			status = t.lost ? EXIT_IO : EXIT_OK;
	} else {
		status = cli_complain(&p);
	}
	session_close(&s);
	buf_free(&command);
	buf_free(&lock);
	return status;
}

/* ---- a worker ---- */

bool worker_read(struct worker *w, const char *text)
{
	int end = 0;
	*w = (struct worker){.share = {.fd = -1}};
	return sscanf(text, "%d:%d:%d:%d:%d:%d:%lld:%lld%n", &w->parent, &w->lock, &w->share.fd,
		      &w->alive, &w->out, &w->err, &w->environment, &w->at, &end) == 8 &&
	       end > 0 && !text[end];
}

/* The text and the list are the process's from here on. */
static int load_environment(const struct worker *w, struct problem *p)
{
	struct buf all = BUF_INIT;
	size_t count = 0;
	if (share_until(&w->share, (off_t)w->environment, "\0\0", 2, &all, p) != 0)
		return -1;
	buf_add(&all, "\0\0", 2);
	char **list = buf_cstr(&all) ? calloc(all.len, sizeof *list) : NULL;
	for (char *at = all.data; list && *at; at += strlen(at) + 1)
		list[count++] = at;
	if (!list)
		return problem_memory(p);
	environ = list;
	return 0;
}

/* What parallel's own descriptors hear of us nobody is told. */
static int take_streams(const struct worker *w, struct problem *p)
{
	if (dup2(w->err, STDERR_FILENO) >= 0 && dup2(w->out, STDOUT_FILENO) >= 0)
		return 0;
	if (errno == EBADF)
		return problem_set(p, EXIT_BAD_INPUT, "--worker is for --jobs to use");
	return problem_errno(p, "standard output cannot be had");
}

int worker_start(struct worker *w, struct problem *p)
{
	const int ours[] = {w->lock, w->share.fd, w->alive, w->out, w->err};
	if (take_streams(w, p) != 0)
		return -1;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		if (ours[i] < 3)
			return problem_set(p, EXIT_BAD_INPUT, "--worker is for --jobs to use");
		if (fcntl(ours[i], F_SETFD, FD_CLOEXEC) != 0)
			return problem_errno(p, "what the session shares cannot be had");
	}
	if (load_environment(w, p) != 0)
		return -1;
	close(w->out);
	close(w->err);
	share_count_worker(&w->share);
	return 0;
}
