#ifndef ORIGIN_H
#define ORIGIN_H
/*
 * origin - host, user, directory, version and boot of this process, for records. No variable of
 * the environment is recorded here; the numbers of a Slurm job are (src/event.c).
 */
#include "base/buf.h"

/* Append the JSON fields host, user, cwd and version. The caller has checked that there is
 * a current directory (path_current). */
void origin_add_where(struct buf *out);

/* This machine's name, borrowed; "unknown" if it has none. */
const char *origin_host(void);

/* What the kernel calls this boot, borrowed; "" where it has no name. */
const char *origin_boot_id(void);

#endif
