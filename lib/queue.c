/*
 * queue - the file is locked while somebody comes, never while somebody waits. A
 * blocking wait for a lock is ended by a signal; a timer that rings every second
 * sees to it that one that came just before the wait is not missed.
 */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "lock.h"
#include "stop.h"

static int read_all(int fd, struct buf *text)
{
	ssize_t n = 1;
	while (n > 0) {
		if (!buf_reserve(text, 4096))
			return -1;
		n = pread(fd, text->data + text->len, text->cap - text->len, (off_t)text->len);
		if (n > 0)
			text->len += (size_t)n;
	}
	return n < 0 ? -1 : 0;
}

/* Keep the lines whose lock is held, and add our own. */
static int come(int fd, const char *lock, struct buf *earlier)
{
	struct buf text = BUF_INIT, lines = BUF_INIT;
	int rc = read_all(fd, &text);
	char *line = rc == 0 && buf_cstr(&text) ? text.data : NULL, *end;
	for (; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (strcmp(line, lock) != 0 && lock_held(line) == 1)
			buf_addf(earlier, "%s\n", line);
	}
	buf_add(&lines, earlier->data ? earlier->data : "", earlier->len);
	buf_addf(&lines, "%s\n", lock);
	if (rc == 0 && (lines.failed || ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
			file_write_all(fd, lines.data, lines.len) != 0))
		rc = -1;
	buf_free(&text);
	buf_free(&lines);
	return rc;
}

/* Open the queue and lock it. 0; 1: it was removed meanwhile; -1 with errno. */
static int lock_queue(int *fd, const char *queue)
{
	int rc = -1;
	*fd = open(queue, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	while (*fd >= 0 && (rc = lock_wait(*fd, true)) != 0 && errno == EINTR)
		;
	return rc == 0 && !lock_is_named(*fd, AT_FDCWD, queue) ? 1 : rc;
}

static int enter(const char *queue, const char *lock, struct buf *earlier, struct problem *p)
{
	int fd, rc;
	while ((rc = lock_queue(&fd, queue)) == 1)
		close(fd);
	if (fd < 0)
		return problem_errno(p, "the queue %s cannot be opened", queue);
	if (rc == 0)
		rc = come(fd, lock, earlier);
	if (rc != 0)
		problem_errno(p, "the queue %s cannot be entered", queue);
	close(fd);
	return rc == 0 ? 0 : -1;
}

static void ring(int number)
{
	(void)number;
}

static void set_timer(bool on)
{
	struct itimerval every = {{on, 0}, {on, 0}};
	struct sigaction act = {.sa_handler = on ? ring : SIG_DFL};
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* 0; 1: stopped; -1: it cannot be locked. */
static int wait_lock(int fd, bool exclusive)
{
	int rc = -1;
	while (!stop_signal() && (rc = lock_wait(fd, exclusive)) != 0)
		if (errno != EINTR)
			break;
	return stop_signal() ? 1 : rc;
}

static int wait_for(const char *lock, struct problem *p)
{
	long above = lock_held_above(lock);
	if (above)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"process %ld, which has started this one, is before it in the queue: it "
			"would wait for itself; omit --queue here",
			above);
	int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	int rc = wait_lock(fd, false);
	close(fd);
	return rc > 0;
}

int queue_lock(int fd)
{
	set_timer(true);
	stop_listen(true);
	int rc = wait_lock(fd, true);
	stop_listen(false);
	set_timer(false);
	return rc;
}

int queue_wait(const char *queue, const char *lock, struct problem *p)
{
	struct buf earlier = BUF_INIT;
	int rc = enter(queue, lock, &earlier, p);
	set_timer(true);
	stop_listen(true);
	char *line = rc == 0 && buf_cstr(&earlier) ? earlier.data : NULL, *end;
	for (; rc == 0 && line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		rc = wait_for(line, p);
	}
	stop_listen(false);
	set_timer(false);
	buf_free(&earlier);
	return rc;
}
