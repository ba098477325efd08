#ifndef YAMLREAD_H
#define YAMLREAD_H
/*
 * yamlread - read a YAML file, or JSON, into a yamldoc.
 *
 * Refused, each with file:line:column: what is not YAML; a second document; an alias to a
 * node that contains it; a key that stands twice in one mapping, but for <<; encodings other
 * than UTF-8; and whatever is larger than the limits of yamldoc.h. In a config, base or
 * resolved, a key that stands twice is noted, and the last one counts; so is what Python
 * takes for JSON and other readers may not.
 */
#include "spec/yamldoc.h"

/* Read and parse a file. 0, or -1 with a problem; yamldoc_free it in both cases. */
int yamlread_file(struct yamldoc *doc, const char *file, struct problem *p);

/* Parse text that lies in memory (copied). `file` is its name in messages. */
int yamlread_text(struct yamldoc *doc, const char *file, const char *data, size_t len,
		  struct problem *p);

/* The same for a config. */
int yamlread_config(struct yamldoc *doc, const char *file, struct problem *p);
int yamlread_config_text(struct yamldoc *doc, const char *file, const char *data, size_t len,
			 struct problem *p);

/* Does the name of a file end with .json? */
bool yamlread_is_json_name(const char *file);

#endif
