/*
 * planned - a file whose size is another one is not read.
 */
#include "planned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cksum.h"
#include "base/file.h"
#include "exp/flaws.h"
#include "exp/layout.h"

/* What the file has, where it has so many bytes; else "". */
static int read_sum(int fd, size_t size, char sum[CKSUM_SIZE])
{
	char *data = malloc(size + 1);
	size_t have = 0;
	ssize_t n = 1;
	sum[0] = '\0';
	while (data && n > 0 && have <= size) {
		n = read(fd, data + have, size + 1 - have);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			have += (size_t)n;
		if (have == size && n > 0)
			break; /* its size was looked at */
	}
	if (data && n >= 0 && have == size)
		cksum_text(sum, data, size);
	free(data);
	return data && n >= 0 ? 0 : -1;
}

/* -1 with errno. */
static int sum_of(const char *config, size_t size, char sum[CKSUM_SIZE])
{
	struct stat st;
	int fd = file_open(AT_FDCWD, config, true);
	if (fd < 0)
		return -1;
	sum[0] = '\0';
	int rc = fstat(fd, &st);
	if (rc == 0 && (size_t)st.st_size == size)
		rc = read_sum(fd, size, sum);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

int planned_config(const struct runline *l, const char *config, struct buf *why)
{
	char sum[CKSUM_SIZE];
	char *planned = l->experiment_dir && config ? json_dup(&l->fields, "config_cksum") : NULL;
	const char *blank = planned ? strchr(planned, ' ') : NULL;
	int error = blank && sum_of(config, strtoul(blank, NULL, 10), sum) != 0 ? errno : 0;
	int rc = 1;
	if (error) {
		rc = flaws_is_of_file(error) ? 0 : -1;
		buf_addf(why, "%s cannot be read: %s", config, file_why(error));
	} else if (blank && strcmp(sum, planned) != 0) {
		rc = 0;
		buf_addf(why, "%s is not what was planned: it has been changed", config);
	}
	free(planned);
	return rc;
}

void planned_remedy(const struct runline *l, const char *config, struct buf *out)
{
	struct slice index = json_get(&l->fields, "index");
	struct buf spec = BUF_INIT;
	bool named = layout_add(&spec, l->experiment_dir, LAYOUT_SPEC);
	buf_addf(out, "sweep-expand -q -i %.*s ", index.data ? (int)index.len : 0,
		 index.data ? index.data : "");
	buf_add_word(out, named ? spec.data : l->experiment_dir);
	buf_adds(out, " | jq -rj .config_yaml >");
	buf_add_word(out, config);
	buf_free(&spec);
}
