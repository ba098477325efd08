#ifndef CKSUM_H
#define CKSUM_H
/*
 * cksum - the checksum that cksum(1) prints. It tells whether a file was changed by accident,
 * not whether somebody changed it on purpose.
 */
#include <stddef.h>

enum { CKSUM_SIZE = 32 };

/* "3015617425 1024": the checksum of POSIX, and how many bytes there are. */
void cksum_text(char text[CKSUM_SIZE], const void *data, size_t len);

#endif
