/*
 * outputs - a metrics file that cannot be used is a note in the record, never a
 * failure of the run.
 */
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "jsonl.h"

enum { MAX_METRICS = 1 << 16, MAX_CANDIDATES = 10 };

/* What the program wrote to $RUN_DIR_FILE: its first line; NULL: nothing. */
static char *named_run_dir(const char *file)
{
	struct buf text = BUF_INIT;
	if (!file || file_read(file, &text) != 0 || !buf_cstr(&text)) {
		buf_free(&text);
		return NULL;
	}
	unlink(file);
	text.data[strcspn(text.data, "\r\n")] = '\0';
	if (*text.data)
		return text.data;
	buf_free(&text);
	return NULL;
}

static const char *metrics_trouble(const struct buf *text)
{
	size_t blanks = 0;
	while (blanks < text->len && strchr(" \t\r\n", text->data[blanks]))
		blanks++;
	if (text->len > MAX_METRICS)
		return "larger than 64 KiB";
	if (!text->len || !jsonl_is_value(text->data, text->len))
		return "not JSON (which has no NaN or Infinity; write null)";
	return text->data[blanks] == '{' ? NULL : "not a JSON object";
}

static void read_metrics(struct outputs *o)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	buf_addf(&path, "%s/metrics.json", o->run_dir);
	if (buf_cstr(&path)) {
		const char *why = NULL;
		if (file_read(path.data, &text) != 0)
			why = errno == ENOENT || errno == ENOTDIR ? NULL : strerror(errno);
		else if (!(why = metrics_trouble(&text)))
			jsonl_compact(&o->metrics, text.data, text.len);
		if (why)
			buf_addf(&o->trouble, "%s: %s", path.data, why);
	}
	buf_free(&path);
	buf_free(&text);
}

void outputs_find(struct outputs *o, const char *run_dir_file, struct rundir *rundir,
		  const char *config, bool shared)
{
	*o = (struct outputs){.run_dir = named_run_dir(run_dir_file)};
	/* look in any case: what is there now is what was there before the next run */
	if (rundir && rundir_after(rundir, &o->found) == 0 && o->found.count && !o->run_dir) {
		int pick = rundir_pick(&o->found, config, shared);
		o->run_dir = pick >= 0 ? strdup(o->found.name[pick]) : NULL;
	}
	if (o->run_dir)
		read_metrics(o);
}

void outputs_free(struct outputs *o)
{
	free(o->run_dir);
	rundir_names_free(&o->found);
	buf_free(&o->metrics);
	buf_free(&o->trouble);
}

static void write_candidates(struct buf *b, const struct rundir_names *found)
{
	jsonl_add_key(b, "run_dir_candidates");
	for (size_t i = 0; i < found->count && i < MAX_CANDIDATES; i++) {
		buf_addc(b, i ? ',' : '[');
		jsonl_add_string(b, found->name[i], strlen(found->name[i]));
	}
	buf_addc(b, ']');
}

void outputs_write(const struct outputs *o, struct buf *b, bool with_metrics)
{
	struct slice metrics = {o->metrics.data, o->metrics.len};
	if (o->run_dir)
		jsonl_add_str_field(b, "run_dir", o->run_dir);
	else if (o->found.count)
		write_candidates(b, &o->found);
	if (metrics.len && with_metrics)
		jsonl_add_raw_field(b, "metrics", metrics);
	else if (metrics.len)
		jsonl_add_str_field(b, "metrics_error", "no room for them in the journal");
	else if (o->trouble.len) {
		jsonl_add_key(b, "metrics_error");
		jsonl_add_string(b, o->trouble.data, o->trouble.len);
	}
}
