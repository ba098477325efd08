/* path - refuse a name that cannot be recorded before anything is written. */
#include "base/path.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

bool path_is_utf8(const char *path)
{
	const unsigned char *at = (const unsigned char *)path, *end = at + strlen(path);
	size_t len = 1;
	while (at < end && (len = utf8_length(at, end)) > 0)
		at += len;
	return len > 0;
}

static int refuse_bytes(const char *what, const char *path, struct problem *p)
{
	return problem_set(p, EXIT_BAD_INPUT,
			   "%s %s is not UTF-8, and no record can hold it; choose another name",
			   what, path);
}

int path_check(const char *what, const char *path, struct problem *p)
{
	if (!path_is_utf8(path))
		return refuse_bytes(what, path, p);
	for (const char *at = path; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			return problem_set(p, EXIT_BAD_INPUT,
					   "%s %s has a control character; choose another name",
					   what, path);
	return 0;
}

const char *path_current(bool kept, struct problem *p)
{
	static char *current;
	if (!current && !(current = getcwd(NULL, 0))) {
		if (errno == ENOENT)
			problem_set(p, EXIT_BAD_INPUT,
				    "the current directory is gone; cd to one that exists");
		else
			problem_errno(p, "the current directory cannot be found");
		return NULL;
	}
	if (kept && !path_is_utf8(current)) {
		refuse_bytes("the current directory", current, p);
		return NULL;
	}
	return current;
}
