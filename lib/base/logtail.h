#ifndef LOGTAIL_H
#define LOGTAIL_H
/*
 * logtail - show the end of a run's log: whole lines without colours and control characters,
 * long ones cut with "...", of a progress bar its last state. Only the output of the last
 * attempt is shown.
 */
#include <stdbool.h>

#include "base/json.h"

enum { LOGTAIL_COLUMNS = 300 }; /* of a line */

/* Append the line that is written into a log before a second and any later attempt. */
void logtail_mark(struct buf *out, int attempt);

/* Append the last so many lines that the last attempt has printed, each with `indent`
 * before it, without blank ones at the end. 0, or -1 with errno: it cannot be read,
 * as file_open has it. */
int logtail_add(struct buf *out, const char *path, bool follow, size_t lines, const char *indent);

/* Append one line, given without its end, cut to so many columns. */
void logtail_line(struct buf *out, struct slice line, size_t columns);

/* Append the last of them that is not blank, without its end, cut to so many columns. */
void logtail_last(struct buf *out, int fd, size_t columns);

#endif
