/*
 * kin - a process that has wiped its environment, left its group and session and closed what
 * it inherited is nobody's kin.
 */
#include "run/kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

/* Is the word one of those in the list, which blanks separate? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (*list) {
		size_t next = strcspn(list, " ");
		if (next == len && strncmp(list, word, len) == 0)
			return true;
		list += next + (list[next] == ' ');
	}
	return false;
}

static bool is_within(const struct kin *k, pid_t pid)
{
	static const char name[] = "RUN_WITHIN=";
	struct buf env = BUF_INIT;
	char path[64];
	bool found = false;
	snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
	if (k->within && file_read(path, false, &env) == 0 && buf_cstr(&env))
		for (const char *at = env.data; !found && at < env.data + env.len;
		     at += strlen(at) + 1)
			found = strncmp(at, name, sizeof name - 1) == 0 &&
				has_word(at + sizeof name - 1, k->within);
	buf_free(&env);
	return found;
}

static bool is_file(int fd, const struct stat *file)
{
	struct stat st;
	return fd > STDERR_FILENO && fstat(fd, &st) == 0 && st.st_ino == file->st_ino &&
	       st.st_dev == file->st_dev;
}

/* Has it opened it for writing, as the run has, and not as who reads the log? The kernel
 * shows that in the permissions of the link. */
static bool is_writer(int list, const char *name)
{
	struct stat st;
	return fstatat(list, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode & S_IWUSR;
}

static bool has_open(const struct kin *k, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
	DIR *list = opendir(path);
	while (list && !found && (entry = readdir(list)))
		found = fstatat(dirfd(list), entry->d_name, &st, 0) == 0 &&
			(is_file(k->journal, &st) || is_file(k->log, &st)) &&
			is_writer(dirfd(list), entry->d_name);
	if (list)
		closedir(list);
	return found;
}

bool kin_is(const struct kin *k, pid_t pid)
{
	return getpgid(pid) == k->group || getsid(pid) == k->group || is_within(k, pid) ||
	       has_open(k, pid);
}
