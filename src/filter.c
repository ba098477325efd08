/*
 * filter - write the experiment.json of each experiment that the lines name, and pass the lines
 * on.
 *
 * A file is written when the lines pause, and so often that it takes at most a twentieth of the
 * time. Notes are recorded before they are passed on.
 */
#include "filter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/linereader.h"
#include "base/signals.h"
#include "base/wait.h"
#include "cli.h"
#include "exp/notes.h"
#include "exp/snapshot.h"

enum { PASS_ON = 1 << 16, SHARE = 20 };

/* One experiment that the lines name, or the one of -o and -s. */
struct target {
	struct snapshot snapshot;
	struct buf notes; /* to be kept */
	double again;     /* not to be written before this */
	bool failed;      /* its directory cannot be used: complained about */
};

struct merge {
	const struct deliver_to *o;
	struct anchor held; /* of --of */
	struct target *target;
	size_t targets;
	struct buf out; /* lines to pass on */
	bool reader_gone;
	bool told; /* that some lines name no experiment */
	int status;
};

static void keep_notes(struct merge *m)
{
	for (size_t i = 0; i < m->targets; i++) {
		struct target *t = &m->target[i];
		struct problem p;
		if (t->notes.len && notes_keep(&t->snapshot, &t->notes, &p) != 0)
			m->status = cli_complain(&p);
		buf_clear(&t->notes);
	}
}

static void pass_on(struct merge *m)
{
	keep_notes(m);
	if (!m->reader_gone && m->out.len && !cli_print(m->out.data, m->out.len, &m->reader_gone)) {
		if (!m->reader_gone)
			m->status = EXIT_IO;
		m->reader_gone = true;
	}
	buf_clear(&m->out);
}

static struct target *new_target(struct merge *m, const char *dir, struct problem *p)
{
	struct target *more = realloc(m->target, (m->targets + 1) * sizeof *more);
	if (!more) {
		problem_memory(p);
		return NULL;
	}
	m->target = more;
	struct target *t = &m->target[m->targets++];
	*t = (struct target){0};
	t->failed = snapshot_open_at(&t->snapshot, dir, m->o->of ? &m->held : NULL, !m->o->no_sync,
				     p) != 0 ||
		    snapshot_read(&t->snapshot, p) != 0;
	if (t->failed)
		m->status = cli_complain(p);
	else
		deliver_flaws(fold_flaws(t->snapshot.fold));
	return t;
}

/* The experiment that a line belongs to. */
static struct target *find_target(struct merge *m, const char *dir, struct problem *p)
{
	for (size_t i = m->targets; i-- > 0;)
		if (m->o->of)
			return &m->target[i];
		else if (m->target[i].snapshot.dir && strcmp(m->target[i].snapshot.dir, dir) == 0)
			return &m->target[i];
	return new_target(m, dir, p);
}

/* With -o and -s all lines go to one document. */
static struct target *only_target(struct merge *m, char *dir, struct problem *p)
{
	struct target *t = m->target;
	if (dir && t->snapshot.dir && strcmp(t->snapshot.dir, dir) != 0) {
		problem_set(p, EXIT_BAD_INPUT,
			    "lines of two experiments, %s and %s; fold each on its own",
			    t->snapshot.dir, dir);
		return NULL;
	}
	if (dir && !t->snapshot.dir)
		t->snapshot.dir = strdup(dir);
	return t;
}

/* What the experiment says of itself, or the document derives, is not for notes. */
static const char *owned_key(const struct json *line)
{
	static const char *const keys[] = {
		"name",     "experiment", "mode",       "total",     "counts",     "runs",
		"sessions", "updated_at", "created_at", "spec_path", "git_commit", "record_errors"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (json_get(line, keys[i]).data)
			return keys[i];
	return NULL;
}

/* A note on a run that the plan does not have is an error. */
static int take_note_line(struct target *t, const struct json *line, struct problem *p)
{
	struct slice run = json_get(line, "run");
	const char *owned = run.data ? NULL : owned_key(line);
	if (row_check(line, p) != 0)
		return -1;
	if (owned)
		return problem_set(
			p, EXIT_BAD_INPUT,
			"%s is the experiment's own, and no note can change it; take another "
			"name",
			owned);
	if (run.data && !fold_has(t->snapshot.fold, run))
		return problem_set(p, EXIT_BAD_INPUT, "%s has no run %.*s", t->snapshot.dir,
				   run.len > 100 ? 100 : (int)run.len, run.data);
	buf_add(&t->notes, line->line.data, line->line.len);
	buf_addc(&t->notes, '\n');
	return t->notes.failed ? problem_memory(p) : 0;
}

static int take_parsed_line(struct merge *m, const struct json *line, struct problem *p)
{
	char *dir = json_dup(line, "experiment_dir");
	struct target *t = NULL;
	int rc = 0;
	if (m->o->to_one)
		t = only_target(m, dir, p);
	else if (dir && *dir)
		t = find_target(m, dir, p);
	else if (!m->told && (m->told = true))
		cli_note("lines without an experiment_dir are passed on only; "
			 "use --output FILE to fold them");
	if (!t && (m->o->to_one || (dir && *dir)))
		rc = -1;
	else if (t && !t->failed && !m->o->to_one && notes_is_note(line))
		rc = take_note_line(t, line, p);
	else if (t && !t->failed) {
		rc = fold_line(t->snapshot.fold, line, p);
		t->snapshot.changed = true;
	}
	free(dir);
	return rc;
}

static void merge_line(struct merge *m, struct slice text_line, const struct linereader *in)
{
	struct json line;
	struct problem p;
	size_t offset;
	const char *why;
	if (!m->o->to_one) {
		buf_add(&m->out, text_line.data, text_line.len);
		buf_addc(&m->out, '\n');
	}
	if (json_is_blank(text_line.data, text_line.len))
		return;
	if (json_parse(&line, text_line.data, text_line.len, &offset, &why) != 0) {
		cli_note("stdin:%llu:%zu: %s; %s", (unsigned long long)in->number, offset + 1, why,
			 in->whole ? "a line is one JSON object, and this one is ignored"
				   : "the torn last line is ignored");
		if (in->whole)
			m->status = EXIT_BAD_INPUT;
	} else if (take_parsed_line(m, &line, &p) != 0) {
		cli_note("stdin:%llu: %s", (unsigned long long)in->number, p.text);
		m->status = p.status;
	}
}

static int write_target(struct merge *m, struct target *t, struct problem *p)
{
	if (!m->o->output)
		return snapshot_write(&t->snapshot, p);
	t->snapshot.changed = false;
	return snapshot_write_to(t->snapshot.fold, m->o->output, !m->o->no_sync, p);
}

/* Write what has changed and is due. The seconds until the next one is due;
 * negative: there is none. */
static double write_due(struct merge *m)
{
	double wait = -1;
	bool late_only = m->o->statuses || m->o->counts ||
			 (m->o->output &&
			  (strcmp(m->o->output, "-") == 0 || snapshot_is_stream(m->o->output)));
	for (size_t i = 0; i < m->targets && !late_only; i++) {
		struct target *t = &m->target[i];
		struct problem p;
		double now = clock_now();
		if (t->failed || !t->snapshot.changed)
			continue;
		if (now >= t->again) {
			/* a failure is told at the end, if it is still there then */
			bool failed = write_target(m, t, &p) != 0;
			t->snapshot.changed |= failed;
			t->again = clock_now() + (failed ? 1 : (double)SHARE * (clock_now() - now));
		}
		if (t->snapshot.changed && (wait < 0 || t->again - now < wait))
			wait = t->again > now ? t->again - now : 0;
	}
	return wait;
}

/* A signal means that those before us in the pipe are ending, too: what they still say
 * belongs into the file. A second one ends us, but for Ctrl-C, with which run-one kills its
 * run. The first one ends a wait for anything else than lines (wait.h). */
static bool is_to_leave(void)
{
	return signals_again() != 0 && signals_again() != SIGINT;
}

static void merge_lines(struct merge *m)
{
	struct linereader in;
	struct slice line;
	linereader_init(&in, STDIN_FILENO);
	in.heeds = true;
	while (!is_to_leave()) {
		while (linereader_empty(&in) && !in.ended && !is_to_leave()) {
			pass_on(m);
			if (signals_wait_readable(in.fd, write_due(m)))
				break;
		}
		int rc = is_to_leave() ? 0 : linereader_next(&in, &line);
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0) {
			cli_note("standard input cannot be read: %s", strerror(errno));
			m->status = EXIT_IO;
		}
		if (rc <= 0)
			break;
		merge_line(m, line, &in);
		if (m->out.len > PASS_ON) {
			pass_on(m);
			write_due(m);
		}
	}
	pass_on(m);
	linereader_free(&in);
}

static void finish_target(struct merge *m, struct target *t)
{
	struct problem p;
	int status = EXIT_OK;
	if (m->o->output && !t->snapshot.changed && t->again == 0) {
		cli_note("no input; %s is not written", m->o->output);
		status = EXIT_BAD_INPUT;
	} else if (m->o->to_one) {
		status = deliver_fold(m->o, t->snapshot.fold);
	} else if (snapshot_write(&t->snapshot, &p) != 0) {
		status = cli_complain(&p);
	}
	int flawed = deliver_flaws(fold_flaws(t->snapshot.fold));
	status = status ? status : flawed;
	m->status = status ? status : m->status;
}

static void finish(struct merge *m)
{
	for (size_t i = 0; i < m->targets; i++)
		if (!m->target[i].failed)
			finish_target(m, &m->target[i]);
}

int filter_lines(const struct deliver_to *o)
{
	struct merge m = {.o = o, .held = {.fd = -1}};
	struct problem p;
	if (o->of && anchor_open(&m.held, o->of, &p) != 0)
		return cli_complain(&p);
	signals_init();
	if (o->to_one) {
		m.target = calloc(1, sizeof *m.target);
		if (!m.target || !(m.target->snapshot.fold = fold_new())) {
			problem_memory(&p);
			return cli_complain(&p);
		}
		m.target->snapshot.anchor.fd = -1;
		m.targets = 1;
	}
	merge_lines(&m);
	finish(&m);
	for (size_t i = 0; i < m.targets; i++) {
		snapshot_free(&m.target[i].snapshot);
		buf_free(&m.target[i].notes);
	}
	free(m.target);
	anchor_close(&m.held);
	buf_free(&m.out);
	bool left = is_to_leave() || wait_was_ended();
	return left && m.status == EXIT_OK ? EXIT_SIGNAL + signals_stop() : m.status;
}
