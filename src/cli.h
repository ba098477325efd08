#ifndef CLI_H
#define CLI_H
/*
 * cli - what all programs share: start, options, --help, messages, standard output.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"

/* An option of a program, and where its argument goes: exactly one of the pointers is set. */
struct cli_option {
	char letter;          /* 0: it has a long name only */
	const char *name;     /* the long name, without its dashes */
	const char *argument; /* as --help calls it; "[=WORD]": may be left out; NULL: none */
	const char *help;     /* what it does, lines with \n between; NULL: is not listed */
	bool *flag;           /* set to true; has no argument */
	const char **text;    /* set to the argument, borrowed */
	uint64_t *number;     /* to a whole number up to max */
	uint64_t max;
	double *time; /* to the seconds of a time (duration.h) */
	/* Called with the argument, or NULL: -1 to go on, or the exit status after a message. */
	int (*take)(const char *argument);
};

struct cli_program {
	const char *name;
	const char *usage; /* the synopsis, as the manual page has it */
	const char *about; /* what the program does, lines that each end with \n */
	/* In the order of --help, up to one without a name; --help and --version are added. */
	const struct cli_option *options;
	size_t column;     /* in which --help begins to tell what an option does */
	const char *after; /* the end of --help, NULL: none */
	bool in_order;     /* options stand before the first operand only */
};

/* Open /dev/null on whichever of descriptors 0-2 is closed, so that no file of
 * ours becomes one of them, and ignore SIGPIPE and SIGXFSZ, so that a write
 * that fails is an error that can be reported. */
void cli_start(const struct cli_program *program);

/* "PROGRAM: text" on stderr, one line that a terminal just shows (utf8_shown), whatever
 * it quotes; cut where it is very long. cli_complain returns the problem's status. */
int cli_complain(const struct problem *p);
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From now on (until NULL) these lines go to this function first; where it does not take one
 * (false), it is written to stderr, and its reader is waited for. */
void cli_divert(bool (*to)(const char *line, size_t len));

/* A mistake on the command line: one line on stderr; returns EXIT_BAD_INPUT. */
int cli_usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Read the options of the program, which cli_start has been told. -1: argv[optind] is the
 * first operand; else the exit status, after --help, --version or a message. */
int cli_read(int argc, char **argv);

/* Write to stdout. False: the reader has gone, or a signal ended the wait for it (*gone), or
 * it failed and has been complained about. */
bool cli_print(const void *data, size_t len, bool *gone);

/* The same of a name, and a newline. It is data, and written as it is, but on a terminal as
 * text that is just shown. */
bool cli_print_name(const char *name, bool *gone);

#endif
