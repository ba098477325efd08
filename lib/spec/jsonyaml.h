#ifndef JSONYAML_H
#define JSONYAML_H
/*
 * jsonyaml - turn JSON text into text that libyaml reads to the same values.
 *
 * libyaml refuses or misreads some of what may be in the strings of JSON: characters beyond
 * U+FFFF as a pair of escapes, as Python writes them; characters such as U+FFFF and DEL; U+2028,
 * which is a line break to YAML. Each becomes the escape that YAML has for it. A lone surrogate,
 * which is no character, becomes U+FFFD.
 */
#include <stddef.h>

struct jsonyaml {
	size_t len;      /* bytes of the JSON text that are read, 0 at its end */
	size_t columns;  /* characters that they are to libyaml */
	char escape[12]; /* what stands for them there; "": they themselves */
};

/* The next character or escape of a text that is JSON (json_check_python). */
struct jsonyaml jsonyaml_next(const char *text, size_t len);

#endif
