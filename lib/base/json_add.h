#ifndef JSON_ADD_H
#define JSON_ADD_H
/*
 * json_add - append JSON to a buffer, as one line.
 *
 * Whether memory ran out is seen once, at the end, in the buffer's `failed`.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Append a string with its quotes. Bytes that are not valid UTF-8 become U+FFFD; controls,
 * DEL, the quote and the backslash are escaped. */
void json_add_string(struct buf *b, const char *data, size_t len);

/* Append `"key":`, with a comma before it unless the last byte in b is '{' or '['. The key
 * must need no escapes. The caller appends the value. */
void json_add_key(struct buf *b, const char *key);

/* Append a field: a key as above, and a string, an integer, or JSON as it stands. */
void json_add_str_field(struct buf *b, const char *key, const char *value);
void json_add_int_field(struct buf *b, const char *key, int64_t value);
void json_add_raw_field(struct buf *b, const char *key, struct slice raw);

#endif
