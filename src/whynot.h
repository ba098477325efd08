#ifndef WHYNOT_H
#define WHYNOT_H
/*
 * whynot - why a program could not be started, in the words of who can mend it: exec(2)
 * says "No such file" of a script that is there, but whose interpreter is not.
 */
#include <stdbool.h>

#include "base/buf.h"

/* Append what is wrong: error is the errno of execvp(3). */
void whynot(const char *program, int error, struct buf *out);

/* Is it a binary program for another kind of machine, which execvp(3) has given to a shell?
 * Then append that it is. */
bool whynot_foreign(const char *program, struct buf *out);

/* Does the first line of the script name an interpreter and end in CR LF, as a file that
 * was saved by Windows? Then append what to do. */
bool whynot_crlf(const char *program, struct buf *out);

#endif
