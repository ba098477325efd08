#ifndef YAMLBUILD_H
#define YAMLBUILD_H
/*
 * yamlbuild - parse the text of a document into its nodes, with libyaml's event parser.
 *
 * Its document loader does not keep what is needed here: whether a scalar was plain, which
 * keys stood there twice, which node was an alias, and the bytes at which a node begins and
 * ends.
 */
#include "spec/yamldoc.h"

/* Fill doc->nodes, root and tail from doc->data, of which body, len, config and json are
 * set, and which is UTF-8. 0, or -1 with a problem at its place. */
int yamlbuild(struct yamldoc *doc, struct problem *p);

#endif
