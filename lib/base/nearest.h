#ifndef NEAREST_H
#define NEAREST_H
/*
 * nearest - which of some words was meant: the one with the fewest letters that are
 * other, missing, additional or swapped, at most a third of them; else one whose first
 * letters it is (lr, learning_rate), or that has it as a part (epochs, num_epochs). Case,
 * and which of - _ and . stands between words, do not count.
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
