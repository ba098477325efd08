/*
 * sweep-watch - watch a sweep: progress, runs, the last lines of the current log.
 *
 * Twice a second it checks by stat(2) whether experiment.json was replaced, reads the end of
 * the current log, and draws what has changed.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failures.h"
#include "base/file.h"
#include "follow.h"
#include "run/spawn.h"
#include "exp/leftover.h"
#include "base/lock.h"
#include "base/logtail.h"
#include "exp/layout.h"
#include "base/display.h"
#include "base/signals.h"
#include "base/wait.h"
#include "screen.h"
#include "view.h"
#include "base/clock.h"

enum { END_LINES = 25 };
static const double pause_s = 0.5;

struct watch {
	const char *dir, *with, *log;
	struct view view;
	struct buf found; /* the directory, where a name was given */
	struct buf file;  /* DIR/experiment.json */
	struct stat seen; /* as it was last read */
	bool slurm, queued;
	double ask_again, fold_again;
};

static struct {
	const char *with, *log, *plain;
	bool once, failed;
} given;

static const struct cli_option option_list[] = {
	{'1', "once", NULL, "show it once, with all runs", .flag = &given.once},
	{'f', "failed", NULL, "list the failed runs, with reasons and the ends of their logs",
	 .flag = &given.failed},
	{'l', "log", "LOG", "print the end of a run's log, safe for a terminal",
	 .text = &given.log},
	{0, "plain", "TEXT",
	 "print TEXT as one line, safe for a terminal; -: standard input,\nline by line",
	 .text = &given.plain},
	{'w', "with", "DIR2",
	 "continue also while a process is at work on DIR2, such as the\n"
	 "background run that is about to start the experiment; with\n"
	 "--log, print the log as it is written until then",
	 .text = &given.with},
	{0},
};

static const struct cli_program program = {
	.name = "sweep-watch",
	.usage = "sweep-watch [-1f] [-w DIR2] [-l LOG | --plain TEXT] [DIR | NAME]",
	.about = "Show the experiment DIR, or the newest of that NAME below experiments, or the "
		 "newest\n"
		 "of all, twice a second until it has ended: progress, the runs, the last lines of "
		 "the\n"
		 "current run's log. q quits. If standard output is not a terminal, a line is "
		 "printed\n"
		 "as each run ends.\n",
	.options = option_list,
	.column = 19,
};

static int find_experiment(struct watch *w, const char *word)
{
	struct problem p;
	if (layout_find(LAYOUT_PARENT, word, &w->found, &p) != 0) {
		buf_free(&w->found);
		return cli_complain(&p);
	}
	w->dir = w->found.data;
	return -1;
}

/* -1; or an exit status. */
static int read_watch_options(struct watch *w, int argc, char **argv)
{
	int status = cli_read(argc, argv);
	if (status >= 0)
		return status;
	if (optind + 1 < argc)
		return cli_usage_error("one experiment at a time: %s or %s", argv[optind],
				       argv[optind + 1]);
	w->with = given.with;
	w->log = given.log;
	return given.log || given.plain ? -1 : find_experiment(w, argv[optind]);
}

/* ---- news ---- */

static bool is_held(const char *dir)
{
	struct buf lock = BUF_INIT;
	bool held = layout_add(&lock, dir, LAYOUT_LOCK) && lock_held(lock.data) == 1;
	struct leftovers left = {0};
	held = held || leftover_of_experiment(dir, &left) > 0;
	leftover_free(&left);
	buf_free(&lock);
	return held;
}

/* Does Slurm know a job of the experiment's name? Asked every ten seconds. */
static bool is_queued(struct watch *w)
{
	const char *slash = strrchr(w->dir, '/');
	char *const argv[] = {(char[]){"squeue"}, (char[]){"-h"}, (char[]){"-n"},
			      (char *)(uintptr_t)(slash ? slash + 1 : w->dir), NULL};
	char answer;
	int ends[2];
	if (clock_now() < w->ask_again)
		return w->queued;
	w->ask_again = clock_now() + 10;
	w->queued = false;
	if (pipe(ends) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		signals_reset();
		if (dup2(ends[1], 1) < 0)
			_exit(127);
		close(2);
		close(ends[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	ssize_t n;
	while ((n = read(ends[0], &answer, 1)) < 0 && errno == EINTR)
		;
	w->queued = pid > 0 && n == 1;
	close(ends[0]);
	if (pid > 0)
		spawn_reap(pid);
	return w->queued;
}

/* What was given to Slurm is at work as long as tasks are queued, too. */
static bool is_at_work(struct watch *w)
{
	return is_held(w->dir) || (w->with && is_held(w->with)) || (w->slurm && is_queued(w));
}

static bool has_changed(struct watch *w)
{
	struct stat now;
	if (stat(w->file.data, &now) != 0 ||
	    (now.st_ino == w->seen.st_ino && now.st_mtim.tv_sec == w->seen.st_mtim.tv_sec &&
	     now.st_mtim.tv_nsec == w->seen.st_mtim.tv_nsec && now.st_size == w->seen.st_size))
		return false;
	w->seen = now;
	return true;
}

/* The last snapshot may be under way when the lock is free: at the end, and before
 * there is one, what lies in the directory is folded here. */
static int look(struct watch *w, bool at_work, struct problem *p)
{
	bool changed = has_changed(w);
	/* while Slurm is at work nobody else folds */
	bool fold = w->slurm && clock_now() >= w->fold_again;
	if (fold)
		w->fold_again = clock_now() + 2;
	if (fold || !at_work || !w->view.text.len)
		return view_read(&w->view, true, p);
	if (w->slurm)
		return 0;
	return changed ? view_read(&w->view, false, p) : 0;
}

/* ---- no terminal: plain lines ---- */

static bool print_ended(struct watch *w, unsigned char **told, size_t *count)
{
	struct buf out = BUF_INIT;
	bool gone = false, ok = true;
	if (w->view.count > *count) {
		unsigned char *more = realloc(*told, w->view.count);
		if (!more)
			return false;
		memset(more + *count, 0, w->view.count - *count);
		*told = more;
		*count = w->view.count;
	}
	for (size_t i = 0; i < w->view.count; i++) {
		if (w->view.ended[i] && !(*told)[i])
			view_end(&w->view, i, &out);
		(*told)[i] = w->view.ended[i];
	}
	if (out.len)
		ok = cli_print(out.data, out.len, &gone);
	buf_free(&out);
	return ok;
}

static int watch_plain(struct watch *w)
{
	unsigned char *told = NULL;
	size_t count = 0;
	struct problem p;
	int status = EXIT_OK;
	for (;;) {
		bool at_work = is_at_work(w);
		if (look(w, at_work, &p) != 0) {
			status = cli_complain(&p);
			break;
		}
		if (!print_ended(w, &told, &count) || !at_work)
			break;
		signals_wait(pause_s);
		if (signals_stop())
			break;
	}
	free(told);
	return status;
}

/* ---- a terminal ---- */

static int watch_live(struct watch *w)
{
	struct buf last = BUF_INIT, page = BUF_INIT;
	struct problem p;
	bool at_work = true, left = false;
	int rc = 0;
	screen_enter();
	while (rc == 0 && !left && !signals_stop()) {
		at_work = is_at_work(w);
		rc = look(w, at_work, &p);
		if (rc != 0 || !at_work)
			break;
		screen_draw(&w->view, &last);
		left = screen_left(pause_s);
	}
	screen_leave();
	if (rc == 0 && !at_work) {
		view_page(&w->view, 20, &page);
		wait_write(STDOUT_FILENO, page.data, page.len);
	}
	buf_free(&last);
	buf_free(&page);
	return rc == 0 ? EXIT_OK : cli_complain(&p);
}

/* ---- the program ---- */

static int print(struct buf *out)
{
	bool gone = false;
	bool ok = !out->failed && (!out->len || cli_print(out->data, out->len, &gone) || gone);
	buf_free(out);
	return ok ? EXIT_OK : EXIT_IO;
}

static int show_once(struct watch *w)
{
	struct buf page = BUF_INIT;
	struct problem p;
	if (view_read(&w->view, true, &p) != 0)
		return cli_complain(&p);
	if (given.failed)
		failures_add(&w->view, &page);
	else
		view_page(&w->view, w->view.count, &page);
	return print(&page);
}

static int show_log(const char *path)
{
	struct buf end = BUF_INIT;
	struct problem p;
	if (logtail_add(&end, path, true, END_LINES, "") == 0)
		return print(&end);
	file_problem(&p, path, "read");
	return cli_complain(&p);
}

/* A line at a time, so that who reads it sees it as it comes. */
static int show_lines(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = EXIT_OK;
	while (status == EXIT_OK && (n = getline(&line, &room, stdin)) > 0) {
		struct buf out = BUF_INIT;
		display_add(&out, line, (size_t)n - (line[n - 1] == '\n'));
		buf_addc(&out, '\n');
		status = print(&out);
	}
	free(line);
	return status;
}

static int show_plain(const char *word)
{
	struct buf out = BUF_INIT;
	if (strcmp(word, "-") == 0)
		return show_lines();
	display_add(&out, word, strlen(word));
	buf_addc(&out, '\n');
	return print(&out);
}

static bool is_with_at_work(void *context)
{
	const struct watch *w = context;
	return is_held(w->with);
}

static int follow(struct watch *w)
{
	signals_init();
	return follow_log(w->log, is_with_at_work, w);
}

static int watch(struct watch *w)
{
	struct buf slurm = BUF_INIT;
	w->slurm = layout_add(&slurm, w->dir, LAYOUT_SLURM) && access(slurm.data, F_OK) == 0;
	buf_free(&slurm);
	if (layout_has_plan(w->dir) <= 0)
		return cli_usage_error(
			"%s is not an experiment directory; name one below " LAYOUT_PARENT "/",
			w->dir);
	if (!layout_add(&w->file, w->dir, LAYOUT_DOCUMENT))
		return EXIT_IO;
	view_init(&w->view, w->dir);
	if (given.once || given.failed)
		return show_once(w);
	signals_init();
	int status = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? watch_live(w) : watch_plain(w);
	return signals_stop() ? EXIT_SIGNAL + signals_stop() : status;
}

int main(int argc, char **argv)
{
	struct watch w = {0};
	cli_start(&program);
	int status = read_watch_options(&w, argc, argv);
	if (status < 0)
		status = w.log && w.with ? follow(&w)
			 : w.log         ? show_log(w.log)
			 : given.plain   ? show_plain(given.plain)
					 : watch(&w);
	view_free(&w.view);
	buf_free(&w.file);
	buf_free(&w.found);
	return status;
}
