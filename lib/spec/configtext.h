#ifndef CONFIGTEXT_H
#define CONFIGTEXT_H
/*
 * configtext - the stencil of a base's resolved configs: what splice keeps of it, with the
 * values of the spec in the slots.
 */
#include "spec/sweep.h"

/* Append it to g: the pieces of s, fixed values as text, swept ones as places. form:
 * FORM_YAML, or FORM_YAML_STRING for the inside of a JSON string. */
void configtext_write(struct stencil *g, const struct resolve *r, const struct splice *s,
		      enum stencil_form form);

#endif
