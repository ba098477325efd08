#ifndef FILE_H
#define FILE_H
/*
 * file - the few ways in which files are written here: whole, synced, and
 * never through a name that somebody else could have prepared.
 */
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "problem.h"

/* Write all of it, whatever write(2) makes of it. 0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

/* Make a new file (it must not exist) under a directory descriptor or AT_FDCWD,
 * with its content on disk if sync. `shown` names it in the problem. */
int file_create(int dir, const char *name, const void *data, size_t len, bool sync,
		const char *shown, struct problem *p);

/* fsync a directory, so that names in it survive a power cut. 0 or -1, errno. */
int file_sync_dir(const char *path);

/* Many files at once: put all that was written to the directory's file system on
 * disk, the directory's names included. file_can_sync_all: is there such a call, and
 * does it tell of errors? If not, sync each file. 0, or -1 with errno. */
bool file_can_sync_all(int dir);
int file_sync_all(int dir);

/* Replace a file in one step: begin makes a temporary beside it, the caller
 * writes to fd, commit does fsync, rename, fsync of the directory. A reader sees
 * the old content or the new, never a part; after a failure, or cancel, the old
 * one is still there and the temporary is gone. */
struct file_replacement {
	int fd; /* -1: none begun */
	char *temporary;
};

int file_replace_begin(struct file_replacement *r, const char *path, struct problem *p);
int file_replace_commit(struct file_replacement *r, const char *path, bool sync, struct problem *p);
void file_replace_cancel(struct file_replacement *r);

/* Remove temporaries that were left beside the path by those who died. Only for who
 * is its only writer. */
void file_replace_clean(const char *path);

/* Append a whole file's content to out. 0, or -1 with errno. */
int file_read(const char *path, struct buf *out);

/* Make a directory and those above it. 0, or -1 with a problem. */
int file_make_dirs(const char *path, struct problem *p);

/* Remove a directory with all that is in it; goes on after failures. */
void file_remove_tree(const char *path);

#endif
