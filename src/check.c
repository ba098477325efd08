/*
 * check - one line a note: file:line:column: note: what each version reads, and
 * what is or should be written.
 */
#include "check.h"

#include <stdio.h>

#include "common.h"
#include "resolve.h"
#include "value.h"

/* Notes on one value; returns how many. */
static size_t note_value(const struct yamldoc *doc, yaml_id id, bool rewritten)
{
	const struct yaml_node *n = &doc->nodes[id];
	size_t notes = 0;
	if (n->kind == YAML_SCALAR) {
		struct buf text = BUF_INIT;
		struct scalar s = value_scalar(n);
		if (scalar_note(&text, &s, rewritten) && buf_cstr(&text)) {
			fprintf(stderr, "%s:%zu:%zu: note: %s\n", doc->file, n->line, n->column,
				text.data);
			notes = 1;
		}
		buf_free(&text);
	}
	for (yaml_id c = n->first; c; c = doc->nodes[c].next)
		notes += note_value(doc, c, rewritten);
	return notes;
}

static size_t note_spec(const struct spec *spec)
{
	size_t notes = 0;
	for (size_t i = 0; i < spec->fixed_count; i++)
		notes += note_value(&spec->doc, spec->fixed[i].value, true);
	for (size_t i = 0; i < spec->axis_count; i++)
		for (size_t c = 0; c < spec->axes[i].count; c++)
			notes += note_value(&spec->doc, spec->axes[i].candidates[c], true);
	return notes;
}

void check_notes(const struct spec *spec)
{
	note_spec(spec);
}

static void say_how(const struct resolve_base *b)
{
	const struct splice *s = &b->splice;
	fprintf(stderr, "%s: %s: values replaced in place: %zu, keys appended: %zu", b->path,
		s->json   ? "JSON"
		: s->flow ? "flow style"
			  : "block style",
		s->replaced, s->appended);
	if (s->unaliased)
		fprintf(stderr, ", aliases written out since their anchor is replaced: %zu",
			s->unaliased);
	fputs(s->rewritten ? ", all of it written anew and without comments, since values cannot "
			     "be replaced in place as it is written\n"
			   : "\n",
	      stderr);
}

int check_print(const struct spec *spec, bool strict, bool verbose)
{
	struct resolve r;
	struct problem p;
	size_t notes = 0;
	int status = EXIT_OK;
	if (resolve_init(&r, spec, "experiments/check", &p) != 0) {
		status = common_complain(&p);
	} else {
		notes = note_spec(spec);
		for (size_t i = 0; i < spec->base_count; i++) {
			notes += note_value(&r.bases[i].doc, r.bases[i].doc.root, false);
			if (verbose)
				say_how(&r.bases[i]);
		}
	}
	resolve_free(&r);
	return strict && notes ? EXIT_BAD_INPUT : status;
}
