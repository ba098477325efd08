#ifndef SIGHT_H
#define SIGHT_H
/*
 * sight - which directories below a parent the processes of a run work in: their current
 * directory, and what they have open. Told by /proc; nothing where there is none.
 */
#include <sys/types.h>

#include "run/rundir.h"

/* Look at a process and all its descendants, and add the directories directly below
 * parent that are not in seen yet, joined with parent as it is given. */
void sight_look(pid_t pid, const char *parent, struct rundir_names *seen);

#endif
