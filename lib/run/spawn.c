/*
 * spawn - vfork and execvp.
 *
 * Between the two the child makes async-signal-safe calls only (execvp is not on POSIX's
 * list; glibc and musl allocate nothing in it) and writes no memory of ours. Why it is not
 * its program it says through a close-on-exec pipe, which works as well where vfork is fork
 * (under valgrind and emulators): end of file says that the program was executed.
 *
 * A stop signal (^Z) that hit the child before its setpgid would stop us with it: stop
 * signals are blocked over the vfork, and those that are pending in the child are dropped.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* vfork */
#endif
#include "run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
static void detach_terminal(void)
{
#ifdef TIOCNOTTY
	if (terminal >= 0)
		ioctl(terminal, TIOCNOTTY);
#endif
}

/* 0 or errno. */
static int die_with_parent(pid_t parent)
{
#ifdef __linux__
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return errno;
	if (getppid() != parent) /* it died before we asked */
		_exit(127);
#else
	(void)parent;
#endif
	return 0;
}

/* 0 or errno. */
static int set_descriptors(const struct spawn_plan *plan)
{
	if (dup2(null_input, 0) < 0 || dup2(plan->output, 1) < 0 || dup2(plan->output, 2) < 0)
		return errno;
	for (const int *fd = plan->inherit; *fd >= 0; fd++)
		if (fcntl(*fd, F_SETFD, 0) != 0)
			return errno;
	return 0;
}

/* What came for the group that the process was born in is not for its program. */
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

/* Why there is no program. */
struct failure {
	int why;     /* errno; 0: there is one */
	int by_exec; /* what comes before it is never the program's fault */
};

static void become_program(const struct spawn_plan *plan, pid_t parent, int told)
{
	struct failure failure = {setpgid(0, 0) != 0 ? errno : 0, false};
	detach_terminal();
	if (!failure.why)
		failure.why = die_with_parent(parent);
	if (!failure.why)
		failure.why = set_descriptors(plan);
	if (!failure.why) {
		drop_stops();
		signals_reset();
		execvp(plan->argv[0], plan->argv);
		failure = (struct failure){errno, true};
	}
	while (write(told, &failure, sizeof failure) < 0 && errno == EINTR)
		;
	_exit(127);
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

void spawn_reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* What is handled is blocked already (signals.h). Nothing else is: of a signal that is
 * ignored here none must wait for the program. */
static void block_stops(sigset_t *own)
{
	sigset_t stops;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, own);
}

static pid_t start_child(const struct spawn_plan *plan, char **env, int told)
{
	sigset_t own;
	pid_t parent = getpid();
	char **own_env = environ;
	block_stops(&own);
	environ = env;
	pid_t pid = vfork();
	if (pid < 0 && errno == ENOSYS)
		pid = fork();
	if (pid == 0)
		become_program(plan, parent, told);
	int error = errno;
	environ = own_env;
	sigprocmask(SIG_SETMASK, &own, NULL);
	errno = error;
	return pid;
}

/* What the child says; nothing where it has become its program, or was killed. */
static struct failure hear(int from)
{
	struct failure failure;
	ssize_t n;
	do
		n = read(from, &failure, sizeof failure);
	while (n < 0 && errno == EINTR);
	return n == sizeof failure ? failure : (struct failure){0, false};
}

static pid_t start_heard(const struct spawn_plan *plan, char **env, struct failure *failure)
{
	int ends[2];
	if (pipe(ends) != 0)
		return -1;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	pid_t pid = start_child(plan, env, ends[1]);
	int error = errno;
	close(ends[1]);
	if (pid > 0)
		*failure = hear(ends[0]);
	close(ends[0]);
	errno = error;
	return pid;
}

/* Of exec: the same would happen to any program. */
static bool is_system(int why)
{
	return why == EAGAIN || why == ENOMEM || why == EMFILE || why == ENFILE || why == EIO ||
	       why == EINTR;
}

static int explain(const struct spawn_plan *plan, const struct failure *failure, struct problem *p)
{
	errno = failure->why;
	if (!failure->by_exec)
		return problem_errno(p, "%s was not started: its process cannot be prepared",
				     plan->argv[0]);
	if (is_system(failure->why))
		return problem_errno(p, "%s was not started: the system cannot start it now",
				     plan->argv[0]);
	return 0;
}

int spawn(const struct spawn_plan *plan, pid_t *pid, int *why, struct problem *p)
{
	struct failure failure = {0, false};
	*why = 0;
	if (find_inputs(p) != 0)
		return -1;
	char **env = merge_env(plan->env);
	if (!env)
		return problem_memory(p);
	*pid = start_heard(plan, env, &failure);
	int error = errno;
	free(env);
	errno = error;
	if (*pid < 0)
		return problem_errno(p, "a process cannot be started");
	if (!failure.why)
		return 0;
	spawn_reap(*pid);
	*why = failure.why;
	return explain(plan, &failure, p);
}
