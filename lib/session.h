#ifndef SESSION_H
#define SESSION_H
/*
 * session - who is at work, where and when: the parts of provenance that a
 * record carries. No environment variable's value is ever recorded.
 */
#include <stdbool.h>
#include <time.h>

#include "buf.h"

enum { SESSION_TIME_SIZE = 32 };

/* The time as "2026-11-23T10:00:00.123Z": UTC, ISO 8601, milliseconds. */
void session_time(char out[SESSION_TIME_SIZE]);

/* Read such a time, any number of digits of a second; false: it is none. */
bool session_parse_time(const char *text, struct timespec *t);

/* Append the JSON fields host, user, cwd and version. That there is a cwd is seen before
 * (path_current). */
void session_add_where(struct buf *out);

/* This machine's name, borrowed; "unknown" if it has none. */
const char *session_host(void);

/* What the kernel calls this boot, borrowed; "" where it has no name. */
const char *session_boot_id(void);

#endif
