/*
 * progress - written with one write(2) a line, so that lines stay whole beside
 * what others print.
 */
#include "progress.h"

#include <unistd.h>

#include "file.h"
#include "shown.h"

static void add_place(struct buf *out, const struct runline *l)
{
	int64_t index, total;
	int width = 1;
	if (!jsonl_int(&l->fields, "index", &index) || !jsonl_int(&l->fields, "total", &total))
		return;
	for (int64_t n = total; n >= 10; n /= 10)
		width++;
	buf_addf(out, "[%*lld/%lld] ", width, (long long)index + 1, (long long)total);
}

static void print(struct buf *line)
{
	buf_addc(line, '\n');
	if (!line->failed)
		file_write_all(STDERR_FILENO, line->data, line->len);
	buf_free(line);
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
	print(&line);
}

void progress_end(struct progress *g, const struct runline *l, const char *outcome, double seconds)
{
	struct buf line = BUF_INIT;
	g->ended++;
	g->seconds += seconds;
	if (!g->on)
		return;
	add_place(&line, l);
	buf_addf(&line, "%s %s in ", l->run, outcome);
	shown_time(&line, seconds);
	if (g->expected > g->ended) {
		buf_adds(&line, ", about ");
		shown_time(&line, g->seconds / (double)g->ended * (double)(g->expected - g->ended));
		buf_adds(&line, " left");
	}
	print(&line);
}
