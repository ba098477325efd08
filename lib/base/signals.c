/*
 * signals - handlers set variables, and pselect(2) waits.
 *
 * The signals are blocked but inside pselect, which unblocks them and waits in one step: one
 * that comes between a look at the variables and the wait ends the wait.
 */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum { SAME_KEYPRESS_MS = 200, MAX_SIGNAL = 64 };

/* Ctrl-C sends SIGINT to the whole foreground group, and the driver that started us passes it
 * on later: two signals for one keypress. So only those of one sender are counted. */
enum sender { TERMINAL, PARENT, ANYBODY, SENDERS };

static volatile sig_atomic_t first, again; /* the first signal, and a later one */
static volatile sig_atomic_t continued;
static struct timespec first_at[SENDERS]; /* 0: none yet */
static pid_t parent;
static sigset_t waiting;        /* the mask inside signals_wait */
static bool listens;            /* signals_init was called */
static int ignored[MAX_SIGNAL]; /* at exec these would stay ignored */
static size_t ignored_count;

static enum sender sender_of(const siginfo_t *info)
{
	if (info->si_pid == 0)
		return TERMINAL;
	return info->si_pid == parent ? PARENT : ANYBODY;
}

static void on_stop(int number, siginfo_t *info, void *context)
{
	struct timespec now, *before = &first_at[sender_of(info)];
	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!first)
		first = number;
	if (before->tv_sec == 0) {
		*before = now;
		return;
	}
	long ms = (now.tv_sec - before->tv_sec) * 1000 + (now.tv_nsec - before->tv_nsec) / 1000000;
	if (ms > SAME_KEYPRESS_MS)
		again = number;
}

static void on_child(int number)
{
	(void)number;
}

static void on_continue(int number)
{
	(void)number;
	continued = 1;
}

static void note_ignored(void)
{
	struct sigaction now;
	for (int number = 1; number < MAX_SIGNAL; number++)
		if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			ignored[ignored_count++] = number;
}

void signals_init(void)
{
	struct sigaction act = {.sa_sigaction = on_stop, .sa_flags = SA_SIGINFO}, was;
	sigset_t block;
	parent = getppid();
	note_ignored();
	sigemptyset(&block);
	sigemptyset(&act.sa_mask);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGCHLD);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN) {
		sigaction(SIGHUP, &act, NULL);
		sigaddset(&block, SIGHUP);
	}
	act = (struct sigaction){.sa_handler = on_child};
	sigaction(SIGCHLD, &act, NULL);
	act = (struct sigaction){.sa_handler = on_continue};
	sigaction(SIGCONT, &act, NULL);
	sigaddset(&block, SIGCONT);
	sigprocmask(SIG_BLOCK, &block, &waiting);
	sigdelset(&waiting, SIGINT);
	sigdelset(&waiting, SIGTERM);
	sigdelset(&waiting, SIGCHLD);
	sigdelset(&waiting, SIGHUP);
	sigdelset(&waiting, SIGCONT);
	listens = true;
}

int signals_stop(void)
{
	/* a signal that came in while it was blocked is still pending */
	sigset_t pending;
	if (listens && !first && sigpending(&pending) == 0 &&
	    (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	     sigismember(&pending, SIGHUP)))
		signals_wait(0);
	return first;
}

int signals_again(void)
{
	return again;
}

bool signals_continued(void)
{
	bool was = continued;
	continued = 0;
	return was;
}

static bool select_for(int count, fd_set *readable, fd_set *writable, double seconds)
{
	struct timespec limit = {0, 0};
	if (seconds > 0) {
		limit.tv_sec = (time_t)seconds;
		limit.tv_nsec = (long)((seconds - (double)limit.tv_sec) * 1e9);
	}
	return pselect(count, readable, writable, NULL, seconds < 0 ? NULL : &limit, &waiting) > 0;
}

void signals_wait(double seconds)
{
	select_for(0, NULL, NULL, seconds);
}

bool signals_wait_readable(int fd, double seconds)
{
	fd_set set;
	if (fd >= FD_SETSIZE)
		return true;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select_for(fd + 1, &set, NULL, seconds);
}

unsigned signals_wait_standard(unsigned wanted, double seconds)
{
	unsigned ready = 0;
	fd_set readable, writable;
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	if (wanted & SIGNALS_STDIN)
		FD_SET(STDIN_FILENO, &readable);
	if (wanted & SIGNALS_STDOUT)
		FD_SET(STDOUT_FILENO, &writable);
	if (wanted & SIGNALS_STDERR)
		FD_SET(STDERR_FILENO, &writable);
	if (!select_for(STDERR_FILENO + 1, &readable, &writable, seconds))
		return 0;
	ready |= FD_ISSET(STDIN_FILENO, &readable) ? SIGNALS_STDIN : 0;
	ready |= FD_ISSET(STDOUT_FILENO, &writable) ? SIGNALS_STDOUT : 0;
	ready |= FD_ISSET(STDERR_FILENO, &writable) ? SIGNALS_STDERR : 0;
	return ready;
}

const sigset_t *signals_mask(void)
{
	return listens ? &waiting : NULL;
}

void signals_reset(void)
{
	sigset_t none;
	static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGCONT};
	for (size_t i = 0; i < ignored_count; i++)
		signal(ignored[i], SIG_DFL);
	for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
		signal(handled[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
