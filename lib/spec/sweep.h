#ifndef SWEEP_H
#define SWEEP_H
/*
 * sweep - a spec and its base configs, taken apart: what a resolver knows.
 *
 * resolve_init makes it and resolve_free frees all that it owns.
 */
#include "base/slice.h"
#include "spec/stencil.h"
#include "spec/spec.h"
#include "spec/splice.h"

struct resolve_base {
	const char *path; /* borrowed from the spec */
	struct yamldoc doc;
	struct splice splice;
	struct stencil config, line;
};

struct resolve {
	const struct spec *spec;
	const char *dir;               /* experiment directory, or NULL */
	const struct override **slots; /* fixed overrides, then axes */
	size_t slot_count;
	size_t *counts; /* candidates per axis */
	int digits;     /* of an index in a run id */
	struct resolve_base *bases;
	struct stencil_choices *choices; /* per axis */
	struct remarks remarks;          /* on what the bases make of the spec */
};

/* The slot of a key: its fixed override or axis, or -1. */
int sweep_slot(const struct resolve *r, struct slice key);

/* How the names of a base's configs end: .json where the base's does, else .yaml. */
const char *sweep_suffix(const struct resolve_base *base);

/* The list that is the command, and the file it is in: the spec's own, else the mode's; 0:
 * there is none. */
yaml_id sweep_command(const struct spec *s, const struct yamldoc **doc);

#endif
