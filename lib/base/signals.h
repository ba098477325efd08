#ifndef SIGNALS_H
#define SIGNALS_H
/*
 * signals - catch the signals that ask a program to end, and wait for them.
 *
 * From signals_init on, SIGINT, SIGTERM, SIGHUP, SIGCHLD and SIGCONT are blocked except
 * inside signals_wait, so that no other call is interrupted and none is missed between a look and a
 * wait. An inherited ignored SIGHUP (nohup) stays ignored; SIGINT and SIGTERM are always
 * handled, also where a shell's `&` has left SIGINT ignored.
 */
#include <signal.h>
#include <stdbool.h>

void signals_init(void);

/* The signal that asked for the end, or 0. */
int signals_stop(void);

/* The newest signal that asked for it again, or 0. A keypress counts once that comes from
 * the terminal and from the parent, a driver that passes it on whenever it gets to it; so do
 * two signals of one sender within 200 ms. */
int signals_again(void);

/* Wait for a signal, a child's end, or so many seconds (negative: for ever). */
void signals_wait(double seconds);

/* Wait until a descriptor can be read, a signal comes, or so many seconds. True:
 * it can be read. */
bool signals_wait_readable(int fd, double seconds);

/* The same for several of the standard descriptors: stdin to be read, the others to be
 * written. Those that are ready. */
enum { SIGNALS_STDIN = 1, SIGNALS_STDOUT = 2, SIGNALS_STDERR = 4 };
unsigned signals_wait_standard(unsigned wanted, double seconds);

/* Was this process continued (SIGCONT) since this was last asked? */
bool signals_continued(void);

/* The mask inside signals_wait, with which a call that blocks is interrupted by them (wait.h);
 * NULL before signals_init. */
const sigset_t *signals_mask(void);

/* For a new process: default dispositions and an empty mask. */
void signals_reset(void);

#endif
