#ifndef YAMLDOC_H
#define YAMLDOC_H
/*
 * yamldoc - a YAML document as a tree that knows where everything stands.
 *
 * A node has what was written (style, tag, anchor, alias) and the bytes of the file that it
 * is made of, so that a file can be changed in place. Keys are compared as text and type:
 * 1 and "1" are two. yamlread makes a document; all nodes and their texts belong to it and
 * go with yamldoc_free.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "base/problem.h"
#include "spec/remarks.h"

enum {
	YAMLDOC_MAX_BYTES = 64 << 20,   /* of a file */
	YAMLDOC_MAX_DEPTH = 100,        /* of nested lists and maps */
	YAMLDOC_MAX_NODES = 2000000,    /* written in a file */
	YAMLDOC_MAX_EXPANDED = 1000000, /* nodes that aliases may stand for */
	YAMLDOC_MAX_TEXT = 16 << 20     /* bytes of text that they may stand for */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP, YAML_ALIAS };
enum yaml_style {
	YAML_PLAIN,
	YAML_SINGLE,
	YAML_DOUBLE,
	YAML_LITERAL,
	YAML_FOLDED,
	YAML_FLOW,
	YAML_BLOCK
};

/* A node is named by its index in `nodes`; 0 is "none". */
typedef uint32_t yaml_id;

struct yaml_node {
	enum yaml_kind kind;
	enum yaml_style style;
	bool anchored;
	bool again;          /* a key: it stands in its map further up, too */
	uint8_t height;      /* levels of lists and maps from here on, aliases followed */
	const char *tag;     /* as libyaml resolves it, or NULL */
	const char *text;    /* a scalar's content, NUL-terminated beyond len */
	size_t len;          /* may hold NUL bytes */
	size_t start, end;   /* bytes of the file, with anchor and tag; without
			      * trailing blanks, comments and line breaks */
	size_t line, column; /* of start, from 1; column in characters */
	yaml_id first;       /* child: an item; in a map key, value, key, ... */
	yaml_id next;        /* sibling */
	yaml_id target;      /* of an alias */
	yaml_id merge;       /* a map's last <<; of a key <<, the one before it in the map */
	uint32_t expanded;   /* nodes below and including this one, aliases followed */
	uint64_t text_len;   /* bytes of text in them */
};

struct yamldoc {
	char *file; /* its name, for messages */
	char *data; /* the whole file, owned; NUL-terminated beyond len */
	size_t len;
	size_t body; /* where the text starts: 3 behind a BOM, else 0 */
	size_t tail; /* where content may be appended: the "..." line or the end */
	struct yaml_node *nodes;
	uint32_t count, cap;
	yaml_id root;      /* 0: the file holds no content at all */
	bool config;       /* read as one */
	bool json;         /* it is JSON, or what Python takes for it: a list or a map */
	struct names keys; /* of all maps, each in the scope of its map */
	struct yaml_pool *pool;
	struct remarks remarks; /* on the document itself */
};

/* A copy of some text that is freed with the document, a NUL behind it; NULL: no memory. */
char *yamldoc_keep(struct yamldoc *doc, const void *text, size_t len);

void yamldoc_free(struct yamldoc *doc);

/* A node, aliases followed. */
const struct yaml_node *yamldoc_node(const struct yamldoc *doc, yaml_id id);

/* The key node of a key in a map (merge keys not followed), or 0; its `next` is the
 * value. Of 1 and "1" the string. */
yaml_id yamldoc_find(const struct yamldoc *doc, yaml_id map, const char *key, size_t len);

/* "file:line:column: ..." at a node. Always returns -1. */
int yamldoc_problem(const struct yamldoc *doc, yaml_id at, struct problem *p, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "file:line:column: note: ..." at a node, for one of its users: see remarks_add. */
void yamldoc_remark(const struct yamldoc *doc, yaml_id at, struct remarks *to, const char *key,
		    const char *kind, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Is it the merge key, << without quotes? */
bool yamldoc_is_merge(const struct yaml_node *key);

/* Is it a scalar without quotes and tag? */
bool yamldoc_is_plain(const struct yaml_node *n);

/* Is the key a string to every reader, as those of a sweep are? */
bool yamldoc_is_string_key(const struct yaml_node *key);

/* Does the scalar say `text`? */
bool yamldoc_is(const struct yaml_node *n, const char *text);

#endif
