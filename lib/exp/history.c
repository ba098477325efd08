/* history - of two events the one with the later stamp counts, as in the fold. */
#include "exp/history.h"

#include <string.h>

#include "exp/layout.h"
#include "exp/row.h"

void history_begin(struct history *h, const char *journal)
{
	const char *slash = strrchr(journal, '/');
	*h = (struct history){.run = slash ? slash + 1 : journal};
	h->run_len = layout_record_run(h->run);
}

/* raw: with its quotes. */
static bool is_own_run(const struct history *h, struct slice raw)
{
	return h->run_len == 0 ||
	       (raw.len == h->run_len + 2 && memcmp(raw.data + 1, h->run, h->run_len) == 0);
}

bool history_may_live(const struct history *h)
{
	return h->status == STATUS_RUNNING || h->survivors;
}

static void take_status(struct history *h, const struct stamp *stamp, enum run_status status,
			bool survivors)
{
	int order = h->status == STATUS_NONE ? 1 : stamp_compare(stamp, &h->stamp);
	if (order < 0 || (order == 0 && strcmp(status_names[status], status_names[h->status]) <= 0))
		return;
	h->status = status;
	h->survivors = survivors;
	h->stamp = *stamp;
	if (stamp->time.len)
		memcpy(h->time, stamp->time.data, stamp->time.len);
	h->stamp.time.data = h->time;
}

static int take_event(struct history *h, const struct json *event, struct problem *p)
{
	if (row_check(event, p) != 0)
		return -1;
	struct stamp stamp = stamp_of(event);
	struct slice status = json_get(event, "status"), run = json_get(event, "run");
	struct slice run_dir = json_get(event, "run_dir");
	if (run.data && status.data && !is_own_run(h, run))
		return problem_set(
			p, EXIT_BAD_INPUT,
			"it tells of the run %.*s; move that line to the run's own journal",
			(int)run.len, run.data);
	if (!run.data || !is_own_run(h, run))
		return 0;
	if (stamp.attempt > (uint32_t)h->attempt)
		h->attempt = (int)stamp.attempt;
	if (json_is_string(run_dir)) {
		buf_clear(&h->run_dir);
		buf_add(&h->run_dir, run_dir.data, run_dir.len);
	}
	if (status.data)
		take_status(h, &stamp, status_of(status), json_get(event, "survivors").data);
	return 0;
}

int history_take(struct history *h, struct slice line, struct problem *p)
{
	struct json event;
	size_t offset;
	const char *why;
	if (json_is_blank(line.data, line.len))
		return 0;
	if (json_parse(&event, line.data, line.len, &offset, &why) == 0)
		return take_event(h, &event, p);
	return problem_set(p, EXIT_BAD_INPUT, "%s; repair the line, or move the file away", why);
}

int history_end(struct history *h, char **run_dir, struct problem *p)
{
	struct buf path = BUF_INIT;
	struct slice raw = {h->run_dir.data, h->run_dir.len};
	bool good =
		!h->run_dir.failed && (!raw.len || (json_decode(raw, &path) && buf_cstr(&path)));
	*run_dir = good ? path.data : NULL;
	if (!good)
		buf_free(&path);
	buf_free(&h->run_dir);
	return good ? 0 : problem_memory(p);
}
