/*
 * names - a hash table with open addressing, at most half full. No name is ever removed, so a
 * search ends at the first free place.
 */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static size_t hash_name(uint32_t scope, const char *text, size_t len)
{
	uint64_t hash = 14695981039346656037u ^ scope;
	hash *= 1099511628211u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32);
}

static void put_name(struct names *n, struct name one)
{
	size_t at = hash_name(one.scope, one.text, one.len);
	while (n->place[at & (n->size - 1)].text)
		at++;
	n->place[at & (n->size - 1)] = one;
}

static bool grow_table(struct names *n)
{
	struct names more = {.size = n->size ? n->size * 2 : 64, .count = n->count};
	more.place = calloc(more.size, sizeof *more.place);
	if (!more.place)
		return false;
	for (size_t i = 0; i < n->size; i++)
		if (n->place[i].text)
			put_name(&more, n->place[i]);
	free(n->place);
	*n = more;
	return true;
}

bool names_add(struct names *n, uint32_t scope, const char *text, size_t len, uint32_t number)
{
	if (2 * n->count >= n->size && !grow_table(n))
		return false;
	put_name(n, (struct name){text, len, scope, number});
	n->count++;
	return true;
}

uint32_t *names_next(const struct names *n, uint32_t scope, const char *text, size_t len,
		     size_t *at)
{
	size_t first = n->size ? hash_name(scope, text, len) : 0;
	for (; n->size; ++*at) {
		struct name *one = &n->place[(first + *at) & (n->size - 1)];
		if (!one->text)
			break;
		if (one->scope == scope && one->len == len && memcmp(one->text, text, len) == 0) {
			++*at;
			return &one->number;
		}
	}
	return NULL;
}

void names_free(struct names *n)
{
	free(n->place);
	*n = (struct names){0};
}
