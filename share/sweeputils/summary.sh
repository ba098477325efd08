# The counts of a sweep before and after it, and the summary at its end. Read by run-experiment, with its variables; sweep.sh has been read before.
# shellcheck shell=sh disable=SC2154,SC2034

# Sets what count_runs does, from the last snapshot, or from the records if that could not be
# written. A snapshot that lacks unreadable records is not used.
read_counts() {
	runs='' completed=''
	if test -n "$unwritten"; then
		count_runs "$dir"
	elif is_file "$dir/experiment.json"; then
		count_runs "$dir/experiment.json"
		test "${unreadable:-0}" = 0 || runs='' completed=''
	fi
}

# meta-merge ended with this status: 0, or it has said why. That the snapshot could not be
# written is worse than a failed run.
folded() {
	test "$1" != 0 || return 0
	unwritten=y
	test "$result" -gt 1 || result=$1
}

fold_again() {
	code=0
	"$bin/meta-merge" ${no_sync:+--no-sync} -- "$dir" || code=$?
	folded $code
}

# The last snapshot may be outdated, if its writer was killed. Fold again if it announced runs
# and none was started.
refresh() {
	before=$completed
	read_counts
	test -z "$unwritten" || return 0
	if test -z "$runs" || { test "$expected" -gt 0 && test "$completed" = "$before"; }; then
		fold_again
		read_counts
	fi
}

# The number of runs to start, according to the last snapshot.
count_expected() {
	total=$("$bin/sweep-expand" --count "$dir/spec.yaml" 2>/dev/null) || total=$(wc -l <"$dir/plan.jsonl")
	read_counts
	expected=$((total - ${completed:-0}))
	test -z "$force" && test "$expected" -ge 0 || expected=$total
	test -z "$limit" || test "$expected" -le "$limit" || expected=$limit
}

# Without a limit, and without a failure, all runs have completed; or the plan has lines
# that are not those of its runs.
check_completed() {
	test "$result" = 0 && test -z "$limit" || return 0
	test "${completed:-0}" -lt "$total" || return 0
	fold_again
	read_counts
	test "$result" = 0 && test "${completed:-0}" -lt "$total" || return 0
	result=2
	complain "$dir: $(counted $((total - ${completed:-0})) run) of $total not completed, but no line of its plan.jsonl is for them; restore it"
}

# ---- the summary ----

# experiment.json, or what is on disk if that could not be written.
document() {
	if test -n "$unwritten" || ! is_file "$dir/experiment.json"; then
		"$bin/meta-merge" -o - -- "$dir" 2>/dev/null
	else
		cat -- "$dir/experiment.json"
	fi
}

show_counts() {
	if test -n "$runs"; then
		tell_counts
	else
		printf 'the state of the runs is unknown: the records of %s cannot be read\n' "$(plain "$dir")"
	fi
}

# Files that could not be read whole: they were named when they were folded.
show_flawed() {
	test "${unreadable:-0}" = 0 || printf 'unreadable parts of %s are missing\n' "$(counted "$unreadable" file)"
}

# Those that were stopped have not failed themselves.
show_failed() {
	test "${failed:-0}" = "${interrupted:-0}" || "$bin/sweep-watch" --failed -- "$dir"
}

# Of the runs that completed, those that should have metrics and have none.
show_without_metrics() {
	test "${without_metrics:-0}" = 0 ||
		document | jq_task without-metrics -r --arg how "$(typed_as sweep-metrics) $(quote "$dir")"
}

# Is experiment.json what is on disk? Else sets stale.
check_written() {
	stale=''
	if test -n "$unwritten" && { ! is_file "$dir/experiment.json" ||
		! "$bin/meta-merge" -o - -- "$dir" 2>/dev/null | cmp -s - "$dir/experiment.json"; }; then
		stale=' (old; it could not be written)'
	fi
}

# The command that continues after a stop: what was typed, and --resume. run-background prints
# its own.
show_how_to_go_on() {
	test "${completed:-0}" -lt "${runs:-0}" && test "$result" -gt 128 && test -z "$with_parent" || return 0
	test -n "$resume" || set -- --resume
	printf 'to continue: %s%s%s\n' "$(plain "$(typed_as run-experiment)")" "$(plain "${command_line#"$program"}")" "${1:+ $1}"
}

summary() {
	show_counts
	show_flawed
	show_failed
	show_without_metrics
	check_written
	printf 'results: %s/experiment.json%s; configs, logs and records beside it\n' "$(plain "$dir")" "$stale"
	show_how_to_go_on
}
