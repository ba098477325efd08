#ifndef YAMLPLACE_H
#define YAMLPLACE_H
/*
 * yamlplace - turn the lines and columns of libyaml into bytes of the file, and back.
 *
 * libyaml's marks count characters of the text that it was given; a mark's index cannot be
 * used, since it counts CR LF inside scalars as one character and elsewhere as two.
 */
#include "spec/yamldoc.h"

/* A cursor that walks forwards as the marks do. */
struct yamlplace {
	const struct yamldoc *doc;
	bool joined;             /* libyaml got the text by jsonyaml_next, not the file's bytes */
	size_t line, column;     /* from 0, in characters */
	size_t line_start, byte; /* in bytes of the file */
};

/* Begin at the first character of a document whose text has been read. */
void yamlplace_init(struct yamlplace *c, const struct yamldoc *doc);

/* The byte at a line and column that count from 0. Costs the distance from the last one. */
size_t yamlplace_byte(struct yamlplace *c, size_t line, size_t column);

/* The line and column, from 1, of a byte that counts from doc->body. */
void yamlplace_find(const struct yamldoc *doc, size_t offset, size_t *line, size_t *column);

#endif
