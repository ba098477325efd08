/* template - arguments with placeholders. */
#include "base/template.h"

#include "unit.h"

/* The pieces of a template: text as it is, names in <>, and ! for a brace without its
 * partner. */
static void cut(const char *template, struct buf *out)
{
	struct slice piece;
	bool is_name;
	int more;
	while ((more = template_next(&template, &piece, &is_name)) > 0) {
		buf_adds(out, is_name ? "<" : "[");
		buf_add(out, piece.data, piece.len);
		buf_adds(out, is_name ? ">" : "]");
	}
	buf_adds(out, more < 0 ? "!" : "");
}

static void a_template_is_text_names_and_doubled_braces(void **state)
{
	static const struct {
		const char *template, *pieces;
	} cases[] = {
		{"", ""},
		{"plain", "[plain]"},
		{"--lr={lr}", "[--lr=]<lr>"},
		{"{a}{b}", "<a><b>"},
		{"{a}x{b}y", "<a>[x]<b>[y]"},
		{"{}", "<>"},
		{"{a b/c}", "<a b/c>"},
		{"{\xce\xbb}\xc3\xa9", "<\xce\xbb>[\xc3\xa9]"},
		{"{{}}", "[{][}]"},
		{"{{x}}", "[{][x][}]"},
		{"{{{x}}}", "[{]<x>[}]"},
		{"{{{{", "[{][{]"},
		{"a{{b", "[a][{][b]"},
		{"$HOME; \"'\\n", "[$HOME; \"'\\n]"}, /* nothing else is special */
		{"{", "!"},
		{"}", "!"},
		{"a}b", "[a]!"},
		{"{a", "!"},
		{"{a{b}", "!"},
		{"{{{", "[{]!"},
		{"}}}", "[}]!"},
		{"{a}}", "<a>!"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		cut(cases[i].template, &b);
		assert_string_equal(buf_cstr(&b), cases[i].pieces);
		buf_free(&b);
	}
}

static bool look_up(void *context, struct slice name, struct buf *out)
{
	++*(int *)context;
	if (slice_is(name, "lr"))
		buf_adds(out, "0.1");
	else if (slice_is(name, "odd"))
		buf_adds(out, "{lr} }{ \xce\xbb \"");
	else
		return slice_is(name, "empty");
	return true;
}

static void placeholders_become_their_values(void **state)
{
	static const struct {
		const char *template, *text;
		int looked_up;
	} cases[] = {
		{"", "", 0},
		{"--lr={lr}", "--lr=0.1", 1},
		{"{lr}{lr}", "0.10.1", 2},
		{"<{empty}>", "<>", 1},
		{"{odd}", "{lr} }{ \xce\xbb \"", 1}, /* a value is not looked at again */
		{"{{lr}}", "{lr}", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		struct problem p = {0};
		int looked_up = 0;
		assert_int_equal(template_expand(&b, cases[i].template, look_up, &looked_up, &p),
				 0);
		assert_string_equal(buf_cstr(&b), cases[i].text);
		assert_int_equal(looked_up, cases[i].looked_up);
		buf_free(&b);
	}
}

static void what_cannot_be_filled_in_is_named(void **state)
{
	static const struct {
		const char *template, *problem;
	} cases[] = {
		{"--x={rl}", "unknown placeholder {rl} in --x={rl}; write {config}, {run}, "
			     "{experiment_dir} or a key of the config, and {{ }} for braces"},
		{"{lr", "a brace without its partner in {lr; write {{ or }} for a brace"},
		{"lr}", "a brace without its partner in lr}; write {{ or }} for a brace"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = BUF_INIT;
		struct problem p = {0};
		int looked_up = 0;
		assert_int_equal(template_expand(&b, cases[i].template, look_up, &looked_up, &p),
				 -1);
		assert_string_equal(p.text, cases[i].problem);
		assert_int_equal(p.status, EXIT_BAD_INPUT);
		buf_free(&b);
	}
}

static void quoted_text_comes_out_as_it_was(void **state)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {{"", ""},       {"plain", "plain"},       {"{lr}", "{{lr}}"},
		     {"}{", "}}{{"}, {"{{lr}}", "{{{{lr}}}}"}, {"\xce\xbb{", "\xce\xbb{{"}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf quoted = BUF_INIT, b = BUF_INIT;
		struct problem p = {0};
		int looked_up = 0;
		template_quote(&quoted, cases[i].text, strlen(cases[i].text));
		assert_string_equal(buf_cstr(&quoted), cases[i].quoted);
		assert_int_equal(template_expand(&b, quoted.data, look_up, &looked_up, &p), 0);
		assert_string_equal(buf_cstr(&b), cases[i].text);
		assert_int_equal(looked_up, 0);
		buf_free(&quoted);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_template_is_text_names_and_doubled_braces),
		cmocka_unit_test(placeholders_become_their_values),
		cmocka_unit_test(what_cannot_be_filled_in_is_named),
		cmocka_unit_test(quoted_text_comes_out_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
