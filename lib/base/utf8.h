#ifndef UTF8_H
#define UTF8_H
/* utf8 - check and decode UTF-8 as in RFC 3629: no surrogates, no overlong forms. */
#include <stdbool.h>
#include <stddef.h>

/* The length of the valid sequence at p, or 0 where there is none. p < end. */
size_t utf8_length(const unsigned char *p, const unsigned char *end);

/* The code point of a sequence of that length (from utf8_length). */
unsigned long utf8_decode(const unsigned char *p, size_t length);

/* Can it be shown as it is? Not so controls, line and paragraph separators, what turns the
 * direction of writing (Unicode's Bidi_Control and the like), interlinear annotations and
 * noncharacters. `special` of sweep.jq is the same set. */
bool utf8_is_plain(unsigned long code);

enum { UTF8_SHOWN = 12 };

/* The first character of text (at < end) as a terminal can show it: as it is, or written
 * out as \n, \t, \r, \xNN, \uNNNN or \UNNNNNNNN; a byte that is not UTF-8 is \xNN. Its
 * length in piece, which has no NUL; *taken: how many bytes of text it was. */
size_t utf8_shown(const unsigned char *at, const unsigned char *end, char piece[UTF8_SHOWN],
		  size_t *taken);

#endif
