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
static struct timespec first_at[SENDERS];  /* 0: none yet */
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
	sigprocmask(SIG_BLOCK, &block, &waiting);
	sigdelset(&waiting, SIGINT);
	sigdelset(&waiting, SIGTERM);
	sigdelset(&waiting, SIGCHLD);
	sigdelset(&waiting, SIGHUP);
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

static bool wait_for(int fd, double seconds)
{
	struct timespec limit = {0, 0};
	fd_set set;
	FD_ZERO(&set);
	if (fd >= 0)
		FD_SET(fd, &set);
	if (seconds > 0) {
		limit.tv_sec = (time_t)seconds;
		limit.tv_nsec = (long)((seconds - (double)limit.tv_sec) * 1e9);
	}
	return pselect(fd + 1, &set, NULL, NULL, seconds < 0 ? NULL : &limit, &waiting) > 0;
}

void signals_wait(double seconds)
{
	wait_for(-1, seconds);
}

bool signals_wait_readable(int fd, double seconds)
{
	return fd >= FD_SETSIZE || wait_for(fd, seconds);
}

const sigset_t *signals_mask(void)
{
	return listens ? &waiting : NULL;
}

void signals_reset(void)
{
	sigset_t none;
	static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	for (size_t i = 0; i < ignored_count; i++)
		signal(ignored[i], SIG_DFL);
	for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
		signal(handled[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
