/* splice - a base config cut at the values that are overridden. */
#include "spec/splice.h"
#include "spec/yamlread.h"

#include "unit.h"

enum { MOST = 3 };

struct base {
	struct yamldoc doc;
	struct splice splice;
	struct problem p;
	int rc;
};

/* Cut a base for some keys; NULL ends them. */
static void cut(struct base *b, const char *text, const char *const keys[MOST])
{
	struct override list[MOST];
	const struct override *slots[MOST];
	size_t count = 0;
	*b = (struct base){.rc = 0};
	for (; count < MOST && keys[count]; count++) {
		list[count] = (struct override){.key = keys[count], .key_len = strlen(keys[count])};
		slots[count] = &list[count];
	}
	assert_int_equal(yamlread_config_text(&b->doc, "base.yaml", text, strlen(text), &b->p), 0);
	b->rc = splice_plan(&b->splice, &b->doc, slots, count, &b->p);
}

static void end(struct base *b)
{
	splice_free(&b->splice);
	yamldoc_free(&b->doc);
}

/* The text that the pieces make, with the slots as <0>, <1>. */
static void join(const struct splice *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->pieces[i].slot < 0)
			buf_add(out, s->text.data + s->pieces[i].from, s->pieces[i].len);
		else
			buf_addf(out, "<%d>", s->pieces[i].slot);
	}
}

struct spliced {
	const char *base, *keys[MOST], *result;
};

static void check(const struct spliced *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct base b;
		struct buf out = BUF_INIT;
		cut(&b, cases[i].base, cases[i].keys);
		assert_int_equal(b.rc, 0);
		join(&b.splice, &out);
		assert_string_equal(buf_cstr(&out), cases[i].result);
		buf_free(&out);
		end(&b);
	}
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

static void a_value_becomes_a_slot_and_all_else_stays(void **state)
{
	static const struct spliced cases[] = {
		{"lr: 0.1\n", {NULL}, "lr: 0.1\n"},
		{"lr: 0.1 # rate\nseed:   1\n", {"lr"}, "lr: <0> # rate\nseed:   1\n"},
		{"lr: 0.1 # rate\nseed:   1\n", {"seed"}, "lr: 0.1 # rate\nseed:   <0>\n"},
		{"a: 1\nb: 2\nc: 3\n", {"c", "a"}, "a: <1>\nb: 2\nc: <0>\n"},
		{"lr: 0.1", {"lr"}, "lr: <0>"}, /* no newline at the end */
		{"lr: 1\r\nb: 2\r\n", {"lr"}, "lr: <0>\r\nb: 2\r\n"},
		{"\xef\xbb\xbflr: 1\n", {"lr"}, "\xef\xbb\xbflr: <0>\n"},
		{"# first\n\n  lr: 1\n# last\n", {"lr"}, "# first\n\n  lr: <0>\n# last\n"},
		{"\"lr\": 'it''s' # c\n", {"lr"}, "\"lr\": <0> # c\n"},
		{"gr\xc3\xb6\xc3\x9f\x65: 1\n\xce\xbb: 2 # \xc3\xa9\n",
		 {"\xce\xbb"},
		 "gr\xc3\xb6\xc3\x9f\x65: 1\n\xce\xbb: <0> # \xc3\xa9\n"},
		{"n: \"\xf0\x9f\x91\xa9 \\u00e9\" # e\nlr: 1\n", {"n"}, "n: <0> # e\nlr: 1\n"},
		{"lr: !!float 1 # t\n", {"lr"}, "lr: <0> # t\n"},
		{"a: {lr: 1}\nlr: 2\n", {"lr"}, "a: {lr: 1}\nlr: <0>\n"}, /* not the inner one */
	};
	(void)state;
	CHECK(cases);
}

static void values_of_several_lines_go_whole(void **state)
{
	static const struct spliced cases[] = {
		{"lr:\n  - 1\n  - 2 # c\nseed: 1\n", {"lr"}, "lr: <0>\nseed: 1\n"},
		{"lr:\n  a: 1\n  b:\n    - 2\n\n# own\nseed: 1\n",
		 {"lr"},
		 "lr: <0>\n\n# own\nseed: 1\n"},
		{"lr: [1,\n  2]\nseed: 1\n", {"lr"}, "lr: <0>\nseed: 1\n"},
		{"t: |\n  one\n  two\nseed: 1\n", {"t"}, "t: <0>\nseed: 1\n"},
		{"lr:\nseed: 1\n", {"lr"}, "lr: <0>\nseed: 1\n"}, /* no value */
		{"lr:", {"lr"}, "lr: <0>"},
		{"lr:\n  0.1 # c\nseed: 1\n", {"lr"}, "lr: <0>\nseed: 1\n"},
	};
	(void)state;
	CHECK(cases);
}

static void keys_that_the_base_lacks_come_behind_the_last_one(void **state)
{
	static const struct spliced cases[] = {
		{"lr: 0.1\n", {"x"}, "lr: 0.1\nx: <0>\n"},
		{"lr: 0.1\n", {"x", "lr", "z"}, "lr: <1>\nx: <0>\nz: <2>\n"},
		{"lr: 0.1", {"x"}, "lr: 0.1\nx: <0>"},
		{"lr: 0.1", {"x", "z"}, "lr: 0.1\nx: <0>\nz: <1>"},
		{"lr: 1\n", {"y"}, "lr: 1\n\"y\": <0>\n"},
		{"lr: 1\r\n", {"x"}, "lr: 1\r\nx: <0>\r\n"},
		{"  lr: 1\n", {"x"}, "  lr: 1\n  x: <0>\n"},
		{"lr: 1\n...\n", {"x"}, "lr: 1\nx: <0>\n...\n"},
		{"lr: 1\n# end\n", {"x"}, "lr: 1\n# end\nx: <0>\n"},
		{"a: 1\nb:\n  - 2\n", {"x"}, "a: 1\nb:\n  - 2\nx: <0>\n"},
		{"lr: 1\n", {"yes"}, "lr: 1\n\"yes\": <0>\n"}, /* a string to every reader */
		{"lr: 1\n", {"a: b"}, "lr: 1\n\"a: b\": <0>\n"},
		{"lr: 1\n", {"\xce\xbb"}, "lr: 1\n\xce\xbb: <0>\n"},
		/* a line break behind it would change the last value */
		{"a: 1\n# own\nt: |\n  text", {"x"}, "a: 1\nx: <0>\n# own\nt: |\n  text"},
		{"a: 1\nt: |\n  text\n", {"x"}, "a: 1\nt: |\n  text\nx: <0>\n"},
		{"a: \"x\n# y\"\nt: |\n  text", {"x"}, "a: \"x\n# y\"\nx: <0>\nt: |\n  text"},
		{"a:\n  b: 1\n  # of b\n# of t\nt: |\n  text",
		 {"x"},
		 "a:\n  b: 1\n  # of b\nx: <0>\n# of t\nt: |\n  text"},
	};
	(void)state;
	CHECK(cases);
}

static void flow_maps_and_json_stay_what_they_are(void **state)
{
	static const struct spliced cases[] = {
		{"{lr: 0.1}\n", {"lr"}, "{lr: <0>}\n"},
		{"{lr: 0.1}\n", {"x"}, "{lr: 0.1, x: <0>}\n"},
		{"{} # c\n", {"x"}, "{x: <0>} # c\n"},
		{"{}\n", {"x"}, "{\"x\": <0>}\n"}, /* it is JSON */
		{"{} #", {"x", "z"}, "{x: <0>, z: <1>} #"},
		{"{lr: 1, b: 2} # c\n", {"b", "x"}, "{lr: 1, b: <0>, x: <1>} # c\n"},
		{"{lr: }\n", {"x"}, "{lr: , x: <0>}\n"},
		{"{lr}\n", {"x"}, "{lr, x: <0>}\n"},
		{"{lr, b: 2}\n", {"lr"}, "{lr: <0>, b: 2}\n"}, /* a key without a value */
		{"{\"lr\": 0.1}", {"lr", "x"}, "{\"lr\": <0>, \"x\": <1>}"},
		{"{\n  \"lr\": 0.1,\n  \"b\": [1]\n}\n",
		 {"x"},
		 "{\n  \"lr\": 0.1,\n  \"b\": [1],\n  \"x\": <0>\n}\n"},
		{"{\"e\": \"\\ud83d\\udc69\", \"lr\": 1}",
		 {"lr"},
		 "{\"e\": \"\\ud83d\\udc69\", \"lr\": <0>}"},
	};
	struct base b;
	(void)state;
	CHECK(cases);
	cut(&b, "{\"lr\": 0.1}", (const char *[MOST]){"lr"});
	assert_true(b.splice.flow && b.splice.json);
	end(&b);
	cut(&b, "{lr: 0.1}", (const char *[MOST]){"lr"});
	assert_true(b.splice.flow && !b.splice.json);
	end(&b);
	cut(&b, "lr: 0.1\n", (const char *[MOST]){"lr"});
	assert_true(!b.splice.flow && !b.splice.json);
	end(&b);
}

static void aliases_to_what_goes_away_are_written_out(void **state)
{
	static const struct spliced cases[] = {
		{"a: &x [1, 2]\nb: *x\n", {"a"}, "a: <0>\nb: [1, 2]\n"},
		{"a: &x [1, 2]\nb: *x\n", {"b"}, "a: &x [1, 2]\nb: <0>\n"},
		{"a: &x {k: &y 'v'}\nb: [*y, *x]\n", {"a"}, "a: <0>\nb: ['v', {k: 'v'}]\n"},
		{"a: &x [1e-3, yes, 010]\nb: *x\n", {"a"}, "a: <0>\nb: [1e-3, yes, 010]\n"},
		{"a: &x 1\nb: *x\nc: *x\n", {"a", "b"}, "a: <0>\nb: <1>\nc: 1\n"},
		{"a: &x [1, &y 2]\nb: [*x]\nc: *y\n",
		 {"lr"},
		 "a: &x [1, &y 2]\nb: [*x]\nc: *y\nlr: <0>\n"},
	};
	struct base b;
	(void)state;
	CHECK(cases);
	cut(&b, "a: &x 1\nb: *x\nc: *x\n", (const char *[MOST]){"a", "z"});
	assert_int_equal(b.splice.replaced, 1);
	assert_int_equal(b.splice.appended, 1);
	assert_int_equal(b.splice.unaliased, 2);
	end(&b);
}

static void any_number_of_aliases_is_written_out(void **state)
{
	struct buf text = BUF_INIT, want = BUF_INIT, out = BUF_INIT;
	struct base b;
	(void)state;
	buf_adds(&text, "a: &x [1]\n");
	buf_adds(&want, "a: <0>\n");
	for (int i = 0; i < 100; i++) {
		buf_addf(&text, "k%d: *x\n", i);
		buf_addf(&want, "k%d: [1]\n", i);
	}
	cut(&b, buf_cstr(&text), (const char *[MOST]){"a"});
	join(&b.splice, &out);
	assert_string_equal(buf_cstr(&out), buf_cstr(&want));
	end(&b);
	buf_free(&text);
	buf_free(&want);
	buf_free(&out);
}

static void pieces_are_text_and_slots_in_turn(void **state)
{
	struct base b;
	(void)state;
	cut(&b, "a: 1\nb: 2", (const char *[MOST]){"b", "a"});
	assert_int_equal(b.splice.count, 4); /* no empty piece at the end */
	assert_int_equal(b.splice.pieces[0].slot, -1);
	assert_int_equal(b.splice.pieces[0].len, 3);
	assert_int_equal(b.splice.pieces[1].slot, 1);
	assert_int_equal(b.splice.pieces[2].slot, -1);
	assert_int_equal(b.splice.pieces[2].from, 3);
	assert_int_equal(b.splice.pieces[2].len, 4);
	assert_int_equal(b.splice.pieces[3].slot, 0);
	end(&b);
}

static void what_cannot_be_cut_is_refused_at_its_place(void **state)
{
	static const struct {
		const char *base, *key, *problem;
	} cases[] = {
		{"", "lr", "base.yaml:1:1: is empty; a base config is a map such as lr: 0.1"},
		{"# c\n", "lr", "base.yaml:1:1: is empty; a base config is a map such as lr: 0.1"},
		{"\n- 1\n", "lr",
		 "base.yaml:2:1: a base config is a map such as lr: 0.1; this is a list"},
		{"word\n", "lr",
		 "base.yaml:1:1: a base config is a map such as lr: 0.1; this is a single value"},
		{"a: 1\nlr: 1\nlr: 2\n", "lr",
		 "base.yaml:3:1: key lr is repeated and is overridden; remove one"},
		{"a: 1\nyes: 1\n", "yes",
		 "base.yaml:2:1: the key yes is not a string to every YAML reader, so it cannot be "
		 "overridden; write \"yes\" here"},
		{"a: &k 1\n*k : 2\n", "1",
		 "base.yaml:2:1: the key *k stands for 1, which is not a string to every YAML "
		 "reader, so it cannot be overridden; write \"1\" here"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct base b;
		cut(&b, cases[i].base, (const char *[MOST]){cases[i].key});
		assert_int_equal(b.rc, -1);
		assert_string_equal(b.p.text, cases[i].problem);
		assert_int_equal(b.p.status, EXIT_BAD_INPUT);
		end(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_becomes_a_slot_and_all_else_stays),
		cmocka_unit_test(values_of_several_lines_go_whole),
		cmocka_unit_test(keys_that_the_base_lacks_come_behind_the_last_one),
		cmocka_unit_test(flow_maps_and_json_stay_what_they_are),
		cmocka_unit_test(aliases_to_what_goes_away_are_written_out),
		cmocka_unit_test(any_number_of_aliases_is_written_out),
		cmocka_unit_test(pieces_are_text_and_slots_in_turn),
		cmocka_unit_test(what_cannot_be_cut_is_refused_at_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
