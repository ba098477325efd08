#ifndef TYPED_H
#define TYPED_H
/*
 * typed - write the command that a user can type to do something again: that of the driver
 * that called us, if there is one.
 */
#include "base/buf.h"

struct typed {
	const char *caller;  /* such as "bin/run-experiment --exp", or NULL: we ourselves */
	const char *program; /* argv[0] */
	const char *dir, *parent, *mode; /* options, or NULL */
};

/* Append the command that goes on with an experiment by its own spec. */
void typed_resume(const struct typed *t, const char *experiment, struct buf *out);

/* Append the command that makes a new experiment of a spec. */
void typed_new(const struct typed *t, const char *spec, struct buf *out);

#endif
