#ifndef PLANNED_H
#define PLANNED_H
/*
 * planned - is a config what the plan says it is? A program, or somebody, may have written
 * into it since.
 */
#include <stdbool.h>

#include "buf.h"
#include "runline.h"

/* Compare the config of the line, a file, with the checksum that the line has of it; a line
 * without one is believed. False: it is another, or cannot be read, and why is appended to
 * `why`. */
bool planned_config(const struct runline *l, const char *config, struct buf *why);

/* Append the command that makes the config again. */
void planned_remedy(const struct runline *l, const char *config, struct buf *out);

#endif
