/*
 * outputs - a metrics file that cannot be used is a note in the record, never a
 * failure of the run.
 */
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "jsonl.h"

enum { MAX_METRICS = 1 << 16, MAX_SOURCE = 1 << 24, MAX_CANDIDATES = 10, MAX_NAME = 16384 };

/* What the program wrote to $RUN_DIR_FILE: its first line; NULL: nothing. */
static char *named_run_dir(const char *file)
{
	struct buf text = BUF_INIT;
	struct stat st;
	if (!file || lstat(file, &st) != 0)
		return NULL;
	bool readable = S_ISREG(st.st_mode) && st.st_size <= MAX_NAME;
	if (!readable || file_read(file, &text) != 0 || !buf_cstr(&text)) {
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

/* The length of a number that JSON has not, as Python and C print it; its name. */
static size_t odd_number(const char *text, size_t len, const char **name)
{
	static const char *const spellings[][2] = {
		{"NaN", "NaN"},           {"nan", "NaN"},      {"-nan", "NaN"},
		{"Infinity", "Infinity"}, {"inf", "Infinity"}, {"-Infinity", "-Infinity"},
		{"-inf", "-Infinity"},
	};
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		size_t n = strlen(spellings[i][0]);
		if (len < n || memcmp(text, spellings[i][0], n) != 0 ||
		    (len > n && !strchr(" \t\r\n,]}", text[n])))
			continue;
		*name = spellings[i][1];
		return n;
	}
	return 0;
}

/* Put quotes around them: a loss that diverged is the string "NaN", as it would be
 * among the params, and the metrics beside it are kept. */
static void quote_odd_numbers(struct buf *out, const char *text, size_t len)
{
	bool in_string = false;
	for (size_t i = 0, n; i < len; i += n) {
		const char *name;
		n = in_string ? 0 : odd_number(text + i, len - i, &name);
		if (n > 0) {
			jsonl_add_string(out, name, strlen(name));
			continue;
		}
		n = in_string && text[i] == '\\' && i + 1 < len ? 2 : 1;
		if (text[i] == '"')
			in_string = !in_string;
		buf_add(out, text + i, n);
	}
}

static const char *metrics_trouble(const struct buf *text, bool any)
{
	size_t blanks = 0;
	while (blanks < text->len && strchr(" \t\r\n", text->data[blanks]))
		blanks++;
	if (!text->len || !jsonl_is_value(text->data, text->len))
		return "not JSON";
	return any || text->data[blanks] == '{' ? NULL : "not a JSON object";
}

/* NULL: they are taken, or there is no such file; else why not. */
static const char *take_metrics(struct outputs *o, const char *path, bool any)
{
	struct buf text = BUF_INIT, json = BUF_INIT;
	struct stat st;
	const char *why;
	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? NULL : strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if (st.st_size > (any ? MAX_SOURCE : MAX_METRICS))
		return any ? "larger than 16 MiB" : "larger than 64 KiB";
	if (file_read(path, &text) != 0) {
		why = strerror(errno);
	} else {
		quote_odd_numbers(&json, text.data, text.len);
		why = metrics_trouble(&json, any);
		if (!why)
			jsonl_compact(&o->metrics, json.data, json.len);
	}
	buf_free(&text);
	buf_free(&json);
	return why;
}

void outputs_read_metrics(struct outputs *o, const char *file, bool any)
{
	struct buf path = BUF_INIT;
	bool absolute = file && *file == '/';
	if (!o->run_dir && !absolute)
		return;
	buf_addf(&path, "%s%s%s", absolute ? "" : o->run_dir, absolute ? "" : "/",
		 file ? file : "metrics.json");
	const char *why = buf_cstr(&path) ? take_metrics(o, path.data, any) : NULL;
	if (why)
		buf_addf(&o->trouble, "%s: %s", path.data, why);
	buf_free(&path);
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
