#ifndef YAMLKEYS_H
#define YAMLKEYS_H
/*
 * yamlkeys - the table by which a key of a map is found, and keys that stand twice.
 *
 * A key that stands twice in one map is refused, but for <<. In a config it is noted, and
 * the last one is the one that yamldoc_find finds.
 */
#include "spec/yamldoc.h"

/* Fill doc->keys from the finished tree, and set `again` and `merge` of its nodes. 0, or -1
 * with a problem. */
int yamlkeys_index(struct yamldoc *doc, struct problem *p);

#endif
