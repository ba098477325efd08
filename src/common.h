#ifndef COMMON_H
#define COMMON_H
/*
 * common - how every program here starts, complains and ends.
 */
#include <stdbool.h>
#include <stddef.h>

#include "problem.h"

struct program_text {
	const char *name;
	const char *usage; /* the synopsis, as the manual page has it */
	const char *help;  /* the options, one a line */
};

/* Open /dev/null on whichever of descriptors 0-2 is closed, so that no file of
 * ours becomes one of them, and ignore SIGPIPE and SIGXFSZ, so that a write
 * that fails is an error that can be reported. */
void common_start(const struct program_text *program);

/* "PROGRAM: text" on stderr, one line that a terminal just shows (utf8_shown), whatever
 * it quotes; cut where it is very long. common_complain returns the problem's status. */
int common_complain(const struct problem *p);
void common_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A mistake on the command line: one line on stderr; returns EXIT_BAD_INPUT. */
int common_usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --help and --version: on stdout, checked; return the exit status. */
int common_help(void);
int common_version(void);

/* getopt_long without its messages; after ':' or '?', common_option is the
 * offending option as it was written. */
struct option;
int common_getopt(int argc, char **argv, const char *letters, const struct option *options);
const char *common_option(void);

/* What every program does with an option that is not its own: -h, -V, or a mistake.
 * The exit status. */
int common_other_option(int option);

/* Write to stdout. False: the reader has gone, or a signal ended the wait for it (*gone), or
 * it failed and has been complained about. */
bool common_print(const void *data, size_t len, bool *gone);

/* The same of a name, and a newline. It is data, and written as it is, but on a terminal as
 * text that is just shown. */
bool common_print_name(const char *name, bool *gone);

#endif
