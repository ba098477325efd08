#ifndef PROBLEM_H
#define PROBLEM_H
/*
 * problem - why a library function could not do what it was asked.
 *
 * Nothing in lib prints or exits. A function that can fail returns -1 (or
 * NULL) and fills the caller's struct problem; the program prints
 *
 *     PROGRAM: text
 *
 * and exits with `status`. The text is one line without a newline; control
 * characters in anything quoted from the user's files are escaped.
 */
#include <stddef.h>

/* Exit statuses, the same for every program. */
enum {
	EXIT_OK = 0,         /* all went well */
	EXIT_RUN_FAILED = 1, /* at least one run failed */
	EXIT_BAD_INPUT = 2,  /* usage, or input that cannot be used */
	EXIT_IO = 74,        /* a read or write failed (disk full, I/O error) */
	EXIT_BUSY = 75,      /* someone else is at work on this experiment */
	EXIT_SIGNAL = 128    /* + n: stopped by signal n */
};

struct problem {
	int status;      /* one of the above; 0 while there is no problem */
	char text[1024]; /* the message, cut with "..." where it is too long */
};

/* Bad input at a place: "file:line:column: message", status 2. line and
 * column count from 1; line 0 leaves both away, column 0 leaves the column.
 * Always returns -1, so that callers can `return problem_at(...)`. */
int problem_at(struct problem *p, const char *file, size_t line, size_t column, const char *fmt,
	       ...) __attribute__((format(printf, 5, 6)));

/* A message without a place, with a status. Always returns -1. */
int problem_set(struct problem *p, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A system call failed: "message: strerror(errno)", status EXIT_IO.
 * Always returns -1 and keeps errno. */
int problem_errno(struct problem *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory, status EXIT_IO. Always returns -1. */
int problem_memory(struct problem *p);

#endif
