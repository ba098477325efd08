#ifndef LOCK_H
#define LOCK_H
/*
 * lock - lock a file for as long as its descriptor is open, in whatever process: a child that
 * inherits the descriptor keeps the lock.
 *
 * Linux's open file description locks (fcntl F_OFD_SETLK), or flock(2) where there are none.
 * Neither is lost by closing another descriptor of the file, and both end with the last process
 * that holds the descriptor, however it dies. Removing a lock file gives two holders, so a
 * program removes one only with its lock held, and who was waiting for it meanwhile finds that
 * it has no name any more (lock_is_named).
 */
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

/* Take the lock without waiting. fd must be open for writing if exclusive.
 * 0; -1 with errno EAGAIN if somebody else holds it, or another errno. */
int lock_try(int fd, bool exclusive);

/* The same, but wait. A signal that is caught ends the wait with EINTR. */
int lock_wait(int fd, bool exclusive);

/* After the lock was taken: is the file still what the name below dir (or AT_FDCWD)
 * stands for? If not, it was removed before the lock was taken, and the lock is worth
 * nothing: open the name again. */
bool lock_is_named(int fd, int dir, const char *name);

/* Give the lock up, and keep the descriptor. */
void lock_release(int fd);

/* Does anybody hold a lock on the file at this path, in whatever process? A
 * question only: nothing is taken. A link is not followed. 1, 0, or -1 with errno
 * (ENOENT: no file). */
int lock_held(const char *path);
int lock_held_at(int dir, const char *name);

/* Append the pids of other processes that hold a lock on the file, as "12, 34" (Linux:
 * from /proc; those one may look at). Who only has it open, or waits for the lock, does
 * not hold it. A link is not followed. Nothing is appended if none is found. */
void lock_holders(const char *path, struct buf *out);

/* Does a process hold it that we were started by, so that to wait for it would be to wait
 * for ourselves? Its pid, or 0 (also where the system does not tell). */
long lock_held_above(const char *path);

#endif
