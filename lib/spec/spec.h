#ifndef SPEC_H
#define SPEC_H
/*
 * spec - read and check an experiment spec.
 *
 *     name: lr_sweep                 # [A-Za-z0-9._-]+, not starting with . or -
 *     mode: simulation               # a mode of modes.yaml
 *     base_config: configs/mlp.yaml
 *     sweep: {lr: [0.1, 0.01]}       # full product, the last key fastest
 *     fixed_overrides: {seed: 0}
 *     command: [prog, "{config}"]    # optional, wins over the mode's
 *     run_dir: runs/{model}          # optional, wins over the mode's
 *     metrics: final.json            # optional, wins over the mode's
 *     # or, instead of base_config and sweep:
 *     configs: [a.yaml, b.yaml]
 *
 * After spec_read has returned 0 everything in it is valid: the names, the types, the axes, their
 * values. spec_check_bases looks at the base files.
 */
#include "spec/modes.h"
#include "spec/override.h"
#include "spec/yamldoc.h"

struct spec {
	struct yamldoc doc;
	struct modes modes;
	struct mode mode_of;     /* what the mode runs */
	const char *name, *mode; /* borrowed from doc or the caller */
	yaml_id *bases;          /* nodes that name base files: one, or all of configs */
	size_t base_count;
	bool has_configs;      /* written as configs: */
	struct override *axes; /* in file order */
	size_t axis_count;
	struct override *fixed; /* without those that an axis replaces */
	size_t fixed_count;
	yaml_id command, run_dir, metrics; /* the spec's own, or 0 */
	uint64_t total;                    /* runs */
};

/* Can the base files be opened? A resume does not need them. 0, or -1 with a problem. */
int spec_check_bases(const struct spec *s, struct problem *p);

/* Read and check a spec and modes.yaml. mode: NULL, or what is to be used
 * instead of the spec's mode. 0, or -1 with a problem; free it in both cases. */
int spec_read(struct spec *s, const char *file, const char *modes_file, const char *mode,
	      struct problem *p);
void spec_free(struct spec *s);

#endif
