/*
 * typed - the drivers accept the long options of sweep-expand, so that one text serves both.
 */
#include "typed.h"

#include "exp/layout.h"

static void add_program(struct buf *out, const struct typed *t)
{
	if (t->caller)
		buf_adds(out, t->caller);
	else
		buf_add_word(out, t->program);
}

static void add_typed_option(struct buf *out, const char *option, const char *value)
{
	if (!value)
		return;
	buf_addf(out, " %s ", option);
	buf_add_word(out, value);
}

void typed_resume(const struct typed *t, const char *experiment, struct buf *out)
{
	struct buf spec = BUF_INIT;
	const char *path = layout_add(&spec, experiment, LAYOUT_SPEC) ? spec.data : experiment;
	add_program(out, t);
	buf_addc(out, ' ');
	buf_add_word(out, path);
	buf_adds(out, " --resume");
	add_typed_option(out, "--dir", t->dir);
	if (!t->caller)
		add_typed_option(out, "--parent", t->parent);
	buf_free(&spec);
}

void typed_new(const struct typed *t, const char *spec, struct buf *out)
{
	add_program(out, t);
	buf_addc(out, ' ');
	buf_add_word(out, spec);
	if (!t->caller)
		add_typed_option(out, "--parent", t->parent ? t->parent : LAYOUT_PARENT);
	if (!t->caller)
		add_typed_option(out, "--mode", t->mode);
}
