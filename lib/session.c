/*
 * session - asked once, then remembered.
 */
#include "session.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jsonl.h"
#include "path.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

void session_time(char out[SESSION_TIME_SIZE])
{
	struct timespec now;
	struct tm utc;
	size_t len = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &utc))
		len = strftime(out, SESSION_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(out + len, SESSION_TIME_SIZE - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
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

bool session_parse_time(const char *text, struct timespec *t)
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

const char *session_host(void)
{
	static char host[256];
	if (!host[0] && (gethostname(host, sizeof host - 1) != 0 || !host[0]))
		strcpy(host, "unknown");
	return host;
}

const char *session_boot_id(void)
{
	static char id[64];
	static int asked;
	if (asked++)
		return id;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t n = read(fd, id, sizeof id - 1);
		id[n > 0 ? n : 0] = '\0';
		id[strcspn(id, "\n")] = '\0';
		close(fd);
	}
	return id;
}

void session_add_where(struct buf *out)
{
	struct problem ignored;
	char number[32];
	const char *cwd = path_current(false, &ignored);
	struct passwd *user = getpwuid(getuid());
	snprintf(number, sizeof number, "%ld", (long)getuid());
	jsonl_add_str_field(out, "host", session_host());
	jsonl_add_str_field(out, "user", user ? user->pw_name : number);
	jsonl_add_str_field(out, "cwd", cwd ? cwd : "unknown");
	jsonl_add_str_field(out, "version", PACKAGE_VERSION);
}
