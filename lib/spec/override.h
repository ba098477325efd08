#ifndef OVERRIDE_H
#define OVERRIDE_H
/*
 * override - read the maps sweep and fixed_overrides of a spec: keys of the config, and what
 * replaces their values.
 *
 * An override of sweep is an axis, with the candidates of its list. Keys and texts belong to
 * the document.
 */
#include "spec/yamldoc.h"

/* Bytes of an override's key. However it has to be quoted, it is then no longer
 * than the 1024 characters that YAML allows before a colon on one line. */
enum { OVERRIDE_MAX_KEY = 250 };

/* A top-level key of the config and what replaces its value. */
struct override {
	const char *key; /* content, NUL-terminated */
	size_t key_len;
	yaml_id at;                /* the key in the spec */
	yaml_id value;             /* of fixed_overrides: the value; of an axis: its list */
	size_t count;              /* of an axis: candidates */
	const yaml_id *candidates; /* of an axis, owned */
};

/* The pairs of a map in file order, 0: no map. what and example are for messages: "sweep is
 * not a map; write {lr: [0.1, 0.01]}". 0, or -1 with a problem; the caller frees the list in
 * both cases, and the candidates of each. */
int override_read(struct yamldoc *doc, yaml_id map, const char *what, const char *example,
		  struct override **list, size_t *count, struct problem *p);

/* Read an axis' list into count and candidates. A value that is there twice is left out, with
 * a remark on the document. 0, or -1 with a problem. */
int override_read_candidates(struct yamldoc *doc, struct override *axis, struct problem *p);

#endif
