#ifndef FIRSTLINE_H
#define FIRSTLINE_H
/*
 * firstline - read the first line of plan.jsonl or of a journal, which has the fields of the
 * experiment.
 */
#include <stddef.h>

/* The first line of DIR/NAME, with its newline, and a NUL; the caller frees it. *len: without
 * the newline. NULL: it has none, with errno 0, or it could not be read (file_open). */
char *firstline_read(const char *dir, const char *name, size_t *len);

/* The string under a key of that line, a JSON object; the caller frees it. NULL: it has no
 * such string, with errno 0, or it could not be read. */
char *firstline_says(const char *dir, const char *name, const char *key);

#endif
