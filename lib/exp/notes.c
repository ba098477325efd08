/*
 * notes - claim notes.jsonl, read it, compare, append. The rows are read again with the claim
 * held, so that a second writer sees what the first one has added, and neither removes a metric
 * of the other.
 */
#include "exp/notes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exp/layout.h"
#include "exp/journal.h"
#include "base/linereader.h"
#include "base/clock.h"

enum { TIME_SIZE = CLOCK_TEXT_SIZE + 6 };

struct keeper {
	struct snapshot *s;
	char now[TIME_SIZE];
	struct buf out; /* what is to be appended */
	struct problem *p;
};

bool notes_is_note(const struct json *line)
{
	struct slice run = json_get(line, "run");
	return (!run.data || json_is_string(run)) && !json_get(line, "status").data &&
	       !json_get(line, "session").data;
}

static bool is_same_text(struct slice a, struct slice b)
{
	return a.data && b.data && a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool is_key(struct slice key, const char *word)
{
	return is_same_text(key, (struct slice){word, strlen(word)});
}

/* ---- one note ---- */

static void add_member(struct buf *out, struct slice key, struct slice value)
{
	if (out->failed)
		return;
	buf_adds(out, out->data[out->len - 1] == '{' ? "\"" : ",\"");
	buf_add(out, key.data, key.len);
	buf_adds(out, "\":");
	buf_add(out, value.data, value.len);
}

/* Both objects in one: the old members in their place, those that are new behind. */
static void unite(struct buf *out, struct slice old, struct slice news)
{
	struct slice key, value;
	size_t pos = 0;
	buf_addc(out, '{');
	while (json_next_member(old, &pos, &key, &value)) {
		struct slice newer = json_member(news, key);
		add_member(out, key, newer.data ? newer : value);
	}
	pos = 0;
	while (json_next_member(news, &pos, &key, &value))
		if (!json_member(old, key).data)
			add_member(out, key, value);
	buf_addc(out, '}');
}

static bool is_own(struct slice key)
{
	static const char *const own[] = {"run", "experiment_dir", "attempt", "noted_at", "format"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (is_key(key, own[i]))
			return true;
	return false;
}

/* Append a field if it says something new. */
static void add_new(struct buf *out, const struct fold *f, struct slice run,
		    const struct json_field *field)
{
	struct buf plain = BUF_INIT, value = BUF_INIT, united = BUF_INIT;
	bool good = json_respell(&plain, field->key);
	struct slice key = {plain.data, plain.len};
	json_compact(&value, field->value.data, field->value.len);
	struct slice old = good ? fold_shown(f, run, key) : key;
	struct slice news = {value.data, value.len};
	if (!value.failed && is_key(key, "metrics") && json_is_object(old) &&
	    json_is_object(news)) {
		unite(&united, old, news);
		news = (struct slice){united.data, united.len};
	}
	out->failed |= !good || value.failed || united.failed;
	if (!out->failed && !is_same_text(old, news))
		add_member(out, key, news);
	buf_free(&plain);
	buf_free(&value);
	buf_free(&united);
}

/* Append the fields that say something new. */
static void add_news(struct buf *out, const struct fold *f, struct slice run,
		     const struct json *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (!is_own(line->field[i].key))
			add_new(out, f, run, &line->field[i]);
}

/* The time of the note: later than that of the run's last one, even if the clock was set back,
 * so that notes keep the order of their lines. A counter of six digits follows the
 * milliseconds. `last` is raw. */
static void next_time(const struct keeper *k, struct slice last, char *at)
{
	memcpy(at, k->now, TIME_SIZE);
	size_t len = strlen(at);
	if (last.len != len + 2 || memcmp(last.data + 1, at, len) < 0)
		return;
	memcpy(at, last.data + 1, len);
	for (char *digit = at + len - 2; *digit != '.' && ++*digit > '9'; digit--)
		*digit = '0';
}

/* The note as it is kept: of the attempt that it tells of, else of the newest. Nothing if
 * it has no news. False: out of memory. */
static bool write_note(struct buf *note, const struct keeper *k, const struct json *line)
{
	const struct fold *f = k->s->fold;
	struct slice run = json_get(line, "run"), attempt = json_get(line, "attempt");
	/* as the plan spells it */
	struct slice dir = fold_shown(f, run, (struct slice){"experiment_dir", 14});
	struct buf news = BUF_INIT;
	char at[TIME_SIZE];
	buf_addc(&news, '{');
	add_news(&news, f, run, line);
	if (!news.failed && news.len == 1) {
		buf_free(&news);
		return true;
	}
	if (!attempt.data)
		attempt = fold_shown(f, run, (struct slice){"attempt", 7});
	if (!dir.data)
		dir = json_get(line, "experiment_dir");
	buf_addc(note, '{');
	if (run.data)
		json_add_raw_field(note, "run", run);
	json_add_raw_field(note, "experiment_dir", dir);
	if (run.data && attempt.data)
		json_add_raw_field(note, "attempt", attempt);
	next_time(k, fold_shown(f, run, (struct slice){"noted_at", 8}), at);
	json_add_str_field(note, "noted_at", at);
	buf_addc(note, ',');
	buf_add(note, news.data + 1, news.failed ? 0 : news.len - 1);
	buf_adds(note, ",\"format\":1}");
	bool good = !news.failed && !note->failed;
	buf_free(&news);
	return good;
}

/* What is kept can be read again, by us and in experiment.json by others. */
static int check_note(const struct keeper *k, const struct buf *note, struct json *kept)
{
	size_t offset;
	const char *why;
	if (note->len >= LINEREADER_MAX)
		return problem_set(k->p, EXIT_BAD_INPUT,
				   "a note cannot be kept: it is larger than 64 MiB");
	if (json_parse(kept, note->data, note->len, &offset, &why) != 0)
		return problem_set(k->p, EXIT_BAD_INPUT, "a note cannot be kept: %s", why);
	struct slice run = json_get(kept, "run");
	if (fold_fields(k->s->fold, run, kept) > NOTES_MAX_FIELDS)
		return problem_set(k->p, EXIT_BAD_INPUT,
				   "a note cannot be kept: %s%.*s would have more than %d fields",
				   run.data ? "the run " : "the experiment",
				   run.len > 100 ? 100 : (int)run.len, run.data ? run.data : "",
				   NOTES_MAX_FIELDS);
	return 0;
}

static int keep_note(struct keeper *k, const struct json *line)
{
	struct buf note = BUF_INIT;
	struct json kept;
	int rc = write_note(&note, k, line) ? 0 : problem_memory(k->p);
	if (rc == 0 && note.len) {
		rc = check_note(k, &note, &kept);
		if (rc == 0)
			rc = fold_line(k->s->fold, &kept, k->p);
		buf_addc(&note, '\n');
		if (rc == 0)
			buf_add(&k->out, note.data, note.len);
		k->out.failed |= note.failed;
	}
	buf_free(&note);
	return rc;
}

/* ---- all of them ---- */

/* The lines were parsed before; each of them in turn. */
static bool next_line(const struct buf *lines, size_t *pos, struct json *line)
{
	size_t offset;
	const char *why;
	if (*pos >= lines->len)
		return false;
	const char *from = lines->data + *pos, *lf = memchr(from, '\n', lines->len - *pos);
	size_t len = lf ? (size_t)(lf - from) : lines->len - *pos;
	*pos += len + 1;
	return json_parse(line, from, len, &offset, &why) == 0;
}

/* What the journals of these runs, that of the experiment, and the notes say by now. */
static int read_known(struct keeper *k, const struct buf *lines)
{
	struct json line;
	struct buf name = BUF_INIT;
	size_t pos = 0;
	char *file = (char[]){LAYOUT_NOTES};
	int rc = snapshot_read_records(k->s, &file, 1, k->p);
	while (rc == 0 && next_line(lines, &pos, &line)) {
		struct slice run = json_get(&line, "run");
		buf_clear(&name);
		if (run.data)
			layout_add_record_name(&name, run.data + 1, run.len - 2);
		else
			buf_adds(&name, LAYOUT_EXPERIMENT);
		file = buf_cstr(&name) ? name.data : NULL;
		if (!file)
			rc = problem_memory(k->p);
		else if (!strchr(file, '/'))
			rc = snapshot_read_records(k->s, &file, 1, k->p);
	}
	buf_free(&name);
	return rc;
}

static int open_records(const struct snapshot *s, struct buf *path, struct problem *p)
{
	if (!layout_add(path, s->dir, LAYOUT_RECORDS))
		return problem_memory(p);
	if (mkdirat(s->anchor.fd, LAYOUT_RECORDS, 0777) != 0 && errno != EEXIST)
		return problem_errno(p, "%s cannot be made", path->data);
	int dir = openat(s->anchor.fd, LAYOUT_RECORDS,
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return dir >= 0 ? dir : problem_errno(p, "%s cannot be opened", path->data);
}

/* Each of them; -1 with the first problem. */
static int take_notes(struct keeper *k, const struct buf *lines)
{
	struct json line;
	struct problem first;
	size_t pos = 0;
	int rc = 0;
	while (next_line(lines, &pos, &line)) {
		if (keep_note(k, &line) == 0)
			continue;
		if (rc == 0)
			first = *k->p;
		rc = -1;
	}
	if (rc != 0)
		*k->p = first;
	return rc;
}

int notes_keep(struct snapshot *s, const struct buf *lines, struct problem *p)
{
	struct keeper k = {.s = s, .p = p};
	struct journal j;
	struct buf path = BUF_INIT;
	int dir = open_records(s, &path, p);
	int rc = dir < 0 ? -1
			 : journal_claim_waiting(&j, dir, path.data, LAYOUT_NOTES,
						 s->sync ? JOURNAL_SYNC : JOURNAL_NO_SYNC, p);
	if (rc == 0) {
		clock_text(k.now);
		memcpy(k.now + strlen(k.now) - 1, "000000Z", 8);
		rc = read_known(&k, lines);
		if (rc == 0)
			rc = take_notes(&k, lines);
		if (k.out.failed)
			rc = problem_memory(p);
		else if (k.out.len && journal_append(&j, k.out.data, k.out.len, p) != 0)
			rc = -1;
		journal_close(&j);
	}
	if (dir >= 0)
		close(dir);
	s->changed = true;
	buf_free(&path);
	buf_free(&k.out);
	return rc;
}
