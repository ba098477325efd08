/*
 * owner - a directory is searched two levels deep, up to 64 files and directories on each, so
 * that one with many checkpoints or a cache takes little time.
 */
#include "run/owner.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "exp/settings.h"

enum { DEPTH = 2, MAX_ENTRIES = 64, MAX_SETTINGS = 1 << 16 };

enum verdict { REFUTED, UNKNOWN, PROVED };

struct search {
	const struct owner *o;
	struct buf config; /* its text */
	bool copy;         /* a copy of it was found */
	enum settings settings;
};

/* ---- a copy of the config ---- */

static bool same_content(int dir, const char *name, const struct buf *config)
{
	char chunk[4096];
	size_t at = 0;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n <= 0 || at + (size_t)n > config->len ||
		    memcmp(chunk, config->data + at, (size_t)n) != 0) {
			close(fd);
			return n == 0 && at == config->len;
		}
		at += (size_t)n;
	}
}

/* Does another run have the same config? Then a copy of it proves nothing. */
static bool has_twin(const char *config, const struct buf *text)
{
	const char *slash = strrchr(config, '/');
	struct buf parent = BUF_INIT;
	struct dirent *entry;
	size_t same = 0;
	buf_add(&parent, config, slash ? (size_t)(slash - config) : 0);
	DIR *list = buf_cstr(&parent) ? opendir(slash ? parent.data : ".") : NULL;
	while (list && same < 2 && (entry = readdir(list))) {
		struct stat st;
		same += fstatat(dirfd(list), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode) && (size_t)st.st_size == text->len &&
			same_content(dirfd(list), entry->d_name, text);
	}
	if (list)
		closedir(list);
	buf_free(&parent);
	return same > 1;
}

/* ---- what lies in a directory ---- */

static void look_at_settings(struct search *s, int dir, const char *name)
{
	char text[MAX_SETTINGS];
	size_t len = 0;
	ssize_t n = 1;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	while (fd >= 0 && len < sizeof text && (n = read(fd, text + len, sizeof text - len)) > 0)
		len += (size_t)n;
	if (fd >= 0)
		close(fd);
	enum settings says = settings_compare(text, len, s->o->params);
	/* one file that agrees outweighs a default that stands elsewhere */
	if (says == SETTINGS_AGREE || (says == SETTINGS_DIFFER && s->settings == SETTINGS_SILENT))
		s->settings = says;
}

static void look_at_settings_file(struct search *s, int dir, const char *name,
				  const struct stat *st)
{
	if (s->config.data && (size_t)st->st_size == s->config.len)
		s->copy = s->copy || same_content(dir, name, &s->config);
	if (s->o->params.data && st->st_size < MAX_SETTINGS && settings_is_name(name) &&
	    !(s->o->metrics && strcmp(name, s->o->metrics) == 0))
		look_at_settings(s, dir, name);
}

/* Takes the descriptor. */
static void look_into(struct search *s, int dir, int depth)
{
	struct dirent *entry;
	DIR *entries = fdopendir(dir);
	if (!entries)
		close(dir);
	for (int left = MAX_ENTRIES; entries && left > 0 && !s->copy && (entry = readdir(entries));
	     left--) {
		struct stat st;
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    fstatat(dirfd(entries), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			look_at_settings_file(s, dirfd(entries), name, &st);
		else if (S_ISDIR(st.st_mode) && depth > 1)
			look_into(s,
				  openat(dirfd(entries), name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
				  depth - 1);
	}
	if (entries)
		closedir(entries);
}

/* ---- verdicts ---- */

bool owner_named(const char *path, const char *run)
{
	size_t len = strlen(run);
	for (const char *at = path; (at = strstr(at, run)); at++) {
		bool begins = at == path || !isalnum((unsigned char)at[-1]);
		if (begins && !isalnum((unsigned char)at[len]))
			return true;
	}
	return false;
}

static bool was_seen(const struct owner *o, const char *path)
{
	for (size_t i = 0; o->seen && i < o->seen->count; i++)
		if (strcmp(o->seen->name[i], path) == 0)
			return true;
	return false;
}

/* Then no other run has the same config. */
static bool is_swept(const struct owner *o)
{
	struct slice key, value;
	size_t pos = 0;
	return json_is_object(o->params) && json_next_member(o->params, &pos, &key, &value);
}

static enum verdict judge_directory(struct search *s, const char *path)
{
	size_t before = s->o->parent ? strlen(s->o->parent) : 0;
	const char *name = strlen(path) > before ? path + before : path;
	if ((s->o->run && owner_named(name, s->o->run)) || was_seen(s->o, path))
		return PROVED;
	s->copy = false;
	s->settings = SETTINGS_SILENT;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		look_into(s, dir, DEPTH);
	if (s->copy && s->o->shared && !is_swept(s->o) && has_twin(s->o->config, &s->config))
		s->copy = false;
	if (s->copy || s->settings == SETTINGS_AGREE)
		return PROVED;
	return s->settings == SETTINGS_DIFFER ? REFUTED : UNKNOWN;
}

/* Takes out the names that are marked. */
static void remove_refuted(struct rundir_names *found, const enum verdict *verdict)
{
	size_t kept = 0;
	for (size_t i = 0; i < found->count; i++)
		if (verdict[i] == REFUTED)
			free(found->name[i]);
		else
			found->name[kept++] = found->name[i];
	found->count = kept;
}

static int pick_owner(const struct rundir_names *found, const enum verdict *verdict,
		      const struct owner *o, bool *is_proved)
{
	int proved = 0, at = -1;
	bool elsewhere = o->seen && o->seen->count;
	for (size_t i = 0; i < found->count; i++) {
		if (verdict[i] != PROVED)
			continue;
		proved++;
		at = (int)i;
	}
	*is_proved = proved == 1;
	if (proved == 0)
		return found->count == 1 && !o->shared && !elsewhere ? 0 : -1;
	return proved == 1 ? at : -1;
}

int owner_pick(struct rundir_names *found, const struct owner *o, bool *proved)
{
	struct search s = {.o = o};
	size_t kept = 0;
	enum verdict *verdict = calloc(found->count + 1, sizeof *verdict);
	*proved = false;
	if (!verdict)
		return -1;
	if (o->config && file_read(o->config, true, &s.config) != 0)
		buf_clear(&s.config);
	if (s.config.len == 0)
		buf_free(&s.config);
	for (size_t i = 0; i < found->count; i++)
		verdict[i] = judge_directory(&s, found->name[i]);
	remove_refuted(found, verdict);
	for (size_t i = 0, n = found->count; kept < n; i++)
		if (verdict[i] != REFUTED)
			verdict[kept++] = verdict[i];
	int which = pick_owner(found, verdict, o, proved);
	buf_free(&s.config);
	free(verdict);
	return which;
}
