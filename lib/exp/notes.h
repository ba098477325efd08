#ifndef NOTES_H
#define NOTES_H
/*
 * notes - lines about runs and the experiment that other programs add: metrics that are
 * measured later, remarks. Kept in records/notes.jsonl, so that experiment.json can be
 * folded again from what lies in the directory.
 *
 * A note is a line that names a run, or only the experiment, and has no status and no
 * session. Only what it says that is not known yet is kept, with the time: the same note twice is
 * one note. Members of `metrics` are added to those that are there.
 */
#include "exp/snapshot.h"

bool notes_is_note(const struct json *line);

/* A run, or an experiment, may have so many fields, notes included: experiment.json, which
 * has some more, is read as lines are (JSON_MAX_FIELDS). */
enum { NOTES_MAX_FIELDS = 240 };

/* Keep notes, one a line, and fold them: on disk when this returns (with s->sync). 0, or -1
 * with the first problem; a note that cannot be kept does not keep others from it. */
int notes_keep(struct snapshot *s, const struct buf *lines, struct problem *p);

#endif
