/*
 * configtext - one part of the stencil for each piece of the splice.
 */
#include "spec/configtext.h"

#include "spec/value.h"

static void add_kept(struct stencil *g, const char *text, size_t len, enum stencil_form form)
{
	if (form == FORM_YAML_STRING)
		stencil_string(g, text, len);
	else
		stencil_text(g, text, len);
}

static void add_fixed(struct stencil *g, const struct resolve *r, size_t slot, bool json,
		      enum stencil_form form)
{
	struct buf b = BUF_INIT;
	value_write_yaml(&b, &r->spec->doc, r->slots[slot]->value,
			 json ? VALUE_JSON : VALUE_PORTABLE);
	g->text.failed |= b.failed;
	add_kept(g, b.data ? b.data : "", b.len, form);
	buf_free(&b);
}

void configtext_write(struct stencil *g, const struct resolve *r, const struct splice *s,
		      enum stencil_form form)
{
	size_t fixed = r->spec->fixed_count;
	for (size_t i = 0; i < s->count; i++) {
		const struct edits_piece *piece = &s->pieces[i];
		if (piece->slot < 0)
			add_kept(g, s->text.data + piece->from, piece->len, form);
		else if ((size_t)piece->slot < fixed)
			add_fixed(g, r, (size_t)piece->slot, s->json, form);
		else
			stencil_place(g, STENCIL_CHOICE, (size_t)piece->slot - fixed, form);
	}
}
