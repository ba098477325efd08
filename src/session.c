/*
 * session - a session is recorded when its first run is about to start, or it has something to
 * say of the experiment: not if there is nothing to do.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "exp/layout.h"
#include "exp/origin.h"
#include "exp/row.h"
#include "run/queue.h"

void session_init(struct session *s, const struct run_options *o)
{
	*s = (struct session){.o = o, .queue = o->queue};
	claim_init(&s->claim);
	outbox_init(&s->out, STDOUT_FILENO);
	outbox_init(&s->err, STDERR_FILENO);
	progress_init(&s->progress, o, &s->err);
}

void session_free(struct session *s)
{
	claim_close(&s->claim);
	outbox_free(&s->out);
	outbox_free(&s->err);
}

/* ---- printing ---- */

static void tell_reader_gone(struct session *s)
{
	if (s->out.gone && !s->reader_told) {
		s->reader_told = true;
		cli_note("nobody reads the events any more; they are in the journals, and the runs "
			 "go on");
	}
}

int session_print(struct session *s, const char *line, size_t len, struct problem *p)
{
	int rc = outbox_add(&s->out, line, len, p);
	if (rc == 0)
		tell_reader_gone(s);
	return rc;
}

int session_flush(struct session *s, struct problem *p)
{
	struct problem ignored;
	outbox_flush(&s->err, &ignored);
	int rc = outbox_flush(&s->out, p);
	if (rc == 0)
		tell_reader_gone(s);
	return rc;
}

bool session_is_read(const struct session *s)
{
	return outbox_is_read(&s->out) && (!s->o->progress || outbox_is_read(&s->err));
}

/* ---- lines about the experiment itself ---- */

static int record_line(struct session *s, const char *dir, struct buf *line, struct problem *p)
{
	int rc = line->failed ? problem_memory(p) : 0;
	if (rc == 0)
		rc = claim_open(&s->claim, dir, s->o->shared, p);
	if (rc == 0)
		rc = claim_append(&s->claim, line->data, line->len, !s->o->no_sync, p);
	if (rc == 0)
		rc = session_print(s, line->data, line->len, p);
	return rc;
}

static void add_session_field(struct buf *line, const char *pair)
{
	const char *value = strchr(pair, '=') + 1;
	size_t len = strlen(value);
	buf_addc(line, ',');
	json_add_string(line, pair, (size_t)(value - pair) - 1);
	buf_addc(line, ':');
	if (json_is_value(value, len) && !strchr("\"[{", *value))
		json_compact(line, value, len);
	else
		json_add_string(line, value, len);
}

/* What is kept is read again by all. */
static int check_session(const struct buf *line, struct problem *p)
{
	struct json session;
	struct problem inner;
	size_t offset;
	const char *why;
	if (line->failed)
		return problem_memory(p);
	if (json_parse(&session, line->data, line->len - 1, &offset, &why) != 0)
		return problem_set(p, EXIT_BAD_INPUT, "--session: %s", why);
	if (json_get(&session, "run").data || json_get(&session, "status").data)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"--session: run and status are not a session's; take another key");
	return row_check(&session, &inner) == 0
		       ? 0
		       : problem_set(p, EXIT_BAD_INPUT, "--session: %s", inner.text);
}

static int record_session(struct session *s, const char *dir, struct problem *p)
{
	struct buf line = BUF_INIT, id = BUF_INIT;
	char now[CLOCK_TEXT_SIZE], chance[9];
	clock_text(now);
	file_random(chance, 8); /* a process number is another container's, too */
	buf_addf(&id, "%s-%s-%s", now, origin_host(), chance);
	buf_adds(&line, "{\"format\":1");
	json_add_str_field(&line, "experiment_dir", dir);
	json_add_str_field(&line, "session", buf_cstr(&id) ? id.data : now);
	json_add_str_field(&line, "session_started_at", now);
	origin_add_where(&line);
	for (size_t i = 0; i < s->o->session_count; i++)
		add_session_field(&line, s->o->session[i]);
	buf_adds(&line, "}\n");
	int rc = check_session(&line, p);
	if (rc == 0)
		rc = record_line(s, dir, &line, p);
	buf_free(&id);
	buf_free(&line);
	return rc;
}

int session_begin(struct session *s, const char *dir, struct problem *p)
{
	if (!dir || s->o->session_count == 0 || s->recorded)
		return 0;
	s->recorded = true;
	return record_session(s, dir, p);
}

int session_pass_on(struct session *s, const struct runline *l, struct problem *p)
{
	struct buf line = BUF_INIT;
	int rc = session_begin(s, l->experiment_dir, p);
	buf_add(&line, l->fields.line.data, l->fields.line.len);
	buf_addc(&line, '\n');
	if (rc == 0 && l->experiment_dir)
		rc = record_line(s, l->experiment_dir, &line, p);
	else if (rc == 0)
		rc = session_print(s, line.data, line.len, p);
	buf_free(&line);
	return rc;
}

/* ---- the queue ---- */

int session_wait_turn(struct session *s, const char *dir, struct problem *p)
{
	struct buf lock = BUF_INIT;
	const char *queue = s->queue;
	if (!queue || !dir)
		return 0;
	s->queue = NULL;
	int rc = claim_open(&s->claim, dir, s->o->shared, p);
	char *full = rc == 0 ? realpath(dir, NULL) : NULL;
	layout_add(&lock, full ? full : dir, LAYOUT_LOCK);
	if (rc == 0 && !full)
		rc = problem_errno(p, "%s cannot be found", dir);
	if (rc == 0 && !buf_cstr(&lock))
		rc = problem_memory(p);
	if (rc == 0)
		rc = queue_wait(queue, lock.data, s->o->force, p);
	free(full);
	buf_free(&lock);
	return rc;
}

/* ---- the end ---- */

void session_add_input(const struct session *s, struct buf *text)
{
	buf_addf(text, "%s%s", s->o->plan ? s->o->plan : "stdin",
		 s->o->plan ? "/" LAYOUT_PLAN : "");
}

void session_fail_fast(struct session *s)
{
	s->failed_fast |= s->o->fail_fast;
	s->closed |= s->o->fail_fast;
}

/* Of several runs at once, those of lines before this one may be waiting still: where a record
 * cannot be written they are not started either (runner.c). */
static void add_what_follows(const struct session *s, const struct problem *p, struct buf *text)
{
	if (p->status == EXIT_BUSY || s->line == 0)
		return;
	if (s->o->jobs > 1 && p->status == EXIT_IO) {
		buf_adds(text, "; no more runs are started");
		return;
	}
	buf_adds(text, "; no line after ");
	session_add_input(s, text);
	buf_addf(text, ":%llu was run", (unsigned long long)s->line);
}

/* Where the experiment was removed meanwhile, that is why. The lines that are still to come
 * are not run. */
void session_give_up(struct session *s, const struct problem *p)
{
	struct buf text = BUF_INIT;
	struct problem moved;
	if (s->claim.dir && p->status != EXIT_BUSY && claim_check(&s->claim, &moved) != 0 &&
	    moved.status == EXIT_BAD_INPUT)
		p = &moved;
	bool told = strcmp(p->text, s->why.text) == 0; /* of another run */
	s->why = *p;
	buf_adds(&text, p->text);
	add_what_follows(s, p, &text);
	if (!told && (p->status != EXIT_BUSY || !s->o->quiet))
		cli_note("%s", buf_cstr(&text) ? text.data : p->text);
	buf_free(&text);
	if (s->status == EXIT_OK || s->status == EXIT_RUN_FAILED)
		s->status = p->status;
	s->closed = true;
}

/* What failed is worth less than what was not done. The last run may have ended in a
 * directory that has another name by now: who asked for it would look in the wrong place. */
int session_status(struct session *s)
{
	struct problem p;
	if (signals_stop() && s->status != EXIT_IO)
		return EXIT_SIGNAL + signals_stop();
	if (s->status != EXIT_OK && s->status != EXIT_RUN_FAILED)
		return s->status;
	if (s->claim.dir && claim_check(&s->claim, &p) != 0)
		return cli_complain(&p);
	return s->refused ? EXIT_BAD_INPUT : s->status;
}
