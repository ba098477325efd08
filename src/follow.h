#ifndef FOLLOW_H
#define FOLLOW_H
/*
 * follow - print a log while it is written, in the form of logtail.h.
 */
#include <stdbool.h>

/* Print the last lines of a log, and what is added to it, a line at a time, as long as
 * at_work says that there is somebody who may write; on a terminal also the line that is not
 * at its end yet, such as a progress bar. Ends with a signal, too (signals.h), and where the
 * reader has gone. The exit status. */
int follow_log(const char *path, bool (*at_work)(void *), void *context);

#endif
