#ifndef PROGRAM_H
#define PROGRAM_H
/*
 * program - a text with places to fill in, made once and rendered per run.
 */
#include "buf.h"

enum place { PLACE_TEXT, PLACE_RUN, PLACE_INDEX, PLACE_CHOICE, PLACE_CKSUM };

/* What a choice looks like in the place where it goes. */
enum form {
	FORM_YAML,        /* in a config */
	FORM_YAML_STRING, /* in a config inside a JSON string */
	FORM_JSON,        /* a JSON value */
	FORM_ARGUMENT,    /* inside the JSON string of a command's argument */
	FORM_COUNT
};

struct program_part {
	enum place place;
	enum form form;
	size_t axis;      /* of a choice */
	size_t from, len; /* of a text */
};

struct program {
	struct buf text;
	struct program_part *parts;
	size_t count, cap;
};

/* The candidates of one axis in each form: text[form] from ends[form][i-1] to
 * ends[form][i]. */
struct choices {
	struct buf text[FORM_COUNT];
	size_t *ends[FORM_COUNT];
	size_t count;
};

void program_free(struct program *g);
void program_text(struct program *g, const char *text, size_t len);
void program_place(struct program *g, enum place place, size_t axis, enum form form);

void choices_free(struct choices *c);

/* Append the text for one run; cksum: of its config, or "". */
void program_render(const struct program *g, const struct choices *axes, const char *run,
		    const char *index, const size_t *choice, const char *cksum, struct buf *out);

#endif
