#ifndef WAIT_H
#define WAIT_H
/*
 * wait - calls that block, that a signal can end, and that report what they wait for.
 *
 * Where signals_init was called, a signal that asks for the end (signals.h) ends each wait, but
 * not in its first second: most of what is waited for comes in that time. Elsewhere signals do
 * what they do to any program. A wait of three seconds is reported, once, by the function given
 * to wait_init.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"

/* The function that reports. text: a sentence such as "waiting for the lock on a/lock, which
 * process 12 (stopped) holds"; borrowed. */
void wait_init(void (*say)(const char *text));

/* Wait for the lock (lock.h) on a descriptor, or for a flock(2), or until others have no
 * lock on a file below dir, which is not there perhaps. fd: open as lock_try needs it;
 * path: for what is said; NULL: nothing is.
 * 0; 1: ended by a signal; -1 with errno. */
int wait_lock(int fd, bool exclusive, const char *path);
int wait_flock(int fd, const char *path);
int wait_free(int dir, const char *name, const char *path);

/* Write all of it. Who reads it may have stopped. Once this was ended by a signal the
 * rest of a descriptor's output is not waited for any more. The same results. */
int wait_write(int fd, const void *data, size_t len);

/* Can so many bytes be written without waiting? To a pipe with other writers they may wait
 * all the same. */
bool wait_has_room(int fd, size_t len);

/* Open for writing; the end of a FIFO waits for the other end. A descriptor, or -1 with
 * errno, EINTR: ended by a signal. */
int wait_open(const char *path);

/* Any other call: blocks returns 0, or -1 with errno, EINTR when a signal was caught; what
 * appends what it waits for. The same results. */
int wait_for(int (*blocks)(void *context), void *context,
	     void (*what)(const void *context, struct buf *text));

/* For a blocks that can only ask: -1 with EINTR after a second, or at a signal. */
int wait_to_ask(void);

/* Say what is waited for, at the end of three seconds, for who waits by looking again and
 * again. began: clock_now; said: set once it was said. */
void wait_say(double began, bool *said, void (*what)(const void *context, struct buf *text),
	      const void *context);

/* Was any wait ended by a signal? */
bool wait_was_ended(void);

/* Append who holds the lock on the file, as "process 12 (stopped)", "processes 12, 13" or
 * "another process". */
void wait_add_holders(const char *path, struct buf *text);

#endif
