/*
 * sight - a process tree is walked by its lists of children; at most 256 processes, so
 * that a look stays short.
 */
#include "run/sight.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { MANY = 256 };

struct look {
	const char *parent; /* as it is given */
	char *real;         /* without links */
	struct rundir_names *seen;
	int left; /* processes to look at */
};

static bool is_known(const struct rundir_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return true;
	return false;
}

/* What a link in /proc points to: is it in a directory below the parent? */
static void take_target(const struct look *l, const char *target)
{
	size_t len = strlen(l->real);
	if (strncmp(target, l->real, len) != 0 || target[len] != '/' || !target[len + 1])
		return;
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/", l->parent);
	buf_add(&path, target + len + 1, strcspn(target + len + 1, "/"));
	if (buf_cstr(&path) && !is_known(l->seen, path.data))
		rundir_names_add(l->seen, path.data);
	buf_free(&path);
}

static void follow_link(const struct look *l, const char *link)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof target - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	take_target(l, target);
}

static void look_at_files(const struct look *l, long pid)
{
	char path[300];
	struct dirent *entry;
	snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
	follow_link(l, path);
	snprintf(path, sizeof path, "/proc/%ld/fd", pid);
	DIR *list = opendir(path);
	while (list && (entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/%ld/fd/%s", pid, entry->d_name);
		follow_link(l, path);
	}
	if (list)
		closedir(list);
}

static void look_at(struct look *l, long pid)
{
	char text[4096], path[64], *end;
	if (l->left-- <= 0)
		return;
	look_at_files(l, pid);
	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
	FILE *f = fopen(path, "re");
	size_t len = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[len] = '\0';
	for (char *at = text;; at = end) {
		long child = strtol(at, &end, 10);
		if (end == at)
			break;
		look_at(l, child);
	}
}

void sight_look(pid_t pid, const char *parent, struct rundir_names *seen)
{
	struct look l = {parent, realpath(parent, NULL), seen, MANY};
	if (l.real)
		look_at(&l, (long)pid);
	free(l.real);
}
