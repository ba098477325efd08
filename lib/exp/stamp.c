/* stamp - attempt, rank of the status and time of a line, and their total order. */
#include "exp/stamp.h"

#include <string.h>

#include "exp/status.h"

int stamp_compare_bytes(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least ? memcmp(a.data, b.data, least) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

int stamp_compare(const struct stamp *a, const struct stamp *b)
{
	if (a->attempt != b->attempt)
		return a->attempt > b->attempt ? 1 : -1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? 1 : -1;
	return stamp_compare_bytes(a->time, b->time);
}

static unsigned char rank_of(struct slice status)
{
	static const unsigned char ranks[] = {[STATUS_PENDING] = STAMP_RANK_PENDING,
					      [STATUS_RUNNING] = STAMP_RANK_RUNNING,
					      [STATUS_COMPLETED] = STAMP_RANK_ENDED,
					      [STATUS_FAILED] = STAMP_RANK_ENDED,
					      [STATUS_NONE] = STAMP_RANK_NONE};
	return ranks[status_of(status)];
}

struct stamp stamp_of(const struct json *line)
{
	static const char *const times[] = {"noted_at", "completed_at", "started_at",
					    "session_started_at", "created_at"};
	struct stamp s = {0};
	int64_t attempt;
	if (json_int(line, "attempt", &attempt) && attempt > 0 && attempt <= STAMP_MAX_ATTEMPT)
		s.attempt = (uint32_t)attempt;
	s.rank = rank_of(json_get(line, "status"));
	for (size_t i = 0; i < sizeof times / sizeof *times && !s.time.data; i++) {
		struct slice value = json_get(line, times[i]);
		if (!json_is_string(value) || value.len > STAMP_TIME_SIZE)
			continue;
		s.time = (struct slice){value.data + 1, value.len - 2};
		if (i == 0)
			s.rank = STAMP_RANK_ENDED;
	}
	return s;
}
