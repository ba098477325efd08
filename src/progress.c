/*
 * progress - written with one write(2) a line, so that lines stay whole beside
 * what others print.
 */
#include "progress.h"

#include <string.h>
#include <unistd.h>

#include "base/display.h"
#include "base/wait.h"

static void add_place(struct buf *out, const struct runline *l)
{
	int64_t index, total;
	int width = 1;
	if (!json_int(&l->fields, "index", &index) || !json_int(&l->fields, "total", &total) ||
	    index < 0 || total < 0)
		return;
	for (int64_t n = total; n >= 10; n /= 10)
		width++;
	buf_addf(out, "[%*llu/%llu] ", width, (unsigned long long)index + 1,
		 (unsigned long long)total);
}

static void print(const struct progress *g, struct buf *line)
{
	buf_addc(line, '\n');
	if (!line->failed && share_begin(g->share)) {
		wait_write(STDERR_FILENO, line->data, line->len);
		share_end(g->share);
	}
	buf_free(line);
}

/* One more attempt has ended. The seconds that the other runs will take, or -1: not known.
 * Only those that completed tell how long a run takes. */
static double count(struct progress *g, const struct progress_end *end)
{
	struct tally t = {.jobs = 1,
			  .expected = g->expected,
			  .ended = g->ended,
			  .timed = g->timed,
			  .seconds = g->seconds};
	if (!share_begin(g->share))
		return -1;
	if (g->share->fd >= 0)
		t = share_tally(g->share);
	g->ended = t.ended += !end->again;
	g->timed = t.timed += end->completed;
	g->seconds = t.seconds += end->completed ? end->seconds : 0;
	share_set_tally(g->share, &t);
	share_end(g->share);
	if (t.expected <= t.ended || t.timed == 0 || end->stopped)
		return -1;
	return t.seconds / (double)t.timed * (double)(t.expected - t.ended) / (double)t.jobs;
}

void progress_start(const struct progress *g, const struct runline *l, int attempt)
{
	struct buf line = BUF_INIT;
	if (!g->on)
		return;
	add_place(&line, l);
	buf_addf(&line, "%s ", l->run);
	runline_params(l, &line);
	if (attempt > 1)
		buf_addf(&line, " (attempt %d)", attempt);
	print(g, &line);
}

void progress_end(struct progress *g, const struct runline *l, const struct progress_end *end)
{
	struct buf line = BUF_INIT;
	double left = count(g, end);
	if (!g->on)
		return;
	add_place(&line, l);
	buf_addf(&line, "%s %s in ", l->run, end->outcome);
	display_time(&line, end->seconds);
	if (left >= 0) {
		buf_adds(&line, ", about ");
		display_time(&line, left);
		buf_adds(&line, " left");
	}
	if (end->remark) {
		buf_adds(&line, "; ");
		display_add(&line, end->remark, strlen(end->remark));
	}
	print(g, &line);
}
