/*
 * changed - resolve the first run of each base again, and compare it with the files in the
 * directory: the config by its values, the command by its text.
 */
#include "changed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "base/file.h"
#include "exp/firstline.h"
#include "exp/layout.h"
#include "spec/resolve.h"
#include "base/display.h"
#include "spec/value.h"
#include "spec/yamlread.h"

/* Do two configs mean the same, or can one of them not be read? */
static bool same_config(const char *name, const struct buf *now, const struct buf *was)
{
	struct yamldoc one, two = {0};
	struct problem why;
	struct buf left = BUF_INIT, right = BUF_INIT;
	bool read = yamlread_config_text(&one, name, now->data, now->len, &why) == 0 &&
		    yamlread_config_text(&two, name, was->data, was->len, &why) == 0 && one.root &&
		    two.root;
	if (read) {
		value_write_key(&left, &one, one.root);
		value_write_key(&right, &two, two.root);
	}
	bool same = !read || left.failed || right.failed ||
		    (left.len == right.len && memcmp(left.data, right.data, left.len) == 0);
	buf_free(&left);
	buf_free(&right);
	yamldoc_free(&one);
	yamldoc_free(&two);
	return same;
}

static void note_config(const struct resolve *r, const struct resolve_point *at)
{
	struct buf now = BUF_INIT, was = BUF_INIT, path = BUF_INIT;
	buf_addf(&path, "%s/" LAYOUT_CONFIGS "/%s%s", r->dir, at->run,
		 sweep_suffix(&r->bases[at->base]));
	resolve_config(r, at, &now);
	if (buf_cstr(&path) && !now.failed && now.len && file_read(path.data, false, &was) == 0 &&
	    was.len && !same_config(path.data, &now, &was))
		cli_note("note: %s has changed since %s was made, whose runs keep their configs",
			 r->bases[at->base].path, r->dir);
	buf_free(&now);
	buf_free(&was);
	buf_free(&path);
}

/* ["./prog","a b"] as ./prog a b */
static void show_command(struct buf *out, struct slice command)
{
	struct slice word;
	size_t pos = 0, from = out->len;
	while (json_is_array(command) && json_next_element(command, &pos, &word)) {
		buf_adds(out, out->len > from ? " " : "");
		display_value(out, word);
	}
	buf_adds(out, out->len > from ? "" : "none");
}

static void note_command(const struct resolve *r, const struct resolve_point *at, const char *plan)
{
	struct json now, was;
	struct buf line = BUF_INIT, told = BUF_INIT;
	size_t offset, len = strcspn(plan, "\n");
	const char *why;
	resolve_line(r, at, &line);
	if (line.failed || json_parse(&now, line.data, line.len - 1, &offset, &why) != 0 ||
	    json_parse(&was, plan, len, &offset, &why) != 0) {
		buf_free(&line);
		return;
	}
	struct slice one = json_get(&now, "command"), two = json_get(&was, "command");
	if (one.len != two.len || (one.len && memcmp(one.data, two.data, one.len) != 0)) {
		buf_addf(&told, "note: the runs of %s keep the command they were made with, ",
			 r->dir);
		show_command(&told, two);
		buf_adds(&told, "; now it would be ");
		show_command(&told, one);
		if (buf_cstr(&told))
			cli_note("%s", told.data);
	}
	buf_free(&told);
	buf_free(&line);
}

void changed_notes(const struct spec *spec, const char *dir)
{
	struct resolve r;
	struct problem p;
	struct resolve_point at = {0};
	size_t len;
	char *plan = firstline_read(dir, LAYOUT_PLAN, &len);
	if (plan && resolve_init(&r, spec, dir, &p) == 0 && resolve_point_init(&at, &r) == 0) {
		note_command(&r, &at, plan);
		for (size_t i = 0; i < spec->base_count; i++) {
			resolve_seek(&r, &at, i);
			note_config(&r, &at);
		}
	}
	resolve_point_free(&at);
	if (plan)
		resolve_free(&r);
	free(plan);
}
