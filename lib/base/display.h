#ifndef DISPLAY_H
#define DISPLAY_H
/*
 * display - write text for a terminal.
 *
 * What is written cannot move the cursor, change the direction of writing or begin a line
 * that looks like one of ours.
 */
#include "base/json.h"

/* Append text, of which utf8_shown writes out what a terminal would not just show. */
void display_add(struct buf *out, const char *text, size_t len);

/* Append a raw JSON value: a string without its quotes, escapes as they stand. */
void display_value(struct buf *out, struct slice raw);

/* Append the members of a raw JSON object as "lr=0.1 seed=0", long values cut
 * with "..."; nothing if it is none. */
void display_members(struct buf *out, struct slice object);

/* Append a time: "3.2s", "4m10s", "2h05m"; "?" of more than a billion hours, or of no
 * number: a record may say anything. */
void display_time(struct buf *out, double seconds);

/* How many columns UTF-8 text takes on a terminal. */
size_t display_width(const char *text, size_t len);

/* How many bytes of it fit into so many columns. */
size_t display_fit(const char *text, size_t len, size_t columns);

#endif
