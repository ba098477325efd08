#ifndef JOB_H
#define JOB_H
/*
 * job - what run-one was asked to do, and how far it came.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attempt.h"
#include "cli.h"
#include "jobs.h"

extern const struct cli_program job_usage; /* run-one's usage */

struct job {
	struct runner runner;
	uint64_t limit; /* runs to start at most */
	uint64_t line;  /* the one that is worked on; 0: none yet */
	bool fail_fast, new_first, quiet;
	char **extra, **session;
	size_t extra_count, session_count;
	bool session_recorded; /* the session line is written */
	const char *queue;     /* to wait in before the first run, or NULL */
	const char *stop;      /* an experiment to stop, or NULL */
	const char *plan;      /* the experiment whose plan is executed, or NULL */
	const char *held;      /* an experiment to ask about, or NULL */
	bool with_parent;      /* end when it dies: */
	pid_t parent;
	struct jobs jobs;     /* many at once */
	struct worker worker; /* or one of them */
	bool is_worker;
	uint64_t started; /* runs so far */
	uint64_t refused; /* runs whose journals cannot be used */
	int status;       /* the exit status so far */
};

void job_init(struct job *job, const char *program);
void job_free(struct job *job);

/* -1: go on; else why not has been said, and this is the exit status. What is pointed to
 * is in argv, or goes with job_free. */
int job_read_options(struct job *job, int argc, char **argv);

/* For a worker: the options that concern a run, as words for the shell. */
void job_worker_options(const struct job *job, struct buf *b);

#endif
