/*
 * yamlread - get the text, see that it is UTF-8 and whether it is JSON, then parse it.
 */
#include "spec/yamlread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/utf8.h"
#include "spec/yamlbuild.h"
#include "spec/yamlkeys.h"
#include "spec/yamlplace.h"

/* ---- the text ---- */

static int read_text(struct yamldoc *doc, int fd, struct problem *p)
{
	size_t cap = 0;
	for (;;) {
		if (cap - doc->len < 2) {
			cap = cap ? cap * 2 : 16384;
			char *data = realloc(doc->data, cap);
			if (!data)
				return problem_memory(p);
			doc->data = data;
		}
		ssize_t n = read(fd, doc->data + doc->len, cap - doc->len - 1);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = {fd, POLLIN, 0};
			poll(&wait, 1, -1);
			continue;
		}
		if (n < 0 && errno != EINTR)
			return problem_at(p, doc->file, 0, 0, "cannot be read: %s",
					  strerror(errno));
		if (n == 0)
			break;
		if (n > 0)
			doc->len += (size_t)n;
		if (doc->len > YAMLDOC_MAX_BYTES)
			return problem_at(p, doc->file, 0, 0, "is larger than %d MiB, the limit",
					  YAMLDOC_MAX_BYTES >> 20);
	}
	doc->data[doc->len] = '\0';
	return 0;
}

static int open_and_read(struct yamldoc *doc, struct problem *p)
{
	struct stat st;
	/* not blocking: a FIFO nobody writes to is an empty file, not a hang */
	int fd = open(doc->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return problem_at(p, doc->file, 0, 0,
				  "cannot be opened: %s; paths are relative to "
				  "the current directory",
				  strerror(errno));
	int rc = 0;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rc = problem_at(p, doc->file, 0, 0, "is a directory; name a YAML file");
	else
		rc = read_text(doc, fd, p);
	close(fd);
	return rc;
}

/* Only UTF-8 goes on to the parser; byte-order marks of others are named. */
static int check_encoding(struct yamldoc *doc, struct problem *p)
{
	const unsigned char *at = (const unsigned char *)doc->data, *end = at + doc->len;
	size_t line = 1, column = 1;
	if (doc->len >= 2 && ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff)))
		return problem_at(p, doc->file, 1, 1, "is UTF-16; save it as UTF-8");
	if (doc->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
		doc->body = 3;
		at += 3;
	}
	while (at < end) {
		size_t n = utf8_length(at, end);
		if (n == 0)
			return problem_at(p, doc->file, line, column,
					  "byte 0x%02x is not UTF-8; save the file as UTF-8", *at);
		column++;
		if (*at == '\n') {
			line++;
			column = 1;
		}
		at += n;
	}
	return 0;
}

/* ---- JSON ---- */

bool yamlread_is_json_name(const char *file)
{
	size_t len = strlen(file);
	return len > 5 && strcmp(file + len - 5, ".json") == 0;
}

static void remark_at(struct yamldoc *doc, size_t offset, const char *text)
{
	size_t line, column;
	yamlplace_find(doc, offset, &line, &column);
	remarks_add(&doc->remarks, doc->file, line, column, "", "json", text);
}

/* Is it JSON, or what Python takes for it? What other readers may not take is noted. */
static void look_for_json(struct yamldoc *doc)
{
	const char *text = doc->data + doc->body;
	struct json_python found;
	char note[200];
	bool named = doc->config && yamlread_is_json_name(doc->file);
	if (!named && !memchr("{[", text[strspn(text, " \t\r\n")], 2))
		return;
	doc->json = json_check_python(text, doc->len - doc->body, &found);
	if (named && !doc->json) {
		snprintf(note, sizeof note, "%s, so that this is not JSON; it is read as YAML",
			 found.why);
		remark_at(doc, found.offset, note);
	}
	if (!doc->config || !doc->json)
		return;
	if (found.constant) {
		snprintf(note, sizeof note,
			 "%.*s is not JSON, though Python writes and reads it; other readers may "
			 "refuse the file",
			 (int)strspn(found.constant, "-INafinty"), found.constant);
		remark_at(doc, (size_t)(found.constant - text), note);
	}
	if (found.lone) {
		snprintf(note, sizeof note,
			 "%.6s is half a character; it stays in configs and is U+FFFD in run lines",
			 found.lone);
		remark_at(doc, (size_t)(found.lone - text), note);
	}
}

/* Of a file that is named JSON, what is wrong with it as such. */
static void refuse_both(const struct yamldoc *doc, struct problem *p)
{
	struct json_python found;
	size_t line, column;
	json_check_python(doc->data + doc->body, doc->len - doc->body, &found);
	yamlplace_find(doc, found.offset, &line, &column);
	problem_at(p, doc->file, line, column,
		   "%s, so that this is neither JSON nor YAML; check commas, quotes and brackets "
		   "here",
		   found.why);
}

/* ---- all of it ---- */

static int parse_text(struct yamldoc *doc, struct problem *p)
{
	if (check_encoding(doc, p) != 0)
		return -1;
	doc->tail = doc->len;
	look_for_json(doc);
	int rc = yamlbuild(doc, p);
	if (rc != 0 && p->status == EXIT_BAD_INPUT && doc->config && !doc->json &&
	    yamlread_is_json_name(doc->file))
		refuse_both(doc, p);
	return rc == 0 ? yamlkeys_index(doc, p) : -1;
}

static int begin_doc(struct yamldoc *doc, const char *file, bool config, struct problem *p)
{
	*doc = (struct yamldoc){.file = strdup(file), .config = config};
	return doc->file ? 0 : problem_memory(p);
}

static int read_as(struct yamldoc *doc, const char *file, bool config, struct problem *p)
{
	if (begin_doc(doc, file, config, p) != 0 || open_and_read(doc, p) != 0)
		return -1;
	return parse_text(doc, p);
}

static int parse_as(struct yamldoc *doc, const char *file, bool config, struct slice text,
		    struct problem *p)
{
	if (begin_doc(doc, file, config, p) != 0)
		return -1;
	doc->data = malloc(text.len + 1);
	if (!doc->data)
		return problem_memory(p);
	memcpy(doc->data, text.data, text.len);
	doc->data[text.len] = '\0';
	doc->len = text.len;
	return parse_text(doc, p);
}

int yamlread_file(struct yamldoc *doc, const char *file, struct problem *p)
{
	return read_as(doc, file, false, p);
}

int yamlread_config(struct yamldoc *doc, const char *file, struct problem *p)
{
	return read_as(doc, file, true, p);
}

int yamlread_text(struct yamldoc *doc, const char *file, const char *data, size_t len,
		  struct problem *p)
{
	return parse_as(doc, file, false, (struct slice){data, len}, p);
}

int yamlread_config_text(struct yamldoc *doc, const char *file, const char *data, size_t len,
			 struct problem *p)
{
	return parse_as(doc, file, true, (struct slice){data, len}, p);
}
