#ifndef RESOLVE_H
#define RESOLVE_H
/*
 * resolve - make the resolved config and the run line of any run of a spec.
 *
 * Everything that is the same for all runs is rendered once, when the resolver is made; a run is
 * then a row of copies. Making the resolver also proves it (prove.h).
 */
#include "base/buf.h"
#include "spec/sweep.h"

/* One run of the sweep. */
struct resolve_point {
	uint64_t index;
	char run[32];    /* its id: run_000 */
	char digits[24]; /* its index as text */
	size_t *choice;  /* per axis; owned */
	size_t base;
};

/* Make a resolver; dir: the experiment directory that lines and paths will
 * name, or NULL for lines that carry their config. 0, or -1 with a problem;
 * free it in both cases. The spec must outlive it. */
int resolve_init(struct resolve *r, const struct spec *spec, const char *dir, struct problem *p);
void resolve_free(struct resolve *r);

/* A point; free it. resolve_seek costs O(axes), whatever the index. */
int resolve_point_init(struct resolve_point *point, const struct resolve *r);
void resolve_point_free(struct resolve_point *point);
void resolve_seek(const struct resolve *r, struct resolve_point *point, uint64_t index);
void resolve_next(const struct resolve *r, struct resolve_point *point); /* index + 1 */

/* Append the resolved config / the run line with its newline. */
void resolve_config(const struct resolve *r, const struct resolve_point *point, struct buf *out);
void resolve_line(const struct resolve *r, const struct resolve_point *point, struct buf *out);

#endif
