#ifndef NAMES_H
#define NAMES_H
/*
 * names - find numbers by name in constant time. Names of several scopes lie beside each
 * other, and one name may have several numbers.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	const char *text; /* borrowed; NULL: a free place */
	size_t len;
	uint32_t scope, number;
};

struct names {
	struct name *place;
	size_t size, count; /* size: 0 or a power of two */
};

/* False: no memory. */
bool names_add(struct names *n, uint32_t scope, const char *text, size_t len, uint32_t number);

/* The numbers of a name, one a call, to be read or replaced; NULL: no more. *at is 0 in
 * the first call. */
uint32_t *names_next(const struct names *n, uint32_t scope, const char *text, size_t len,
		     size_t *at);

void names_free(struct names *n);

#endif
