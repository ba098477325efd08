/* meta-merge - fold lines into experiment.json: those of a directory, or what comes in. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver.h"
#include "exp/foldfile.h"
#include "exp/layout.h"
#include "exp/snapshot.h"
#include "filter.h"

static struct deliver_to given;

static int take_statuses(const char *list)
{
	char *words = strdup(list);
	int status = -1;
	for (char *word = words ? strtok(words, ",") : NULL; word && status < 0;
	     word = strtok(NULL, ",")) {
		enum run_status named = status_named(word);
		if (named == STATUS_NONE || given.statuses == DELIVER_STATUSES)
			status = cli_usage_error(
				"a status is pending, running, completed or failed, not %s", word);
		else
			given.status[given.statuses++] = status_names[named];
	}
	free(words);
	if (status < 0 && given.statuses == 0)
		return cli_usage_error("--status needs a status");
	return status;
}

static const struct cli_option option_list[] = {
	{'o', "output", "FILE", "write FILE instead (- is standard output), pass nothing on",
	 .text = &given.output},
	{'s', "status", "STATUS",
	 "print the runs with this status, one line each, and write\nnothing; several: "
	 "pending,failed",
	 .take = take_statuses},
	{0, "counts", NULL, "print the number of runs with each status, and write nothing",
	 .flag = &given.counts},
	{0, "of", "DIR", "the lines are of the experiment DIR, which is opened at the start",
	 .text = &given.of},
	{0, "spelling", NULL, "add the spelling of its numbers to each run",
	 .flag = &given.spelling},
	{0, "no-sync", NULL, "do not wait until the file is on disk", .flag = &given.no_sync},
	{0},
};

static const struct cli_program program = {
	.name = "meta-merge",
	.usage = "meta-merge [-o FILE] [-s STATUS] [--counts] [--spelling] [--no-sync] [DIR]",
	.about = "Fold lines into " LAYOUT_DOCUMENT ".\n"
		 "\n"
		 "With DIR, fold its plan and records. Else read lines from\n"
		 "standard input, keep the " LAYOUT_DOCUMENT
		 " of the experiments that they name, and\n"
		 "pass them on.\n",
	.options = option_list,
	.column = 23,
};

static int read_merge_options(struct deliver_to *o, int argc, char **argv)
{
	int status = cli_read(argc, argv);
	if (status >= 0)
		return status;
	if (argc - optind > 1)
		return cli_usage_error("one DIR at a time, not also %s", argv[optind + 1]);
	if (o->statuses && o->output)
		return cli_usage_error("--status prints, --output writes: take one of them");
	if (o->counts && (o->statuses || o->output))
		return cli_usage_error("--counts prints, and goes with neither --status nor "
				       "--output");
	if (o->spelling && !o->statuses && !o->output)
		return cli_usage_error("--spelling goes with --output and --status");
	o->dir = argv[optind];
	o->to_one = o->output || o->statuses || o->counts;
	if (o->of && (o->dir || o->to_one))
		return cli_usage_error("--of is for lines that are passed on");
	return -1;
}

/* ---- a directory ---- */

/* Is there an experiment.json, and nothing that it could be made of? */
static bool is_alone(const struct snapshot *s)
{
	struct buf records = BUF_INIT;
	bool alone = layout_has_plan(s->dir) == 0 && access(s->file, F_OK) == 0 &&
		     layout_add(&records, s->dir, LAYOUT_RECORDS) &&
		     access(records.data, F_OK) != 0;
	buf_free(&records);
	return alone;
}

static int merge_dir(const struct deliver_to *o)
{
	struct snapshot s;
	struct problem p;
	int status = EXIT_OK;
	if (snapshot_open(&s, o->dir, !o->no_sync, &p) != 0 || snapshot_read(&s, &p) != 0)
		status = cli_complain(&p);
	else if (o->to_one && is_alone(&s)) {
		status = foldfile_read_document(s.fold, s.file, &p) == 0 ? deliver_fold(o, s.fold)
									 : cli_complain(&p);
	} else if (fold_count(s.fold) == 0) {
		problem_set(&p, EXIT_BAD_INPUT,
			    "%s holds no runs: no " LAYOUT_PLAN
			    " and no records; is it an experiment "
			    "directory?",
			    o->dir);
		status = cli_complain(&p);
	} else if (o->to_one) {
		status = snapshot_settle(&s, &p) == 0 ? deliver_fold(o, s.fold) : cli_complain(&p);
	} else if (snapshot_write(&s, &p) != 0) {
		status = cli_complain(&p);
	}
	int flawed = s.fold ? deliver_flaws(fold_flaws(s.fold)) : EXIT_OK;
	snapshot_free(&s);
	return status ? status : flawed;
}

static bool is_document(const char *path)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, LAYOUT_DOCUMENT) == 0;
}

int main(int argc, char **argv)
{
	cli_start(&program);
	int status = read_merge_options(&given, argc, argv);
	if (status >= 0)
		return status;
	if (given.counts && given.dir && is_document(given.dir))
		return deliver_counts_of(given.dir);
	return given.dir ? merge_dir(&given) : filter_lines(&given);
}
