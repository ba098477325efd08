/*
 * launch - a program without a record cannot be.
 *
 * On Linux the process is a vfork: it has our memory, and we stand still until it is
 * its program or gone. It runs before itself, what that changes is changed for us too,
 * and no copy of our memory is made for the program and undone again. If we die it gets
 * SIGKILL.
 *
 * Where a vfork is a plain fork (under valgrind and emulators, so one is tried) or
 * outlives us, it is a fork, which waits at a gate while we run before; if we die the
 * gate closes and it leaves. Who stands still behind a vfork cannot be stopped: before
 * must not wait for anybody.
 *
 * System calls of a launch, beside those of before:
 *
 *     getpid                   whom the child takes for its parent
 *     rt_sigprocmask           nothing may stop the child, for we stand still with it
 *     vfork
 *       setpgid                a group of its own, so that all of it can be signalled
 *       ioctl                  no terminal, if we have one
 *       prctl, getppid         SIGKILL when we die; are we there?
 *       dup2                   /dev/null is its input
 *       fcntl                  for each claim it inherits
 *       getpid                 for the record
 *       rt_sigpending          was it to be stopped meanwhile?
 *       dup2, dup2             output
 *       rt_sigaction           for each signal that is ignored or handled here
 *       rt_sigprocmask, execve
 *     rt_sigprocmask           as it was
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* vfork */
#endif
#include "run/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/signals.h"

extern char **environ;

/* ---- before the first process ---- */

enum { HIGH_FD = 100 };

static int terminal = -1; /* ours, if we have one */
static int null_input = -1;

/* At a high number, where that can be had, which is nobody's standard input. */
static int open_high(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* Here, and not in each process: one that could not open /dev/null would read our own
 * input, which is the plan. */
static int find_inputs(struct problem *p)
{
	static bool asked;
	struct stat st;
	if (asked)
		return 0;
	terminal = open_high("/dev/tty");
	if (terminal < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return problem_errno(p, "/dev/tty cannot be opened");
	null_input = open_high("/dev/null");
	if (null_input < 0)
		return problem_errno(p, "/dev/null cannot be opened, which runs have as input");
	/* where there was none, a shell that discarded something has made a file */
	if (fstat(null_input, &st) != 0 || !S_ISCHR(st.st_mode))
		return problem_set(p, EXIT_IO,
				   "/dev/null is not a device, which runs have as input");
	asked = true;
	return 0;
}

/* ---- in the new process ---- */

/* Its group is in the background, so that to read the terminal would stop it, in silence
 * and for ever. Without one it is told that there is none, as it is under cron. */
static void leave_terminal(void)
{
#ifdef TIOCNOTTY
	if (terminal >= 0)
		ioctl(terminal, TIOCNOTTY);
#endif
}

/* Whatever fails here is not the program's, so it comes before the start is recorded.
 * 0 or errno. */
static int get_ready(const struct launch_plan *plan, pid_t parent)
{
	if (setpgid(0, 0) != 0)
		return errno;
	leave_terminal();
#ifdef __linux__
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return errno;
	if (getppid() != parent) /* it died before we asked */
		_exit(127);
#else
	(void)parent;
#endif
	if (dup2(null_input, 0) < 0)
		return errno;
	for (const int *fd = plan->inherit; *fd >= 0; fd++)
		if (fcntl(*fd, F_SETFD, 0) != 0)
			return errno;
	return 0;
}

/* Why there is no program. */
struct failure {
	int why;    /* errno, or 0: there is one */
	int system; /* not the program is to blame; no bool, which would leave a gap that is sent */
};

/* Of exec: the same would happen to any program. */
static bool is_system(int why)
{
	return why == EAGAIN || why == ENOMEM || why == EMFILE || why == ENFILE || why == EIO ||
	       why == EINTR;
}

/* Returns only if it cannot. */
static struct failure become_program(const struct launch_plan *plan, char **env)
{
	if (dup2(plan->output, 1) < 0 || dup2(plan->output, 2) < 0)
		return (struct failure){errno, true};
	signals_reset();
	environ = env;
	execvp(plan->argv[0], plan->argv);
	return (struct failure){errno, is_system(errno)};
}

static int tell_before(const struct launch_plan *plan, pid_t pid)
{
	return plan->before ? plan->before(plan->context, pid) : 0;
}

/* ---- starting ---- */

static bool is_named(const char *entry, const char *const *added)
{
	for (; *added; added++) {
		size_t name = strcspn(*added, "=") + 1;
		if (strncmp(entry, *added, name) == 0)
			return true;
	}
	return false;
}

/* Our environment with what is added to it; the strings are shared. NULL: no memory. */
static char **merge_env(const char *const *added)
{
	size_t count = 1, n = 0;
	for (char **entry = environ; *entry; entry++)
		count++;
	for (const char *const *entry = added; *entry; entry++)
		count++;
	char **env = malloc(count * sizeof *env);
	if (!env)
		return NULL;
	for (char **entry = environ; *entry; entry++)
		if (!is_named(*entry, added))
			env[n++] = *entry;
	for (; *added; added++)
		env[n++] = (char *)(uintptr_t)*added;
	env[n] = NULL;
	return env;
}

void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* How far a process came that is not its program yet. */
struct start {
	enum { BORN, UNFIT, REFUSED, READY } step; /* REFUSED: before said no */
	struct failure failure;                    /* UNFIT or READY */
};

/* What is handled is blocked already (signals.h): a handler would act on our memory. So is
 * what stops a process now, which would stop us with it. Nothing else: of a signal that
 * is ignored here none must wait for the program. */
static void block_stops(sigset_t *own)
{
	sigset_t stops;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, own);
}

/* What came meanwhile, for the group that the process was born in, is not for its
 * program, and we still stand still. */
static void drop_stops(void)
{
	static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
	sigset_t pending;
	sigpending(&pending);
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (sigismember(&pending, stops[i])) {
			signal(stops[i], SIG_IGN);
			signal(stops[i], SIG_DFL);
		}
}

static void run_shared(const struct launch_plan *plan, char **env, pid_t parent,
		       volatile struct start *start)
{
	start->failure.why = get_ready(plan, parent);
	if (start->failure.why)
		start->step = UNFIT;
	else
		start->step = tell_before(plan, getpid()) == 0 ? READY : REFUSED;
	if (start->step != READY)
		_exit(127);
	drop_stops();
	start->failure = become_program(plan, env);
	_exit(127);
}

static pid_t start_shared(const struct launch_plan *plan, char **env, volatile struct start *start)
{
	sigset_t own;
	pid_t parent = getpid();
	char **own_env = environ;
	block_stops(&own);
	pid_t pid = vfork();
	if (pid == 0)
		run_shared(plan, env, parent, start);
	environ = own_env;
	sigprocmask(SIG_SETMASK, &own, NULL);
	return pid;
}

static int make_gate(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static void run_gated(const struct launch_plan *plan, char **env, pid_t parent, int gate)
{
	char go;
	struct failure failure = {get_ready(plan, parent), true};
	send(gate, &failure, sizeof failure, MSG_NOSIGNAL);
	if (failure.why || recv(gate, &go, 1, 0) != 1)
		_exit(127);
	failure = become_program(plan, env);
	send(gate, &failure, sizeof failure, MSG_NOSIGNAL);
	_exit(127);
}

/* What the process says; false: nothing, it was killed or has become its program. */
static bool hear(int gate, struct failure *failure)
{
	ssize_t n;
	do
		n = recv(gate, failure, sizeof *failure, MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	return n == sizeof *failure;
}

static void pass_gate(const struct launch_plan *plan, pid_t pid, int gate, struct start *start)
{
	if (!hear(gate, &start->failure))
		return;
	if (start->failure.why)
		start->step = UNFIT;
	else
		start->step = tell_before(plan, pid) == 0 ? READY : REFUSED;
	if (start->step != READY)
		return;
	if (send(gate, "g", 1, MSG_NOSIGNAL) != 1 || !hear(gate, &start->failure))
		start->failure = (struct failure){0, false};
}

static pid_t start_gated(const struct launch_plan *plan, char **env, volatile struct start *start)
{
	int ends[2];
	pid_t parent = getpid();
	if (make_gate(ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run_gated(plan, env, parent, ends[1]);
	}
	close(ends[1]); /* or its death would not show */
	if (pid > 0) {
		struct start seen = {BORN, {0, false}};
		pass_gate(plan, pid, ends[0], &seen);
		*start = seen;
	}
	close(ends[0]);
	return pid;
}

/* Does a vfork have our memory here, and die with us? Asked once. */
static bool shares_memory(void)
{
	static volatile bool asked, seen;
#ifdef __linux__
	if (!asked) {
		sigset_t own;
		asked = true;
		block_stops(&own);
		pid_t pid = vfork();
		if (pid == 0) {
			seen = true;
			_exit(0);
		}
		sigprocmask(SIG_SETMASK, &own, NULL);
		if (pid > 0)
			reap(pid);
	}
#else
	(void)asked;
#endif
	return seen;
}

/* How it ended before it began. */
static int explain(const struct launch_plan *plan, const struct start *start, struct problem *p)
{
	const char *name = plan->argv[0];
	errno = start->failure.why;
	switch (start->step) {
	case BORN:
		return problem_set(p, EXIT_IO,
				   "%s was not started: its process was killed while its start was "
				   "recorded; start it again",
				   name);
	case UNFIT:
		return problem_errno(p, "%s was not started: its process cannot be prepared", name);
	case REFUSED:
		return -1;
	default:
		if (!start->failure.system)
			return 0;
		problem_errno(p, "%s was not started: the system cannot start it now", name);
		return 1;
	}
}

int launch(const struct launch_plan *plan, pid_t *pid, int *why, struct problem *p)
{
	volatile struct start start = {BORN, {0, false}};
	*why = 0;
	if (find_inputs(p) != 0)
		return -1;
	char **env = merge_env(plan->env);
	if (!env)
		return problem_memory(p);
	*pid = (shares_memory() ? start_shared : start_gated)(plan, env, &start);
	int error = errno;
	free(env);
	errno = error;
	if (*pid < 0)
		return problem_errno(p, "a process cannot be started");
	const struct start how = start;
	if (how.step == READY && !how.failure.why)
		return 0;
	reap(*pid);
	*why = how.failure.why;
	return explain(plan, &how, p);
}
