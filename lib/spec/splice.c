/*
 * splice - one edit of the base's bytes for each override, and for each alias whose anchor
 * goes away with a value.
 *
 * Edits never overlap: each belongs to one pair of the root, or to an alias outside every
 * replaced value. The result is not taken on trust: prove.c parses it and compares.
 */
#include "spec/splice.h"

#include <stdlib.h>
#include <string.h>

#include "spec/edits.h"
#include "spec/scalar_write.h"
#include "spec/value.h"

struct planner {
	struct splice *s;
	const struct yamldoc *base;
	const struct override *const *overrides;
	size_t override_count;
	yaml_id *values; /* per override: the value it replaces, or 0 */
	yaml_id last;    /* key of the root; 0: it has none */
	size_t before;   /* where the value of the one before it ends */
	struct edits edits;
	struct problem *p;
};

static const struct yaml_node *at(const struct planner *b, yaml_id id)
{
	return &b->base->nodes[id]; /* as it stands: an alias is an alias */
}

static const char *line_end(const struct planner *b)
{
	const char *lf = memchr(b->base->data, '\n', b->base->len);
	return lf && lf > b->base->data && lf[-1] == '\r' ? "\r\n" : "\n";
}

/* The first byte behind blanks, line breaks and comments. */
static size_t skip_space(const struct planner *b, size_t i)
{
	const char *text = b->base->data;
	while (i < b->base->len) {
		if (text[i] == '#')
			i += strcspn(text + i, "\r\n");
		else if (strchr(" \t\r\n", text[i]))
			i++;
		else
			break;
	}
	return i;
}

/* ---- values that are replaced ---- */

/* Behind the colon of a pair; where there is none ({a, b}), behind the key with
 * *colon false. */
static size_t behind_colon(const struct planner *b, yaml_id key, bool *colon)
{
	size_t i = skip_space(b, at(b, key)->end);
	*colon = i < b->base->len && b->base->data[i] == ':';
	return *colon ? i + 1 : at(b, key)->end;
}

/* Where a value that begins on a line of its own can be cut away: from the end
 * of the line before. Else where it begins. */
static size_t cut_from(const struct planner *b, size_t start)
{
	const char *text = b->base->data;
	size_t i = start;
	while (i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t'))
		i--;
	if (i == 0 || text[i - 1] != '\n')
		return start;
	i--;
	return i > 0 && text[i - 1] == '\r' ? i - 1 : i;
}

/* Behind a value in block style, or one on lines of its own: the comment of its last
 * line goes with it. */
static size_t cut_to(const struct planner *b, size_t end)
{
	const char *text = b->base->data;
	size_t blanks = strspn(text + end, " \t");
	if (blanks == 0 || text[end + blanks] != '#')
		return end;
	return end + blanks + strcspn(text + end + blanks, "\r\n");
}

static int replace_value(struct planner *b, yaml_id key, int slot)
{
	bool colon;
	yaml_id value = at(b, key)->next;
	size_t start = at(b, value)->start, end = at(b, value)->end;
	size_t behind = behind_colon(b, key, &colon);
	size_t cut = cut_from(b, start);
	bool empty = start == end, own_line = !empty && cut != start && cut >= behind;
	struct edits_one *e;
	if (own_line || at(b, value)->style == YAML_BLOCK)
		end = cut_to(b, end);
	b->s->replaced++;
	if (empty || own_line)
		e = edits_add(&b->edits, behind, behind, slot);
	else
		e = edits_add(&b->edits, start, end, slot);
	if (!e)
		return problem_memory(b->p);
	if (empty || own_line)
		buf_adds(&b->edits.words, colon ? " " : ": ");
	edits_end_before(&b->edits, e);
	if (!own_line || empty)
		return 0;
	e = edits_add(&b->edits, cut, end, -1);
	if (e)
		edits_end_before(&b->edits, e);
	return e ? 0 : problem_memory(b->p);
}

/* ---- keys that the base lacks ---- */

static void add_key(struct planner *b, const struct override *o)
{
	struct scalar key = scalar_read(o->key, o->key_len, false);
	scalar_write_yaml(&b->edits.words, &key, b->s->json ? '"' : 0);
	buf_adds(&b->edits.words, ": ");
}

static bool is_replaced(const struct planner *b, yaml_id value)
{
	for (size_t i = 0; i < b->override_count; i++)
		if (b->values[i] == value)
			return true;
	return false;
}

/* Would a line break behind the last value change it? A block scalar that ends
 * with the file has no final line break yet. */
static bool ends_in_open_block(const struct planner *b)
{
	yaml_id last = b->base->root;
	if (b->base->tail < b->base->len || b->base->data[b->base->len - 1] == '\n' ||
	    is_replaced(b, at(b, b->last)->next))
		return false;
	while (at(b, last)->kind != YAML_SCALAR && at(b, last)->first)
		for (last = at(b, last)->first; at(b, last)->next;)
			last = at(b, last)->next;
	return at(b, last)->style == YAML_LITERAL || at(b, last)->style == YAML_FOLDED;
}

struct key_line {
	size_t start, indent;
};

/* Where the line of a top-level key begins, and how far it is indented: it may stand
 * behind a question mark. */
static struct key_line line_of(const struct planner *b, yaml_id key)
{
	const char *text = b->base->data;
	size_t start = at(b, key)->start, mark = start, line;
	while (mark > b->base->body && strchr(" \t\r\n", text[mark - 1]))
		mark--;
	/* a word of its own: a tag may end with one, too */
	if (mark > b->base->body && text[mark - 1] == '?' && mark < start &&
	    (mark - 1 == b->base->body || strchr(" \t\r\n", text[mark - 2])))
		start = mark - 1;
	for (line = start; line > b->base->body && text[line - 1] != '\n';)
		line--;
	return (struct key_line){line, start - line};
}

/* Above the last key, and above the comments that may be its own: those between it and
 * what stands before it, but for those that are indented further than the keys. */
static size_t above_last_key(const struct planner *b)
{
	const char *text = b->base->data;
	struct key_line last = line_of(b, b->last);
	size_t above = last.start;
	for (size_t line = above; line > b->base->body;) {
		for (line--; line > b->base->body && text[line - 1] != '\n';)
			line--;
		size_t blanks = strspn(text + line, " \t");
		if (line < b->before)
			break;
		if (text[line + blanks] == '#' && blanks <= last.indent)
			above = line;
		else if (!strchr("\r\n", text[line + blanks]))
			break;
	}
	return above;
}

static void add_blanks(struct planner *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addc(&b->edits.words, ' ');
}

/* A line of its own, at the indentation of the other keys. */
static int append_line(struct planner *b, int slot)
{
	const char *eol = line_end(b);
	bool above = ends_in_open_block(b);
	size_t place = above ? above_last_key(b) : b->base->tail;
	bool open_end = !above && place > 0 && !strchr("\r\n", b->base->data[place - 1]);
	struct edits_one *e = edits_add(&b->edits, place, place, slot);
	if (!e)
		return problem_memory(b->p);
	if (open_end)
		buf_adds(&b->edits.words, eol);
	add_blanks(b, line_of(b, at(b, b->base->root)->first).indent);
	add_key(b, b->overrides[slot]);
	edits_end_before(&b->edits, e);
	if (!open_end)
		buf_adds(&b->edits.words, eol);
	edits_end_after(&b->edits, e);
	return 0;
}

/* How pairs of a flow map are kept apart: as its last two were. */
static void write_separator(struct planner *b, yaml_id last_key)
{
	size_t start = at(b, last_key)->start, cut = cut_from(b, start);
	buf_addc(&b->edits.words, ',');
	if (cut == start)
		buf_addc(&b->edits.words, ' ');
	else
		buf_add(&b->edits.words, b->base->data + cut, start - cut);
}

static int append_flow(struct planner *b, int slot, bool first_of_all)
{
	const struct yaml_node *root = at(b, b->base->root);
	yaml_id key = b->last;
	size_t place = root->end - 1;
	bool colon;
	if (key) {
		size_t behind = behind_colon(b, key, &colon);
		place = at(b, at(b, key)->next)->end;
		place = place > behind ? place : behind;
	}
	struct edits_one *e = edits_add(&b->edits, place, place, slot);
	if (!e)
		return problem_memory(b->p);
	if (key)
		write_separator(b, key);
	else if (!first_of_all)
		buf_adds(&b->edits.words, ", ");
	add_key(b, b->overrides[slot]);
	edits_end_before(&b->edits, e);
	return 0;
}

/* ---- aliases that lose their anchor ---- */

static bool below(const struct planner *b, yaml_id id)
{
	for (size_t i = 0; i < b->override_count; i++) {
		yaml_id value = b->values[i];
		if (value && at(b, id)->start >= at(b, value)->start &&
		    at(b, id)->end <= at(b, value)->end && id >= value)
			return true;
	}
	return false;
}

static int replace_aliases(struct planner *b)
{
	for (yaml_id id = 1; id < b->base->count; id++) {
		if (at(b, id)->kind != YAML_ALIAS || !below(b, at(b, id)->target) || below(b, id))
			continue;
		struct edits_one *e = edits_add(&b->edits, at(b, id)->start, at(b, id)->end, -1);
		if (!e)
			return problem_memory(b->p);
		value_write_yaml(&b->edits.words, b->base, id, VALUE_VERBATIM);
		edits_end_before(&b->edits, e);
		b->s->unaliased++;
	}
	return 0;
}

/* ---- the plan ---- */

static int check_overridden(struct planner *b, yaml_id key)
{
	const struct yaml_node *n = yamldoc_node(b->base, key);
	if (n->again)
		return yamldoc_problem(b->base, key, b->p,
				       "key %s is repeated and is overridden; remove one", n->text);
	if (yamldoc_is_string_key(n))
		return 0;
	if (at(b, key) != n)
		return yamldoc_problem(b->base, key, b->p,
				       "the key %.*s stands for %s, which is not a string to every "
				       "YAML reader, so it cannot be overridden; write \"%s\" here",
				       (int)(at(b, key)->end - at(b, key)->start),
				       b->base->data + at(b, key)->start, n->text, n->text);
	return yamldoc_problem(b->base, key, b->p,
			       "the key %s is not a string to every YAML reader, so "
			       "it cannot be overridden; write \"%s\" here",
			       n->text, n->text);
}

static int plan_replaced(struct planner *b)
{
	for (size_t i = 0; i < b->override_count; i++) {
		const struct override *o = b->overrides[i];
		yaml_id key = yamldoc_find(b->base, b->base->root, o->key, o->key_len);
		b->values[i] = key ? at(b, key)->next : 0;
		if (key && (check_overridden(b, key) != 0 || replace_value(b, key, (int)i) != 0))
			return -1;
	}
	return 0;
}

/* What is appended comes behind what is replaced, also where that is the last
 * value and both are written at the end of the file. */
static int plan_appended(struct planner *b)
{
	bool flow = b->s->flow, first = at(b, b->base->root)->first == 0;
	for (size_t i = 0; i < b->override_count; i++) {
		if (b->values[i])
			continue;
		if ((flow ? append_flow(b, (int)i, first) : append_line(b, (int)i)) != 0)
			return -1;
		b->s->appended++;
		first = false;
	}
	return 0;
}

static int plan_overrides(struct planner *b)
{
	if (plan_replaced(b) != 0 || plan_appended(b) != 0)
		return -1;
	return replace_aliases(b);
}

static void find_last(struct planner *b)
{
	for (yaml_id key = at(b, b->base->root)->first; key;) {
		b->before = b->last ? at(b, at(b, b->last)->next)->end : b->base->body;
		b->last = key;
		key = at(b, at(b, key)->next)->next;
	}
}

static int check_root(struct planner *b)
{
	const struct yamldoc *base = b->base;
	if (!base->root)
		return problem_at(b->p, base->file, 1, 1,
				  "is empty; a base config is a map such as "
				  "lr: 0.1");
	if (at(b, base->root)->kind != YAML_MAP)
		return yamldoc_problem(base, base->root, b->p,
				       "a base config is a map such as lr: 0.1; "
				       "this is a %s",
				       at(b, base->root)->kind == YAML_LIST ? "list"
									    : "single value");
	return 0;
}

int splice_plan(struct splice *s, const struct yamldoc *base,
		const struct override *const *overrides, size_t count, struct problem *p)
{
	struct planner b = {
		.s = s, .base = base, .overrides = overrides, .override_count = count, .p = p};
	*s = (struct splice){0};
	if (check_root(&b) != 0)
		return -1;
	find_last(&b);
	s->flow = at(&b, base->root)->style == YAML_FLOW;
	s->json = s->flow && base->json;
	b.values = calloc(count + 1, sizeof *b.values);
	int rc = b.values ? plan_overrides(&b) : problem_memory(p);
	if (rc == 0 &&
	    !edits_apply(&b.edits, base->data, base->len, &s->text, &s->pieces, &s->count))
		rc = problem_memory(p);
	free(b.values);
	edits_free(&b.edits);
	return rc;
}

void splice_free(struct splice *s)
{
	buf_free(&s->text);
	free(s->pieces);
	*s = (struct splice){0};
}
