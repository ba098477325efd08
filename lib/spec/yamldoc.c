/*
 * yamldoc - events in, a tree with positions out.
 *
 * The parser keeps a stack of open collections. A node's extent is known when
 * it closes: libyaml's own end marks of block collections lie at the next
 * token, far behind the last item, so a block's end is its last child's.
 * Marks count characters; byte_at turns them into bytes as it goes along.
 * An alias costs what its target costs, so a billion laughs are counted, not
 * laughed.
 */
#include "spec/yamldoc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "base/buf.h"
#include "base/json.h"
#include "spec/jsonyaml.h"
#include "spec/scalar.h"
#include "base/utf8.h"

/* Strings of the document, freed together. */
struct yaml_pool {
	struct yaml_pool *next;
	char text[];
};

struct open_node {
	yaml_id id, last; /* the collection and its newest child */
};

struct place {
	size_t line, column;     /* from 0, in characters */
	size_t line_start, byte; /* in bytes */
};

struct builder {
	struct yamldoc *doc;
	struct problem *p;
	yaml_parser_t parser;
	struct open_node open[YAMLDOC_MAX_DEPTH];
	size_t depth;
	struct names anchors; /* the newest of each name */
	struct place cursor;  /* where byte_at has walked to */
	char *joined;         /* the text as the parser gets it, if not the file's */
};

/* ---- reading ---- */

static int read_all(struct yamldoc *doc, int fd, struct problem *p)
{
	size_t cap = 0;
	for (;;) {
		if (cap - doc->len < 2) {
			cap = cap ? cap * 2 : 16384;
			char *data = realloc(doc->data, cap);
			if (!data)
				return problem_memory(p);
			doc->data = data;
		}
		ssize_t n = read(fd, doc->data + doc->len, cap - doc->len - 1);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = {fd, POLLIN, 0};
			poll(&wait, 1, -1);
			continue;
		}
		if (n < 0 && errno != EINTR)
			return problem_at(p, doc->file, 0, 0, "cannot be read: %s",
					  strerror(errno));
		if (n == 0)
			break;
		if (n > 0)
			doc->len += (size_t)n;
		if (doc->len > YAMLDOC_MAX_BYTES)
			return problem_at(p, doc->file, 0, 0,
					  "is larger than %d MiB, the most that is read",
					  YAMLDOC_MAX_BYTES >> 20);
	}
	doc->data[doc->len] = '\0';
	return 0;
}

static int open_and_read(struct yamldoc *doc, struct problem *p)
{
	struct stat st;
	/* not blocking: a FIFO nobody writes to is an empty file, not a hang */
	int fd = open(doc->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return problem_at(p, doc->file, 0, 0,
				  "cannot be opened: %s; paths are relative to "
				  "the current directory",
				  strerror(errno));
	int rc = 0;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rc = problem_at(p, doc->file, 0, 0, "is a directory; name a YAML file");
	else
		rc = read_all(doc, fd, p);
	close(fd);
	return rc;
}

/* Only UTF-8 goes on to the parser; byte-order marks of others are named. */
static int check_encoding(struct yamldoc *doc, struct problem *p)
{
	const unsigned char *at = (const unsigned char *)doc->data, *end = at + doc->len;
	size_t line = 1, column = 1;
	if (doc->len >= 2 && ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff)))
		return problem_at(p, doc->file, 1, 1, "is UTF-16; save it as UTF-8");
	if (doc->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
		doc->body = 3;
		at += 3;
	}
	while (at < end) {
		size_t n = utf8_length(at, end);
		if (n == 0)
			return problem_at(p, doc->file, line, column,
					  "byte 0x%02x is not UTF-8; save the file as UTF-8", *at);
		column++;
		if (*at == '\n') {
			line++;
			column = 1;
		}
		at += n;
	}
	return 0;
}

/* ---- nodes ---- */

static char *keep_text(struct builder *b, const void *text, size_t len)
{
	struct yaml_pool *item = malloc(sizeof *item + len + 1);
	if (!item) {
		problem_memory(b->p);
		return NULL;
	}
	memcpy(item->text, text, len);
	item->text[len] = '\0';
	item->next = b->doc->pool;
	b->doc->pool = item;
	return item->text;
}

/* The length of the line break at a byte, as YAML 1.1 counts breaks; 0: none. */
static size_t break_length(const struct yamldoc *doc, size_t at)
{
	const char *p = doc->data + at; /* the NUL behind the text ends every look */
	if (p[0] == '\r' && p[1] == '\n')
		return 2;
	if (p[0] == '\r' || p[0] == '\n')
		return 1;
	if (doc->json)
		return 0; /* what else is one to YAML is in a string, as an escape */
	if (strncmp(p, "\xc2\x85", 2) == 0)
		return 2;
	if (strncmp(p, "\xe2\x80\xa8", 3) == 0 || strncmp(p, "\xe2\x80\xa9", 3) == 0)
		return 3;
	return 0;
}

/* ---- JSON ---- */

bool yamldoc_is_json_name(const char *file)
{
	size_t len = strlen(file);
	return len > 5 && strcmp(file + len - 5, ".json") == 0;
}

static struct place place_at(const struct yamldoc *doc, size_t offset)
{
	struct place c = {.line = 1, .column = 1};
	for (size_t i = doc->body; i < doc->body + offset && i < doc->len; i++) {
		c.column += ((unsigned char)doc->data[i] & 0xc0) != 0x80;
		if (doc->data[i] == '\n') {
			c.line++;
			c.column = 1;
		}
	}
	return c;
}

static void remark_at(struct yamldoc *doc, size_t offset, const char *text)
{
	struct place at = place_at(doc, offset);
	remarks_add(&doc->remarks, doc->file, at.line, at.column, "", "json", text);
}

/* Is it JSON, or what Python takes for it? What other readers may not take is noted. */
static void look_for_json(struct yamldoc *doc)
{
	const char *text = doc->data + doc->body;
	struct json_python found;
	char note[200];
	bool named = doc->config && yamldoc_is_json_name(doc->file);
	if (!named && !memchr("{[", text[strspn(text, " \t\r\n")], 2))
		return;
	doc->json = json_check_python(text, doc->len - doc->body, &found);
	if (named && !doc->json) {
		snprintf(note, sizeof note, "%s, so that this is no JSON; it is read as YAML",
			 found.why);
		remark_at(doc, found.offset, note);
	}
	if (!doc->config || !doc->json)
		return;
	if (found.constant) {
		snprintf(note, sizeof note,
			 "%.*s is no JSON, though Python writes and reads it; other readers may "
			 "refuse the file",
			 (int)strspn(found.constant, "-INafinty"), found.constant);
		remark_at(doc, (size_t)(found.constant - text), note);
	}
	if (found.lone) {
		snprintf(note, sizeof note,
			 "%.6s is half a character; it stays in configs and is U+FFFD in run lines",
			 found.lone);
		remark_at(doc, (size_t)(found.lone - text), note);
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
	*len = joined.len;
	return b->joined;
}

/* A character on, or an escape. */
static void step(const struct builder *b, struct place *c)
{
	const char *text = b->doc->data;
	if (b->joined) {
		struct jsonyaml one = jsonyaml_next(text + c->byte, b->doc->len - c->byte);
		c->byte += one.len;
		c->column += one.columns;
		return;
	}
	c->column++;
	do
		c->byte++;
	while (((unsigned char)text[c->byte] & 0xc0) == 0x80);
}

/* The byte at which a mark stands. A mark's index cannot be used: libyaml
 * counts CR LF inside scalars as one character and elsewhere as two. */
static size_t byte_at(struct builder *b, const yaml_mark_t *mark)
{
	struct place *c = &b->cursor;
	const struct yamldoc *doc = b->doc;
	if (mark->line < c->line)
		*c = (struct place){.line_start = doc->body, .byte = doc->body};
	while (c->line < mark->line && c->line_start < doc->len) {
		size_t n = break_length(doc, c->line_start);
		c->line += n > 0;
		c->line_start += n ? n : 1;
		c->column = 0;
		c->byte = c->line_start;
	}
	if (mark->column < c->column) {
		c->column = 0;
		c->byte = c->line_start;
	}
	while (c->column < mark->column && c->byte < doc->len)
		step(b, c);
	return c->byte;
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
			   "more than %d values, the most that is read", YAMLDOC_MAX_NODES);
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
			return problem_at(
				b->p, b->doc->file, e->start_mark.line + 1,
				e->start_mark.column + 1,
				"alias *%s stands inside the value it names; write the value "
				"out",
				name);
	b->doc->nodes[id].height = b->doc->nodes[target].height;
	if (b->depth + b->doc->nodes[id].height > YAMLDOC_MAX_DEPTH)
		return problem_at(b->p, b->doc->file, e->start_mark.line + 1,
				  e->start_mark.column + 1,
				  "with what alias *%s stands for, nested deeper than %d levels, "
				  "the most that is read; write it flatter",
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
				  "nested deeper than %d levels, the most that is read; "
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
		return problem_at(
			b->p, b->doc->file, n->line, n->column,
			"aliases stand for more than %d values, the most that is read; write "
			"fewer",
			YAMLDOC_MAX_EXPANDED);
	if (text_len > YAMLDOC_MAX_TEXT + (uint64_t)b->doc->len)
		return problem_at(
			b->p, b->doc->file, n->line, n->column,
			"aliases stand for more than %d MiB of text, the most that is read; "
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

/* ---- the keys of maps ---- */

bool yamldoc_is_merge(const struct yaml_node *key)
{
	return key->kind == YAML_SCALAR && key->style == YAML_PLAIN && !key->tag &&
	       yamldoc_is(key, "<<");
}

static bool is_plain(const struct yaml_node *n)
{
	return n->style == YAML_PLAIN && !n->tag;
}

bool yamldoc_is_string_key(const struct yaml_node *n)
{
	return n->kind == YAML_SCALAR &&
	       (!is_plain(n) || (scalar_type_11(n->text, n->len) == SCALAR_STRING &&
				 scalar_type_12(n->text, n->len) == SCALAR_STRING));
}

/* Of two keys with one text: are they one to some reader? */
static bool is_one_key(const struct yaml_node *a, const struct yaml_node *b)
{
	const struct yaml_node *plain = is_plain(a) ? a : b;
	if (is_plain(a) != is_plain(b) && !a->tag && !b->tag)
		return scalar_type_11(plain->text, plain->len) == SCALAR_STRING ||
		       scalar_type_12(plain->text, plain->len) == SCALAR_STRING;
	return !a->tag || !b->tag || strcmp(a->tag, b->tag) == 0;
}

/* The key stands in the map already, there. */
static int take_again(struct yamldoc *doc, yaml_id first, yaml_id key, struct problem *p)
{
	const char *name = yamldoc_node(doc, key)->text;
	size_t line = doc->nodes[first].line;
	if (!doc->config)
		return yamldoc_problem(doc, key, p,
				       "key %s stands there twice, first in line %zu; remove one",
				       name, line);
	doc->nodes[key].again = true;
	yamldoc_remark(doc, key, &doc->remarks, name, "twice",
		       "key %s stands there twice, first in line %zu; the last one counts, as "
		       "PyYAML and JSON readers take it; remove one",
		       name, line);
	return 0;
}

static void take_merge(struct yamldoc *doc, yaml_id map, yaml_id key)
{
	yaml_id before = doc->nodes[map].merge;
	doc->nodes[key].merge = before;
	doc->nodes[map].merge = key;
	if (before && doc->config)
		yamldoc_remark(doc, key, &doc->remarks, "<<", "twice",
			       "<< stands there twice, first in line %zu; PyYAML merges both, the "
			       "later one before the earlier, and ruamel.yaml refuses it; write "
			       "one << with a list",
			       doc->nodes[before].line);
}

static int index_key(struct yamldoc *doc, yaml_id map, yaml_id key, struct problem *p)
{
	const struct yaml_node *n = yamldoc_node(doc, key);
	uint32_t *known;
	size_t at = 0;
	if (n->kind != YAML_SCALAR)
		return 0;
	if (yamldoc_is_merge(n))
		take_merge(doc, map, key);
	while ((known = names_next(&doc->keys, map, n->text, n->len, &at))) {
		yaml_id first = *known;
		if (!is_one_key(n, yamldoc_node(doc, first)))
			continue;
		*known = key;
		return yamldoc_is_merge(n) ? 0 : take_again(doc, first, key, p);
	}
	return names_add(&doc->keys, map, n->text, n->len, key) ? 0 : problem_memory(p);
}

static int index_keys(struct yamldoc *doc, struct problem *p)
{
	for (yaml_id id = 1; id < doc->count; id++) {
		const struct yaml_node *map = &doc->nodes[id];
		for (yaml_id k = map->kind == YAML_MAP ? map->first : 0; k;
		     k = doc->nodes[doc->nodes[k].next].next)
			if (index_key(doc, id, k, p) != 0)
				return -1;
	}
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
		line = 1;
		column = 1;
		for (size_t i = b->doc->body;
		     i < b->doc->body + y->problem_offset && i < b->doc->len; i++) {
			column++;
			if (b->doc->data[i] == '\n') {
				line++;
				column = 1;
			}
		}
		hint = "remove the control character, or write it as \"\\xNN\" in quotes";
	} else if (b->doc->data[byte_at(b, &y->problem_mark)] == '\t') {
		hint = "indent with spaces, not tabs";
	}
	if (y->context)
		return problem_at(b->p, b->doc->file, line, column, "%s (%s); %s", what, y->context,
				  hint);
	return problem_at(b->p, b->doc->file, line, column, "%s; %s", what, hint);
}

static int take_event(struct builder *b, const yaml_event_t *e, unsigned *documents)
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
		int rc = take_event(b, &event, &documents);
		yaml_event_delete(&event);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* Of a file that is named JSON, what is wrong with it as such. */
static void neither(const struct yamldoc *doc, struct problem *p)
{
	struct json_python found;
	json_check_python(doc->data + doc->body, doc->len - doc->body, &found);
	struct place at = place_at(doc, found.offset);
	problem_at(p, doc->file, at.line, at.column,
		   "%s, so that this is neither JSON nor YAML; check commas, quotes and brackets "
		   "here",
		   found.why);
}

static int build(struct yamldoc *doc, struct problem *p)
{
	struct builder b = {.doc = doc, .p = p};
	if (check_encoding(doc, p) != 0)
		return -1;
	doc->tail = doc->len;
	look_for_json(doc);
	b.cursor = (struct place){.line_start = doc->body, .byte = doc->body};
	if (!yaml_parser_initialize(&b.parser))
		return problem_memory(p);
	doc->count = 1; /* 0 is "none" */
	doc->cap = 64;
	doc->nodes = calloc(doc->cap, sizeof *doc->nodes);
	int rc = doc->nodes ? run_parser(&b) : problem_memory(p);
	if (rc != 0 && p->status == EXIT_BAD_INPUT && doc->config && !doc->json &&
	    yamldoc_is_json_name(doc->file))
		neither(doc, p);
	if (rc == 0)
		rc = index_keys(doc, p);
	yaml_parser_delete(&b.parser);
	names_free(&b.anchors);
	free(b.joined);
	return rc;
}

static int start(struct yamldoc *doc, const char *file, bool config, struct problem *p)
{
	*doc = (struct yamldoc){.file = strdup(file), .config = config};
	return doc->file ? 0 : problem_memory(p);
}

static int read_as(struct yamldoc *doc, const char *file, bool config, struct problem *p)
{
	if (start(doc, file, config, p) != 0 || open_and_read(doc, p) != 0)
		return -1;
	return build(doc, p);
}

static int parse_as(struct yamldoc *doc, const char *file, bool config, struct slice text,
		    struct problem *p)
{
	if (start(doc, file, config, p) != 0)
		return -1;
	doc->data = malloc(text.len + 1);
	if (!doc->data)
		return problem_memory(p);
	memcpy(doc->data, text.data, text.len);
	doc->data[text.len] = '\0';
	doc->len = text.len;
	return build(doc, p);
}

int yamldoc_read(struct yamldoc *doc, const char *file, struct problem *p)
{
	return read_as(doc, file, false, p);
}

int yamldoc_read_config(struct yamldoc *doc, const char *file, struct problem *p)
{
	return read_as(doc, file, true, p);
}

int yamldoc_parse(struct yamldoc *doc, const char *file, const char *data, size_t len,
		  struct problem *p)
{
	return parse_as(doc, file, false, (struct slice){data, len}, p);
}

int yamldoc_parse_config(struct yamldoc *doc, const char *file, const char *data, size_t len,
			 struct problem *p)
{
	return parse_as(doc, file, true, (struct slice){data, len}, p);
}

void yamldoc_free(struct yamldoc *doc)
{
	while (doc->pool) {
		struct yaml_pool *next = doc->pool->next;
		free(doc->pool);
		doc->pool = next;
	}
	remarks_free(&doc->remarks);
	names_free(&doc->keys);
	free(doc->nodes);
	free(doc->data);
	free(doc->file);
	*doc = (struct yamldoc){0};
}

const struct yaml_node *yamldoc_node(const struct yamldoc *doc, yaml_id id)
{
	const struct yaml_node *n = &doc->nodes[id];
	return n->kind == YAML_ALIAS ? &doc->nodes[n->target] : n;
}

yaml_id yamldoc_find(const struct yamldoc *doc, yaml_id map, const char *key, size_t len)
{
	const struct yaml_node *n = yamldoc_node(doc, map);
	const uint32_t *one;
	yaml_id found = 0;
	size_t at = 0;
	while ((one = names_next(&doc->keys, (yaml_id)(n - doc->nodes), key, len, &at)))
		if (!found || yamldoc_is_string_key(yamldoc_node(doc, *one)))
			found = *one;
	return found;
}

int yamldoc_problem(const struct yamldoc *doc, yaml_id at, struct problem *p, const char *fmt, ...)
{
	char text[sizeof p->text];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return problem_at(p, doc->file, doc->nodes[at].line, doc->nodes[at].column, "%s", text);
}

void yamldoc_remark(const struct yamldoc *doc, yaml_id at, struct remarks *to, const char *key,
		    const char *kind, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	remarks_add(to, doc->file, doc->nodes[at].line, doc->nodes[at].column, key, kind, text);
}

bool yamldoc_is(const struct yaml_node *n, const char *text)
{
	return n->kind == YAML_SCALAR && n->len == strlen(text) &&
	       memcmp(n->text, text, n->len) == 0;
}
