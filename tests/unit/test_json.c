/* Lines are checked in full and pass through as they are. */
#include "unit.h"

#include "base/json.h"
#include "base/json_scan.h"

static bool parses(const char *line)
{
	struct json j;
	size_t offset;
	const char *why;
	return json_parse(&j, line, strlen(line), &offset, &why) == 0;
}

static void fields_keep_their_spelling(void **state)
{
	(void)state;
	static const char line[] =
		"{\"a\": 0.10, \"b\":-0,\"c\":1e400 , \"d\":\"\\u00e9\",\"e\":[1, 2]}";
	struct json j;
	size_t offset;
	const char *why;
	assert_int_equal(json_parse(&j, line, strlen(line), &offset, &why), 0);
	assert_int_equal(j.count, 5);
	assert_slice(json_get(&j, "a"), "0.10");
	assert_slice(json_get(&j, "b"), "-0");
	assert_slice(json_get(&j, "c"), "1e400");
	assert_slice(json_get(&j, "d"), "\"\\u00e9\"");
	assert_slice(json_get(&j, "e"), "[1, 2]");
	assert_null(json_get(&j, "f").data);
}

static void what_rfc_8259_refuses_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
					  "[]",
					  "1",
					  "{",
					  "{\"a\"}",
					  "{\"a\":}",
					  "{\"a\":1,}",
					  "{a:1}",
					  "{'a':1}",
					  "{\"a\":01}",
					  "{\"a\":1.}",
					  "{\"a\":.5}",
					  "{\"a\":+1}",
					  "{\"a\":NaN}",
					  "{\"a\":\"\t\"}",
					  "{\"a\":1}x",
					  "{\"a\":tru}",
					  "{\"a\":\"\\x\"}",
					  "{\"a\":\"\\u12\"}",
					  "{\"a\":\"\\ud800\"}",
					  "{\"a\":\"\xff\"}",
					  "{\"a\":1,\"a\":2}",
					  "{\"a\":[1,]}",
					  "{\"a\":\"\xed\xa0\x80\"}",
					  "{\"a\":1e}",
					  "{\"st\\u0061tus\":1}",
					  "{\"a\":\"compl\\u0065ted\"}",
					  "{\"a\":\"2026\\u002d11\"}",
					  "{\"\\u00e9\":1,\"\xc3\xa9\":2}",
					  "{\"a/b\":1,\"a\\/b\":2}",
					  "{\"\\u00E9\":1,\"\\u00e9\":2}"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (parses(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	assert_true(parses("{}"));
	assert_true(parses(" {\"a\" : [ ] , \"b\" : { } } \r"));
	assert_true(parses("{\"a\":\"\\ud83d\\ude00\"}"));
	/* as Python, Go and PHP write text that is not ASCII, < and / */
	assert_true(parses("{\"\\u00e9\":1,\"a\\u003cb\":2,\"a\\/b\":\"\\u00e9\\u003c\\/\"}"));
	assert_true(parses("{\"a\":{\"\\u0061\":[\"\\u0061\"]}}"));
}

/* {"a":[[...]]} with so many brackets */
static void nest(char *line, size_t depth)
{
	size_t len = (size_t)sprintf(line, "{\"a\":");
	memset(line + len, '[', depth);
	memset(line + len + depth, ']', depth);
	strcpy(line + len + 2 * depth, "}");
}

static void depth_is_bounded(void **state)
{
	(void)state;
	char line[2000];
	size_t offset;
	const char *why;
	nest(line, 100);
	assert_true(parses(line));
	assert_true(json_check_value(line + 5, 200, &offset, &why));
	nest(line, 101);
	assert_false(parses(line));
	assert_false(json_check_value(line + 5, 202, &offset, &why));
	assert_ptr_equal(why, json_scan_too_deep);
}

static void what_is_closed_does_not_count_for_the_depth(void **state)
{
	struct buf line = BUF_INIT;
	(void)state;
	buf_adds(&line, "{\"a\":[0");
	for (int i = 0; i < 200; i++)
		buf_adds(&line, ",[],{}");
	buf_adds(&line, "],\"b\":{\"c\":{}},\"d\":[[]]}");
	assert_true(parses(buf_cstr(&line)));
	buf_free(&line);
}

static void a_mistake_is_found_where_it_is(void **state)
{
	static const struct {
		const char *line;
		size_t offset;
		const char *why;
	} cases[] = {
		{"", 0, "not a JSON object"},
		{" []", 1, "not a JSON object"},
		{"{\"a\":1", 6, "a comma or } is missing"},
		{"{\"a\":1,}", 7, "a string is missing"},
		{"{\"a\" 1}", 5, "a colon is missing"},
		{"{\"a\":}", 5, "a value is missing"},
		{"{\"a\":[1 2]}", 8, "a comma or ] is missing"},
		{"{\"a\":[1,]}", 8, "a value is missing"},
		{"{\"a\":01}", 6, "a number with a leading zero"},
		{"{\"a\":1.}", 7, "a digit is missing"},
		{"{\"a\":\"x", 7, "a string does not end"},
		{"{\"a\":\"x\\u0061\"}", 7, /* at its backslash */
		 "an escape of a letter, a digit or one of _-.: has to be written as the "
		 "character itself"},
		{"{\"a\":1} x", 8, "more text after the object"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json j;
		size_t offset = 99;
		const char *why = "";
		assert_int_equal(
			json_parse(&j, cases[i].line, strlen(cases[i].line), &offset, &why), -1);
		assert_string_equal(why, cases[i].why);
		assert_int_equal(offset, cases[i].offset);
	}
}

static void a_member_is_found_however_it_is_spelled_and_the_last_one_counts(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":1,\"\\u0061\":2,\"b\":3,\"\\u00e9\":4}";
	static const char quoted[] = "\"\\u00e9\\/\\u0041\"";
	struct slice object = {text, sizeof text - 1};
	struct buf plain = BUF_INIT;
	assert_slice(json_member(object, (struct slice){"a", 1}), "2");
	assert_slice(json_member(object, (struct slice){"\xc3\xa9", 2}), "4");
	assert_null(json_member(object, (struct slice){"c", 1}).data);
	assert_true(json_respell(&plain, (struct slice){&quoted[1], sizeof quoted - 3}));
	assert_slice(((struct slice){plain.data, plain.len}), "\xc3\xa9/A");
	buf_free(&plain);
}

static void strings_come_back_as_they_went(void **state)
{
	(void)state;
	for (int first = 1; first < 256; first++) {
		char text[4] = {(char)first, 'x', (char)(first < 128 ? first : 'y'), 0};
		struct buf json = BUF_INIT, back = BUF_INIT;
		if (first >= 128) /* as the first byte of two: a valid character */
			snprintf(text, sizeof text, "\xc3%c", 0x80 | (first & 0x3f));
		json_add_string(&json, text, strlen(text));
		assert_true(json_is_value(json.data, json.len));
		assert_true(json_decode((struct slice){json.data, json.len}, &back));
		assert_int_equal(back.len, strlen(text));
		assert_memory_equal(back.data, text, back.len);
		buf_free(&json);
		buf_free(&back);
	}
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
	(void)state;
	struct buf json = BUF_INIT;
	json_add_string(&json,
			"a\xff"
			"b",
			3);
	assert_slice(((struct slice){json.data, json.len}), "\"a\xef\xbf\xbd"
							    "b\"");
	buf_free(&json);
}

static void integers_are_integers_or_nothing(void **state)
{
	(void)state;
	static const char line[] =
		"{\"a\":12,\"b\":1.0,\"c\":99999999999999999999,\"d\":\"1\",\"e\":-7}";
	struct json j;
	size_t offset;
	const char *why;
	int64_t n = 0;
	json_parse(&j, line, strlen(line), &offset, &why);
	assert_true(json_int(&j, "a", &n) && n == 12);
	assert_true(json_int(&j, "e", &n) && n == -7);
	assert_false(json_int(&j, "b", &n));
	assert_false(json_int(&j, "c", &n));
	assert_false(json_int(&j, "d", &n));
	assert_false(json_int(&j, "none", &n));
}

static void compact_leaves_strings_alone(void **state)
{
	(void)state;
	static const char text[] = "{ \"a b\" :\n [ 1 , \"x \\\" y\" ] }";
	struct buf out = BUF_INIT;
	json_compact(&out, text, strlen(text));
	assert_slice(((struct slice){out.data, out.len}), "{\"a b\":[1,\"x \\\" y\"]}");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_keep_their_spelling),
		cmocka_unit_test(what_rfc_8259_refuses_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(what_is_closed_does_not_count_for_the_depth),
		cmocka_unit_test(a_mistake_is_found_where_it_is),
		cmocka_unit_test(a_member_is_found_however_it_is_spelled_and_the_last_one_counts),
		cmocka_unit_test(strings_come_back_as_they_went),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(integers_are_integers_or_nothing),
		cmocka_unit_test(compact_leaves_strings_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
