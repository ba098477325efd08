/*
 * feed - what fails again and again must not use up a limit: with --new-first what was never
 * started comes first, then the rest. What is started, or refused, in the first pass is not
 * tried again in the second.
 */
#include "feed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "exp/layout.h"

enum { AHEAD = 64 }; /* so many journals are made at once */

static int open_plan(struct session *s, struct problem *p)
{
	if (claim_open(&s->claim, s->o->plan, s->o->shared, p) != 0)
		return -1;
	int fd = file_open(s->claim.home.fd, LAYOUT_PLAN, false);
	bool good = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
	if (!good) {
		struct buf path = BUF_INIT;
		session_add_input(s, &path);
		file_problem(p, buf_cstr(&path) ? path.data : s->o->plan, "opened");
		buf_free(&path);
	}
	if (fd > STDIN_FILENO)
		close(fd);
	return good ? 0 : -1;
}

int feed_init(struct feed *f, struct session *s, struct problem *p)
{
	*f = (struct feed){.s = s, .first_pass = s->o->new_first};
	s->new_only = f->first_pass;
	linereader_init(&f->in, STDIN_FILENO);
	return s->o->plan ? open_plan(s, p) : 0;
}

void feed_free(struct feed *f)
{
	linereader_free(&f->in);
	buf_free(&f->taken);
}

static void note_taken(struct feed *f, bool run)
{
	if (f->first_pass)
		buf_addc(&f->taken, run);
}

static bool is_passed_over(const struct feed *f)
{
	return json_is_blank(f->line.data, f->line.len) ||
	       (!f->first_pass && f->in.number <= f->taken.len && f->taken.data[f->in.number - 1]);
}

static bool begin_second_pass(struct feed *f)
{
	if (!f->first_pass || f->taken.failed || lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
		return false;
	f->first_pass = f->s->new_only = false;
	linereader_free(&f->in);
	linereader_init(&f->in, STDIN_FILENO);
	return true;
}

enum feed_state feed_next(struct feed *f)
{
	while (!f->held) {
		if (linereader_empty(&f->in))
			return FEED_EMPTY;
		if (linereader_next(&f->in, &f->line) <= 0) {
			if (!begin_second_pass(f))
				return FEED_ENDED;
			continue;
		}
		f->s->line = f->in.number;
		f->held = !is_passed_over(f);
		if (!f->held)
			note_taken(f, false);
	}
	return FEED_LINE;
}

void feed_take(struct feed *f, bool run)
{
	f->held = false;
	note_taken(f, run);
}

int feed_read(struct feed *f, struct problem *p)
{
	if (linereader_fill(&f->in) >= 0 || errno == EINTR || errno == EAGAIN)
		return 0;
	return problem_set(p, EXIT_IO, "%s cannot be read: %s",
			   f->s->o->plan ? "the plan" : "stdin", strerror(errno));
}

int feed_make_journals(struct feed *f, const struct runline *l, struct problem *p)
{
	struct session *s = f->s;
	struct claim *c = &s->claim;
	struct slice line;
	size_t at = 0;
	if (s->o->no_sync || s->o->shared || !l->experiment_dir)
		return 0;
	if (claim_open(c, l->experiment_dir, false, p) != 0)
		return -1;
	uint64_t room = s->o->limit - s->started, count = room < AHEAD ? room : AHEAD;
	if (claim_lacks(c, l->run))
		claim_make(c, l->run);
	else if (c->names_synced)
		return 0;
	else
		count = 0;
	for (; count > 1 && linereader_ahead(&f->in, &at, &line); count--) {
		struct runline next;
		struct problem ignored;
		if (runline_read(&next, line.data, line.len, &ignored) == 0 && next.run &&
		    next.experiment_dir && strcmp(next.experiment_dir, c->dir) == 0)
			claim_make(c, next.run);
		runline_free(&next);
	}
	return claim_sync_names(c, p);
}
