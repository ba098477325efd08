/*
 * flaws - an array sorted by the names of the files, so that experiment.json does not depend on
 * the order in which they were read.
 */
#include "exp/flaws.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void drop(struct flaw *flaw)
{
	free(flaw->file);
	free(flaw->text);
}

/* Where the file is, or would be. */
static size_t find_flaw(const struct flaws *f, const char *file)
{
	size_t low = 0, high = f->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(f->list[middle].file, file) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void take_out(struct flaws *f, size_t at)
{
	drop(&f->list[at]);
	memmove(&f->list[at], &f->list[at + 1], (f->count - at - 1) * sizeof *f->list);
	f->count--;
}

static int put_in(struct flaws *f, size_t at, const char *file, const struct problem *why)
{
	struct flaw *more = realloc(f->list, (f->count + 1) * sizeof *more);
	if (!more)
		return -1;
	f->list = more;
	struct flaw flaw = {strdup(file), strdup(why->text), why->status, false};
	if (!flaw.file || !flaw.text) {
		drop(&flaw);
		return -1;
	}
	memmove(&f->list[at + 1], &f->list[at], (f->count - at) * sizeof *f->list);
	f->list[at] = flaw;
	f->count++;
	return 0;
}

int flaws_set(struct flaws *f, const char *file, const struct problem *why)
{
	size_t at = find_flaw(f, file);
	bool known = at < f->count && strcmp(f->list[at].file, file) == 0;
	if (known && why && strcmp(f->list[at].text, why->text) == 0)
		return 0;
	if (known)
		take_out(f, at);
	return why ? put_in(f, at, file, why) : 0;
}

bool flaws_is_of_file(int error)
{
	return error != ENOMEM && error != EMFILE && error != ENFILE && error != EINTR;
}

void flaws_free(struct flaws *f)
{
	for (size_t i = 0; i < f->count; i++)
		drop(&f->list[i]);
	free(f->list);
	*f = (struct flaws){0};
}
