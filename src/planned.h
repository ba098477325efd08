#ifndef PLANNED_H
#define PLANNED_H
/*
 * planned - is a config what the plan says it is? A program, or somebody, may have written
 * into it since.
 */
#include "base/buf.h"
#include "runline.h"

/* Compare the config of the line, a file, with the checksum that the line has of it; a line
 * without one is believed. 1: it is that; 0: it is another, or cannot be read; -1: it cannot be
 * read now, for want of descriptors or memory. Why is appended to `why`. */
int planned_config(const struct runline *l, const char *config, struct buf *why);

/* Append the command that makes the config again. */
void planned_remedy(const struct runline *l, const char *config, struct buf *out);

#endif
