/*
 * fold - the runs are an array in the order in which their lines came, with a hash table of
 * their ids. The array `order`, by index, is made when they are written (document.c), if a run or
 * an index has changed.
 */
#include "exp/fold.h"

#include <stdlib.h>
#include <string.h>

#include "exp/visible.h"

struct fold *fold_new(void)
{
	struct fold *f = calloc(1, sizeof *f);
	if (f && row_shared_init(&f->shared))
		return f;
	fold_free(f);
	return NULL;
}

void fold_free(struct fold *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		row_free(&f->run[i].row);
	for (size_t i = 0; i < f->sessions; i++) {
		free(f->session[i].id);
		row_free(&f->session[i].row);
	}
	row_free(&f->top);
	flaws_free(&f->flaws);
	row_shared_free(&f->shared);
	free(f->run);
	free(f->slot);
	free(f->order);
	free(f->session);
	free(f);
}

size_t fold_count(const struct fold *f)
{
	return f->count;
}

struct flaws *fold_flaws(struct fold *f)
{
	return &f->flaws;
}

/* ---- finding a run ---- */

static uint32_t hash_of(struct slice s)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.data[i]) * 16777619u;
	return h;
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

struct slice fold_get(const struct fold *f, const struct row *r, enum key key)
{
	return row_get(r, &f->shared.keys, key);
}

static void put_slot(struct fold *f, size_t number)
{
	size_t at = f->run[number].hash & (f->slots - 1);
	while (f->slot[at])
		at = (at + 1) & (f->slots - 1);
	f->slot[at] = (uint32_t)number + 1;
}

static bool grow(struct fold *f)
{
	size_t cap = f->cap ? f->cap * 2 : 64;
	struct fold_entry *run = realloc(f->run, cap * sizeof *run);
	if (!run)
		return false;
	f->run = run;
	uint32_t *slot = calloc(cap * 2, sizeof *slot);
	if (!slot)
		return false;
	free(f->slot);
	f->slot = slot;
	f->slots = cap * 2;
	f->cap = cap;
	for (size_t i = 0; i < f->count; i++)
		put_slot(f, i);
	return true;
}

static struct fold_entry *look_up_entry(const struct fold *f, struct slice id, uint32_t hash)
{
	for (size_t at = f->slots ? hash & (f->slots - 1) : 0; f->slots && f->slot[at];
	     at = (at + 1) & (f->slots - 1)) {
		struct fold_entry *r = &f->run[f->slot[at] - 1];
		if (r->hash == hash && same(fold_get(f, &r->row, KEY_RUN), id))
			return r;
	}
	return NULL;
}

struct fold_entry *fold_find(const struct fold *f, struct slice id)
{
	return look_up_entry(f, id, hash_of(id));
}

/* The run of that id (raw), made if it is new; NULL: out of memory. */
static struct fold_entry *find_run(struct fold *f, struct slice id)
{
	uint32_t hash = hash_of(id);
	struct fold_entry *known = look_up_entry(f, id, hash);
	if (known)
		return known;
	if (f->count == f->cap && !grow(f))
		return NULL;
	f->run[f->count] = (struct fold_entry){.index = INT64_MAX, .hash = hash};
	f->ordered = false;
	put_slot(f, f->count);
	return &f->run[f->count++];
}

/* ---- taking lines in ---- */

static void note_time(struct fold *f, const struct json *line)
{
	struct stamp s = stamp_of(line);
	size_t old = strlen(f->newest);
	struct slice newest = {f->newest + 1, old ? old - 2 : 0};
	size_t least = s.time.len < newest.len ? s.time.len : newest.len;
	int order = least ? memcmp(s.time.data, newest.data, least) : 0;
	if (s.time.len == 0 || order < 0 || (order == 0 && s.time.len <= newest.len))
		return;
	memcpy(f->newest, s.time.data - 1, s.time.len + 2);
	f->newest[s.time.len + 2] = '\0';
}

static int take_run(struct fold *f, struct slice id, const struct json *line, struct problem *p)
{
	if (!json_is_string(id) || id.len < 3 || memchr(id.data, '\\', id.len))
		return problem_set(p, EXIT_BAD_INPUT, "\"run\" is not a name such as \"run_000\"");
	struct fold_entry *r = find_run(f, id);
	if (!r)
		return problem_memory(p);
	if (row_merge(&r->row, &f->shared, line, p) != 0)
		return -1;
	/* from the row: of two values the merge has kept one */
	struct json own = {.count = 1, .field = {{{"index", 5}, fold_get(f, &r->row, KEY_INDEX)}}};
	int64_t index;
	if (!json_int(&own, "index", &index))
		index = INT64_MAX;
	if (index != r->index)
		f->ordered = false;
	r->index = index;
	r->dead = false;
	return 0;
}

static int take_session_line(struct fold *f, struct slice id, const struct json *line,
			     struct problem *p)
{
	size_t i = 0;
	while (i < f->sessions &&
	       !same(id, (struct slice){f->session[i].id, strlen(f->session[i].id)}))
		i++;
	if (i == f->sessions) {
		struct fold_session *more = realloc(f->session, (i + 1) * sizeof *more);
		if (more)
			f->session = more;
		char *copy = more ? strndup(id.data, id.len) : NULL;
		if (!copy)
			return problem_memory(p);
		f->session[i] = (struct fold_session){.id = copy};
		f->sessions++;
	}
	return row_merge(&f->session[i].row, &f->shared, line, p);
}

int fold_line(struct fold *f, const struct json *line, struct problem *p)
{
	if (row_check(line, p) != 0)
		return -1;
	struct slice run = json_get(line, "run"), session = json_get(line, "session");
	note_time(f, line);
	if (run.data && json_is_object(json_get(line, "metrics")))
		f->metrics = true;
	if (run.data)
		return take_run(f, run, line, p);
	if (json_is_string(session) && take_session_line(f, session, line, p) != 0)
		return -1;
	return row_merge(&f->top, &f->shared, line, p);
}

/* ---- what is known of a run ---- */

enum run_status fold_status(const struct fold *f, const struct fold_entry *r)
{
	enum run_status status = status_of(fold_get(f, &r->row, KEY_STATUS));
	if (status == STATUS_RUNNING && r->dead)
		return STATUS_FAILED;
	return status == STATUS_NONE ? STATUS_PENDING : status;
}

void fold_settle(struct fold *f, fold_alive *alive, void *context)
{
	for (size_t i = 0; i < f->count; i++) {
		struct fold_entry *r = &f->run[i];
		if (fold_status(f, r) != STATUS_RUNNING && !r->dead)
			continue;
		struct slice id = fold_get(f, &r->row, KEY_RUN);
		struct fold_run told = {{id.data + 1, id.len - 2},
					fold_get(f, &r->row, KEY_HOST),
					fold_get(f, &r->row, KEY_BOOT_ID)};
		r->dead = !alive(context, &told);
	}
}

bool fold_has(const struct fold *f, struct slice run)
{
	return fold_find(f, run) != NULL;
}

struct slice fold_shown(const struct fold *f, struct slice run, struct slice key)
{
	const struct fold_entry *r = run.data ? fold_find(f, run) : NULL;
	const struct row *record = r ? &r->row : &f->top;
	struct row_walk w;
	struct row_field field;
	if (run.data && !r)
		return (struct slice){NULL, 0};
	struct visible v = r ? visible_of(record, &f->shared.keys) : (struct visible){0};
	row_walk(&w, record, &f->shared.keys);
	while (row_next(&w, &field))
		if (same(field.name, key))
			return visible_hides(&v, &field) ? (struct slice){NULL, 0} : field.value;
	return (struct slice){NULL, 0};
}

size_t fold_fields(const struct fold *f, struct slice run, const struct json *line)
{
	const struct fold_entry *r = run.data ? fold_find(f, run) : NULL;
	static const struct row none = {NULL, 0};
	struct row_walk w;
	struct row_field field;
	size_t count = line->count;
	row_walk(&w, r ? &r->row : run.data ? &none : &f->top, &f->shared.keys);
	while (row_next(&w, &field)) {
		count++;
		for (size_t i = 0; i < line->count; i++)
			count -= same(field.name, line->field[i].key);
	}
	return count;
}
