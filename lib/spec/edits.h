#ifndef EDITS_H
#define EDITS_H
/*
 * edits - replacements in a text, each with a slot to be filled in later.
 *
 * Edits are added in any order and must not overlap; at one place they stand in the order in
 * which they were added. Applied, they give a text and the pieces that it is made of, with
 * the slots between them.
 */
#include "base/buf.h"

/* An edit that is being made, good until the next edits_add. */
struct edits_one {
	size_t from, to;         /* bytes that go away */
	size_t order;            /* among edits at the same place */
	size_t before, len;      /* text of `words` that comes in their place, */
	int slot;                /* then this slot (or -1), */
	size_t after, after_len; /* then this text */
};

struct edits {
	struct edits_one *list;
	size_t count, cap;
	struct buf words; /* append the new text here; its `failed` is looked at by edits_apply */
};

struct edits_piece {
	size_t from, len; /* bytes of the text */
	int slot;         /* -1: text; else the slot that stands here */
};

/* Begin an edit of the bytes from..to; NULL: no memory. What is appended to words until
 * edits_end_before comes before its slot, and from there to edits_end_after behind it. */
struct edits_one *edits_add(struct edits *e, size_t from, size_t to, int slot);
void edits_end_before(struct edits *e, struct edits_one *one);
void edits_end_after(struct edits *e, struct edits_one *one);

/* Append the edited data to text, and list its pieces, which the caller frees. False: no
 * memory. */
bool edits_apply(struct edits *e, const char *data, size_t len, struct buf *text,
		 struct edits_piece **pieces, size_t *count);

void edits_free(struct edits *e);

#endif
