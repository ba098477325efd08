#ifndef CLOCK_H
#define CLOCK_H
/* clock - read the clocks, and write and read times as text. */
#include <stdbool.h>
#include <time.h>

/* Seconds on the monotonic clock, which is never set. */
double clock_now(void);

/* The sooner of two such moments, of which 0 is none. */
double clock_sooner(double a, double b);

enum { CLOCK_TEXT_SIZE = 32 };

/* The time as "2026-11-23T10:00:00.123Z": UTC, ISO 8601, milliseconds. */
void clock_text(char out[CLOCK_TEXT_SIZE]);

/* Read such a time, any number of digits of a second; false: it is none. */
bool clock_parse(const char *text, struct timespec *t);

#endif
