/*
 * check - notes are collected and printed at the end, so that one that is also an error is
 * not printed twice.
 */
#include "check.h"

#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "base/file.h"
#include "base/display.h"
#include "exp/layout.h"
#include "spec/scalar_note.h"
#include "spec/value.h"
#include "spec/yamlread.h"

/* The notes on one value: what each version reads, and what is or should be written. */
static void note_value(struct remarks *to, const struct yamldoc *doc, yaml_id id, const char *key,
		       bool rewritten)
{
	const struct yaml_node *n = &doc->nodes[id];
	if (n->kind == YAML_SCALAR) {
		struct buf text = BUF_INIT;
		struct scalar s = value_scalar(n);
		if (scalar_note(&text, &s, rewritten) && buf_cstr(&text))
			yamldoc_remark(doc, id, to, key,
				       s.type == SCALAR_AMBIGUOUS ? "ambiguous" : "spelling", "%s",
				       text.data);
		buf_free(&text);
	}
	for (yaml_id c = n->first; c; c = doc->nodes[c].next)
		note_value(to, doc, c, key, rewritten);
}

static void note_override(struct remarks *to, const struct spec *spec, const struct override *o)
{
	struct buf key = BUF_INIT;
	buf_addf(&key, "%s.%s", o->count ? "sweep" : "fixed_overrides", o->key);
	for (size_t c = 0; buf_cstr(&key) && c < (o->count ? o->count : 1); c++)
		note_value(to, &spec->doc, o->count ? o->candidates[c] : o->value, key.data, true);
	to->failed |= key.failed;
	buf_free(&key);
}

static void note_spec(struct remarks *to, const struct spec *spec)
{
	for (size_t i = 0; i < spec->fixed_count; i++)
		note_override(to, spec, &spec->fixed[i]);
	for (size_t i = 0; i < spec->axis_count; i++)
		note_override(to, spec, &spec->axes[i]);
}

static void note_base(struct remarks *to, const struct yamldoc *doc)
{
	for (yaml_id k = yamldoc_node(doc, doc->root)->first; k;
	     k = doc->nodes[doc->nodes[k].next].next) {
		const struct yaml_node *key = yamldoc_node(doc, k);
		const char *name = key->kind == YAML_SCALAR ? key->text : "";
		note_value(to, doc, k, name, false);
		note_value(to, doc, doc->nodes[k].next, name, false);
	}
}

/* False: standard error cannot be written, or there is no memory. */
static bool print_remarks(const struct remarks *notes, bool each)
{
	struct buf out = BUF_INIT;
	remarks_write(notes, each, &out);
	bool ok = !out.failed && file_write_all(STDERR_FILENO, out.data, out.len) == 0;
	buf_free(&out);
	return ok;
}

void check_notes(const struct resolve *r)
{
	struct remarks values = {0};
	note_spec(&values, r->spec);
	print_remarks(&r->spec->doc.remarks, false);
	print_remarks(&values, false);
	for (size_t i = 0; i < r->spec->base_count; i++)
		print_remarks(&r->bases[i].doc.remarks, false);
	print_remarks(&r->remarks, false);
	remarks_free(&values);
}

static void say_how(const struct resolve_base *b)
{
	const struct splice *s = &b->splice;
	struct buf out = BUF_INIT;
	display_add(&out, b->path, strlen(b->path));
	buf_addf(&out, ": %s: values replaced in place: %zu, keys appended: %zu",
		 s->json   ? "JSON"
		 : s->flow ? "flow style"
			   : "block style",
		 s->replaced, s->appended);
	if (s->unaliased)
		buf_addf(&out, ", aliases written out since their anchor is replaced: %zu",
			 s->unaliased);
	if (s->rewritten)
		buf_adds(&out, ", all of it written anew and without comments, since values cannot "
			       "be replaced in place as it is written");
	buf_addc(&out, '\n');
	if (!out.failed)
		file_write_all(STDERR_FILENO, out.data, out.len);
	buf_free(&out);
}

/* All notes on a spec that is sound; how many. */
static uint64_t print_notes_on_spec(const struct resolve *r, bool verbose)
{
	const struct spec *spec = r->spec;
	struct remarks values = {0};
	note_spec(&values, spec);
	print_remarks(&spec->doc.remarks, true);
	print_remarks(&values, true);
	uint64_t notes = remarks_total(&spec->doc.remarks) + remarks_total(&values);
	for (size_t i = 0; i < spec->base_count; i++) {
		const struct yamldoc *doc = &r->bases[i].doc;
		struct remarks in_base = {0};
		if (!doc->json || !yamlread_is_json_name(doc->file)) /* no YAML reader's */
			note_base(&in_base, doc);
		print_remarks(&doc->remarks, true);
		print_remarks(&in_base, true);
		notes += remarks_total(&doc->remarks) + remarks_total(&in_base);
		remarks_free(&in_base);
		if (verbose)
			say_how(&r->bases[i]);
	}
	print_remarks(&r->remarks, true);
	notes += remarks_total(&r->remarks);
	remarks_free(&values);
	return notes;
}

int check_print(const struct spec *spec, bool strict, bool verbose)
{
	struct resolve r;
	struct problem p;
	uint64_t notes = 0;
	int status = EXIT_OK;
	if (resolve_init(&r, spec, LAYOUT_PARENT "/check", &p) != 0)
		status = cli_complain(&p);
	else
		notes = print_notes_on_spec(&r, verbose);
	resolve_free(&r);
	return strict && notes ? EXIT_BAD_INPUT : status;
}
