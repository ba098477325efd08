#ifndef STENCIL_H
#define STENCIL_H
/*
 * stencil - a text with places to fill in, made once and rendered for each run.
 *
 * Of a config and of a run line only a few values differ from run to run: those are places,
 * all else is text that is copied. Whether memory ran out is seen once, in `text.failed`.
 */
#include "base/buf.h"

enum stencil_kind { STENCIL_TEXT, STENCIL_RUN, STENCIL_INDEX, STENCIL_CHOICE, STENCIL_CKSUM };

/* What a choice looks like in the place where it goes. */
enum stencil_form {
	FORM_YAML,        /* in a config */
	FORM_YAML_STRING, /* in a config inside a JSON string */
	FORM_JSON,        /* a JSON value */
	FORM_ARGUMENT,    /* inside the JSON string of a command's argument */
	FORM_COUNT
};

struct stencil_part {
	enum stencil_kind place;
	enum stencil_form form; /* of a choice */
	size_t axis;
	size_t from, len; /* of a text */
};

struct stencil {
	struct buf text;
	struct stencil_part *parts;
	size_t count, cap;
};

/* The candidates of one axis in each form: text[form] from ends[form][i-1] to
 * ends[form][i]. */
struct stencil_choices {
	struct buf text[FORM_COUNT];
	size_t *ends[FORM_COUNT];
	size_t count;
};

void stencil_free(struct stencil *g);

/* Append text; text escaped for the inside of a JSON string; a place (axis and form: of a
 * STENCIL_CHOICE). */
void stencil_text(struct stencil *g, const char *text, size_t len);
void stencil_string(struct stencil *g, const char *text, size_t len);
void stencil_place(struct stencil *g, enum stencil_kind place, size_t axis, enum stencil_form form);

void stencil_choices_free(struct stencil_choices *c);

/* Append the text for one run to out: its id, its index, the candidate of each axis that it
 * has, and the checksum of its config, or "". */
void stencil_render(const struct stencil *g, const struct stencil_choices *axes, const char *run,
		    const char *index, const size_t *choice, const char *cksum, struct buf *out);

#endif
