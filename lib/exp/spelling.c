/* spelling - the names of nested members of metrics are joined by dots: test.accuracy. */
#include "exp/spelling.h"

#include <string.h>

/* One level of names; `before` is what stands before them, raw. */
static void spell_members(struct buf *out, struct slice object, struct slice before, bool deep)
{
	struct slice key, value, first, none;
	size_t pos = 0, inner = 0;
	while (json_next_member(object, &pos, &key, &value)) {
		struct buf name = BUF_INIT;
		buf_add(&name, before.data, before.len);
		buf_add(&name, key.data, key.len);
		inner = 0;
		if (deep && json_is_object(value) &&
		    json_next_member(value, &inner, &first, &none)) {
			buf_addc(&name, '.');
			spell_members(out, value, (struct slice){name.data, name.len}, deep);
		} else {
			buf_adds(out, out->data[out->len - 1] == '{' ? "\"" : ",\"");
			buf_add(out, name.data, name.len);
			buf_adds(out, "\":");
			json_add_string(out, value.data, value.len);
		}
		out->failed |= name.failed;
		buf_free(&name);
		if (out->failed)
			return;
	}
}

void spelling_add_field(struct buf *out, const struct row_field *f)
{
	if (f->value.len == 0 || !memchr("-0123456789", *f->value.data, 11))
		return;
	buf_adds(out, out->len ? ",\"" : "\"");
	buf_add(out, f->name.data, f->name.len);
	buf_adds(out, "\":");
	json_add_string(out, f->value.data, f->value.len);
}

void spelling_add(struct buf *out, const struct buf *fields, struct slice params,
		  struct slice metrics)
{
	buf_adds(out, ",\"spelling\":{\"fields\":{");
	buf_add(out, fields->data, fields->len);
	out->failed |= fields->failed;
	buf_adds(out, "},\"params\":{");
	if (!out->failed && json_is_object(params))
		spell_members(out, params, (struct slice){"", 0}, false);
	buf_adds(out, "},\"metrics\":{");
	if (!out->failed && json_is_object(metrics))
		spell_members(out, metrics, (struct slice){"", 0}, true);
	buf_adds(out, "}}");
}
