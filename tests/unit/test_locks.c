/* A lock file that is removed between its opening and its lock, and what is removed by
 * whom. The calls that lock are wrapped by the linker: what a test wants to happen before
 * one of them happens there. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim.h"
#include "gpu.h"
#include "spec/publish.h"
#include "run/queue.h"

int __real_lock_try(int fd, bool exclusive);
int __real_lock_wait(int fd, bool exclusive);
int __wrap_lock_try(int fd, bool exclusive);
int __wrap_lock_wait(int fd, bool exclusive);

static char room[64];
static const char *victim; /* to be removed before the next lock */
static const char *other;  /* or this: where there is no directory for the first one */

static void strike(void)
{
	if (victim)
		assert_true(unlink(victim) == 0 || (other && unlink(other) == 0));
	victim = other = NULL;
}

int __wrap_lock_try(int fd, bool exclusive)
{
	strike();
	return __real_lock_try(fd, exclusive);
}

int __wrap_lock_wait(int fd, bool exclusive)
{
	strike();
	return __real_lock_wait(fd, exclusive);
}

static int enter_room(void **state)
{
	(void)state;
	strcpy(room, "/tmp/test_locks.XXXXXX");
	return mkdtemp(room) && chdir(room) == 0 && mkdir("e", 0777) == 0 &&
			       mkdir("e/records", 0777) == 0
		       ? 0
		       : -1;
}

static int leave_room(void **state)
{
	static const char *const files[] = {"e/records/run_000.jsonl", "e/records/run_001.jsonl",
					    "e/lock", "queue", ".lock"};
	static const char *const dirs[] = {"e/records", "e/logs", "e"};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		rmdir(dirs[i]);
	return chdir("/") == 0 && rmdir(room) == 0 ? 0 : -1;
}

/* Is this what the name stands for? */
static void assert_named(int fd, const char *name)
{
	struct stat ours, there;
	assert_int_equal(fstat(fd, &ours), 0);
	assert_int_equal(stat(name, &there), 0);
	assert_int_equal(ours.st_ino, there.st_ino);
}

static void a_journal_that_is_removed_before_it_is_locked_is_made_again(void **state)
{
	static const char line[] = "{\"run\":\"run_000\",\"attempt\":1,\"status\":\"running\"}\n";
	struct journal j;
	struct problem p;
	struct stat st;
	(void)state;
	int dir = open("e/records", O_RDONLY | O_DIRECTORY);
	victim = "e/records/run_000.jsonl";
	assert_int_equal(journal_claim(&j, dir, "e/records", "run_000.jsonl", JOURNAL_SYNC, &p), 0);
	assert_null(victim);
	assert_int_equal(journal_append(&j, line, strlen(line), &p), 0);
	assert_int_equal(stat("e/records/run_000.jsonl", &st), 0);
	assert_int_equal(st.st_size, strlen(line));
	journal_close(&j);
	close(dir);
}

static void the_experiment_is_locked_by_the_file_that_is_there(void **state)
{
	struct claim e;
	struct problem p;
	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		claim_init(&e);
		victim = "e/lock";
		assert_int_equal(claim_open(&e, "e", shared, &p), 0);
		assert_null(victim);
		assert_named(e.lock, "e/lock");
		claim_close(&e);
	}
}

static void the_queue_is_entered_in_the_file_that_is_there(void **state)
{
	struct problem p;
	struct stat st;
	(void)state;
	victim = "queue";
	assert_int_equal(queue_wait("queue", "e/mine", false, &p), 0);
	assert_null(victim);
	assert_int_equal(stat("queue", &st), 0);
	assert_int_equal(st.st_size, strlen("e/mine\n"));
}

static void a_gpu_is_locked_by_the_file_that_is_there(void **state)
{
	char device[64], run[128], tmp[128];
	struct problem p;
	struct gpu g;
	(void)state;
	snprintf(device, sizeof device, "test-%ld", (long)getpid());
	snprintf(run, sizeof run, "/run/lock/sweeputils-gpu-%s", device);
	snprintf(tmp, sizeof tmp, "/tmp/sweeputils-gpu-%s", device);
	victim = run;
	other = tmp;
	gpu_init(&g, device);
	assert_int_equal(gpu_try(&g, true, &p), 1);
	assert_null(victim);
	assert_int_equal(gpu_try(&g, true, &p), 0);
	assert_named(g.lock, access(run, F_OK) == 0 ? run : tmp);
	gpu_free(&g);
	assert_true(unlink(run) == 0 || unlink(tmp) == 0);
}

static void a_name_is_kept_by_the_file_that_is_there(void **state)
{
	struct problem p;
	(void)state;
	victim = ".lock";
	int fd = publish_lock(".", &p);
	assert_null(victim);
	assert_named(fd, ".lock");
	close(fd);
}

/* The lock of the experiment was removed while a was at work, and b came in. */
static void an_empty_journal_that_is_claimed_is_not_removed(void **state)
{
	static const char line[] = "{\"run\":\"run_000\",\"attempt\":1,\"status\":\"running\"}\n";
	struct claim a, b;
	struct journal j;
	struct problem p;
	struct stat st;
	(void)state;
	claim_init(&a);
	claim_init(&b);
	assert_int_equal(claim_open(&a, "e", false, &p), 0);
	claim_make(&a, "run_000");
	claim_make(&a, "run_001");
	assert_int_equal(claim_sync_names(&a, &p), 0);
	assert_int_equal(unlink("e/lock"), 0);
	assert_int_equal(claim_open(&b, "e", false, &p), 0);
	assert_int_equal(claim_run(&b, &j, "run_000", true, &p), 0);
	claim_close(&a);
	assert_int_equal(journal_append(&j, line, strlen(line), &p), 0);
	assert_int_equal(stat("e/records/run_000.jsonl", &st), 0);
	assert_int_equal(st.st_size, strlen(line));
	assert_int_not_equal(stat("e/records/run_001.jsonl", &st), 0);
	journal_close(&j);
	claim_close(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_room, leave_room)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_journal_that_is_removed_before_it_is_locked_is_made_again),
		TEST(the_experiment_is_locked_by_the_file_that_is_there),
		TEST(the_queue_is_entered_in_the_file_that_is_there),
		TEST(a_gpu_is_locked_by_the_file_that_is_there),
		TEST(a_name_is_kept_by_the_file_that_is_there),
		TEST(an_empty_journal_that_is_claimed_is_not_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
