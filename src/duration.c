/*
 * duration - parse a time such as 1h30m: numbers with units, which are added.
 */
#include "duration.h"

#include <stdlib.h>
#include <string.h>

static double unit(char c)
{
	switch (c) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

bool duration_parse(const char *text, double *seconds)
{
	double total = 0;
	if (!*text)
		return false;
	while (*text) {
		char *end;
		if (strspn(text, "0123456789.") == 0)
			return false;
		double number = strtod(text, &end);
		if (end == text || (*end && unit(*end) == 0) || strpbrk(text, "xXeEpP"))
			return false;
		total += number * (*end ? unit(*end) : 1);
		text = *end ? end + 1 : end;
	}
	*seconds = total;
	return total > 0 && total < 3.2e9;
}
