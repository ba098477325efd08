#ifndef DURATION_H
#define DURATION_H
#include <stdbool.h>

/* "90" (seconds), "1.5", "90s", "90m", "1h30m", "2d": seconds above 0 and below
 * a hundred years. */
bool duration_parse(const char *text, double *seconds);

#endif
