/* grid - the points of a product by their index. */
#include "spec/grid.h"

#include "unit.h"

static void the_last_axis_is_the_fastest(void **state)
{
	static const size_t counts[] = {2, 3, 4};
	static const struct {
		uint64_t index;
		size_t choice[3];
	} cases[] = {
		{0, {0, 0, 0}}, {1, {0, 0, 1}},  {3, {0, 0, 3}},  {4, {0, 1, 0}},
		{5, {0, 1, 1}}, {11, {0, 2, 3}}, {12, {1, 0, 0}}, {23, {1, 2, 3}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t choice[3] = {9, 9, 9};
		grid_at(cases[i].index, counts, 3, choice);
		assert_memory_equal(choice, cases[i].choice, sizeof choice);
	}
}

static void the_next_point_is_the_one_at_the_next_index(void **state)
{
	static const size_t counts[] = {3, 1, 2};
	size_t walked[3] = {0}, found[3];
	(void)state;
	for (uint64_t index = 1; index < 6; index++) {
		grid_next(counts, 3, walked);
		grid_at(index, counts, 3, found);
		assert_memory_equal(walked, found, sizeof walked);
	}
	assert_int_equal(walked[0], 2);
	assert_int_equal(walked[1], 0);
	assert_int_equal(walked[2], 1);
	grid_next(counts, 3, walked); /* behind the last one comes the first */
	assert_int_equal(walked[0] + walked[1] + walked[2], 0);
}

static void a_grid_without_axes_has_one_point(void **state)
{
	size_t untouched = 7;
	(void)state;
	grid_at(0, NULL, 0, &untouched);
	grid_next(NULL, 0, &untouched);
	assert_int_equal(untouched, 7);
}

static void the_last_point_of_a_huge_grid_is_found(void **state)
{
	static const size_t counts[] = {2147483648u, 4294967295u};
	uint64_t total = 1;
	size_t choice[2];
	(void)state;
	assert_true(grid_multiply(&total, counts[0]));
	assert_true(grid_multiply(&total, counts[1]));
	assert_int_equal(total, 9223372034707292160u);
	grid_at(total - 1, counts, 2, choice);
	assert_int_equal(choice[0], 2147483647u);
	assert_int_equal(choice[1], 4294967294u);
}

static void a_product_beyond_63_bits_is_refused(void **state)
{
	static const struct {
		uint64_t total;
		size_t count;
		bool fits;
		uint64_t product;
	} cases[] = {
		{1, 5, true, 5},
		{7, 0, true, 0},
		{0, 9, true, 0},
		{9223372036854775807u, 1, true, 9223372036854775807u},
		{4611686018427387903u, 2, true, 9223372036854775806u},
		{4611686018427387904u, 2, false, 4611686018427387904u},
		{2147483648u, 4294967296u, false, 2147483648u},
		{3, 18446744073709551615u, false, 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t total = cases[i].total;
		assert_int_equal(grid_multiply(&total, cases[i].count), cases[i].fits);
		assert_int_equal(total, cases[i].product);
	}
}

static void an_index_has_three_digits_or_as_many_as_the_last_one(void **state)
{
	static const struct {
		uint64_t total;
		int digits;
	} cases[] = {{0, 3},     {1, 3},      {1000, 3},
		     {1001, 4},  {10000, 4},  {10001, 5},
		     {99999, 5}, {100001, 6}, {9223372036854775807u, 19}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(grid_digits(cases[i].total), cases[i].digits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_axis_is_the_fastest),
		cmocka_unit_test(the_next_point_is_the_one_at_the_next_index),
		cmocka_unit_test(a_grid_without_axes_has_one_point),
		cmocka_unit_test(the_last_point_of_a_huge_grid_is_found),
		cmocka_unit_test(a_product_beyond_63_bits_is_refused),
		cmocka_unit_test(an_index_has_three_digits_or_as_many_as_the_last_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
