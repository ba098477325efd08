#ifndef LACKING_H
#define LACKING_H
/*
 * lacking - note keys of a sweep that a base config does not have.
 *
 * They are added to it, and a program that does not know them ignores them: a misspelt key gives
 * a table of runs that are all the same. So each of them is a remark, with the key that may have
 * been meant. There is none where nothing follows from it: the base has no keys at all, or the
 * command takes the key itself ({lr}).
 */
#include "spec/sweep.h"

/* Add the remarks on all overrides of a sweep. */
void lacking_note(const struct resolve *r, struct remarks *to);

#endif
