#ifndef RUNDIR_H
#define RUNDIR_H
/*
 * rundir - the directories that a run may have made.
 *
 * New directories are reported by inotify, so that the end of a run takes the same time however
 * many directories existed before it. Without inotify two listings are compared. The times of
 * files are compared with each other, not with the clock, which may differ on a file server.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct rundir_names {
	char **name; /* owned */
	size_t count;
};

struct rundir {
	char *parent;
	int watch;                 /* an inotify descriptor, or -1: listings are compared */
	bool there;                /* it existed before */
	bool complete;             /* all that was made since is in `fresh` */
	struct rundir_names seen;  /* names before, sorted; only without a watch */
	struct rundir_names fresh; /* names made since, as far as read */
};

void rundir_init(struct rundir *r);
void rundir_free(struct rundir *r);

/* A run is about to start: from now on it counts what is made below parent. 0, or -1
 * (out of memory, unreadable). */
int rundir_before(struct rundir *r, const char *parent);

/* What was made since and is there, names joined with the parent, sorted. since: the
 * time of a file that was written when the run started, for where a watch broke (the
 * parent was moved or removed): then all that is newer is found. 0 or -1. */
int rundir_after(struct rundir *r, const struct timespec *since, struct rundir_names *found);

/* How many directories were made since, as far as the system has told without a
 * listing; 0 where it does not. */
size_t rundir_count(struct rundir *r);

/* The directories below parent that are newer than a file (NULL: all), and, with file,
 * those in which that file is newer. Reads all of them. */
int rundir_newer(const char *parent, const struct timespec *since, const char *file,
		 struct rundir_names *found);

/* Is a newer than b? */
bool rundir_is_newer(const struct timespec *a, const struct timespec *b);

/* A little before a time: that of a file is the kernel's last tick, up to 10 ms ago. */
struct timespec rundir_tick_before(struct timespec t);

/* Add a copy of a name; 0 or -1. */
int rundir_names_add(struct rundir_names *names, const char *name);
void rundir_names_free(struct rundir_names *names);

#endif
