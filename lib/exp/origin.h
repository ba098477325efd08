#ifndef ORIGIN_H
#define ORIGIN_H
/*
 * origin - who is at work, where and when: the parts of provenance that a
 * record carries. No environment variable's value is ever recorded.
 */
#include "base/buf.h"

/* Append the JSON fields host, user, cwd and version. That there is a cwd is seen before
 * (path_current). */
void origin_add_where(struct buf *out);

/* This machine's name, borrowed; "unknown" if it has none. */
const char *origin_host(void);

/* What the kernel calls this boot, borrowed; "" where it has no name. */
const char *origin_boot_id(void);

#endif
