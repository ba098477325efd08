/*
 * program - neighbouring texts are one part, so that rendering is as few
 * copies as there are places, plus one.
 */
#include "program.h"

#include <stdlib.h>
#include <string.h>

void program_free(struct program *g)
{
	buf_free(&g->text);
	free(g->parts);
	*g = (struct program){0};
}

static struct program_part *add_part(struct program *g)
{
	if (g->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		struct program_part *parts = realloc(g->parts, cap * sizeof *parts);
		if (!parts) {
			g->text.failed = true;
			return NULL;
		}
		g->parts = parts;
		g->cap = cap;
	}
	return &g->parts[g->count++];
}

void program_text(struct program *g, const char *text, size_t len)
{
	struct program_part *last = g->count ? &g->parts[g->count - 1] : NULL;
	if (len == 0)
		return;
	if (!last || last->place != PLACE_TEXT) {
		last = add_part(g);
		if (!last)
			return;
		*last = (struct program_part){.place = PLACE_TEXT, .from = g->text.len};
	}
	buf_add(&g->text, text, len);
	last->len = g->text.len - last->from;
}

void program_place(struct program *g, enum place place, size_t axis, enum form form)
{
	struct program_part *part = add_part(g);
	if (part)
		*part = (struct program_part){.place = place, .axis = axis, .form = form};
}

void choices_free(struct choices *c)
{
	for (int form = 0; form < FORM_COUNT; form++) {
		buf_free(&c->text[form]);
		free(c->ends[form]);
	}
	*c = (struct choices){0};
}

static void add_choice(const struct choices *c, enum form form, size_t i, struct buf *out)
{
	size_t from = i ? c->ends[form][i - 1] : 0;
	buf_add(out, c->text[form].data + from, c->ends[form][i] - from);
}

void program_render(const struct program *g, const struct choices *axes, const char *run,
		    const char *index, const size_t *choice, const char *cksum, struct buf *out)
{
	for (const struct program_part *p = g->parts; p < g->parts + g->count; p++) {
		switch (p->place) {
		case PLACE_TEXT:
			buf_add(out, g->text.data + p->from, p->len);
			break;
		case PLACE_RUN:
			buf_adds(out, run);
			break;
		case PLACE_INDEX:
			buf_adds(out, index);
			break;
		case PLACE_CKSUM:
			buf_adds(out, cksum);
			break;
		case PLACE_CHOICE:
			add_choice(&axes[p->axis], p->form, choice[p->axis], out);
			break;
		}
	}
}
