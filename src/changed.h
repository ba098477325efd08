#ifndef CHANGED_H
#define CHANGED_H
/*
 * changed - print a note if a base config or modes.yaml has changed since an experiment was
 * made. The experiment keeps its plan and its configs.
 */
#include "spec/spec.h"

/* Print the notes to stderr; none where the base configs are not there any more. */
void changed_notes(const struct spec *spec, const char *dir);

#endif
