#ifndef FILE_H
#define FILE_H
/*
 * file - open, read, write and sync files: whole, on disk where that is asked for, and
 * never through a name that somebody else could have prepared.
 *
 * Directories are given as a descriptor, or as AT_FDCWD with a path. What returns a
 * descriptor gives it to the caller.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/problem.h"

/* Write all of it, whatever write(2) makes of it. 0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/* Open a regular file for reading. What is anything else - a FIFO, for whose writer one
 * would wait for ever, a device, a directory - is refused, and without `follow` a link at
 * its end as well: in an experiment somebody else may have put it there. The descriptor, or
 * -1 with errno, of which file_why makes text: ELOOP a link, ENODEV no regular file. */
int file_open(int dir, const char *name, bool follow);
const char *file_why(int error);

/* Does an error of open, stat or access say that nothing of that name is there for us? All
 * others say that it could not be looked at: then it may be there. */
bool file_is_absent(int error);

/* "PATH cannot be DONE: why", for errno; status EXIT_BAD_INPUT where it is no regular file,
 * else EXIT_IO. Always returns -1 and keeps errno. */
int file_problem(struct problem *p, const char *path, const char *done);

/* The same for a file of ours that is locked or appended to, and made where it is not there
 * (*made, where that is not NULL). More flags are open's, such as O_APPEND. Another user's
 * file in a directory such as /tmp can be opened, but not by a call that would make it
 * (fs.protected_regular): so it is opened first. */
int file_open_own(int dir, const char *name, int flags, bool *made);

/* Takes a descriptor, and gives it back if it is of a regular file; else it is closed: -1 with
 * errno as file_open has it. */
int file_only_regular(int fd);

/* Random letters for names that nobody can know before: `count` of 0-9a-f, and a NUL.
 * file_is_random: is the text so many of them, and nothing else? */
void file_random(char *out, size_t count);
bool file_is_random(const char *text, size_t count);

/* Make a new file (it must not exist) under a directory descriptor or AT_FDCWD,
 * with its content on disk if sync. `shown` names it in the problem. */
int file_create(int dir, const char *name, const void *data, size_t len, bool sync,
		const char *shown, struct problem *p);

/* fsync a directory, so that names in it survive a power cut; the one that a path lies in;
 * an open one. 0, or -1 with errno. */
int file_sync_dir(const char *path);
int file_sync_parent(const char *path);
int file_sync_fd(int fd);

/* Many files at once: put all that was written to the directory's file system on
 * disk, the directory's names included. file_can_sync_all: is there such a call, and
 * does it tell of errors? If not, sync each file. 0, or -1 with errno. */
bool file_can_sync_all(int dir);
int file_sync_all(int dir);

/* Append a whole regular file's content to out. 0, or -1 with errno as file_open has it. */
int file_read(const char *path, bool follow, struct buf *out);
int file_read_at(int dir, const char *name, bool follow, struct buf *out);

/* Make a directory and those above it. 0, or -1 with a problem. */
int file_make_dirs(const char *path, struct problem *p);

/* Remove a directory with all that is in it; goes on after failures. The entry `last` is
 * removed after all others (NULL: none is). */
void file_remove_tree(const char *path, const char *last);

#endif
