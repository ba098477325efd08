#ifndef TEMPLATE_H
#define TEMPLATE_H
/*
 * template - replace placeholders in arguments: `--lr={lr}`. `{NAME}` stands for a value, `{{`
 * and `}}` for braces. The result is one argument and is never read by a shell.
 */
#include "base/json.h"

/* Cut the next piece off a template. 1: *piece is literal text or, with *is_name
 * set, the name between braces; 0: the end; -1: a brace without its partner. */
int template_next(const char **at, struct slice *piece, bool *is_name);

/* Append the value of a placeholder to out; false if there is none of the name. */
typedef bool template_lookup(void *context, struct slice name, struct buf *out);

/* Append the template with its placeholders replaced. 0, or -1 with a problem
 * (status EXIT_BAD_INPUT) that names the placeholder and says what to write. */
int template_expand(struct buf *out, const char *text, template_lookup *lookup, void *context,
		    struct problem *p);

/* Append text so that it comes out of template_expand unchanged. */
void template_quote(struct buf *out, const char *text, size_t len);

#endif
