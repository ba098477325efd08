/*
 * resolve - the steps from a spec to its runs: parse the bases, cut them, write the
 * candidates, prove the configs, make the stencils of the lines. After resolve_init nothing
 * can fail but memory.
 */
#include "spec/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cksum.h"
#include "spec/choices.h"
#include "spec/configtext.h"
#include "spec/grid.h"
#include "spec/lacking.h"
#include "spec/planline.h"
#include "spec/prove.h"
#include "spec/yamlread.h"

/* ---- making a resolver ---- */

static int list_slots(struct resolve *r, struct problem *p)
{
	const struct spec *s = r->spec;
	r->slot_count = s->fixed_count + s->axis_count;
	r->slots = calloc(r->slot_count + 1, sizeof *r->slots);
	r->counts = calloc(s->axis_count + 1, sizeof *r->counts);
	r->choices = calloc(s->axis_count + 1, sizeof *r->choices);
	r->bases = calloc(s->base_count, sizeof *r->bases);
	if (!r->slots || !r->counts || !r->choices || !r->bases)
		return problem_memory(p);
	for (size_t i = 0; i < s->fixed_count; i++)
		r->slots[i] = &s->fixed[i];
	for (size_t i = 0; i < s->axis_count; i++) {
		r->slots[s->fixed_count + i] = &s->axes[i];
		r->counts[i] = s->axes[i].count;
	}
	return 0;
}

static int read_base(struct resolve *r, struct resolve_base *b, yaml_id name, struct problem *p)
{
	b->path = yamldoc_node(&r->spec->doc, name)->text;
	if (yamlread_config(&b->doc, b->path, p) != 0 ||
	    splice_plan(&b->splice, &b->doc, r->slots, r->slot_count, p) != 0)
		return -1;
	if (b->splice.json && choices_check_json(r, p) != 0)
		return -1;
	configtext_write(&b->config, r, &b->splice, FORM_YAML);
	return b->config.text.failed ? problem_memory(p) : 0;
}

int resolve_init(struct resolve *r, const struct spec *spec, const char *dir, struct problem *p)
{
	*r = (struct resolve){.spec = spec, .dir = dir, .digits = grid_digits(spec->total)};
	if (spec_check_bases(spec, p) != 0 || list_slots(r, p) != 0)
		return -1;
	for (size_t i = 0; i < spec->base_count; i++)
		if (read_base(r, &r->bases[i], spec->bases[i], p) != 0)
			return -1;
	for (size_t i = 0; i < spec->axis_count; i++)
		if (choices_make(&r->choices[i], r, &spec->axes[i], r->bases[0].splice.json, p) !=
		    0)
			return -1;
	if (prove(r, p) != 0)
		return -1;
	for (size_t i = 0; i < spec->base_count; i++)
		if (planline_write(&r->bases[i].line, r, &r->bases[i], &r->remarks, p) != 0)
			return -1;
	lacking_note(r, &r->remarks);
	return 0;
}

void resolve_free(struct resolve *r)
{
	for (size_t i = 0; r->bases && i < r->spec->base_count; i++) {
		stencil_free(&r->bases[i].config);
		stencil_free(&r->bases[i].line);
		splice_free(&r->bases[i].splice);
		yamldoc_free(&r->bases[i].doc);
	}
	for (size_t i = 0; r->choices && i < r->spec->axis_count; i++)
		stencil_choices_free(&r->choices[i]);
	remarks_free(&r->remarks);
	free(r->bases);
	free(r->choices);
	free(r->counts);
	free(r->slots);
	*r = (struct resolve){0};
}

/* ---- points ---- */

int resolve_point_init(struct resolve_point *point, const struct resolve *r)
{
	*point = (struct resolve_point){
		.choice = calloc(r->spec->axis_count + 1, sizeof *point->choice)};
	if (!point->choice)
		return -1;
	resolve_seek(r, point, 0);
	return 0;
}

void resolve_point_free(struct resolve_point *point)
{
	free(point->choice);
	*point = (struct resolve_point){0};
}

static void name_point(const struct resolve *r, struct resolve_point *point)
{
	snprintf(point->run, sizeof point->run, "run_%0*llu", r->digits,
		 (unsigned long long)point->index);
	snprintf(point->digits, sizeof point->digits, "%llu", (unsigned long long)point->index);
	point->base = r->spec->has_configs ? (size_t)point->index : 0;
}

void resolve_seek(const struct resolve *r, struct resolve_point *point, uint64_t index)
{
	point->index = index;
	grid_at(index, r->counts, r->spec->axis_count, point->choice);
	name_point(r, point);
}

/* The decimal number after; true: it became zeros. */
static bool count_up(char *digits, size_t len)
{
	while (len-- > 0) {
		if (digits[len] != '9') {
			digits[len]++;
			return false;
		}
		digits[len] = '0';
	}
	return true;
}

void resolve_next(const struct resolve *r, struct resolve_point *point)
{
	size_t len = strlen(point->digits);
	point->index++;
	grid_next(r->counts, r->spec->axis_count, point->choice);
	count_up(point->run + 4, strlen(point->run + 4)); /* run_ and as many digits as the last */
	if (count_up(point->digits, len)) {
		point->digits[0] = '1';
		memcpy(point->digits + len, "0", 2);
	}
	point->base = r->spec->has_configs ? (size_t)point->index : 0;
}

void resolve_config(const struct resolve *r, const struct resolve_point *point, struct buf *out)
{
	stencil_render(&r->bases[point->base].config, r->choices, point->run, point->digits,
		       point->choice, "", out);
}

void resolve_line(const struct resolve *r, const struct resolve_point *point, struct buf *out)
{
	char cksum[CKSUM_SIZE] = "";
	struct buf config = BUF_INIT;
	if (r->dir) {
		resolve_config(r, point, &config);
		cksum_text(cksum, config.data ? config.data : "", config.len);
	}
	out->failed |= config.failed;
	buf_free(&config);
	stencil_render(&r->bases[point->base].line, r->choices, point->run, point->digits,
		       point->choice, cksum, out);
}
