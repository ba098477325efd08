/*
 * wait - block in the kernel, with the signal mask open, until a caught signal interrupts the
 * call.
 *
 * A signal that comes between the look and the call is not missed for long: an interval timer
 * (SIGALRM) interrupts the call every second. Nothing polls, so that locks are given in turn.
 *
 * A timer that was there before (alarm(2) is kept by exec) stays: nothing is reported then, and
 * the first signal ends the wait, since nothing would wake it for a second look.
 */
#include "base/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/signals.h"
#include "base/clock.h"

static const double patience = 0.9; /* seconds before a signal ends a wait */
static const double silence = 2.9;  /* seconds after which a wait is reported */

static void (*say)(const char *text);
static bool ended; /* some wait, by a signal */

void wait_init(void (*by)(const char *text))
{
	say = by;
}

bool wait_was_ended(void)
{
	return ended;
}

/* ---- the mask and the timer ---- */

struct guard {
	sigset_t mask;
	struct sigaction alarm;
	bool rings;
};

static void ring(int number)
{
	(void)number;
}

static void open_up(struct guard *g)
{
	struct sigaction act = {.sa_handler = ring};
	struct itimerval timer = {{0, 0}, {0, 0}};
	sigset_t alarm;
	g->rings = getitimer(ITIMER_REAL, &timer) == 0 && timer.it_value.tv_sec == 0 &&
		   timer.it_value.tv_usec == 0;
	sigprocmask(SIG_BLOCK, NULL, &g->mask);
	if (signals_mask())
		sigprocmask(SIG_SETMASK, signals_mask(), NULL);
	if (!g->rings)
		return;
	sigemptyset(&act.sa_mask);
	sigaction(SIGALRM, &act, &g->alarm);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	timer = (struct itimerval){{1, 0}, {1, 0}};
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void close_up(const struct guard *g)
{
	const struct itimerval none = {{0, 0}, {0, 0}};
	int saved = errno;
	if (g->rings) {
		setitimer(ITIMER_REAL, &none, NULL);
		sigaction(SIGALRM, &g->alarm, NULL);
	}
	sigprocmask(SIG_SETMASK, &g->mask, NULL);
	errno = saved;
}

/* ---- waiting ---- */

void wait_say(double began, bool *said, void (*what)(const void *context, struct buf *text),
	      const void *context)
{
	struct buf text = BUF_INIT;
	if (*said || !say || !what || clock_now() - began < silence)
		return;
	*said = true;
	buf_adds(&text, "waiting for ");
	what(context, &text);
	if (buf_cstr(&text))
		say(text.data);
	buf_free(&text);
}

int wait_for(int (*blocks)(void *context), void *context,
	     void (*what)(const void *context, struct buf *text))
{
	double began = clock_now();
	bool said = false;
	struct guard g;
	int rc;
	open_up(&g);
	while ((rc = blocks(context)) != 0 && errno == EINTR) {
		if (signals_stop() && (!g.rings || clock_now() - began > patience)) {
			ended = true;
			rc = 1;
			break;
		}
		wait_say(began, &said, what, context);
	}
	close_up(&g);
	return rc;
}

int wait_to_ask(void)
{
	if (poll(NULL, 0, 1000) == 0)
		errno = EINTR;
	return -1;
}

/* ---- locks ---- */

struct lock_wait {
	int fd;
	bool exclusive;
	const char *path;
};

static bool is_stopped(long pid)
{
	char name[64], line[256];
	bool stopped = false;
	snprintf(name, sizeof name, "/proc/%ld/status", pid);
	FILE *f = fopen(name, "re");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "State:", 6) == 0)
			stopped = strchr("Tt", line[6 + strspn(line + 6, " \t")]) != NULL;
	if (f)
		fclose(f);
	return stopped;
}

void wait_add_holders(const char *path, struct buf *text)
{
	struct buf list = BUF_INIT;
	lock_holders(path, &list);
	char *at = buf_cstr(&list) ? list.data : (char[]){""};
	bool many = strchr(at, ',') != NULL;
	if (!*at)
		buf_adds(text, "another process");
	for (const char *before = many ? "processes" : "process"; *at; before = ",") {
		long pid = strtol(at, &at, 10);
		buf_addf(text, "%s %ld%s", before, pid, is_stopped(pid) ? " (stopped)" : "");
		at += strspn(at, ", ");
	}
	buf_free(&list);
}

static void name_lock(const void *context, struct buf *text)
{
	const struct lock_wait *w = context;
	struct buf who = BUF_INIT;
	wait_add_holders(w->path, &who);
	buf_addf(text, "the lock on %s, which %s %s", w->path,
		 buf_cstr(&who) ? who.data : "another process",
		 who.data && strchr(who.data, ',') ? "hold" : "holds");
	buf_free(&who);
}

static int block_on_lock(void *context)
{
	const struct lock_wait *w = context;
	return lock_wait(w->fd, w->exclusive);
}

int wait_lock(int fd, bool exclusive, const char *path)
{
	struct lock_wait w = {fd, exclusive, path};
	if (lock_try(fd, exclusive) == 0)
		return 0;
	return errno == EAGAIN ? wait_for(block_on_lock, &w, path ? name_lock : NULL) : -1;
}

static int block_on_flock(void *context)
{
	const struct lock_wait *w = context;
	return flock(w->fd, LOCK_EX);
}

int wait_flock(int fd, const char *path)
{
	struct lock_wait w = {fd, true, path};
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? wait_for(block_on_flock, &w, name_lock) : -1;
}

int wait_free(int dir, const char *name, const char *path)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	int rc = fstat(fd, &st);
	if (rc == 0 && S_ISREG(st.st_mode))
		rc = wait_lock(fd, false, path);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

/* ---- readers of our output ---- */

struct output {
	int fd;
	const char *data;
	size_t len;
};

enum { STANDARD = 3 };

static bool left[STANDARD]; /* descriptors whose reader is not waited for any more */

static bool is_given_up(int fd)
{
	return fd >= 0 && fd < STANDARD && left[fd];
}

static int note_given_up(int fd, int rc)
{
	if (rc == 1 && fd >= 0 && fd < STANDARD)
		left[fd] = true;
	return rc;
}

static void name_reader(const void *context, struct buf *text)
{
	const struct output *o = context;
	if (o->fd == STDOUT_FILENO)
		buf_adds(text, "the reader of standard output");
	else
		buf_addf(text, "the reader of descriptor %d", o->fd);
}

static int block_on_write(void *context)
{
	struct output *o = context;
	while (o->len > 0) {
		ssize_t n = write(o->fd, o->data, o->len);
		if (n < 0)
			return -1;
		if (n == 0) { /* would loop for ever */
			errno = EIO;
			return -1;
		}
		o->data += n;
		o->len -= (size_t)n;
	}
	return 0;
}

bool wait_has_room(int fd, size_t len)
{
	struct pollfd out = {fd, POLLOUT, 0};
	return len <= PIPE_BUF && poll(&out, 1, 0) == 1;
}

/* That standard error is waited for cannot be reported: that is where reports go. */
int wait_write(int fd, const void *data, size_t len)
{
	struct output o = {fd, data, len};
	if (wait_has_room(fd, len))
		return file_write_all(fd, data, len);
	if (is_given_up(fd))
		return 1;
	return note_given_up(
		fd, wait_for(block_on_write, &o, fd == STDERR_FILENO ? NULL : name_reader));
}

struct opening {
	const char *path;
	int fd;
};

static void name_file(const void *context, struct buf *text)
{
	const struct opening *o = context;
	buf_addf(text, "a reader of %s", o->path);
}

static int block_on_open(void *context)
{
	struct opening *o = context;
	o->fd = open(o->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return o->fd < 0 ? -1 : 0;
}

int wait_open(const char *path)
{
	struct opening o = {path, -1};
	if (wait_for(block_on_open, &o, name_file) > 0)
		errno = EINTR;
	return o.fd;
}
