/*
 * template - one pass, left to right. A value that was inserted is not searched for
 * placeholders again, so it may have braces.
 */
#include "base/template.h"

#include <string.h>

int template_next(const char **at, struct slice *piece, bool *is_name)
{
	const char *from = *at;
	*is_name = false;
	if (!*from)
		return 0;
	if ((from[0] == '{' || from[0] == '}') && from[1] == from[0]) {
		*piece = (struct slice){from, 1};
		*at = from + 2;
		return 1;
	}
	if (*from == '}')
		return -1;
	if (*from == '{') {
		size_t len = strcspn(++from, "{}");
		if (from[len] != '}')
			return -1;
		*piece = (struct slice){from, len};
		*is_name = true;
		*at = from + len + 1;
		return 1;
	}
	*piece = (struct slice){from, strcspn(from, "{}")};
	*at = from + piece->len;
	return 1;
}

int template_expand(struct buf *out, const char *text, template_lookup *lookup, void *context,
		    struct problem *p)
{
	const char *at = text;
	struct slice piece;
	bool is_name;
	int more;
	while ((more = template_next(&at, &piece, &is_name)) > 0) {
		if (!is_name)
			buf_add(out, piece.data, piece.len);
		else if (!lookup(context, piece, out))
			return problem_set(
				p, EXIT_BAD_INPUT,
				"unknown placeholder {%.*s} in %s; write {config}, {run}, "
				"{experiment_dir} or a key of the config, and {{ }} for braces",
				(int)piece.len, piece.data, text);
	}
	if (more < 0)
		return problem_set(p, EXIT_BAD_INPUT,
				   "a brace without its partner in %s; write {{ or }} for a brace",
				   text);
	return out->failed ? problem_memory(p) : 0;
}

void template_quote(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '{' || text[i] == '}')
			buf_addc(out, text[i]);
		buf_addc(out, text[i]);
	}
}
