#ifndef CKSUM_H
#define CKSUM_H
/*
 * cksum - what cksum(1) prints of a file: enough to tell a file that was changed by
 * accident, and everybody can print it.
 */
#include <stddef.h>

enum { CKSUM_SIZE = 32 };

/* "3015617425 1024": the checksum of POSIX, and how many bytes there are. */
void cksum_text(char text[CKSUM_SIZE], const void *data, size_t len);

#endif
