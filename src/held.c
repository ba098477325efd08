/*
 * held - look at the lock file of an experiment, and at the leftovers of its runs.
 *
 * Nothing is signalled by a process number alone: a pidfd is taken first, and then it is
 * checked that the process holds the lock (lock_stop.h) or belongs to a run (leftover.h).
 */
#include "held.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/problem.h"
#include "base/signals.h"
#include "cli.h"
#include "exp/layout.h"
#include "exp/leftover.h"
#include "run/lock_stop.h"

static bool held_now(const char *dir, const char *lock, bool lock_only)
{
	struct leftovers left = {0};
	bool held = lock_held(lock) == 1 || (!lock_only && leftover_of_experiment(dir, &left) > 0);
	leftover_free(&left);
	return held;
}

int held_ask(const char *dir, bool lock_only, double seconds)
{
	struct buf lock = BUF_INIT;
	bool held = layout_add(&lock, dir, LAYOUT_LOCK) && held_now(dir, lock.data, lock_only);
	double until = clock_now() + seconds;
	while (held && clock_now() < until && !signals_stop()) {
		if (lock_stop_wait(lock.data, until - clock_now()))
			signals_wait(0.1);
		held = held_now(dir, lock.data, lock_only);
	}
	buf_free(&lock);
	return held ? EXIT_OK : 1;
}

/* Has the process ended, after a moment? kill(2) finds a zombie, a pidfd tells of its end. */
static bool ended_within_a_moment(pid_t process, int handle)
{
	if (handle >= 0)
		return signals_wait_readable(handle, 0.01);
	signals_wait(0.01);
	return kill(process, 0) != 0 && errno == ESRCH;
}

int held_await(const char *dir, bool lock_only, pid_t process)
{
	struct buf lock = BUF_INIT;
	int handle = -1;
#ifdef SYS_pidfd_open
	handle = (int)syscall(SYS_pidfd_open, process, 0);
	bool gone = handle < 0 && errno == ESRCH;
#else
	bool gone = false;
#endif
	bool held = layout_add(&lock, dir, LAYOUT_LOCK) && held_now(dir, lock.data, lock_only);
	while (!lock.failed && !held && !gone && !signals_stop()) {
		gone = ended_within_a_moment(process, handle);
		held = held_now(dir, lock.data, lock_only);
	}
	if (handle >= 0)
		close(handle);
	buf_free(&lock);
	return held ? EXIT_OK : 1;
}

int held_stop(const char *dir, double grace)
{
	struct buf lock = BUF_INIT;
	struct problem p;
	size_t killed, more = 0;
	/* its own grace, and time for its record */
	int rc = layout_add(&lock, dir, LAYOUT_LOCK)
			 ? lock_stop_holder(lock.data, grace + 5, &killed, &p)
			 : problem_memory(&p);
	int left = rc < 0 ? -1 : leftover_stop(dir, grace, &more, &p);
	buf_free(&lock);
	if (left < 0)
		return cli_complain(&p);
	killed += more;
	if (rc > 0 && left > 0)
		cli_note("nobody is at work on %s", dir);
	else if (killed)
		cli_note("%s did not stop by itself: %zu %s killed", dir, killed,
			 killed == 1 ? "process was" : "processes were");
	return EXIT_OK;
}
