/*
 * endline - the run is over and its claim is ours, so that nobody runs it again: there is
 * time. Nothing tells when a disk has room again, so it is tried, once a second at last.
 * A signal that came before ends that after the first second, one that comes later at once.
 */
#include "endline.h"

#include <stdbool.h>

#include "cli.h"
#include "base/signals.h"

static const double first_wait = 0.0625, last_wait = 1; /* seconds between two tries */

int endline_append(struct journal *j, const char *run, const struct buf *line, struct problem *p)
{
	double wait = first_wait;
	bool said = false;
	int rc;
	while ((rc = journal_append(j, line->data, line->len, p)) > 0 &&
	       !(signals_stop() && wait >= last_wait)) {
		if (wait >= last_wait && !said)
			cli_note("%s has ended; its record waits until there is room: %s", run,
				 p->text);
		said = wait >= last_wait;
		signals_wait(wait);
		wait = wait < last_wait ? 2 * wait : last_wait;
	}
	if (rc <= 0)
		return rc;
	struct problem why = *p;
	return problem_set(
		p, EXIT_IO,
		"%s has ended, and no room came for its record: %s; it counts as not done", run,
		why.text);
}
