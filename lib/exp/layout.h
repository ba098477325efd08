#ifndef LAYOUT_H
#define LAYOUT_H
/* layout - what files in an experiment directory are called. */
#include <stdbool.h>

/* Is it a name that can be part of a file name, as those of experiments and runs are? */
bool layout_name_is_good(const char *name);

#endif
