#ifndef VALUE_H
#define VALUE_H
/*
 * value - a node of a YAML file as a value: checked, and written as YAML, as
 * JSON, or as the text of a command line argument.
 */
#include "buf.h"
#include "scalar.h"
#include "yamldoc.h"

/* Can the node stand as a literal value in a sweep? Refused, with its place:
 * tags other than !!str, merge keys, NUL bytes, keys that are lists or maps. */
int value_check(const struct yamldoc *doc, yaml_id id, struct problem *p);

/* A scalar node's meaning; plain only if it stood there without quotes and tag. */
struct scalar value_scalar(const struct yaml_node *n);

/* One line of YAML that reads the same to 1.1 and 1.2, valid as the value of a
 * key in block and in flow context; lists and maps in flow style, aliases
 * written out. json: only what is JSON as well (value_lacks_json says where
 * that cannot be). */
void value_write_yaml(struct buf *out, const struct yamldoc *doc, yaml_id id, bool json);

/* One JSON value (scalar_write_json for the scalars). Top-level merge keys of
 * maps are applied. */
void value_write_json(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* A byte string that two values share exactly if they mean the same; the order
 * of keys in maps counts. */
void value_write_key(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* A scalar as the text of an argument: a string's content, else as written
 * by value_write_yaml. */
void value_write_text(struct buf *out, const struct yamldoc *doc, yaml_id id);

/* The first scalar in the value that JSON has no form for, or 0. */
yaml_id value_lacks_json(const struct yamldoc *doc, yaml_id id);

/* The value of a top-level key, merge keys (<<) followed; 0 if there is none. */
yaml_id value_of_key(const struct yamldoc *doc, yaml_id map, const char *key, size_t len);

#endif
