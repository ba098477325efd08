#ifndef CLI_H
#define CLI_H
/*
 * cli - how every program here starts, complains and ends.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

struct cli_program {
	const char *name;
	const char *usage; /* the synopsis, as the manual page has it */
	const char *help;  /* the options, one a line */
};

/* Open /dev/null on whichever of descriptors 0-2 is closed, so that no file of
 * ours becomes one of them, and ignore SIGPIPE and SIGXFSZ, so that a write
 * that fails is an error that can be reported. */
void cli_start(const struct cli_program *program);

/* "PROGRAM: text" on stderr, one line that a terminal just shows (utf8_shown), whatever
 * it quotes; cut where it is very long. cli_complain returns the problem's status. */
int cli_complain(const struct problem *p);
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A mistake on the command line: one line on stderr; returns EXIT_BAD_INPUT. */
int cli_usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --help and --version: on stdout, checked; return the exit status. */
int cli_help(void);
int cli_version(void);

/* getopt_long without its messages; after ':' or '?', cli_option is the
 * offending option as it was written. */
struct option;
int cli_getopt(int argc, char **argv, const char *letters, const struct option *options);
const char *cli_option(void);

/* What every program does with an option that is not its own: -h, -V, or a mistake.
 * The exit status. */
int cli_other_option(int option);

/* Write to stdout. False: the reader has gone, or a signal ended the wait for it (*gone), or
 * it failed and has been complained about. */
bool cli_print(const void *data, size_t len, bool *gone);

/* The same of a name, and a newline. It is data, and written as it is, but on a terminal as
 * text that is just shown. */
bool cli_print_name(const char *name, bool *gone);

#endif
