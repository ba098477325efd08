#ifndef UTF8_H
#define UTF8_H
/* utf8 - valid UTF-8 as RFC 3629 has it: no surrogates, nothing overlong. */
#include <stdbool.h>
#include <stddef.h>

/* The length of the valid sequence at p, or 0 where there is none. p < end. */
size_t utf8_length(const unsigned char *p, const unsigned char *end);

/* The code point of a sequence of that length (from utf8_length). */
unsigned long utf8_decode(const unsigned char *p, size_t length);

/* Can it be shown as it is? Not so controls, line and paragraph separators, and what
 * turns the direction of writing (Unicode's Bidi_Control and the like). */
bool utf8_is_plain(unsigned long code);

#endif
