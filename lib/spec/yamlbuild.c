/*
 * yamlbuild - libyaml's events in, a tree with positions out.
 *
 * The parser keeps a stack of open collections. A node's extent is known when it closes:
 * libyaml's own end marks of block collections lie at the next token, far behind the last
 * item, so a block's end is its last child's.
 *
 * An alias counts as many nodes and bytes as its target does, so the limits hold for a
 * document of nested aliases (a "billion laughs" attack) while it is built.
 */
#include "spec/yamlbuild.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/buf.h"
#include "spec/jsonyaml.h"
#include "spec/yamlplace.h"

struct open_node {
	yaml_id id, last; /* the collection and its newest child */
};

struct builder {
	struct yamldoc *doc;
	struct problem *p;
	yaml_parser_t parser;
	struct open_node open[YAMLDOC_MAX_DEPTH];
	size_t depth;
	struct names anchors;    /* the newest of each name */
	struct yamlplace cursor; /* where the last mark was */
	char *joined;            /* the text as the parser gets it, if not the file's */
};

/* ---- nodes ---- */

/* The byte of the file at which a mark stands. */
static size_t byte_at(struct builder *b, const yaml_mark_t *mark)
{
	return yamlplace_byte(&b->cursor, mark->line, mark->column);
}

static char *keep_text(struct builder *b, const void *text, size_t len)
{
	char *kept = yamldoc_keep(b->doc, text, len);
	if (!kept)
		problem_memory(b->p);
	return kept;
}

static int fail_at(struct builder *b, const yaml_mark_t *mark, const char *what)
{
	return problem_at(b->p, b->doc->file, mark->line + 1, mark->column + 1, "%s", what);
}

static yaml_id new_node(struct builder *b, enum yaml_kind kind, const yaml_event_t *e)
{
	struct yamldoc *doc = b->doc;
	if (doc->count >= YAMLDOC_MAX_NODES) {
		problem_at(b->p, doc->file, e->start_mark.line + 1, e->start_mark.column + 1,
			   "more than %d values, the limit", YAMLDOC_MAX_NODES);
		return 0;
	}
	if (doc->count == doc->cap) {
		uint32_t cap = doc->cap ? doc->cap * 2 : 64;
		struct yaml_node *nodes = realloc(doc->nodes, cap * sizeof *nodes);
		if (!nodes) {
			problem_memory(b->p);
			return 0;
		}
		doc->nodes = nodes;
		doc->cap = cap;
	}
	struct yaml_node *n = &doc->nodes[doc->count];
	*n = (struct yaml_node){.kind = kind,
				.start = byte_at(b, &e->start_mark),
				.end = byte_at(b, &e->end_mark),
				.line = e->start_mark.line + 1,
				.column = e->start_mark.column + 1,
				.expanded = 1};
	return doc->count++;
}

static uint32_t *find_anchor(const struct builder *b, const char *name)
{
	size_t at = 0;
	return names_next(&b->anchors, 0, name, strlen(name), &at);
}

static int set_anchor(struct builder *b, yaml_id id, const yaml_char_t *name)
{
	if (!name)
		return 0;
	b->doc->nodes[id].anchored = true;
	uint32_t *known = find_anchor(b, (const char *)name);
	if (known) {
		*known = id;
		return 0;
	}
	char *copy = keep_text(b, name, strlen((const char *)name));
	if (!copy)
		return -1;
	return names_add(&b->anchors, 0, copy, strlen(copy), id) ? 0 : problem_memory(b->p);
}

static int set_tag(struct builder *b, yaml_id id, const yaml_char_t *tag)
{
	if (!tag)
		return 0;
	char *copy = keep_text(b, tag, strlen((const char *)tag));
	if (!copy)
		return -1;
	b->doc->nodes[id].tag = copy;
	return 0;
}

/* Hang the node below the innermost open collection, or make it the root. */
static void attach(struct builder *b, yaml_id id)
{
	if (b->depth == 0) {
		b->doc->root = id;
		return;
	}
	struct open_node *top = &b->open[b->depth - 1];
	if (top->last)
		b->doc->nodes[top->last].next = id;
	else
		b->doc->nodes[top->id].first = id;
	top->last = id;
}

static enum yaml_style scalar_style(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YAML_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YAML_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return YAML_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return YAML_FOLDED;
	default:
		return YAML_PLAIN;
	}
}

static int add_scalar(struct builder *b, const yaml_event_t *e)
{
	yaml_id id = new_node(b, YAML_SCALAR, e);
	if (!id)
		return -1;
	struct yaml_node *n = &b->doc->nodes[id];
	n->style = scalar_style(e->data.scalar.style);
	n->len = e->data.scalar.length;
	n->text_len = n->len;
	n->text = keep_text(b, e->data.scalar.value, n->len);
	if (!n->text)
		return -1;
	if (n->style == YAML_LITERAL || n->style == YAML_FOLDED)
		while (n->end > n->start && strchr(" \t\r\n", b->doc->data[n->end - 1]))
			n->end--;
	attach(b, id);
	if (set_tag(b, id, e->data.scalar.tag) != 0)
		return -1;
	return set_anchor(b, id, e->data.scalar.anchor);
}

static int add_alias(struct builder *b, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	const uint32_t *known = find_anchor(b, name);
	yaml_id target = known ? *known : 0, id = new_node(b, YAML_ALIAS, e);
	if (!id)
		return -1;
	if (!target)
		return problem_at(b->p, b->doc->file, e->start_mark.line + 1,
				  e->start_mark.column + 1,
				  "alias *%s has no anchor before it; write &%s "
				  "where its value stands",
				  name, name);
	for (size_t i = 0; i < b->depth; i++)
		if (b->open[i].id == target)
			return problem_at(b->p, b->doc->file, e->start_mark.line + 1,
					  e->start_mark.column + 1,
					  "alias *%s is inside the value it names; write the value "
					  "out",
					  name);
	b->doc->nodes[id].height = b->doc->nodes[target].height;
	if (b->depth + b->doc->nodes[id].height > YAMLDOC_MAX_DEPTH)
		return problem_at(b->p, b->doc->file, e->start_mark.line + 1,
				  e->start_mark.column + 1,
				  "with alias *%s expanded, nested deeper than %d levels, "
				  "the limit; write it flatter",
				  name, YAMLDOC_MAX_DEPTH);
	b->doc->nodes[id].target = target;
	b->doc->nodes[id].expanded = b->doc->nodes[target].expanded;
	b->doc->nodes[id].text_len = b->doc->nodes[target].text_len;
	attach(b, id);
	return 0;
}

static int open_collection(struct builder *b, enum yaml_kind kind, const yaml_event_t *e, bool flow,
			   const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (b->depth == YAMLDOC_MAX_DEPTH)
		return problem_at(b->p, b->doc->file, e->start_mark.line + 1,
				  e->start_mark.column + 1,
				  "nested deeper than %d levels, the limit; "
				  "write it flatter",
				  YAMLDOC_MAX_DEPTH);
	yaml_id id = new_node(b, kind, e);
	if (!id)
		return -1;
	b->doc->nodes[id].style = flow ? YAML_FLOW : YAML_BLOCK;
	attach(b, id);
	if (set_tag(b, id, tag) != 0 || set_anchor(b, id, anchor) != 0)
		return -1;
	b->open[b->depth++] = (struct open_node){id, 0};
	return 0;
}

static int close_collection(struct builder *b, const yaml_event_t *e)
{
	struct yaml_node *nodes = b->doc->nodes;
	struct open_node top = b->open[--b->depth];
	struct yaml_node *n = &nodes[top.id];
	uint64_t expanded = 1, text_len = 0;
	unsigned height = 0;
	for (yaml_id c = n->first; c; c = nodes[c].next) {
		if (nodes[c].height > height)
			height = nodes[c].height;
		expanded += nodes[c].expanded;
		text_len += nodes[c].text_len;
	}
	if (expanded > YAMLDOC_MAX_EXPANDED + (uint64_t)b->doc->count)
		return problem_at(b->p, b->doc->file, n->line, n->column,
				  "aliases expand to more than %d values, the limit; write "
				  "fewer",
				  YAMLDOC_MAX_EXPANDED);
	if (text_len > YAMLDOC_MAX_TEXT + (uint64_t)b->doc->len)
		return problem_at(b->p, b->doc->file, n->line, n->column,
				  "aliases expand to more than %d MiB of text, the limit; "
				  "write fewer",
				  YAMLDOC_MAX_TEXT >> 20);
	n->height = (uint8_t)(height + 1);
	n->expanded = (uint32_t)expanded;
	n->text_len = text_len;
	if (n->style == YAML_FLOW)
		n->end = byte_at(b, &e->end_mark);
	else
		n->end = top.last ? nodes[top.last].end : n->start;
	return 0;
}

/* ---- the parser's loop ---- */

static int parser_failed(struct builder *b)
{
	const yaml_parser_t *y = &b->parser;
	const char *what = y->problem ? y->problem : "cannot be read";
	size_t line = y->problem_mark.line + 1, column = y->problem_mark.column + 1;
	const char *hint = "check quotes, brackets and indentation here";
	if (y->error == YAML_MEMORY_ERROR)
		return problem_memory(b->p);
	if (y->error == YAML_READER_ERROR) {
		yamlplace_find(b->doc, y->problem_offset, &line, &column);
		hint = "remove the control character, or write it as \"\\xNN\" in quotes";
	} else if (b->doc->data[byte_at(b, &y->problem_mark)] == '\t') {
		hint = "indent with spaces, not tabs";
	}
	if (y->context)
		return problem_at(b->p, b->doc->file, line, column, "%s (%s); %s", what, y->context,
				  hint);
	return problem_at(b->p, b->doc->file, line, column, "%s; %s", what, hint);
}

static int build_event(struct builder *b, const yaml_event_t *e, unsigned *documents)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++*documents > 1)
			return fail_at(
				b, &e->start_mark,
				"a second document begins here; keep one document in a file");
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		b->doc->tail =
			e->data.document_end.implicit ? b->doc->len : byte_at(b, &e->start_mark);
		return 0;
	case YAML_SCALAR_EVENT:
		return add_scalar(b, e);
	case YAML_ALIAS_EVENT:
		return add_alias(b, e);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(b, YAML_LIST, e,
				       e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
				       e->data.sequence_start.anchor, e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_collection(b, YAML_MAP, e,
				       e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
				       e->data.mapping_start.anchor, e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(b, e);
	default:
		return 0;
	}
}

/* The text for the parser: the file's, or JSON as YAML has it. NULL: no memory. */
static const char *parsed_text(struct builder *b, size_t *len)
{
	const struct yamldoc *doc = b->doc;
	const char *text = doc->data + doc->body, *end = doc->data + doc->len;
	struct buf joined = BUF_INIT;
	*len = doc->len - doc->body;
	if (!doc->json)
		return text;
	while (text < end) {
		struct jsonyaml one = jsonyaml_next(text, (size_t)(end - text));
		if (*one.escape)
			buf_adds(&joined, one.escape);
		else
			buf_add(&joined, text, one.len);
		text += one.len;
	}
	b->joined = buf_cstr(&joined) ? joined.data : NULL;
	b->cursor.joined = true;
	*len = joined.len;
	return b->joined;
}

static int run_parser(struct builder *b)
{
	unsigned documents = 0;
	bool more = true;
	size_t len;
	const char *text = parsed_text(b, &len);
	if (!text)
		return problem_memory(b->p);
	yaml_parser_set_input_string(&b->parser, (const unsigned char *)text, len);
	yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
	while (more) {
		yaml_event_t event;
		if (!yaml_parser_parse(&b->parser, &event))
			return parser_failed(b);
		more = event.type != YAML_STREAM_END_EVENT;
		int rc = build_event(b, &event, &documents);
		yaml_event_delete(&event);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int yamlbuild(struct yamldoc *doc, struct problem *p)
{
	struct builder b = {.doc = doc, .p = p};
	yamlplace_init(&b.cursor, doc);
	if (!yaml_parser_initialize(&b.parser))
		return problem_memory(p);
	doc->count = 1; /* 0 is "none" */
	doc->cap = 64;
	doc->nodes = calloc(doc->cap, sizeof *doc->nodes);
	int rc = doc->nodes ? run_parser(&b) : problem_memory(p);
	yaml_parser_delete(&b.parser);
	names_free(&b.anchors);
	free(b.joined);
	return rc;
}
