/* shown - what a person gets to see. */
#include "base/display.h"

#include <math.h>

#include "unit.h"

static void check(const char *got, const struct buf *b)
{
	assert_int_equal(b->len, strlen(got));
	assert_memory_equal(b->data, got, b->len);
}

static void what_cannot_be_shown_is_written_out(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"lr 0.1", "lr 0.1"},
		{"\033[2J\a\n\t\r\x7f", "\\x1b[2J\\x07\\n\\t\\r\\x7f"},
		{"\xc2\x9b", "\\x9b"}, /* the C1 form of ESC [ */
		{"a\xe2\x80\xae"       /* right-to-left override */
		 "b\xe2\x81\xa6",
		 "a\\u202e"
		 "b\\u2066"},
		{"\xff\xc0\x80", "\\xff\\xc0\\x80"},
		{"\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82", /* a surrogate, too great, cut */
		 "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xe2\\x82"},
		{"\xd8\x9c\xe2\x80\xa8\xe2\x81\xaf\xef\xbb\xbf\xef\xbf\xb9", /* ALM ... */
		 "\\u061c\\u2028\\u206f\\ufeff\\ufff9"},
		{"\xef\xbf\xbe\xf0\x9f\xbf\xbf\xef\xb7\x90", "\\ufffe\\U0001ffff\\ufdd0"},
		{"\xe2\x80\x8d\xf0\x9f\x91\xa9\xef\xbf\xbd", /* ZWJ, an emoji, U+FFFD */
		 "\xe2\x80\x8d\xf0\x9f\x91\xa9\xef\xbf\xbd"},
		{"\xc3\xa4\xe6\xbc\xa2", "\xc3\xa4\xe6\xbc\xa2"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		display_add(&b, cases[i].text, strlen(cases[i].text));
		check(cases[i].shown, &b);
		buf_free(&b);
	}
}

static void long_values_are_cut_between_characters(void **state)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	(void)state;
	static const char plain[] = "{\"lr\":0.10,\"s\":\"a b\",\"l\":[1,2]}";
	display_members(&b, (struct slice){plain, sizeof plain - 1});
	check("lr=0.10 s=a b l=[1,2]", &b);
	buf_clear(&b);
	buf_adds(&text, "{\"s\":\"");
	for (int i = 0; i < 10000; i++)
		buf_adds(&text, "\xc3\xa4");
	buf_adds(&text, "\",\"t\":1}");
	display_members(&b, (struct slice){text.data, text.len});
	assert_int_equal(b.len, 2 + 200 + 3 + 4);
	assert_memory_equal(b.data + b.len - 7, "... t=1", 7);
	buf_free(&b);
	buf_free(&text);
}

static void times_from_seconds_to_days(void **state)
{
	static const struct {
		double seconds;
		const char *shown;
	} cases[] = {{0, "0.0s"},      {3.25, "3.2s"},      {59.94, "59.9s"},
		     {59.96, "1m00s"}, {250, "4m10s"},      {3599.6, "1h00m"},
		     {7500, "2h05m"},  {360000, "100h00m"}, {-3e9, "-3000000000.0s"},
		     {1e300, "?"},     {HUGE_VAL, "?"},     {-HUGE_VAL, "?"},
		     {NAN, "?"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		display_time(&b, cases[i].seconds);
		check(cases[i].shown, &b);
		buf_free(&b);
	}
}

static void wide_and_combining_characters_are_counted(void **state)
{
	static const char text[] = "a\xc3\xa4\xe6\xbc\xa2"
				   "e\xcc\x81z";
	(void)state;
	assert_int_equal(display_width(text, sizeof text - 1), 6);
	assert_int_equal(display_fit(text, sizeof text - 1, 2), 3);
	assert_int_equal(display_fit(text, sizeof text - 1, 3), 3);
	assert_int_equal(display_fit(text, sizeof text - 1, 4), 6);
	assert_int_equal(display_fit(text, sizeof text - 1, 5), 9);
	assert_int_equal(display_fit(text, sizeof text - 1, 99), sizeof text - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_shown_is_written_out),
		cmocka_unit_test(long_values_are_cut_between_characters),
		cmocka_unit_test(times_from_seconds_to_days),
		cmocka_unit_test(wide_and_combining_characters_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
