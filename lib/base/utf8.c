/*
 * utf8 - the first byte bounds the second, which rules out overlong forms, surrogates and
 * everything beyond U+10FFFF without decoding.
 */
#include "base/utf8.h"

#include <string.h>

size_t utf8_length(const unsigned char *p, const unsigned char *end)
{
	size_t n, left = (size_t)(end - p);
	unsigned low = 0x80, high = 0xbf;
	if (*p < 0x80)
		return 1;
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	n = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	if (*p == 0xe0)
		low = 0xa0;
	if (*p == 0xed)
		high = 0x9f;
	if (*p == 0xf0)
		low = 0x90;
	if (*p == 0xf4)
		high = 0x8f;
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

unsigned long utf8_decode(const unsigned char *p, size_t length)
{
	static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned long code = p[0] & mask[length];
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (p[i] & 0x3fu);
	return code;
}

bool utf8_is_plain(unsigned long code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if ((code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef))
		return false;
	return code != 0x61c && code != 0xfeff && code != 0x200e && code != 0x200f &&
	       !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x206f) &&
	       !(code >= 0xfff9 && code <= 0xfffb);
}

static size_t written_out(unsigned long code, char piece[UTF8_SHOWN])
{
	static const char digits[] = "0123456789abcdef";
	static const char control[] = "\t\n\r", name[] = "tnr";
	const char *known = code && code < 0x20 ? strchr(control, (int)code) : NULL;
	int wide = code < 0x100 ? 2 : code < 0x10000 ? 4 : 8;
	size_t len = 0;
	piece[len++] = '\\';
	piece[len++] = known ? name[known - control] : wide == 2 ? 'x' : wide == 4 ? 'u' : 'U';
	for (int i = known ? 0 : wide; i > 0; i--)
		piece[len++] = digits[code >> (4 * (i - 1)) & 15];
	return len;
}

size_t utf8_shown(const unsigned char *at, const unsigned char *end, char piece[UTF8_SHOWN],
		  size_t *taken)
{
	size_t n = utf8_length(at, end);
	unsigned long code = n ? utf8_decode(at, n) : *at;
	*taken = n ? n : 1;
	if (!n || !utf8_is_plain(code))
		return written_out(code, piece);
	memcpy(piece, at, n);
	return n;
}
