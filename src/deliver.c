/* deliver - a fold is printed, counted or written to a file, as the user wants it. */
#include "deliver.h"

#include <string.h>

#include "base/file.h"
#include "cli.h"
#include "exp/counts.h"
#include "exp/document.h"
#include "exp/snapshot.h"

int deliver_flaws(struct flaws *flaws)
{
	int status = EXIT_OK;
	for (size_t i = 0; i < flaws->count; i++) {
		struct flaw *flaw = &flaws->list[i];
		if (!flaw->told)
			cli_note("%s", flaw->text);
		flaw->told = true;
		if (status != EXIT_IO)
			status = flaw->status;
	}
	return status;
}

static bool print_sink(void *context, const char *data, size_t len)
{
	bool gone;
	int *status = context;
	if (cli_print(data, len, &gone))
		return true;
	if (!gone)
		*status = EXIT_IO;
	return false;
}

static int print_counts(const struct counts *c)
{
	struct buf out = BUF_INIT;
	size_t total = 0;
	bool gone;
	for (int i = STATUS_PENDING; i < STATUS_COUNT; i++)
		total += c->runs[i];
	buf_addf(&out, "total %zu\n", total);
	for (int i = STATUS_PENDING; i < STATUS_COUNT; i++)
		buf_addf(&out, "%s %zu\n", status_names[i], c->runs[i]);
	buf_addf(&out, "interrupted %zu\nwithout_metrics %zu\nunreadable %zu\n", c->interrupted,
		 c->without_metrics, c->unreadable);
	bool good = !out.failed && (cli_print(out.data, out.len, &gone) || gone);
	buf_free(&out);
	return good ? EXIT_OK : EXIT_IO;
}

static int print_fold_counts(struct fold *f)
{
	struct counts c = {.unreadable = fold_flaws(f)->count};
	return document_write_runs(f, NULL, 0, counts_sink, &c) ? print_counts(&c) : EXIT_IO;
}

int deliver_counts_of(const char *file)
{
	struct buf out = BUF_INIT;
	struct counts c;
	struct problem p;
	int rc = file_read(file, false, &out) == 0 ? 0 : file_problem(&p, file, "read");
	if (rc == 0 && !(buf_cstr(&out) && counts_read(&c, out.data, out.len)))
		rc = problem_set(
			&p, EXIT_BAD_INPUT,
			"%s is not what meta-merge wrote; make it again with meta-merge DIR", file);
	buf_free(&out);
	return rc == 0 ? print_counts(&c) : cli_complain(&p);
}

int deliver_fold(const struct deliver_to *o, struct fold *f)
{
	int status = EXIT_OK;
	struct problem p;
	if (o->spelling)
		f->spell = true;
	if (o->counts)
		return print_fold_counts(f);
	if (o->statuses)
		document_write_runs(f, o->status, o->statuses, print_sink, &status);
	else if (strcmp(o->output, "-") == 0)
		document_write(f, print_sink, &status);
	else if (snapshot_write_to(f, o->output, !o->no_sync, &p) != 0)
		status = cli_complain(&p);
	return status;
}
