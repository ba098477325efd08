#ifndef NEAREST_H
#define NEAREST_H
/*
 * nearest - find the word that was meant: the one with the fewest letters wrong, missing, extra
 * or swapped, at most a third of them; else one of which it is the initials (lr, learning_rate),
 * or that has it as a part (epochs, num_epochs). Upper and lower case are the same, and so are
 * - _ and . between words.
 */
#include <stdbool.h>
#include <stddef.h>

struct nearest {
	const char *word; /* borrowed; NULL: none is near */
	size_t len;
	size_t cost;
};

/* Longer words are near to none. */
enum { NEAREST_MAX = 256 };

/* Is it nearer than what was found before? Then *n is it. */
bool nearest_try(struct nearest *n, const char *wanted, size_t wanted_len, const char *word,
		 size_t len);

#endif
