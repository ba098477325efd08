/* What counts as being asked again. The process that is asked is a child of ours: we are its
 * parent, and a child of ours beside it is anybody. */
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"

struct asked {
	pid_t pid;
	int news; /* a byte for each signal it hears: 'y' if it is asked again by now */
};

static void report(int out)
{
	for (;;) {
		signals_wait(-1);
		char c = signals_again() ? 'y' : 'n';
		if (write(out, &c, 1) != 1)
			_exit(1);
	}
}

static struct asked begin(void)
{
	int ends[2];
	char ready;
	assert_int_equal(pipe(ends), 0);
	struct asked a = {fork(), ends[0]};
	assert_true(a.pid >= 0);
	if (a.pid == 0) {
		signals_init();
		if (write(ends[1], "r", 1) != 1)
			_exit(1);
		report(ends[1]);
	}
	close(ends[1]);
	assert_int_equal(read(a.news, &ready, 1), 1);
	return a;
}

static char heard(const struct asked *a)
{
	char c = 0;
	assert_int_equal(read(a->news, &c, 1), 1);
	return c;
}

static void end(const struct asked *a)
{
	kill(a->pid, SIGKILL);
	assert_int_equal(waitpid(a->pid, NULL, 0), a->pid);
	close(a->news);
}

static void send_as_anybody(pid_t pid)
{
	pid_t other = fork();
	assert_true(other >= 0);
	if (other == 0)
		_exit(kill(pid, SIGINT));
	int status;
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
}

/* Longer than two signals of one sender count as one. */
static void later(void)
{
	nanosleep(&(struct timespec){0, 250000000}, NULL);
}

static void two_of_one_sender_ask_again(void **state)
{
	(void)state;
	struct asked a = begin();
	kill(a.pid, SIGINT);
	assert_int_equal(heard(&a), 'n');
	later();
	kill(a.pid, SIGINT);
	assert_int_equal(heard(&a), 'y');
	end(&a);
}

static void what_a_parent_passes_on_late_does_not(void **state)
{
	(void)state;
	struct asked a = begin();
	send_as_anybody(a.pid);
	assert_int_equal(heard(&a), 'n');
	later();
	kill(a.pid, SIGINT);
	assert_int_equal(heard(&a), 'n');
	later();
	send_as_anybody(a.pid);
	assert_int_equal(heard(&a), 'y');
	end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_of_one_sender_ask_again),
		cmocka_unit_test(what_a_parent_passes_on_late_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
