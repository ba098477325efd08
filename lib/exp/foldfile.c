/*
 * foldfile - one line at a time is in memory. A line with NUL bytes is torn only if it is the
 * last one, which is known when the next one is read.
 */
#include "exp/foldfile.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/linereader.h"

struct reading {
	struct fold *fold;
	const char *shown;
	struct linereader in;
	struct problem *p; /* the first one */
	int rc;
};

static void complain(struct reading *r, const struct problem *why, bool fatal)
{
	if (r->rc == 0 || fatal)
		*r->p = *why;
	r->rc = fatal ? -1 : 1;
}

/* 0; 1 with a problem: it may be torn; -1 with a problem. */
static int fold_journal_line(struct reading *r, struct slice text, struct problem *p)
{
	struct json line;
	struct problem inner;
	size_t offset;
	const char *why;
	if (json_is_blank(text.data, text.len))
		return 0;
	if (json_parse(&line, text.data, text.len, &offset, &why) != 0) {
		problem_at(p, r->shown, r->in.number, offset + 1,
			   "%s; repair the line, or move the file away", why);
		return memchr(text.data, '\0', text.len) ? 1 : -1;
	}
	if (fold_line(r->fold, &line, &inner) == 0)
		return 0;
	problem_at(p, r->shown, r->in.number, 0, "%s", inner.text);
	p->status = inner.status;
	return -1;
}

static void cannot_read(struct reading *r, int error)
{
	struct problem why;
	errno = error;
	if (error == EFBIG)
		problem_at(&why, r->shown, r->in.number + 1, 0,
			   "longer than 64 MiB, the limit; move the file away");
	else
		file_problem(&why, r->shown, "read");
	complain(r, &why, !flaws_is_of_file(error));
}

int foldfile_read(struct fold *f, int fd, const char *shown, struct problem *p)
{
	struct reading r = {.fold = f, .shown = shown, .p = p};
	struct problem why;
	struct slice line;
	int got, took = 0;
	linereader_init(&r.in, fd);
	while (r.rc >= 0 && (got = linereader_next(&r.in, &line)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (took > 0) /* it was not the last one */
			complain(&r, &why, false);
		took = got > 0 && r.in.whole ? fold_journal_line(&r, line, &why) : 0;
		if (took < 0)
			complain(&r, &why, why.status == EXIT_IO);
		if (got < 0) {
			cannot_read(&r, errno);
			break;
		}
	}
	linereader_free(&r.in);
	return r.rc;
}

/* The runs of the document's text, each as a line. */
static int take_runs(struct fold *f, const struct buf *text, const char *shown, struct problem *p)
{
	struct json document, line;
	struct slice runs = {0}, run;
	struct buf compact = BUF_INIT;
	size_t pos = 0, offset;
	const char *why;
	int rc = 0;
	if (json_parse_document(&document, text->data, text->len))
		runs = json_get(&document, "runs");
	if (!json_is_array(runs))
		return problem_set(p, EXIT_BAD_INPUT, "%s has no list of runs", shown);
	while (rc == 0 && json_next_element(runs, &pos, &run)) {
		buf_clear(&compact);
		json_compact(&compact, run.data, run.len);
		if (!buf_cstr(&compact))
			rc = problem_memory(p);
		else if (json_parse(&line, compact.data, compact.len, &offset, &why) != 0)
			rc = problem_set(p, EXIT_BAD_INPUT, "%s: a run: %s", shown, why);
		else
			rc = fold_line(f, &line, p);
	}
	buf_free(&compact);
	return rc;
}

int foldfile_read_document(struct fold *f, const char *path, struct problem *p)
{
	struct buf text = BUF_INIT;
	int rc = file_read(path, false, &text) == 0 ? 0 : file_problem(p, path, "read");
	if (rc == 0)
		rc = buf_cstr(&text) ? take_runs(f, &text, path, p) : problem_memory(p);
	buf_free(&text);
	return rc;
}
