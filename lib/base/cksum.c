/*
 * cksum - compute the CRC of POSIX: polynomial 0x04c11db7, the highest bit first, the length
 * behind the bytes, inverted.
 */
#include "base/cksum.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

static uint32_t table[256];

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;
		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c >> 31 ? 0x04c11db7u : 0);
		table[i] = c;
	}
}

static uint32_t step(uint32_t crc, unsigned byte)
{
	return crc << 8 ^ table[(crc >> 24 ^ byte) & 0xff];
}

void cksum_text(char text[CKSUM_SIZE], const void *data, size_t len)
{
	static bool made;
	const unsigned char *at = data;
	uint32_t crc = 0;
	if (!made)
		make_table();
	made = true;
	for (size_t i = 0; i < len; i++)
		crc = step(crc, at[i]);
	for (size_t n = len; n > 0; n >>= 8)
		crc = step(crc, n & 0xff);
	snprintf(text, CKSUM_SIZE, "%lu %zu", (unsigned long)~crc & 0xffffffffu, len);
}
