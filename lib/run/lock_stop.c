/*
 * lock_stop - the list of holders gives candidates: each is checked again after its pidfd was
 * opened.
 */
#include "run/lock_stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/lock.h"
#include "base/signals.h"
#include "base/wait.h"
#include "base/clock.h"

static void name_holder(const void *context, struct buf *text)
{
	wait_add_holders(context, text);
	buf_addf(text, " to give up %s", (const char *)context);
}

bool lock_stop_wait(const char *lock, double seconds)
{
	double began = clock_now(), end = began + seconds;
	bool said = false;
	while (lock_held(lock) == 1) {
		if (clock_now() > end || signals_stop())
			return false;
		wait_say(began, &said, name_holder, lock);
		signals_wait(0.02);
	}
	return true;
}

#if defined(SYS_pidfd_open) && defined(SYS_pidfd_send_signal)

/* The value of a field in /proc/PID/status, as "run-one" of "Name:"; false: none. */
static bool status_field(long pid, const char *field, char *out, size_t size)
{
	char path[64], line[256];
	size_t len = strlen(field);
	bool found = false;
	snprintf(path, sizeof path, "/proc/%ld/status", pid);
	FILE *f = fopen(path, "r");
	while (f && !found && fgets(line, sizeof line, f)) {
		found = strncmp(line, field, len) == 0;
		line[strcspn(line, "\n")] = '\0';
		if (found)
			snprintf(out, size, "%s", line + len + strspn(line + len, " \t"));
	}
	if (f)
		fclose(f);
	return found;
}

static bool is_pid_listed(const char *list, long pid)
{
	for (char *end; *list; list = *end ? end + 2 : end)
		if (strtol(list, &end, 10) == pid)
			return true;
	return false;
}

static bool is_run_one(long pid)
{
	char name[64];
	return status_field(pid, "Name:", name, sizeof name) && strcmp(name, "run-one") == 0;
}

/* A run-one that was not started by another of the holders. */
static bool is_topmost_holder(const char *list, long pid)
{
	char parent[64];
	return is_run_one(pid) && status_field(pid, "PPid:", parent, sizeof parent) &&
	       !is_pid_listed(list, strtol(parent, NULL, 10));
}

/* Signal the process if it holds the lock after its pidfd was opened. */
static bool signal_holder(const char *lock, long pid, int number)
{
	struct buf now = BUF_INIT;
	int handle = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	bool sent = false;
	if (handle < 0)
		return false;
	lock_holders(lock, &now);
	if (buf_cstr(&now) && is_pid_listed(now.data, pid) && lock_held(lock) == 1)
		sent = syscall(SYS_pidfd_send_signal, handle, number, NULL, 0) == 0;
	if (sent && number == SIGTERM) /* a stopped process (^Z) handles no SIGTERM */
		syscall(SYS_pidfd_send_signal, handle, SIGCONT, NULL, 0);
	close(handle);
	buf_free(&now);
	return sent;
}

enum who { FIRST_RUN_ONE, EVERYBODY };

static bool is_meant(const char *list, long pid, enum who who)
{
	return who == EVERYBODY || is_topmost_holder(list, pid);
}

static size_t signal_holders(const char *lock, int number, enum who who)
{
	struct buf list = BUF_INIT;
	size_t sent = 0;
	lock_holders(lock, &list);
	const char *at = buf_cstr(&list) ? list.data : "";
	for (char *end; *at; at = *end ? end + 2 : end) {
		long pid = strtol(at, &end, 10);
		if (is_meant(list.data, pid, who))
			sent += signal_holder(lock, pid, number);
	}
	buf_free(&list);
	return sent;
}

int lock_stop_holder(const char *lock, double grace, size_t *killed, struct problem *p)
{
	*killed = 0;
	int held = lock_held(lock);
	if (held < 0)
		return problem_errno(p, "%s cannot be accessed", lock);
	if (held == 0)
		return 1;
	if (signal_holders(lock, SIGTERM, FIRST_RUN_ONE) && lock_stop_wait(lock, grace))
		return 0;
	if (signals_stop())
		return problem_set(p, EXIT_SIGNAL + signals_stop(),
				   "%s is still held: stopped before its holder, which was told to "
				   "end, has ended",
				   lock);
	*killed = signal_holders(lock, SIGKILL, EVERYBODY);
	if (lock_stop_wait(lock, 10))
		return 0;
	return problem_set(p, EXIT_BUSY,
			   "%s is held by a process that cannot be stopped from here: another "
			   "user's, another machine's, or one that SIGKILL does not end",
			   lock);
}

#else

int lock_stop_holder(const char *lock, double grace, size_t *killed, struct problem *p)
{
	(void)grace;
	*killed = 0;
	return problem_set(p, EXIT_IO, "%s: stopping needs Linux 5.3 or newer", lock);
}

#endif
