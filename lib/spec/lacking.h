#ifndef LACKING_H
#define LACKING_H
/*
 * lacking - keys of a sweep that a base config does not have. They are added to it, and
 * a program that does not know them runs as if they were not there: a misspelt key gives
 * a table of runs that are all the same. So each of them is a remark, with the key that
 * may have been meant. None where nothing can be told from it: the base has no keys at
 * all, or the command takes the key itself ({lr}).
 */
#include "spec/sweep.h"

void lacking_note(const struct resolve *r, struct remarks *to);

#endif
