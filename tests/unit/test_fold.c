/* The laws of the merge, over random lines: order, repetition and grouping do not
 * matter. A failure names the seed. */
#include "unit.h"

#include <unistd.h>

#include "exp/document.h"
#include "exp/foldfile.h"

enum { CASES = 400, LINES = 24 };

static uint64_t random_state;

static unsigned pick(unsigned below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % below;
}

static void make_line(char *out, size_t size)
{
	static const char *const statuses[] = {"\"pending\"", "\"running\"", "\"completed\"",
					       "\"failed\""};
	static const char *const keys[] = {"metrics",  "x",  "metrics_error",
					   "\xc3\xa9", "zz", "run_dir"};
	static const char *const values[] = {"1", "1.0", "\"a\"", "{\"b\": 1}", "null", "0.10"};
	size_t n = (size_t)snprintf(out, size, "{\"run\":\"r%u\"", pick(3));
	if (pick(4))
		n += (size_t)snprintf(out + n, size - n, ",\"attempt\":%u", pick(3) + 1);
	if (pick(4))
		n += (size_t)snprintf(out + n, size - n, ",\"status\":%s", statuses[pick(4)]);
	if (pick(2))
		n += (size_t)snprintf(out + n, size - n, ",\"completed_at\":\"2026-0%u\"",
				      pick(9) + 1);
	if (pick(6) == 0)
		n += (size_t)snprintf(out + n, size - n, ",\"noted_at\":\"2026-0%u\"", pick(9) + 1);
	if (pick(2))
		n += (size_t)snprintf(out + n, size - n, ",\"index\":%u", pick(3));
	/* a key in one of its spellings */
	if (pick(4) == 0)
		n += (size_t)snprintf(out + n, size - n, ",\"gr\\u00fc\":1");
	else if (pick(4) == 0)
		n += (size_t)snprintf(out + n, size - n, ",\"gr\xc3\xbc\":2");
	unsigned first = pick(6);
	for (unsigned i = 0; i < pick(4); i++)
		n += (size_t)snprintf(out + n, size - n, ",\"%s\":%s", keys[(first + i) % 6],
				      values[pick(6)]);
	snprintf(out + n, size - n, "}");
}

/* A file with this text. */
static int read_text(struct fold *f, const char *text, size_t len, struct problem *p)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(write(fileno(file), text, len), (ssize_t)len);
	assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
	int rc = foldfile_read(f, fileno(file), "j", p);
	fclose(file);
	return rc;
}

static bool collect(void *context, const char *data, size_t len)
{
	buf_add(context, data, len);
	return true;
}

static void fold_lines(char lines[][256], const unsigned *order, size_t count, struct buf *out)
{
	struct fold *f = fold_new();
	struct problem p;
	assert_non_null(f);
	for (size_t i = 0; i < count; i++) {
		struct json line;
		size_t offset;
		const char *why, *text = lines[order[i]];
		if (json_parse(&line, text, strlen(text), &offset, &why) != 0)
			fail_msg("%s: %s", text, why);
		assert_int_equal(fold_line(f, &line, &p), 0);
	}
	assert_true(document_write(f, collect, out));
	fold_free(f);
}

static void order_and_repetition_do_not_matter(void **state)
{
	(void)state;
	static char lines[LINES][256];
	for (unsigned seed = 1; seed <= CASES; seed++) {
		unsigned order[LINES * 2];
		struct buf want = BUF_INIT, got = BUF_INIT;
		random_state = seed;
		for (unsigned i = 0; i < LINES; i++) {
			make_line(lines[i], sizeof lines[i]);
			order[i] = i;
			order[LINES + i] = pick(LINES);
		}
		fold_lines(lines, order, LINES, &want);
		for (unsigned i = LINES * 2 - 1; i > 0; i--) {
			unsigned k = pick(i + 1), kept = order[i];
			order[i] = order[k];
			order[k] = kept;
		}
		fold_lines(lines, order, LINES * 2, &got);
		if (want.len != got.len || memcmp(want.data, got.data, want.len) != 0)
			fail_msg("seed %u:\n%.*s\n%.*s", seed, (int)want.len, want.data,
				 (int)got.len, got.data);
		buf_free(&want);
		buf_free(&got);
	}
}

static void a_torn_end_is_left_out_and_garbage_is_named(void **state)
{
	(void)state;
	static const char text[] = "{\"run\":\"a\"}\n{\"run\":\"b\"}\n";
	struct problem p;
	for (size_t len = 0; len <= strlen(text); len++) {
		struct fold *f = fold_new();
		assert_int_equal(read_text(f, text, len, &p), 0);
		assert_int_equal(fold_count(f), len == strlen(text) ? 2 : len >= 12 ? 1 : 0);
		fold_free(f);
	}
	struct fold *f = fold_new();
	assert_int_equal(read_text(f, "x\n{\"run\":\"a\"}\n", 14, &p), 1);
	assert_non_null(strstr(p.text, "j:1:1: not a JSON object"));
	assert_int_equal(fold_count(f), 1);
	/* NUL bytes are torn at the end only */
	assert_int_equal(read_text(f, "{\"run\":\"b\"}\n\0\0\n", 15, &p), 0);
	assert_int_equal(read_text(f, "\0\n{\"run\":\"c\"}\n\0\n", 16, &p), 1);
	assert_non_null(strstr(p.text, "j:1:1: "));
	assert_int_equal(fold_count(f), 3);
	fold_free(f);
}

static void many_runs_come_out_in_the_order_of_their_index(void **state)
{
	(void)state;
	struct fold *f = fold_new();
	struct buf out = BUF_INIT;
	struct problem p;
	char text[128];
	for (int i = 0; i < 3000; i++) {
		int n = i * 7919 % 3000;
		size_t len = (size_t)snprintf(text, sizeof text,
					      "{\"run\":\"run_%04d\",\"index\":%d}\n", n, n);
		assert_int_equal(read_text(f, text, len, &p), 0);
	}
	assert_true(document_write_runs(f, NULL, 0, collect, &out));
	const char *at = buf_cstr(&out);
	for (int n = 0; n < 3000; n++) {
		size_t len = (size_t)snprintf(text, sizeof text,
					      "{\"run\":\"run_%04d\",\"index\":%d,", n, n);
		assert_memory_equal(at, text, len);
		at = strchr(at, '\n') + 1;
	}
	buf_free(&out);
	fold_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_repetition_do_not_matter),
		cmocka_unit_test(a_torn_end_is_left_out_and_garbage_is_named),
		cmocka_unit_test(many_runs_come_out_in_the_order_of_their_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
