/*
 * splice - a list of edits to the base's bytes, sorted by place, turned into
 * pieces. Edits never overlap: each belongs to one pair of the root, or to an
 * alias outside every replaced value. Nothing here is trusted: who uses the
 * pieces parses the result and compares (resolve.c).
 */
#include "spec/splice.h"

#include <stdlib.h>
#include <string.h>

#include "spec/scalar_write.h"
#include "spec/value.h"

struct edit {
	size_t from, to;         /* bytes of the base that go away */
	size_t order;            /* among edits at the same place */
	size_t before, len;      /* text of `words` that comes in their place, */
	int slot;                /* then this slot (or -1), */
	size_t after, after_len; /* then this text */
};

struct planner {
	struct splice *s;
	const struct yamldoc *base;
	const struct override *const *overrides;
	size_t override_count;
	yaml_id *values; /* per override: the value it replaces, or 0 */
	yaml_id last;    /* key of the root; 0: it has none */
	size_t before;   /* where the value of the one before it ends */
	struct edit *edits;
	size_t count, cap;
	struct buf words;
	struct problem *p;
};

static const struct yaml_node *at(const struct planner *b, yaml_id id)
{
	return &b->base->nodes[id]; /* as it stands: an alias is an alias */
}

static struct edit *add_edit(struct planner *b, size_t from, size_t to, int slot)
{
	if (b->count == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 16;
		struct edit *edits = realloc(b->edits, cap * sizeof *edits);
		if (!edits) {
			problem_memory(b->p);
			return NULL;
		}
		b->edits = edits;
		b->cap = cap;
	}
	b->edits[b->count] = (struct edit){
		.from = from, .to = to, .order = b->count, .slot = slot, .before = b->words.len};
	return &b->edits[b->count++];
}

/* Words added since the edit was made come before its slot. */
static void end_before(struct planner *b, struct edit *e)
{
	e->len = b->words.len - e->before;
	e->after = b->words.len;
}

static void end_after(struct planner *b, struct edit *e)
{
	e->after_len = b->words.len - e->after;
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
	struct edit *e;
	if (own_line || at(b, value)->style == YAML_BLOCK)
		end = cut_to(b, end);
	b->s->replaced++;
	if (empty || own_line)
		e = add_edit(b, behind, behind, slot);
	else
		e = add_edit(b, start, end, slot);
	if (!e)
		return -1;
	if (empty || own_line)
		buf_adds(&b->words, colon ? " " : ": ");
	end_before(b, e);
	if (!own_line || empty)
		return 0;
	e = add_edit(b, cut, end, -1);
	if (e)
		end_before(b, e);
	return e ? 0 : -1;
}

/* ---- keys that the base lacks ---- */

static void write_key(struct planner *b, const struct override *o)
{
	struct scalar key = scalar_read(o->key, o->key_len, false);
	scalar_write_yaml(&b->words, &key, b->s->json ? '"' : 0);
	buf_adds(&b->words, ": ");
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
static bool tail_is_touchy(const struct planner *b)
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

struct place {
	size_t start, indent;
};

/* Where the line of a top-level key begins, and how far it is indented: it may stand
 * behind a question mark. */
static struct place place_of(const struct planner *b, yaml_id key)
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
	return (struct place){line, start - line};
}

/* Above the last key, and above the comments that may be its own: those between it and
 * what stands before it, but for those that are indented further than the keys. */
static size_t above_last_key(const struct planner *b)
{
	const char *text = b->base->data;
	struct place last = place_of(b, b->last);
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
		buf_addc(&b->words, ' ');
}

/* A line of its own, at the indentation of the other keys. */
static int append_line(struct planner *b, int slot)
{
	const char *eol = line_end(b);
	bool above = tail_is_touchy(b);
	size_t place = above ? above_last_key(b) : b->base->tail;
	bool open_end = !above && place > 0 && !strchr("\r\n", b->base->data[place - 1]);
	struct edit *e = add_edit(b, place, place, slot);
	if (!e)
		return -1;
	if (open_end)
		buf_adds(&b->words, eol);
	add_blanks(b, place_of(b, at(b, b->base->root)->first).indent);
	write_key(b, b->overrides[slot]);
	end_before(b, e);
	if (!open_end)
		buf_adds(&b->words, eol);
	end_after(b, e);
	return 0;
}

/* How pairs of a flow map are kept apart: as its last two were. */
static void write_separator(struct planner *b, yaml_id last_key)
{
	size_t start = at(b, last_key)->start, cut = cut_from(b, start);
	buf_addc(&b->words, ',');
	if (cut == start)
		buf_addc(&b->words, ' ');
	else
		buf_add(&b->words, b->base->data + cut, start - cut);
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
	struct edit *e = add_edit(b, place, place, slot);
	if (!e)
		return -1;
	if (key)
		write_separator(b, key);
	else if (!first_of_all)
		buf_adds(&b->words, ", ");
	write_key(b, b->overrides[slot]);
	end_before(b, e);
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
		struct edit *e = add_edit(b, at(b, id)->start, at(b, id)->end, -1);
		if (!e)
			return -1;
		value_write_yaml(&b->words, b->base, id, VALUE_VERBATIM);
		end_before(b, e);
		b->s->unaliased++;
	}
	return 0;
}

/* ---- the plan ---- */

static int check_key(struct planner *b, yaml_id key)
{
	const struct yaml_node *n = yamldoc_node(b->base, key);
	if (n->again)
		return yamldoc_problem(b->base, key, b->p,
				       "key %s stands there twice and is overridden; remove one",
				       n->text);
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
		if (key && (check_key(b, key) != 0 || replace_value(b, key, (int)i) != 0))
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

static int by_place(const void *left, const void *right)
{
	const struct edit *a = left, *b = right;
	int order = (a->from > b->from) - (a->from < b->from);
	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void add_piece(struct splice *s, size_t from, int slot)
{
	if (slot < 0 && s->text.len == from)
		return;
	s->pieces[s->count++] = (struct splice_piece){from, s->text.len - from, slot};
}

static void add_words(struct planner *b, size_t from, size_t len)
{
	if (len)
		buf_add(&b->s->text, b->words.data + from, len);
}

static int make_pieces(struct planner *b)
{
	struct splice *s = b->s;
	size_t done = 0, from = 0;
	if (b->count)
		qsort(b->edits, b->count, sizeof *b->edits, by_place);
	s->pieces = malloc((2 * b->count + 1) * sizeof *s->pieces);
	if (!s->pieces)
		return problem_memory(b->p);
	for (size_t i = 0; i < b->count; i++) {
		const struct edit *e = &b->edits[i];
		buf_add(&s->text, b->base->data + done, e->from - done);
		add_words(b, e->before, e->len);
		done = e->to;
		if (e->slot < 0)
			continue;
		add_piece(s, from, -1);
		from = s->text.len;
		add_piece(s, from, e->slot);
		add_words(b, e->after, e->after_len);
	}
	buf_add(&s->text, b->base->data + done, b->base->len - done);
	add_piece(s, from, -1);
	return s->text.failed || b->words.failed ? problem_memory(b->p) : 0;
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
	if (rc == 0)
		rc = make_pieces(&b);
	free(b.values);
	free(b.edits);
	buf_free(&b.words);
	return rc;
}

void splice_free(struct splice *s)
{
	buf_free(&s->text);
	free(s->pieces);
	*s = (struct splice){0};
}
