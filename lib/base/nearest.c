/*
 * nearest - the distance of Damerau and Levenshtein in its restricted form (optimal string
 * alignment), with three rows of the table in memory.
 */
#include "base/nearest.h"

#include <string.h>

enum { INITIALS = 1000, PART = 1001 }; /* costs beyond every distance */

static char plain(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' || c == '.' ? '_' : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NEAREST_MAX + 1];
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = plain(a[i - 1]) == plain(b[j - 1]);
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) &&
			    plain(a[i - 2]) == plain(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

/* Is `brief` the first letters of the words of `word`, two at least? */
static bool is_initials(const char *brief, size_t brief_len, const char *word, size_t len)
{
	size_t words = 0;
	for (size_t i = 0; i < len; i++) {
		if (plain(word[i]) == '_' || (i > 0 && plain(word[i - 1]) != '_'))
			continue;
		if (words == brief_len || plain(brief[words]) != plain(word[i]))
			return false;
		words++;
	}
	return words == brief_len && words > 1;
}

/* Does `part` stand in `word`, as one or several whole words of it? */
static bool is_part(const char *part, size_t part_len, const char *word, size_t len)
{
	for (size_t at = 0; part_len > 1 && at + part_len <= len; at++) {
		size_t i = 0;
		while (i < part_len && plain(part[i]) == plain(word[at + i]))
			i++;
		if (i == part_len && (at == 0 || plain(word[at - 1]) == '_') &&
		    (at + i == len || plain(word[at + i]) == '_'))
			return true;
	}
	return false;
}

static size_t cost(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t most = (a_len > b_len ? a_len : b_len) / 3;
	size_t apart = a_len > b_len ? a_len - b_len : b_len - a_len;
	size_t d = apart <= most ? distance(a, a_len, b, b_len) : most + 1;
	if (d <= most)
		return d;
	if (is_initials(a, a_len, b, b_len) || is_initials(b, b_len, a, a_len))
		return INITIALS;
	if (is_part(a, a_len, b, b_len) || is_part(b, b_len, a, a_len))
		return PART;
	return PART + 1;
}

bool nearest_try(struct nearest *n, const char *wanted, size_t wanted_len, const char *word,
		 size_t len)
{
	if (wanted_len == 0 || len == 0 || wanted_len > NEAREST_MAX || len > NEAREST_MAX)
		return false;
	size_t c = cost(wanted, wanted_len, word, len);
	if (c > PART || (n->word && c >= n->cost))
		return false;
	*n = (struct nearest){word, len, c};
	return true;
}
