/*
 * yamlplace - walk over the file's bytes, a line break or a character at a time.
 *
 * What counts as a line break is what libyaml counts: CR, LF, CR LF, NEL, U+2028, U+2029.
 */
#include "spec/yamlplace.h"

#include <string.h>

#include "spec/jsonyaml.h"

void yamlplace_init(struct yamlplace *c, const struct yamldoc *doc)
{
	*c = (struct yamlplace){.doc = doc, .line_start = doc->body, .byte = doc->body};
}

/* The length of the line break at a byte, as YAML 1.1 counts breaks; 0: none. */
static size_t break_length(const struct yamldoc *doc, size_t at)
{
	const char *p = doc->data + at; /* the NUL behind the text ends every look */
	if (p[0] == '\r' && p[1] == '\n')
		return 2;
	if (p[0] == '\r' || p[0] == '\n')
		return 1;
	if (doc->json)
		return 0; /* what else is one to YAML is in a string, as an escape */
	if (strncmp(p, "\xc2\x85", 2) == 0)
		return 2;
	if (strncmp(p, "\xe2\x80\xa8", 3) == 0 || strncmp(p, "\xe2\x80\xa9", 3) == 0)
		return 3;
	return 0;
}

/* A character on, or an escape. */
static void step_on(struct yamlplace *c)
{
	const char *text = c->doc->data;
	if (c->joined) {
		struct jsonyaml one = jsonyaml_next(text + c->byte, c->doc->len - c->byte);
		c->byte += one.len;
		c->column += one.columns;
		return;
	}
	c->column++;
	do
		c->byte++;
	while (((unsigned char)text[c->byte] & 0xc0) == 0x80);
}

size_t yamlplace_byte(struct yamlplace *c, size_t line, size_t column)
{
	const struct yamldoc *doc = c->doc;
	if (line < c->line) {
		c->line = c->column = 0;
		c->line_start = c->byte = doc->body;
	}
	while (c->line < line && c->line_start < doc->len) {
		size_t n = break_length(doc, c->line_start);
		c->line += n > 0;
		c->line_start += n ? n : 1;
		c->column = 0;
		c->byte = c->line_start;
	}
	if (column < c->column) {
		c->column = 0;
		c->byte = c->line_start;
	}
	while (c->column < column && c->byte < doc->len)
		step_on(c);
	return c->byte;
}

void yamlplace_find(const struct yamldoc *doc, size_t offset, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (size_t i = doc->body; i < doc->body + offset && i < doc->len; i++) {
		*column += ((unsigned char)doc->data[i] & 0xc0) != 0x80;
		if (doc->data[i] == '\n') {
			++*line;
			*column = 1;
		}
	}
}
