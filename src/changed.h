#ifndef CHANGED_H
#define CHANGED_H
/*
 * changed - an experiment that is resumed keeps its plan and its configs; that a base
 * config or modes.yaml say something else now is a note.
 */
#include "spec/spec.h"

/* Print the notes to stderr; none where the base configs are not there any more. */
void changed_notes(const struct spec *spec, const char *dir);

#endif
