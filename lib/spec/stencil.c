/*
 * stencil - neighbouring texts are one part, so that a run is rendered with one copy for
 * each place, plus one.
 */
#include "spec/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_add.h"

void stencil_free(struct stencil *g)
{
	buf_free(&g->text);
	free(g->parts);
	*g = (struct stencil){0};
}

static struct stencil_part *add_part(struct stencil *g)
{
	if (g->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		struct stencil_part *parts = realloc(g->parts, cap * sizeof *parts);
		if (!parts) {
			g->text.failed = true;
			return NULL;
		}
		g->parts = parts;
		g->cap = cap;
	}
	return &g->parts[g->count++];
}

void stencil_text(struct stencil *g, const char *text, size_t len)
{
	struct stencil_part *last = g->count ? &g->parts[g->count - 1] : NULL;
	if (len == 0)
		return;
	if (!last || last->place != STENCIL_TEXT) {
		last = add_part(g);
		if (!last)
			return;
		*last = (struct stencil_part){.place = STENCIL_TEXT, .from = g->text.len};
	}
	buf_add(&g->text, text, len);
	last->len = g->text.len - last->from;
}

void stencil_string(struct stencil *g, const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	json_add_string(&b, text, len);
	g->text.failed |= b.failed;
	if (!b.failed)
		stencil_text(g, b.data + 1, b.len - 2);
	buf_free(&b);
}

void stencil_place(struct stencil *g, enum stencil_kind place, size_t axis, enum stencil_form form)
{
	struct stencil_part *part = add_part(g);
	if (part)
		*part = (struct stencil_part){.place = place, .axis = axis, .form = form};
}

void stencil_choices_free(struct stencil_choices *c)
{
	for (int form = 0; form < FORM_COUNT; form++) {
		buf_free(&c->text[form]);
		free(c->ends[form]);
	}
	*c = (struct stencil_choices){0};
}

static void add_choice(const struct stencil_choices *c, enum stencil_form form, size_t i,
		       struct buf *out)
{
	size_t from = i ? c->ends[form][i - 1] : 0, len = c->ends[form][i] - from;
	if (len) /* else there may be no text at all */
		buf_add(out, c->text[form].data + from, len);
}

void stencil_render(const struct stencil *g, const struct stencil_choices *axes, const char *run,
		    const char *index, const size_t *choice, const char *cksum, struct buf *out)
{
	const struct stencil_part *p = g->parts;
	for (size_t left = g->count; left > 0; left--, p++) {
		switch (p->place) {
		case STENCIL_TEXT:
			buf_add(out, g->text.data + p->from, p->len);
			break;
		case STENCIL_RUN:
			buf_adds(out, run);
			break;
		case STENCIL_INDEX:
			buf_adds(out, index);
			break;
		case STENCIL_CKSUM:
			buf_adds(out, cksum);
			break;
		case STENCIL_CHOICE:
			add_choice(&axes[p->axis], p->form, choice[p->axis], out);
			break;
		}
	}
}
