/*
 * leftover - a process is signalled through a pidfd, after it was checked again with the pidfd
 * open: its number cannot have been given to another process in between.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* syscall */
#endif
#include "exp/leftover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exp/flaws.h"
#include "exp/procsearch.h"
#include "base/signals.h"
#include "base/wait.h"
#include "base/clock.h"

void leftover_free(struct leftovers *l)
{
	buf_free(&l->who);
	buf_free(&l->dir);
	*l = (struct leftovers){0};
}

#ifdef __linux__

/* ---- who they are ---- */

static void note(void *context, struct procsearch *q, const struct procsearch_process *process,
		 const struct buf *dir)
{
	struct leftovers *l = context;
	(void)q;
	buf_addf(&l->who, "%s%ld (%s)", l->count ? ", " : "", process->pid, process->name);
	if (!l->count++)
		buf_add(&l->dir, dir->data, dir->len);
}

static size_t find_leftovers(struct procsearch q, struct leftovers *l)
{
	*l = (struct leftovers){0};
	procsearch_visit(&q, note, l);
	l->error = q.error;
	if (l->count && (!buf_cstr(&l->who) || !buf_cstr(&l->dir)))
		*l = (struct leftovers){.count = l->count, .error = l->error};
	return l->count;
}

size_t leftover_of_run(const char *dir, const char *run, struct leftovers *l)
{
	return find_leftovers((struct procsearch){.dir = dir, .run = run}, l);
}

size_t leftover_of_experiment(const char *dir, struct leftovers *l)
{
	return find_leftovers((struct procsearch){.dir = dir}, l);
}

static void add_names(void *context, struct procsearch *q, const struct procsearch_process *process,
		      const struct buf *dir)
{
	(void)process;
	(void)dir;
	buf_add(context, q->found.data, q->found.len);
}

void leftover_names(const char *dir, struct buf *names)
{
	struct procsearch q = {.dir = dir, .names = true};
	procsearch_visit(&q, add_names, names);
}

size_t leftover_on_gpu(const char *device, struct leftovers *l)
{
	return find_leftovers((struct procsearch){.gpu = device}, l);
}

#else

static size_t none(struct leftovers *l)
{
	*l = (struct leftovers){0};
	return 0;
}

size_t leftover_of_run(const char *dir, const char *run, struct leftovers *l)
{
	(void)dir;
	(void)run;
	return none(l);
}

size_t leftover_of_experiment(const char *dir, struct leftovers *l)
{
	(void)dir;
	return none(l);
}

void leftover_names(const char *dir, struct buf *names)
{
	(void)dir;
	(void)names;
}

size_t leftover_on_gpu(const char *device, struct leftovers *l)
{
	(void)device;
	return none(l);
}

#endif

/* ---- waiting for their end ---- */

struct leaving {
	size_t (*look)(const char *subject, struct leftovers *l);
	void (*name)(const char *subject, const struct leftovers *l, struct buf *text);
	const char *subject;
	struct leftovers left;
};

static int block(void *context)
{
	struct leaving *l = context;
	leftover_free(&l->left);
	if (l->look(l->subject, &l->left))
		return wait_to_ask();
	errno = l->left.error;
	return flaws_is_of_file(errno) ? 0 : -1;
}

static void describe(const void *context, struct buf *text)
{
	const struct leaving *l = context;
	l->name(l->subject, &l->left, text);
	buf_adds(text, "; sweep-lock --stop ");
	buf_add_word(text, l->left.dir.data ? l->left.dir.data : "DIR");
	buf_adds(text, " ends it");
}

int leftover_wait(size_t (*look)(const char *subject, struct leftovers *l), const char *subject,
		  void (*name)(const char *subject, const struct leftovers *l, struct buf *text))
{
	struct leaving l = {.look = look, .name = name, .subject = subject};
	int rc = wait_for(block, &l, describe);
	int saved = errno;
	leftover_free(&l.left);
	errno = saved;
	return rc;
}

/* ---- ending them ---- */

#if defined(__linux__) && defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)

struct stopping {
	double kill_at;
	struct buf told; /* a line a process and signal */
	struct buf *dir; /* of the second look */
	size_t killed;   /* how many got SIGKILL */
	size_t living;
};

/* Is it not in the list yet? Add it. */
static bool is_first(struct buf *list, long pid, int number)
{
	char line[64];
	snprintf(line, sizeof line, "\n%ld:%d\n", pid, number);
	if (list->len && buf_cstr(list) && strstr(list->data, line))
		return false;
	buf_adds(list, line);
	return true;
}

/* The signal that is due, or 0. */
static int next_signal(struct stopping *s, long pid)
{
	if (is_first(&s->told, pid, SIGTERM))
		return SIGTERM;
	return clock_now() >= s->kill_at && is_first(&s->told, pid, SIGKILL) ? SIGKILL : 0;
}

static void stop_one(void *context, struct procsearch *q, const struct procsearch_process *process,
		     const struct buf *dir)
{
	struct stopping *s = context;
	struct procsearch_process again;
	(void)dir;
	s->living++;
	int handle = (int)syscall(SYS_pidfd_open, (pid_t)process->pid, 0);
	if (handle < 0)
		return;
	int number = procsearch_finds(q, process->pid, &again, s->dir)
			     ? next_signal(s, process->pid)
			     : 0;
	if (number && syscall(SYS_pidfd_send_signal, handle, number, NULL, 0) == 0) {
		s->killed += number == SIGKILL;
		if (number == SIGTERM) /* a stopped process (^Z) handles no SIGTERM */
			syscall(SYS_pidfd_send_signal, handle, SIGCONT, NULL, 0);
	}
	close(handle);
}

int leftover_stop(const char *dir, double grace, size_t *killed, struct problem *p)
{
	struct procsearch q = {.dir = dir};
	struct buf seen = BUF_INIT;
	struct stopping s = {.kill_at = clock_now() + grace, .dir = &seen};
	double give_up = s.kill_at + 10;
	procsearch_visit(&q, stop_one, &s);
	bool none = s.living == 0;
	while (s.living && clock_now() < give_up && !signals_stop()) {
		signals_wait(0.1);
		s.living = 0;
		procsearch_visit(&q, stop_one, &s);
	}
	buf_free(&seen);
	buf_free(&s.told);
	*killed = s.killed;
	if (!s.living)
		return none;
	return problem_set(p, EXIT_BUSY,
			   "%zu process%s that a killed run-one has left in %s cannot be stopped "
			   "from here",
			   s.living, s.living == 1 ? "" : "es", dir);
}

#else

int leftover_stop(const char *dir, double grace, size_t *killed, struct problem *p)
{
	(void)dir;
	(void)grace;
	(void)p;
	*killed = 0;
	return 1;
}

#endif
