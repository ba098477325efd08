/*
 * progress - written with one write(2) a line (outbox.h), so that lines stay whole beside
 * what others print.
 */
#include "progress.h"

#include <string.h>

#include "base/display.h"

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

static void print_progress(const struct progress *g, struct buf *line)
{
	struct problem ignored;
	buf_addc(line, '\n');
	if (!line->failed)
		outbox_add(g->err, line->data, line->len, &ignored);
	buf_free(line);
}

/* One more attempt has ended. The seconds that the other runs will take, or -1: not known.
 * Only those that completed tell how long a run takes. */
static double count(struct progress *g, const struct progress_end *end)
{
	g->ended += !end->again;
	g->timed += end->completed;
	g->seconds += end->completed ? end->seconds : 0;
	if (g->o->expected <= g->ended || g->timed == 0 || end->stopped)
		return -1;
	return g->seconds / (double)g->timed * (double)(g->o->expected - g->ended) /
	       (double)g->o->jobs;
}

void progress_init(struct progress *g, const struct run_options *o, struct outbox *err)
{
	*g = (struct progress){.o = o, .err = err};
}

void progress_start(const struct progress *g, const struct runline *l, int attempt)
{
	struct buf line = BUF_INIT;
	if (!g->o->progress)
		return;
	add_place(&line, l);
	buf_addf(&line, "%s ", l->run);
	runline_params(l, &line);
	if (attempt > 1)
		buf_addf(&line, " (attempt %d)", attempt);
	print_progress(g, &line);
}

void progress_end(struct progress *g, const struct runline *l, const struct progress_end *end)
{
	struct buf line = BUF_INIT;
	double left = count(g, end);
	if (!g->o->progress)
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
	print_progress(g, &line);
}
