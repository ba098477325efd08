/* stencil - texts with places, rendered for a run. */
#include "spec/stencil.h"

#include "unit.h"

/* The candidates of an axis in two forms. */
static void make_axis(struct stencil_choices *c, const char *const *yaml, const char *const *json,
		      size_t count)
{
	*c = (struct stencil_choices){.count = count};
	c->ends[FORM_YAML] = malloc(count * sizeof(size_t));
	c->ends[FORM_JSON] = malloc(count * sizeof(size_t));
	for (size_t i = 0; i < count; i++) {
		buf_adds(&c->text[FORM_YAML], yaml[i]);
		c->ends[FORM_YAML][i] = c->text[FORM_YAML].len;
		buf_adds(&c->text[FORM_JSON], json[i]);
		c->ends[FORM_JSON][i] = c->text[FORM_JSON].len;
	}
}

static void assert_buf(struct buf *b, const char *want)
{
	assert_false(b->failed);
	assert_string_equal(buf_cstr(b), want);
}

static void neighbouring_texts_are_one_part(void **state)
{
	struct stencil g = {0};
	struct buf b = BUF_INIT;
	(void)state;
	stencil_text(&g, "one", 3);
	stencil_text(&g, "", 0);
	stencil_text(&g, " two", 4);
	assert_int_equal(g.count, 1);
	stencil_place(&g, STENCIL_RUN, 0, 0);
	stencil_text(&g, "", 0);
	assert_int_equal(g.count, 2);
	stencil_text(&g, "x", 1);
	stencil_string(&g, "\"", 1);
	assert_int_equal(g.count, 3);
	buf_adds(&b, "> ");
	stencil_render(&g, NULL, "run_000", "0", NULL, "", &b);
	assert_buf(&b, "> one tworun_000x\\\"");
	stencil_free(&g);
	buf_free(&b);
	assert_null(g.parts);
	assert_int_equal(g.count, 0);
}

static void an_empty_stencil_renders_nothing(void **state)
{
	struct stencil g = {0};
	struct buf b = BUF_INIT;
	(void)state;
	stencil_render(&g, NULL, "run_000", "0", NULL, "", &b);
	assert_int_equal(b.len, 0);
	stencil_free(&g);
}

static void each_run_gets_its_own_values(void **state)
{
	static const char *const lr[] = {"0.1", "", "1.0e-03"}, *const lr_json[] = {"0.1", "null",
										    "0.001"};
	static const char *const name[] = {"\xce\xbb", "b"}, *const name_json[] = {"\"\xce\xbb\"",
										   "\"b\""};
	static const struct {
		const char *run, *index;
		size_t choice[2];
		const char *cksum, *want;
	} cases[] = {
		{"run_000",
		 "0",
		 {0, 0},
		 "1 2",
		 "run_000 0 lr: 0.1 name: \xce\xbb {0.1,\"\xce\xbb\"} 1 2"},
		{"run_003", "3", {1, 1}, "", "run_003 3 lr:  name: b {null,\"b\"} "},
		{"run_005", "5", {2, 1}, "3 4", "run_005 5 lr: 1.0e-03 name: b {0.001,\"b\"} 3 4"},
	};
	struct stencil_choices axes[2];
	struct stencil g = {0};
	(void)state;
	make_axis(&axes[0], lr, lr_json, 3);
	make_axis(&axes[1], name, name_json, 2);
	stencil_place(&g, STENCIL_RUN, 0, 0);
	stencil_text(&g, " ", 1);
	stencil_place(&g, STENCIL_INDEX, 0, 0);
	stencil_text(&g, " lr: ", 5);
	stencil_place(&g, STENCIL_CHOICE, 0, FORM_YAML);
	stencil_text(&g, " name: ", 7);
	stencil_place(&g, STENCIL_CHOICE, 1, FORM_YAML);
	stencil_text(&g, " {", 2);
	stencil_place(&g, STENCIL_CHOICE, 0, FORM_JSON);
	stencil_text(&g, ",", 1);
	stencil_place(&g, STENCIL_CHOICE, 1, FORM_JSON);
	stencil_text(&g, "} ", 2);
	stencil_place(&g, STENCIL_CKSUM, 0, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		stencil_render(&g, axes, cases[i].run, cases[i].index, cases[i].choice,
			       cases[i].cksum, &b);
		assert_buf(&b, cases[i].want);
		buf_free(&b);
	}
	stencil_free(&g);
	stencil_choices_free(&axes[0]);
	stencil_choices_free(&axes[1]);
	assert_null(axes[0].ends[FORM_YAML]);
}

static void candidates_may_all_be_empty(void **state)
{
	static const char *const nothing[] = {"", ""};
	static const size_t last = 1;
	struct stencil_choices axis;
	struct stencil g = {0};
	struct buf b = BUF_INIT;
	(void)state;
	make_axis(&axis, nothing, nothing, 2);
	stencil_text(&g, "[", 1);
	stencil_place(&g, STENCIL_CHOICE, 0, FORM_YAML);
	stencil_text(&g, "]", 1);
	stencil_render(&g, &axis, "", "", &last, "", &b);
	assert_buf(&b, "[]");
	stencil_free(&g);
	stencil_choices_free(&axis);
	buf_free(&b);
}

static void strings_are_escaped_for_json(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"", ""},
		{"a b", "a b"},
		{"\"\\/", "\\\"\\\\/"},
		{"\b\t\n\f\r\v\x01\x1f\x7f", "\\b\\t\\n\\f\\r\\u000b\\u0001\\u001f\\u007f"},
		{"\xc3\xa9\xe2\x80\xa8\xf0\x9f\x91\xa9", "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x91\xa9"},
		{"a\xff", "a\xef\xbf\xbd"}, /* U+FFFD for what is not UTF-8 */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stencil g = {0};
		struct buf b = BUF_INIT;
		stencil_string(&g, cases[i].text, strlen(cases[i].text));
		stencil_render(&g, NULL, "", "", NULL, "", &b);
		assert_buf(&b, cases[i].want);
		stencil_free(&g);
		buf_free(&b);
	}
}

static void many_parts_are_kept(void **state)
{
	struct stencil g = {0};
	struct buf b = BUF_INIT;
	(void)state;
	for (int i = 0; i < 100; i++) {
		stencil_place(&g, STENCIL_INDEX, 0, 0);
		stencil_text(&g, ",", 1);
	}
	assert_int_equal(g.count, 200);
	stencil_render(&g, NULL, "", "42", NULL, "", &b);
	assert_int_equal(b.len, 300);
	assert_memory_equal(b.data + 297, "42,", 3);
	stencil_free(&g);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbouring_texts_are_one_part),
		cmocka_unit_test(an_empty_stencil_renders_nothing),
		cmocka_unit_test(each_run_gets_its_own_values),
		cmocka_unit_test(candidates_may_all_be_empty),
		cmocka_unit_test(strings_are_escaped_for_json),
		cmocka_unit_test(many_parts_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
