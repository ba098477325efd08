/* firstline - read up to the first newline. A line without one was not written completely. */
#include "exp/firstline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"

static FILE *open_below(const char *dir, const char *name)
{
	struct buf path = BUF_INIT;
	buf_addf(&path, "%s/%s", dir, name);
	errno = ENOMEM;
	int fd = buf_cstr(&path) ? file_open(AT_FDCWD, path.data, false) : -1;
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	int error = errno;
	if (!f && fd >= 0)
		close(fd);
	buf_free(&path);
	errno = error;
	return f;
}

char *firstline_read(const char *dir, const char *name, size_t *len)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_below(dir, name);
	errno = f ? 0 : errno;
	ssize_t n = f ? getline(&text, &size, f) : -1;
	int error = n > 0 ? 0 : errno;
	if (f)
		fclose(f);
	if (n <= 0 || text[n - 1] != '\n') {
		free(text);
		text = NULL;
	}
	*len = (size_t)(n > 0 ? n - 1 : 0);
	errno = error;
	return text;
}

char *firstline_says(const char *dir, const char *name, const char *key)
{
	struct json line;
	size_t offset, len;
	const char *why;
	char *text = firstline_read(dir, name, &len), *value = NULL;
	if (!text)
		return NULL;
	if (json_parse(&line, text, len, &offset, &why) == 0)
		value = json_dup(&line, key);
	free(text);
	errno = 0;
	return value;
}
