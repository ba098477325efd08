/* Lines are checked in full and pass through as they are. */
#include "unit.h"

#include "jsonl.h"

static bool parses(const char *line)
{
	struct jsonl j;
	size_t offset;
	const char *why;
	return jsonl_parse(&j, line, strlen(line), &offset, &why) == 0;
}

static void fields_keep_their_spelling(void **state)
{
	(void)state;
	static const char line[] =
		"{\"a\": 0.10, \"b\":-0,\"c\":1e400 , \"d\":\"\\u00e9\",\"e\":[1, 2]}";
	struct jsonl j;
	size_t offset;
	const char *why;
	assert_int_equal(jsonl_parse(&j, line, strlen(line), &offset, &why), 0);
	assert_int_equal(j.count, 5);
	assert_slice(jsonl_get(&j, "a"), "0.10");
	assert_slice(jsonl_get(&j, "b"), "-0");
	assert_slice(jsonl_get(&j, "c"), "1e400");
	assert_slice(jsonl_get(&j, "d"), "\"\\u00e9\"");
	assert_slice(jsonl_get(&j, "e"), "[1, 2]");
	assert_null(jsonl_get(&j, "f").data);
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
					  "{\"a\":1e}"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (parses(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	assert_true(parses("{}"));
	assert_true(parses(" {\"a\" : [ ] , \"b\" : { } } \r"));
	assert_true(parses("{\"a\":\"\\ud83d\\ude00\"}"));
}

static void depth_is_bounded(void **state)
{
	(void)state;
	char line[2000] = "{\"a\":";
	size_t len = strlen(line);
	memset(line + len, '[', 255);
	memset(line + len + 255, ']', 255);
	strcpy(line + len + 510, "}");
	assert_true(parses(line));
	memset(line + len, '[', 256);
	memset(line + len + 256, ']', 256);
	strcpy(line + len + 512, "}");
	assert_false(parses(line));
}

static void strings_come_back_as_they_went(void **state)
{
	(void)state;
	for (int first = 1; first < 256; first++) {
		char text[4] = {(char)first, 'x', (char)(first < 128 ? first : 'y'), 0};
		struct buf json = BUF_INIT, back = BUF_INIT;
		if (first >= 128) /* as the first byte of two: a valid character */
			snprintf(text, sizeof text, "\xc3%c", 0x80 | (first & 0x3f));
		jsonl_add_string(&json, text, strlen(text));
		assert_true(jsonl_is_value(json.data, json.len));
		assert_true(jsonl_decode((struct slice){json.data, json.len}, &back));
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
	jsonl_add_string(&json,
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
	struct jsonl j;
	size_t offset;
	const char *why;
	int64_t n = 0;
	jsonl_parse(&j, line, strlen(line), &offset, &why);
	assert_true(jsonl_int(&j, "a", &n) && n == 12);
	assert_true(jsonl_int(&j, "e", &n) && n == -7);
	assert_false(jsonl_int(&j, "b", &n));
	assert_false(jsonl_int(&j, "c", &n));
	assert_false(jsonl_int(&j, "d", &n));
	assert_false(jsonl_int(&j, "none", &n));
}

static void compact_leaves_strings_alone(void **state)
{
	(void)state;
	static const char text[] = "{ \"a b\" :\n [ 1 , \"x \\\" y\" ] }";
	struct buf out = BUF_INIT;
	jsonl_compact(&out, text, strlen(text));
	assert_slice(((struct slice){out.data, out.len}), "{\"a b\":[1,\"x \\\" y\"]}");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_keep_their_spelling),
		cmocka_unit_test(what_rfc_8259_refuses_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(strings_come_back_as_they_went),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(integers_are_integers_or_nothing),
		cmocka_unit_test(compact_leaves_strings_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
