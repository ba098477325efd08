/*
 * whynot - the file is looked up as execvp(3) does, and its first line is read as the
 * kernel does.
 */
#include "whynot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/display.h"

/* The file that a command's name stands for: the first in PATH. False: there is none. */
static bool find_file(const char *program, struct buf *path)
{
	const char *at = getenv("PATH"), *end;
	if (strchr(program, '/')) {
		buf_adds(path, program);
		return buf_cstr(path) && access(program, F_OK) == 0;
	}
	for (at = at ? at : "/bin:/usr/bin"; *program && at; at = *end ? end + 1 : NULL) {
		end = at + strcspn(at, ":");
		buf_clear(path);
		buf_add(path, at, (size_t)(end - at));
		buf_adds(path, end > at ? "/" : "./");
		buf_adds(path, program);
		if (buf_cstr(path) && access(path->data, F_OK) == 0)
			return true;
	}
	return false;
}

/* The first line of a script, without its #!; false: it is none. cr: CR LF ends it. */
static bool first_line(const char *file, char *line, size_t size, bool *cr)
{
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, line, size - 1) : -1;
	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	if (strncmp(line, "#!", 2) != 0)
		return false;
	size_t len = strcspn(line, "\n");
	*cr = len && line[len] == '\n' && line[len - 1] == '\r';
	line[len - *cr] = '\0';
	memmove(line, line + 2, strlen(line + 2) + 1);
	return true;
}

static void add_shown(struct buf *out, const char *text)
{
	display_add(out, text, strlen(text));
}

static void say_crlf(const char *file, struct buf *out)
{
	buf_adds(out, "its first line ends in CR LF; convert it: sed -i 's/\\r$//' ");
	add_shown(out, file);
}

/* It is there, and exec says that something is not. */
static void say_interpreter(const char *file, struct buf *out)
{
	char line[256];
	bool cr;
	if (!first_line(file, line, sizeof line, &cr)) {
		buf_adds(out, "its loader does not exist: it was built for another system");
		return;
	}
	if (cr) {
		say_crlf(file, out);
		return;
	}
	char *name = line + strspn(line, " \t");
	name[strcspn(name, " \t")] = '\0';
	buf_adds(out, "its interpreter ");
	add_shown(out, name);
	buf_adds(out, " does not exist");
}

static void say_missing(const char *program, struct buf *out)
{
	buf_adds(out, strchr(program, '/') ? strerror(ENOENT) : "not found in PATH");
	if (!strchr(program, '/') && *program && access(program, F_OK) == 0) {
		buf_adds(out, "; write ./");
		add_shown(out, program);
	}
}

void whynot(const char *program, int error, struct buf *out)
{
	struct buf path = BUF_INIT;
	struct stat st;
	bool there = find_file(program, &path);
	if (error == ENOENT && !there)
		say_missing(program, out);
	else if (error == ENOENT)
		say_interpreter(path.data, out);
	else if (error == EACCES && there && stat(path.data, &st) == 0 && S_ISDIR(st.st_mode))
		buf_adds(out, "it is a directory");
	else if (error == EACCES && there && access(path.data, X_OK) != 0) {
		buf_adds(out, "it is not executable; chmod +x ");
		add_shown(out, path.data);
	} else
		buf_adds(out, strerror(error));
	buf_free(&path);
}

bool whynot_crlf(const char *program, struct buf *out)
{
	struct buf path = BUF_INIT;
	char line[256];
	bool cr = false;
	if (find_file(program, &path) && first_line(path.data, line, sizeof line, &cr) && cr)
		say_crlf(path.data, out);
	buf_free(&path);
	return cr;
}

/* The machine that an ELF file is for, as its header has it; false: it is none. */
static bool elf_machine(const char *file, unsigned char machine[2])
{
	unsigned char head[20];
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof head) : -1;
	if (fd >= 0)
		close(fd);
	if (n != sizeof head || memcmp(head,
				       "\x7f"
				       "ELF",
				       4) != 0)
		return false;
	memcpy(machine, head + 18, 2);
	return true;
}

bool whynot_foreign(const char *program, struct buf *out)
{
	struct buf path = BUF_INIT;
	unsigned char theirs[2], ours[2];
	bool foreign = find_file(program, &path) && elf_machine(path.data, theirs) &&
		       elf_machine("/proc/self/exe", ours) && memcmp(theirs, ours, 2) != 0;
	if (foreign)
		buf_adds(out, "it is a program for another kind of machine");
	buf_free(&path);
	return foreign;
}
