/* Claims, torn tails, and what is believed. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exp/journal.h"

static int dir;
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	strcpy(path, "/tmp/test_journal.XXXXXX");
	if (!mkdtemp(path))
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY);
	return dir < 0 ? -1 : 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlinkat(dir, "j", 0);
	close(dir);
	return rmdir(path);
}

static void put(const char *text, size_t len)
{
	int fd = openat(dir, "j", O_WRONLY | O_CREAT | O_TRUNC, 0666);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static off_t size(void)
{
	struct stat st;
	assert_int_equal(fstatat(dir, "j", &st, 0), 0);
	return st.st_size;
}

static int claim(struct journal *j)
{
	struct problem p;
	return journal_claim(j, dir, "records", "j", JOURNAL_SYNC, &p);
}

static const char whole[] = "{\"run\":\"j\",\"attempt\":1,\"status\":\"running\"}\n"
			    "{\"run\":\"j\",\"attempt\":1,\"status\":\"completed\"}\n";

static void every_tear_is_cut_off(void **state)
{
	(void)state;
	static const char next[] = "{\"run\":\"j\",\"attempt\":2,\"status\":\"running\"}\n";
	size_t len = strlen(whole);
	char text[256];
	for (size_t torn = 0; torn <= strlen(next); torn++) {
		struct journal j;
		memcpy(text, whole, len);
		memcpy(text + len, next, torn);
		put(text, len + torn);
		assert_int_equal(claim(&j), 0);
		bool is_whole = torn == strlen(next);
		assert_int_equal(size(), (off_t)(is_whole ? len + torn : len));
		assert_int_equal(j.attempt, is_whole ? 2 : 1);
		assert_int_equal(j.status, is_whole ? STATUS_RUNNING : STATUS_COMPLETED);
		journal_close(&j);
	}
}

static void nul_bytes_are_a_tear(void **state)
{
	(void)state;
	char text[256] = {0};
	struct journal j;
	memcpy(text, whole, strlen(whole));
	put(text, strlen(whole) + 40);
	assert_int_equal(claim(&j), 0);
	assert_int_equal(size(), (off_t)strlen(whole));
	journal_close(&j);
	text[strlen(whole) + 40] = '\n';
	put(text, strlen(whole) + 41);
	assert_int_equal(claim(&j), 0);
	assert_int_equal(size(), (off_t)strlen(whole));
	journal_close(&j);
}

static void garbage_before_the_end_is_a_problem(void **state)
{
	(void)state;
	struct journal j;
	struct problem p;
	put("what\n{\"attempt\":1}\n", 19);
	assert_int_equal(journal_claim(&j, dir, "records", "j", JOURNAL_SYNC, &p), -1);
	assert_int_equal(p.status, EXIT_BAD_INPUT);
	assert_non_null(strstr(p.text, "records/j"));
	assert_int_equal(size(), 19);
}

static void a_claim_is_held_by_one_only(void **state)
{
	(void)state;
	struct journal a, b;
	assert_int_equal(claim(&a), 0);
	assert_int_equal(claim(&b), 1);
	journal_close(&a);
	assert_int_equal(claim(&b), 0);
	journal_close(&b);
}

static void a_claim_lives_as_long_as_a_child_that_inherited_it(void **state)
{
	(void)state;
	struct journal a, b;
	int gate[2];
	char byte;
	assert_int_equal(pipe(gate), 0);
	assert_int_equal(claim(&a), 0);
	pid_t child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(gate[0]);
	journal_close(&a);
	assert_int_equal(claim(&b), 1);
	close(gate[1]);
	waitpid(child, NULL, 0);
	assert_int_equal(claim(&b), 0);
	journal_close(&b);
}

static void what_is_appended_is_read_back(void **state)
{
	(void)state;
	struct journal j;
	struct problem p;
	static const char line[] = "{\"run\":\"j\",\"attempt\":7,\"status\":\"failed\"}\n";
	assert_int_equal(claim(&j), 0);
	assert_int_equal(j.attempt, 0);
	assert_int_equal(j.status, STATUS_NONE);
	assert_int_equal(journal_reserve(&j, 4096, &p), 0);
	assert_int_equal(size(), 0);
	assert_int_equal(journal_append(&j, line, strlen(line), &p), 0);
	assert_int_equal(size(), (off_t)strlen(line));
	journal_close(&j);
	assert_int_equal(claim(&j), 0);
	assert_int_equal(j.attempt, 7);
	assert_int_equal(j.status, STATUS_FAILED);
	journal_close(&j);
}

static void of_a_line_that_does_not_fit_nothing_stays_and_it_fits_later(void **state)
{
	(void)state;
	struct journal j;
	struct problem p;
	struct rlimit was, small;
	static const char line[] = "{\"attempt\":7,\"status\":\"failed\"}\n";
	const off_t len = (off_t)strlen(line);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	assert_int_equal(claim(&j), 0);
	assert_int_equal(journal_append(&j, line, (size_t)len, &p), 0);
	for (small.rlim_cur = (rlim_t)len; (off_t)small.rlim_cur < 2 * len; small.rlim_cur++) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		assert_int_equal(journal_append(&j, line, (size_t)len, &p), 1);
		assert_int_equal(p.status, EXIT_IO);
		assert_int_equal(size(), len);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(journal_append(&j, line, (size_t)len, &p), 0);
	assert_int_equal(size(), 2 * len);
	journal_close(&j);
}

static void a_link_in_the_place_of_a_journal_is_not_followed(void **state)
{
	(void)state;
	struct journal j;
	assert_int_equal(symlinkat("/etc/passwd", dir, "j"), 0);
	assert_int_equal(claim(&j), -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_tear_is_cut_off),
		TEST(nul_bytes_are_a_tear),
		TEST(garbage_before_the_end_is_a_problem),
		TEST(a_claim_is_held_by_one_only),
		TEST(a_claim_lives_as_long_as_a_child_that_inherited_it),
		TEST(what_is_appended_is_read_back),
		TEST(of_a_line_that_does_not_fit_nothing_stays_and_it_fits_later),
		TEST(a_link_in_the_place_of_a_journal_is_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
