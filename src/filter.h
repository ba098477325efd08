#ifndef FILTER_H
#define FILTER_H
/* filter - meta-merge without DIR: lines come in on standard input. */
#include "deliver.h"

/* Until the input ends, or a signal ends it. The exit status. */
int filter_lines(const struct deliver_to *o);

#endif
