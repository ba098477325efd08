#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H
/*
 * run_options - what run-one was asked to do.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli.h"

extern const struct cli_program run_options_usage;

/* What is pointed to is in argv, or goes with run_options_free. */
struct run_options {
	char *const *command; /* behind --, or NULL */
	const char **extra;   /* arguments to append to every command */
	size_t extra_count;
	const char **session; /* KEY=VALUE */
	size_t session_count;
	double timeout, grace; /* seconds; no timeout: 0 */
	uint64_t limit;        /* runs to start at most */
	uint64_t expected;     /* runs to come, for the time left; 0: not known */
	size_t jobs;           /* at once */
	uint64_t retries;
	bool force, shared, verbose, progress, quiet, no_sync, fail_fast, new_first;
	char **devices;    /* one for each of the jobs, ended by NULL; or NULL */
	const char *queue; /* to wait in before the first run, or NULL */
	const char *plan;  /* the experiment whose plan is executed, or NULL */
	const char *stop;  /* an experiment to stop, or NULL */
	const char *held;  /* an experiment to ask about, or NULL */
	bool with_parent;  /* end when it dies: */
	pid_t parent;
};

/* -1: go on; else why not has been said, and this is the exit status. */
int run_options_read(struct run_options *o, int argc, char **argv);
void run_options_free(struct run_options *o);

#endif
