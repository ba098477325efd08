#ifndef HELD_H
#define HELD_H
/*
 * held - test whether a run-one is at work on an experiment, and stop it.
 *
 * Used by sweep-lock, and by run-one for its old options. Messages go to stderr with the
 * program's name; a signal ends every wait (signals_init has been called). The functions
 * return the exit status.
 */
#include <stdbool.h>
#include <sys/types.h>

/* EXIT_OK: a run-one holds the experiment's lock or, unless lock_only, a process of a run
 * lives on whose run-one was killed; 1: neither. It is asked again as long as the answer is
 * yes, for so many seconds at the most. */
int held_ask(const char *dir, bool lock_only, double seconds);

/* The same, asked until the answer is yes or the process has ended. */
int held_await(const char *dir, bool lock_only, pid_t process);

/* SIGTERM to the run-one that holds the lock, SIGKILL to all who hold it when it is not
 * free after the grace and five seconds more; then the same for what killed run-ones have
 * left. EXIT_OK: nobody is at work any more, or nobody was, which is said. */
int held_stop(const char *dir, double grace);

#endif
