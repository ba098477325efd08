#ifndef VALUE_H
#define VALUE_H
/*
 * value - check a node of a YAML file as a value, and write it as YAML, as JSON, or as the text
 * of a command line argument.
 */
#include "base/buf.h"
#include "spec/scalar.h"
#include "spec/yamldoc.h"

/* Can the node stand as a literal value in a sweep? Refused, with its place:
 * tags other than !!str, merge keys, NUL bytes, keys that are lists or maps. */
int value_check(const struct yamldoc *doc, yaml_id id, struct problem *p);

/* A scalar node's meaning; plain only if it stood there without quotes and tag. */
struct scalar value_scalar(const struct yaml_node *n);

enum value_style {
	VALUE_PORTABLE, /* reads the same to YAML 1.1 and 1.2 */
	VALUE_JSON,     /* and is JSON too; value_lacks_json says where it cannot */
	VALUE_VERBATIM  /* numbers and the like in their own spelling, tags kept */
};

/* A tag as libyaml resolves it, as a verbatim one, !<...> (YAML 1.2.2, 6.9.1): what is no
 * ns-uri-char there (5.6) is written as %XX. */
void value_write_tag(struct buf *out, const char *tag);

/* One line of YAML, valid as the value of a key in block and in flow context;
 * lists and maps in flow style, aliases written out. */
void value_write_yaml(struct buf *out, const struct yamldoc *doc, yaml_id id,
		      enum value_style style);

/* One JSON value (scalar_write_json for the scalars). Merge keys of maps are
 * applied. */
void value_write_json(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* Is this key of a map the one that JSON has? Of one that stands there twice that is the
 * last, of 1 and "1" the string. */
bool value_is_in_json(const struct yamldoc *doc, yaml_id map, yaml_id key);

/* The keys that << brings into a map, each once: those that show in it. The caller frees
 * the list in any case. False: no memory. */
bool value_merged(const struct yamldoc *doc, yaml_id map, yaml_id **keys, size_t *count);

/* A byte string that two values share exactly if they mean the same; the order
 * of keys in maps counts. */
void value_write_key(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* A scalar as the text of an argument: a string's content, else as written
 * by value_write_yaml. */
void value_write_text(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* Do both versions read every scalar of the value alike, as far as that is
 * possible (what they read as different values is kept as it was written)? */
bool value_is_portable(const struct yamldoc *doc, yaml_id id);

/* The first scalar in the value that JSON has no form for, or 0. */
yaml_id value_lacks_json(const struct yamldoc *doc, yaml_id id);

/* The value of a top-level key, merge keys (<<) followed; 0 if there is none. Of several
 * << in a map the last has it before the others, as PyYAML reads them. */
yaml_id value_of_key(const struct yamldoc *doc, yaml_id map, const char *key, size_t len);

#endif
