/* indices - lists of runs such as 5,7,20-. */
#include "spec/indices.h"

#include "unit.h"

static void lists_are_read_in_the_order_in_which_they_are_written(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		struct index_range range[4];
	} cases[] = {
		{"3", 1, {{3, 3}}},
		{"0", 1, {{0, 0}}},
		{"29", 1, {{29, 29}}},
		{"0-9", 1, {{0, 9}}},
		{"4-4", 1, {{4, 4}}},
		{"0-", 1, {{0, 29}}},
		{"29-", 1, {{29, 29}}},
		{"5,7,20-", 3, {{5, 5}, {7, 7}, {20, 29}}},
		{"20-,1", 2, {{20, 29}, {1, 1}}},
		{"7,3,3,2-8", 4, {{7, 7}, {3, 3}, {3, 3}, {2, 8}}},
		{"007", 1, {{7, 7}}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct indices list;
		struct problem p = {0};
		assert_int_equal(indices_parse(&list, cases[i].text, 30, &p), 0);
		assert_int_equal(list.count, cases[i].count);
		assert_memory_equal(list.range, cases[i].range, list.count * sizeof *list.range);
		indices_free(&list);
		assert_null(list.range);
	}
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const cases[] = {"",      ",",
					    "a",     "1,",
					    ",1",    "1,,2",
					    " 1",    "1 ",
					    "+1",    "-1",
					    "-",     "1-2-3",
					    "9-3",   "1--2",
					    "1-,,2", "0x10",
					    "1.5",   "\xd9\xa3",
					    "30--",  "1;2",
					    "40-",   "18446744073709551616"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct indices list;
		struct problem p = {0};
		char want[100];
		assert_int_equal(indices_parse(&list, cases[i], 30, &p), -1);
		snprintf(want, sizeof want, "%s is not a list of runs; write 3 or 0-9 or 5,7,20-",
			 cases[i]);
		assert_string_equal(p.text, want);
		assert_int_equal(p.status, EXIT_BAD_INPUT);
		assert_null(list.range);
		indices_free(&list);
	}
}

static void a_run_behind_the_last_is_refused_by_its_number(void **state)
{
	static const char *const cases[] = {"30", "0-30", "1,30", "18446744073709551615"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct indices list;
		struct problem p = {0};
		char want[100];
		assert_int_equal(indices_parse(&list, cases[i], 30, &p), -1);
		snprintf(want, sizeof want, "%s: the last run is 29", cases[i]);
		assert_string_equal(p.text, want);
		indices_free(&list);
	}
}

static void the_only_run_can_be_chosen(void **state)
{
	struct indices list;
	struct problem p = {0};
	(void)state;
	assert_int_equal(indices_parse(&list, "0-,0", 1, &p), 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.range[0].to, 0);
	indices_free(&list);
	assert_int_equal(indices_parse(&list, "1", 1, &p), -1);
	assert_string_equal(p.text, "1: the last run is 0");
	indices_free(&list);
}

static void lines_are_picked_in_the_order_of_the_list(void **state)
{
	static const struct {
		const char *list, *lines, *picked;
	} cases[] = {
		{"2,0-1", "a\nb\nc\n", "c\na\nb\n"},
		{"1,1", "a\nb\nc\n", "b\nb\n"},
		{"2", "a\nb\nc", "c"}, /* without a newline at its end */
		{"0-", "a\n\nc\n", "a\n\nc\n"},
		{"1", "a\n", ""}, /* fewer lines than runs */
		{"0", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct indices list;
		struct problem p = {0};
		struct buf lines = BUF_INIT;
		buf_adds(&lines, cases[i].lines);
		assert_int_equal(indices_parse(&list, cases[i].list, 3, &p), 0);
		indices_pick(&list, &lines);
		assert_int_equal(lines.len, strlen(cases[i].picked));
		if (lines.len)
			assert_memory_equal(lines.data, cases[i].picked, lines.len);
		indices_free(&list);
		buf_free(&lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_in_the_order_in_which_they_are_written),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(a_run_behind_the_last_is_refused_by_its_number),
		cmocka_unit_test(the_only_run_can_be_chosen),
		cmocka_unit_test(lines_are_picked_in_the_order_of_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
