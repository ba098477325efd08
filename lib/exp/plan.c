/*
 * plan - read line by line, with one bit of memory a run. The directory of a line is compared
 * as text with that of the line before, and by stat only where it differs.
 */
#include "exp/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "exp/layout.h"
#include "base/linereader.h"

struct plan {
	const char *dir, *program, *file; /* file: DIR/plan.jsonl */
	uint64_t total;
	struct stat here;
	struct buf named;    /* raw, what the line before named; it is the directory */
	unsigned char *seen; /* a bit a run */
	struct problem *p;
};

/* The command that makes the plan again. */
static void add_remedy(const struct plan *plan, struct buf *text)
{
	struct buf spec = BUF_INIT;
	const char *path = layout_add(&spec, plan->dir, LAYOUT_SPEC) ? spec.data : plan->dir;
	buf_add_word(text, plan->program);
	buf_adds(text, " -n -d ");
	buf_add_word(text, plan->dir);
	buf_addc(text, ' ');
	buf_add_word(text, path);
	buf_adds(text, " >");
	buf_add_word(text, plan->file);
	buf_free(&spec);
}

/* line 0: of the whole file. */
static int refuse_plan(const struct plan *plan, uint64_t line, const char *what)
{
	struct buf text = BUF_INIT;
	if (line == 0)
		buf_addf(&text, "%s ", plan->file);
	buf_addf(&text, "%s; restore it, or make it again with ", what);
	add_remedy(plan, &text);
	const char *said = buf_cstr(&text) ? text.data : what;
	int rc = line ? problem_at(plan->p, plan->file, line, 0, "%s", said)
		      : problem_set(plan->p, EXIT_BAD_INPUT, "%s", said);
	buf_free(&text);
	return rc;
}

/* What a run line names as its directory: is it ours? */
static int check_dir(struct plan *plan, uint64_t number, const struct json *line)
{
	struct slice raw = json_get(line, "experiment_dir");
	struct stat there;
	if (raw.data && raw.len == plan->named.len &&
	    memcmp(raw.data, plan->named.data, raw.len) == 0)
		return 0;
	char *named = json_dup(line, "experiment_dir");
	int rc = 0;
	if (!named)
		rc = refuse_plan(plan, number, "it is not a run line of this experiment");
	else if (stat(named, &there) == 0 && there.st_dev == plan->here.st_dev &&
		 there.st_ino == plan->here.st_ino)
		buf_clear(&plan->named);
	else if (plan->named.len)
		rc = refuse_plan(plan, number, "it is the line of another experiment");
	else
		rc = problem_set(plan->p, EXIT_BAD_INPUT,
				 "%s was made as %s, and its plan has that path; move it back, or "
				 "work in the directory in which it was made",
				 plan->dir, named);
	free(named);
	if (rc == 0)
		buf_add(&plan->named, raw.data, raw.len);
	return plan->named.failed ? problem_memory(plan->p) : rc;
}

static int check_line(struct plan *plan, uint64_t number, struct slice text)
{
	struct json line;
	size_t offset;
	const char *why;
	int64_t index;
	if (json_parse(&line, text.data, text.len, &offset, &why) != 0)
		return refuse_plan(plan, number, why);
	if (check_dir(plan, number, &line) != 0)
		return -1;
	if (!json_int(&line, "index", &index) || index < 0 || (uint64_t)index >= plan->total)
		return refuse_plan(plan, number,
				   "its index is not that of a run of this experiment");
	if (plan->seen[index / 8] & 1u << index % 8)
		return refuse_plan(plan, number, "another line is of the same run");
	plan->seen[index / 8] |= (unsigned char)(1u << index % 8);
	return 0;
}

static int check_count(const struct plan *plan, uint64_t lines)
{
	if (lines == plan->total)
		return 0;
	struct buf what = BUF_INIT;
	buf_addf(&what, "has %llu line%s for the %llu run%s of %s/" LAYOUT_SPEC,
		 (unsigned long long)lines, lines == 1 ? "" : "s", (unsigned long long)plan->total,
		 plan->total == 1 ? "" : "s", plan->dir);
	int rc = refuse_plan(plan, 0, buf_cstr(&what) ? what.data : "has too few lines");
	buf_free(&what);
	return rc;
}

static int check_lines(struct plan *plan, int fd)
{
	struct linereader in;
	struct slice line;
	uint64_t whole = 0;
	int rc;
	linereader_init(&in, fd);
	while ((rc = linereader_next(&in, &line)) > 0 || (rc < 0 && errno == EINTR)) {
		whole += rc > 0 && in.whole;
		if (rc < 0 || in.number > plan->total || !in.whole)
			continue;
		if (check_line(plan, in.number, line) != 0)
			break;
	}
	if (rc < 0)
		file_problem(plan->p, plan->file, "read");
	else if (rc == 0)
		rc = check_count(plan, whole);
	else
		rc = -1;
	linereader_free(&in);
	return rc;
}

int plan_check(const char *dir, uint64_t total, const char *program, struct problem *p)
{
	struct buf file = BUF_INIT;
	struct plan plan = {.dir = dir, .program = program, .total = total, .p = p};
	int fd = -1, rc;
	plan.file = layout_add(&file, dir, LAYOUT_PLAN) ? file.data : NULL;
	plan.seen = calloc(1, total / 8 + 1);
	if (!plan.file || !plan.seen)
		rc = problem_memory(p);
	else if (stat(dir, &plan.here) != 0)
		rc = problem_errno(p, "%s cannot be accessed", dir);
	else if ((fd = file_open(AT_FDCWD, plan.file, false)) < 0)
		rc = file_problem(p, plan.file, "read");
	else
		rc = check_lines(&plan, fd);
	if (fd >= 0)
		close(fd);
	free(plan.seen);
	buf_free(&plan.named);
	buf_free(&file);
	return rc;
}
