#ifndef SWEEP_H
#define SWEEP_H
/*
 * sweep - a spec and its base configs, taken apart: what a resolver knows. The
 * functions that make it are in resolve.h.
 */
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

#endif
