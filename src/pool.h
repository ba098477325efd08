#ifndef POOL_H
#define POOL_H
/*
 * pool - runs in slots, as many at once as there are slots, one where nothing else is asked
 * for; and the loop that waits for whatever happens next.
 */
#include "session.h"

/* Run what the lines ask for, until all has ended and all events are written. The outcome is
 * in the session. */
void pool_run(struct session *s);

#endif
