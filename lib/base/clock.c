/* clock - CLOCK_MONOTONIC for durations and deadlines, CLOCK_REALTIME for records. */
#include "base/clock.h"

#include <stdio.h>

double clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double clock_sooner(double a, double b)
{
	return a > 0 && (b <= 0 || a < b) ? a : b;
}

void clock_text(char out[CLOCK_TEXT_SIZE])
{
	struct timespec now;
	struct tm utc;
	size_t len = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		len = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out + len, CLOCK_TEXT_SIZE - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

/* Days since 1970-01-01 in the Gregorian calendar; the year begins in March, so that its
 * odd day is the last one. */
static long days_since_1970(long year, long month, long day)
{
	year -= month <= 2;
	month += month <= 2 ? 9 : -3;
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day -
	       719469;
}

bool clock_parse(const char *text, struct timespec *t)
{
	int year, month, day, hour, minute, len = 0;
	double second;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &year, &month, &day, &hour, &minute, &second,
		   &len) != 6 ||
	    len == 0 || text[len] || year < 1970 || month < 1 || month > 12 ||
	    !(second >= 0 && second < 61)) /* nor is it NaN */
		return false;
	t->tv_sec = (time_t)(((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 +
			     (long)second);
	t->tv_nsec = (long)((second - (double)(long)second) * 1e9);
	return true;
}
