#ifndef JSON_H
#define JSON_H
/*
 * json - read lines that are JSON objects (RFC 8259), a field at a time, and keep the
 * spelling of what is in them. json_scan does the checking, json_add writes.
 *
 * A line is checked in full and cut into its top-level fields; each field
 * keeps the bytes that stood there, so that whatever passes through keeps its
 * spelling: 0.10, -0, 2^70, \u00e9. Nothing is converted until asked for.
 *
 * Refused, beside what RFC 8259 refuses: a line that is not an object, a key
 * that occurs twice at the top level, however it is spelled, nesting beyond
 * JSON_MAX_DEPTH, invalid UTF-8, and a lone surrogate escape. And, in the line's own
 * keys and strings, an escape of a character that names consist of (a letter, a digit,
 * one of _-.:): nobody writes "st\u0061tus", and a reader that compares bytes would
 * not see what one that decodes sees. So keys, names, statuses and times of a line can
 * be compared as they stand.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json_add.h"
#include "base/problem.h"
#include "base/slice.h"

/* A line of 101 levels can hold a value of 100, as many as a spec may have. In
 * experiment.json there are two more around it; jq 1.6, which counts an object twice, reads
 * 256. */
enum { JSON_MAX_DEPTH = 101, JSON_MAX_FIELDS = 256 };

struct json_field {
	struct slice key;   /* raw, between the quotes, escapes as they stand */
	struct slice value; /* raw: "text" with its quotes, 12, [1, 2], {...} */
};

/* A parsed line: borrows from the bytes that were parsed. */
struct json {
	struct slice line; /* what was parsed, without the newline */
	struct json_field field[JSON_MAX_FIELDS];
	size_t count;
	bool escaped; /* a key has an escape */
};

/* Parse one line (without its newline; surrounding blanks and a CR at the end
 * are allowed). 0, or -1 with `offset` set to the byte where it went wrong
 * and `why` to a static phrase such as "a value is missing". */
int json_parse(struct json *j, const char *line, size_t len, size_t *offset, const char **why);

/* The same for experiment.json, in which a run is two levels deep. */
bool json_parse_document(struct json *j, const char *text, size_t len);

/* Is there nothing on the line but blanks? Such a line says nothing, and is allowed. */
bool json_is_blank(const char *line, size_t len);

/* Is the text one whole JSON value of any kind (blanks around it allowed)? */
bool json_is_value(const char *text, size_t len);

/* Can it stand in a line? If not, offset is where it goes wrong, len where it ends too
 * early, and why a static phrase. */
bool json_check_value(const char *text, size_t len, size_t *offset, const char **why);

/* What Python's json takes beside JSON: NaN, Infinity and -Infinity, and lone surrogate
 * escapes. NULL where there is none; else the first. */
struct json_python {
	const char *constant, *lone;
	size_t offset;   /* where it goes wrong, */
	const char *why; /* and a static phrase */
};

/* Is the text one whole value to Python's json? */
bool json_check_python(const char *text, size_t len, struct json_python *found);

/* Append a valid JSON text without the blanks and line breaks between its parts. */
void json_compact(struct buf *out, const char *text, size_t len);

/* The raw value of a key (given unescaped; keys that need escapes never
 * match), or a slice with data NULL where there is none. */
struct slice json_get(const struct json *j, const char *key);

/* A member of a valid object by its key (raw, without the quotes, however it is spelled),
 * or a slice with data NULL. Of several with this key the last one, as jq and Python have
 * it. */
struct slice json_member(struct slice object, struct slice key);

/* Append a raw key (without the quotes) in the one spelling that its text has: with
 * escapes only where they have to be. False: out of memory. */
bool json_respell(struct buf *out, struct slice key);

/* Is the raw value a JSON string / an array / an object? */
bool json_is_string(struct slice raw);
bool json_is_array(struct slice raw);
bool json_is_object(struct slice raw);

/* The decoded content of a raw JSON string, appended to out (which may then
 * hold NUL bytes). False if raw is not a string. */
bool json_decode(struct slice raw, struct buf *out);

/* A string field as a new C string (the caller frees it); NULL if it is
 * missing, not a string, holds a NUL byte or memory ran out. */
char *json_dup(const struct json *j, const char *key);

/* An integer field that fits; false if missing or not an integer in range. */
bool json_int(const struct json *j, const char *key, int64_t *value);

/* Walk the elements of a raw array, or the members of a raw object (key is
 * then raw, without quotes). Start with *pos = 0; false when there are no more.
 * raw must have come out of json_parse. */
bool json_next_element(struct slice raw, size_t *pos, struct slice *value);
bool json_next_member(struct slice raw, size_t *pos, struct slice *key, struct slice *value);

#endif
