/*
 * pool - one loop: step every run, take a line for each free slot, write what can be written,
 * wait. It waits in one place, for a signal (SIGCHLD among them), standard input, the reader
 * of an output, or the next moment at which something is due; no run waits for another.
 *
 * Time in which this process itself stood still (^Z, SIGSTOP) is added to what is due. SIGCONT
 * says that it did, and nothing of how long: so with something due no wait is longer than a
 * second.
 */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/signals.h"
#include "feed.h"
#include "run/children.h"
#include "runner.h"

static const double patience = 0.3; /* seconds in which most runs end after Ctrl-C */

struct pool {
	struct session *s;
	struct feed feed;
	struct run **slot; /* made when they are first needed */
	size_t count;
	bool ended;      /* there are no more lines */
	bool wants_line; /* a slot is free, and standard input has to be read */
	bool woken;      /* by a wait, since when nothing has changed */
	double awake_at; /* when the last wait ended */
	double say_at;   /* when who pressed Ctrl-C is told what is waited for; 0: not yet known */
	bool said;
};

/* ---- slots ---- */

/* NULL with a problem: no memory. */
static struct run *make_slot(struct pool *pool, struct problem *p)
{
	char **devices = pool->s->o->devices;
	struct run **more = realloc(pool->slot, (pool->count + 1) * sizeof(struct run *));
	if (more)
		pool->slot = more;
	struct run *r = more ? malloc(sizeof *r) : NULL;
	if (!r) {
		problem_memory(p);
		return NULL;
	}
	run_init(r, pool->s, devices ? devices[pool->count] : NULL);
	pool->slot[pool->count++] = r;
	return r;
}

static bool has_free_slot(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i]->state == RUN_FREE)
			return true;
	return pool->count < pool->s->o->jobs;
}

static struct run *free_slot(struct pool *pool, struct problem *p)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i]->state == RUN_FREE)
			return pool->slot[i];
	return make_slot(pool, p);
}

static bool is_busy(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i]->state != RUN_FREE)
			return true;
	return false;
}

/* ---- outcomes ---- */

static void take_outcome(struct session *s, struct run *r)
{
	switch (r->outcome) {
	case RUN_FAILED:
		s->status = s->status == EXIT_OK ? EXIT_RUN_FAILED : s->status;
		session_fail_fast(s);
		break;
	case RUN_STOPPED:
		s->closed = true;
		break;
	case RUN_REFUSED:
		cli_note("%s", r->p.text);
		s->refused++;
		session_fail_fast(s);
		break;
	case RUN_PROBLEM:
		session_give_up(s, &r->p);
		break;
	default:
		break;
	}
	run_clear_attempt(r);
	run_clear(r);
}

/* Did any run change its state? */
static bool step_all(struct pool *pool, int stop, bool again)
{
	bool moved = false;
	for (size_t i = 0; i < pool->count; i++) {
		struct run *r = pool->slot[i];
		moved |= runner_step(r, stop, again);
		if (r->state == RUN_ENDED)
			take_outcome(pool->s, r);
	}
	return moved;
}

/* ---- lines ---- */

/* The plan of one experiment starts no run of another, and many at once are of one. */
static int check_experiment(const struct session *s, const struct runline *l, struct problem *p)
{
	const char *dir = l->experiment_dir;
	bool same = dir && claim_is(&s->claim, dir);
	if (s->o->plan && !same)
		return problem_set(p, EXIT_BAD_INPUT, "%s is of %s, not of %s; restore the plan",
				   l->run ? l->run : "the line", dir ? dir : "no experiment",
				   s->o->plan);
	if (s->o->jobs == 1 || same || (!l->run && !dir))
		return 0;
	if (!dir)
		return problem_set(p, EXIT_BAD_INPUT,
				   "%s: --jobs needs lines with an experiment_dir; write "
				   "sweep-expand -d DIR",
				   l->run);
	return s->claim.dir ? problem_set(p, EXIT_BAD_INPUT,
					  "%s: with --jobs all lines are of one experiment",
					  l->run ? l->run : dir)
			    : 0;
}

static void refuse_line(struct session *s, const struct problem *why)
{
	struct buf text = BUF_INIT;
	struct problem p;
	session_add_input(s, &text);
	buf_addf(&text, ":%llu: %s", (unsigned long long)s->line, why->text);
	problem_set(&p, EXIT_BAD_INPUT, "%s", buf_cstr(&text) ? text.data : why->text);
	buf_free(&text);
	session_give_up(s, &p);
}

static bool is_in_another_slot(const struct pool *pool, const struct run *r)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i] != r && pool->slot[i]->state != RUN_FREE &&
		    strcmp(pool->slot[i]->l.run, r->l.run) == 0)
			return true;
	return false;
}

static void begin_run(struct pool *pool, struct run *r)
{
	struct session *s = pool->s;
	struct problem p;
	int rc = session_wait_turn(s, r->l.experiment_dir, &p);
	if (rc == 0)
		rc = feed_make_journals(&pool->feed, &r->l, &p);
	if (rc == 0)
		runner_begin(r);
	else
		run_clear(r);
	if (rc < 0)
		session_give_up(s, &p);
	s->closed |= rc > 0;
	bool started = r->state != RUN_FREE && (r->state != RUN_ENDED);
	bool refused = r->state == RUN_ENDED && r->outcome == RUN_REFUSED;
	s->started += started;
	feed_take(&pool->feed, started || refused);
	if (r->state == RUN_ENDED)
		take_outcome(s, r);
}

/* A line for a slot. False: it has to wait for the run of the same name that is at work. */
static bool fill_slot(struct pool *pool, struct run *r)
{
	struct session *s = pool->s;
	struct problem p;
	buf_clear(&r->line);
	buf_add(&r->line, pool->feed.line.data, pool->feed.line.len);
	int rc = r->line.failed ? problem_memory(&p)
				: runline_read(&r->l, r->line.data, r->line.len, &p);
	if (rc == 0)
		rc = check_experiment(s, &r->l, &p);
	if (rc == 0 && r->l.run && is_in_another_slot(pool, r)) {
		runline_free(&r->l);
		return false;
	}
	if (rc == 0 && r->l.run) {
		begin_run(pool, r);
		return true;
	}
	if (rc != 0)
		refuse_line(s, &p);
	else if (session_pass_on(s, &r->l, &p) != 0)
		session_give_up(s, &p);
	runline_free(&r->l);
	feed_take(&pool->feed, false);
	return true;
}

static bool may_start(const struct pool *pool)
{
	const struct session *s = pool->s;
	return !pool->ended && !s->closed && s->started < s->o->limit && !signals_stop();
}

/* Was any line taken? */
static bool fill_slots(struct pool *pool)
{
	bool taken = false;
	struct problem p;
	pool->wants_line = false;
	while (may_start(pool) && has_free_slot(pool)) {
		enum feed_state state = feed_next(&pool->feed);
		pool->wants_line = state == FEED_EMPTY;
		pool->ended = state == FEED_ENDED;
		if (state != FEED_LINE)
			break;
		struct run *r = free_slot(pool, &p);
		if (!r)
			session_give_up(pool->s, &p);
		if (!r || !fill_slot(pool, r))
			break;
		taken = true;
	}
	return taken;
}

/* ---- waiting ---- */

static void shift_all(struct pool *pool, double waited)
{
	double now = clock_now(), stood = now - pool->awake_at - waited;
	if (signals_continued() && stood > 0)
		for (size_t i = 0; i < pool->count; i++)
			runner_shift(pool->slot[i], stood);
	pool->awake_at = now;
}

static double next_due(const struct pool *pool)
{
	double due = pool->say_at;
	for (size_t i = 0; i < pool->count; i++)
		due = clock_sooner(runner_due(pool->slot[i]), due);
	return due;
}

static bool has_ready(const struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i]->state == RUN_READY)
			return true;
	return false;
}

/* The outputs whose readers something waits for. Each is asked once: one that has been read by
 * the second time would be waited for without end. */
static unsigned wanted_outputs(struct session *s, bool ready, bool *go)
{
	bool out = (ready || !outbox_is_empty(&s->out)) && !outbox_is_read(&s->out);
	bool err = ((ready && s->o->progress) || !outbox_is_empty(&s->err)) &&
		   !outbox_is_read(&s->err);
	*go = ready && !out && !(err && s->o->progress);
	if (out)
		outbox_say(&s->out);
	return (out ? SIGNALS_STDOUT : 0) | (err ? SIGNALS_STDERR : 0);
}

static void wait_for_news(struct pool *pool)
{
	const double most = 1;
	struct problem p;
	bool go;
	unsigned wanted = wanted_outputs(pool->s, has_ready(pool), &go);
	double due = next_due(pool), seconds = due > 0 ? due - clock_now() : -1;
	bool watched = due > 0 || wanted;
	if (watched && (seconds > most || due <= 0))
		seconds = most;
	if (go || (due > 0 && seconds < 0))
		seconds = 0;
	wanted |= pool->wants_line ? SIGNALS_STDIN : 0;
	unsigned heard = signals_wait_standard(wanted, seconds);
	shift_all(pool, seconds > 0 ? seconds : 0);
	if (heard & SIGNALS_STDIN && feed_read(&pool->feed, &p) != 0)
		session_give_up(pool->s, &p);
	pool->woken = true;
}

/* ---- the end ---- */

static void say_what_ends(const struct pool *pool)
{
	struct buf runs = BUF_INIT;
	size_t working = 0;
	for (size_t i = 0; i < pool->count; i++)
		if (pool->slot[i]->state == RUN_WORKING)
			buf_addf(&runs, "%s%s", working++ ? ", " : "", pool->slot[i]->l.run);
	if (working && buf_cstr(&runs))
		cli_note("waiting for %s; Ctrl-C again kills %s", runs.data,
			 working > 1 ? "them" : "it");
	buf_free(&runs);
}

/* Who pressed Ctrl-C is told what is waited for, unless it ends at once. */
static void attend_stop(struct pool *pool, int stop)
{
	double now = clock_now();
	if (stop != SIGINT || pool->said)
		return;
	if (pool->say_at == 0)
		pool->say_at = now + patience;
	if (now < pool->say_at)
		return;
	pool->said = true;
	pool->say_at = 0;
	say_what_ends(pool);
}

static struct outbox *messages;

/* The reader of messages, too, is not waited for while runs are at work. */
static bool queue_message(const char *line, size_t len)
{
	struct problem ignored;
	return !outbox_is_read(messages) && outbox_add(messages, line, len, &ignored) == 0;
}

static void write_rest(struct session *s)
{
	struct problem p;
	if (outbox_finish(&s->out, &p) != 0)
		session_give_up(s, &p);
	outbox_finish(&s->err, &p);
	cli_divert(NULL);
}

static void free_all(struct pool *pool)
{
	for (size_t i = 0; i < pool->count; i++) {
		run_free(pool->slot[i]);
		free(pool->slot[i]);
	}
	free(pool->slot);
	feed_free(&pool->feed);
}

void pool_run(struct session *s)
{
	struct pool pool = {.s = s, .awake_at = clock_now()};
	struct problem p;
	messages = &s->err;
	cli_divert(queue_message);
	children_init();
	if (feed_init(&pool.feed, s, &p) != 0)
		session_give_up(s, &p);
	while (is_busy(&pool) || may_start(&pool)) {
		int stop = signals_stop();
		bool moved = step_all(&pool, stop, signals_again() != 0);
		if (pool.woken && !moved)
			children_reap();
		pool.woken = false;
		moved |= fill_slots(&pool);
		if (session_flush(s, &p) != 0)
			session_give_up(s, &p);
		attend_stop(&pool, stop);
		if (!moved && (is_busy(&pool) || may_start(&pool)))
			wait_for_news(&pool);
	}
	write_rest(s);
	free_all(&pool);
}
