load ../helper

# A table that looks like a result and is none: results that are there are found, and
# where there is none, every place that would show it says why.

trainers=$top/tests/trainers
none='no new directory in runs; let run_dir name where the program makes its directory, or write its path to $RUN_DIR_FILE'

prepare() {
	export RUNS=runs
	printf 'lr: 0\nseed: 0\n' >configs/base.yaml
}

# spec COMMAND RUN_DIR SWEEP
spec() {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: %s\nrun_dir: "%s"\nsweep: %s\n' \
		"$1" "$2" "$3" >specs/s.yaml
}

# How many runs have the metrics of their own lr.
right() {
	jq '[.runs[] | select(.metrics.acc == .params.lr or .metrics.val.acc == .params.lr)] | length' "${1:-e}/experiment.json"
}

errors_of() { jq -r '.runs[] | .metrics_error // "none"' e/experiment.json; }

# sweep [OPTION...] - run it as e
sweep() { driver run-experiment --dir e specs/s.yaml "$@"; }

# ---- results that are there ----

@test "metrics of a second attempt that goes on in the first one's directory are found" {
	spec "[$trainers/continuing, '{config}']" runs '{lr: [0.1, 0.2]}'
	expect 0 sweep --retries 1
	test "$(right)" = 2
	rm runs/*/metrics.json
	expect 0 sweep --resume --force
	test "$(right)" = 2
	jq -e '[.runs[].attempt] == [3, 3]' e/experiment.json
}

@test "... and when the second attempt is a resume" {
	spec "[$trainers/continuing, '{config}']" runs '{lr: [0.1, 0.2]}'
	expect 1 sweep
	expect 0 sweep --resume
	test "$(right)" = 2
}

@test "a forced run that writes no metrics does not have those of before, and says so" {
	spec "[$trainers/reused, '{config}']" runs '{lr: [0.1]}'
	expect 0 sweep
	test "$(right)" = 1
	: >no-results
	expect 0 sweep --resume --force
	jq -e '.runs[0] | .metrics == null and .run_dir == "runs/lr_0.1" and
		.metrics_error == "runs/lr_0.1/metrics.json: it is older than the run, which has not written it"' e/experiment.json
	expect 0 driver sweep-metrics e
	jq -e '.runs[0].metrics == null' e/experiment.json
	rm no-results
	RUN_DIR_FILE=/dev/null "$trainers/reused" e/configs/run_000.yaml
	expect 0 driver sweep-metrics e
	test "$(right)" = 1
}

@test "a run_dir with {run} in it is the run's own directory" {
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir -p "$2" && printf '{"acc": %s}' "$1" >"$2/metrics.json"
	EOF
	chmod +x prog
	spec "[./prog, '{lr}', 'e/out/{run}']" '{experiment_dir}/out/{run}' '{lr: [0.1, 0.2]}'
	expect 0 sweep
	test "$(right)" = 2
	jq -e '[.runs[].run_dir] == ["e/out/run_000", "e/out/run_001"]' e/experiment.json
	rm -r e
	expect 0 sweep --jobs 2
	test "$(right)" = 2
}

@test "... or what the program makes in it" {
	RUNS='out' spec "[sh, -c, 'RUNS=out/\$RUN_ID exec \"$trainers/stamped\" \"\$0\"', '{config}']" 'out/{run}' '{lr: [0.1, 0.2]}'
	expect 0 sweep --jobs 2
	test "$(right)" = 2
	jq -e 'all(.runs[]; .run_dir | startswith("out/run_00"))' e/experiment.json
}

@test "a directory that was there from an earlier sweep is the run's if it wrote its metrics there" {
	spec "[$trainers/reused, '{config}']" runs '{lr: [0.1, 0.2]}'
	expect 0 sweep
	rm -r e
	expect 0 sweep
	test "$(right)" = 2
	: >no-results
	rm -r e
	expect 0 sweep
	test "$(errors_of)" = "$none"$'\n'"$none"
}

many() { # TRAINER COMMAND - four at once
	mkdir meet
	spec "$2" runs '{lr: [0.1, 0.2], seed: [1, 2]}'
	MEET=meet driver run-experiment --dir e specs/s.yaml --jobs 4 >out 2>err 3>&- &
	wait_until sh -c 'test "$(ls meet | wc -l)" -ge 4'
	: >meet/go
	wait $!
	test "$(right)" = 4 || { cat out err; return 1; }
	jq -e '[.runs[].run_dir] | unique | length == 4' e/experiment.json
}

@test "--jobs: time-stamped directories are told apart by their hparams.yaml" {
	many "[$trainers/stamped, '{config}']" "[$trainers/stamped, '{config}']"
}

@test "--jobs: ... by .hydra/config.yaml, and a BOM is no reason to have no metrics" {
	many hydra "[$trainers/hydra, '{config}']"
}

@test "--jobs: ... by a command line that was kept" {
	many arguments "[$trainers/arguments, --lr, '{lr}', --seed, '{seed}']"
}

@test "--jobs: ... when a launcher starts the program" {
	need python3
	many launcher "[$trainers/launcher, '{config}']"
}

@test "--jobs: a process of the run is at work in it" {
	test -d /proc/self/fd || skip "no /proc"
	cat >prog <<-'EOF'
		#!/bin/sh
		dir=$(mktemp -d "$PWD/runs/XXXXXX") && : >"meet/$1" && cd "$dir"
		until test -e ../../meet/go; do sleep 0.02; done
		printf '{"acc": %s}' "$1" >metrics.json
	EOF
	chmod +x prog
	mkdir meet runs
	spec "[./prog, '{lr}']" runs '{lr: [0.1, 0.2, 0.3]}'
	driver run-experiment --dir e specs/s.yaml --jobs 3 >out 2>err 3>&- &
	wait_until sh -c 'test "$(ls meet | wc -l)" -ge 3'
	sleep 0.5 # they are looked at five times a second
	: >meet/go
	wait $!
	test "$(right)" = 3
}

@test "--jobs: the only run that is alive may have made it" {
	cat >prog <<-'EOF'
		#!/bin/sh
		test "$1" != 0.3 || { until test "$(grep -l '"completed"' e/records/run_00[01].jsonl | wc -l)" = 2; do sleep 0.02; done; }
		test "$1" = 0.3 || exit 0
		mkdir -p runs/x && printf '{"acc": 0.3}' >runs/x/metrics.json
	EOF
	chmod +x prog
	spec "[./prog, '{lr}']" runs '{lr: [0.1, 0.2, 0.3]}'
	expect 0 sweep --jobs 2 --limit 2
	expect 0 sweep --jobs 2 --resume
	test "$(jq -c '.runs[2].metrics' e/experiment.json)" = '{"acc":0.3}'
}

@test "--jobs: what cannot be told apart is not guessed, and the run says what to do" {
	cat >prog <<-'EOF'
		#!/bin/sh
		: >"started/$1"
		until test "$(ls started | wc -l)" -ge 2; do sleep 0.02; done
		dir=$(mktemp -d runs/XXXXXX)
		until test "$(ls runs | wc -l)" -ge 2; do sleep 0.02; done
		printf '{"acc": 1}' >"$dir/metrics.json"
	EOF
	chmod +x prog
	mkdir started runs
	spec "[./prog, '{lr}']" runs '{lr: [1, 2]}'
	expect 0 sweep --jobs 2
	jq -e 'all(.runs[]; .metrics == null and (.run_dir_candidates | length == 2) and
		.metrics_error == "2 new directories in runs, and not known which is this run'"'"'s; write its path to $RUN_DIR_FILE")' e/experiment.json
	# the remedy
	sed -i 's/^printf.*/&; echo "$dir" >"$RUN_DIR_FILE"/' prog
	expect 0 sweep --jobs 2 --resume --force
	jq -e 'all(.runs[]; .metrics.acc == 1)' e/experiment.json
}

@test "somebody runs the program by hand meanwhile: the sweep takes its own" {
	cat >prog <<-'EOF'
		#!/bin/sh
		printf 'lr: 0.9\nseed: 9\n' >other.yaml
		"$1" other.yaml
		"$1" "$2"
	EOF
	chmod +x prog
	spec "[./prog, $trainers/stamped, '{config}']" runs '{lr: [0.1, 0.2], seed: [3]}'
	expect 0 sweep
	test "$(right)" = 2
}

@test "... and does not take the other one's where it makes none" {
	printf '#!/bin/sh\nprintf "lr: 0.9\\nseed: 9\\n" >other.yaml\n"$1" other.yaml\n' >prog
	chmod +x prog
	spec "[./prog, $trainers/stamped, '{config}']" runs '{lr: [0.1, 0.2], seed: [3]}'
	expect 0 sweep
	jq -e 'all(.runs[]; .metrics == null and .run_dir == null and (.metrics_error | startswith("no new directory in runs; ")))' e/experiment.json
}

@test "directories for the day, and in them those of the runs: Hydra's own layout" {
	need python3
	spec "[$trainers/hydra-days, '{config}']" runs '{lr: [0.1, 0.2, 0.3]}'
	expect 0 sweep
	test "$(right)" = 3
	rm -r e
	expect 0 sweep # the day's directory was there before
	test "$(right)" = 3
	jq -e 'all(.runs[]; .run_dir | test("^runs/2026-11-27/"))' e/experiment.json
	rm -r e
	expect 0 sweep --jobs 3
	test "$(right)" = 3
}

@test "a directory that is made by hand does not win over the one that the run goes on in" {
	spec "[$trainers/continuing, '{config}']" runs '{lr: [0.1]}'
	expect 1 sweep
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir runs/by-hand && echo '{"acc": 99}' >runs/by-hand/metrics.json
		exec "$@"
	EOF
	chmod +x prog
	sed -i 's|"command":\[|"command":["./prog",|' e/plan.jsonl
	expect 0 run-one <e/plan.jsonl
	meta-merge e
	test "$(right)" = 1
}

@test "runs that share one file keep what each has written, also when it is collected again" {
	printf '#!/bin/sh\nsleep 0.05 # it works for more than a tick of the clock of files\nmkdir -p runs/latest\necho "{\\"acc\\": $1}" >runs/latest/metrics.json\n' >prog
	chmod +x prog
	spec "[./prog, '{lr}']" runs '{lr: [1, 2, 3]}'
	expect 0 sweep
	test "$(right)" = 3
	expect 0 driver sweep-metrics e
	test "$(right)" = 3
	[[ $errors == *"runs/latest/metrics.json is the file of 3 runs; what was recorded of each as it ended is kept" ]]
	# with jq it would be read at the end, when only the last one's is there
	rm -r e runs
	printf 'metrics: {jq: "{acc: .acc}"}\n' >>specs/s.yaml
	expect 0 sweep
	jq -e 'all(.runs[]; .metrics == null and .metrics_error ==
		"runs/latest/metrics.json is the file of 3 runs and holds the last one'"'"'s; let each run write its own")' e/experiment.json
}

@test "sweep-metrics does not take the results of a later sweep" {
	printf '#!/bin/sh\n:\n' >prog
	chmod +x prog
	mkdir runs
	spec "[./prog, '{config}']" runs '{lr: [0.1, 0.2]}'
	expect 0 sweep
	spec "[$trainers/stamped, '{config}']" runs '{lr: [0.1, 0.2]}'
	expect 0 driver run-experiment -q --dir later specs/s.yaml
	expect 0 driver sweep-metrics e
	jq -e 'all(.runs[]; .metrics == null)' e/experiment.json
	test "$(right later)" = 2
}

# ---- and those that are not ----

# Twelve ways; the run's first argument says which.
twelve() {
	cat >prog <<-'EOF'
		#!/bin/sh
		dir=runs/$1
		test "$1" = nothing && exit 0
		test "$1" = elsewhere && { mkdir -p out && echo '{"acc": 1}' >out/metrics.json; exit; }
		mkdir "$dir"
		case $1 in
		no-file) echo 1 >"$dir/results.txt" ;;
		empty) : >"$dir/metrics.json" ;;
		na) printf '{"acc": 0.5,\n "loss": NA}\n' >"$dir/metrics.json" ;;
		csv) printf 'step,loss\n1,0.5\n' >"$dir/metrics.json" ;;
		cut-off) printf '{"acc": 0.5, "lo' >"$dir/metrics.json" ;;
		too-large) printf '{"acc": "%070000d"}' 0 >"$dir/metrics.json" ;;
		utf-16) printf '\377\376{\0}\0' >"$dir/metrics.json" ;;
		list) echo '[0.5]' >"$dir/metrics.json" ;;
		a-directory) mkdir "$dir/metrics.json" ;;
		older) mkdir -p kept && rmdir "$dir" && echo kept >"$RUN_DIR_FILE" ;;
		two) mkdir runs/and-another && echo '{"acc": 1}' >runs/and-another/metrics.json ;;
		good) echo '{"acc": 0.9}' >"$dir/metrics.json" ;;
		esac
	EOF
	chmod +x prog
	mkdir runs kept
	echo '{"acc": 0.1}' >kept/metrics.json
	touch -d '1 hour ago' kept/metrics.json
	printf 'way: none\n' >configs/base.yaml
	spec "[./prog, '{way}']" runs '{way: [nothing, no-file, empty, na, csv, cut-off, too-large, utf-16, list, a-directory, older, two, elsewhere, good]}'
}

reasons() {
	cat <<-'EOF'
		no new directory in runs; let run_dir name where the program makes its directory, or write its path to $RUN_DIR_FILE
		runs/no-file/metrics.json does not exist
		runs/empty/metrics.json: it is empty
		runs/na/metrics.json: line 2 is not JSON at NA
		runs/csv/metrics.json: line 1 is not JSON at step
		runs/cut-off/metrics.json: it is cut off in line 1
		runs/too-large/metrics.json: it is larger than 64 KiB; name a smaller file, or a jq expression, as metrics in modes.yaml
		runs/utf-16/metrics.json: it is UTF-16; write UTF-8
		runs/list/metrics.json: it is not a JSON object
		runs/a-directory/metrics.json: it is not a regular file
		kept/metrics.json: it is older than the run, which has not written it
		2 new directories in runs, and not known which is this run's; write its path to $RUN_DIR_FILE
		no new directory in runs; let run_dir name where the program makes its directory, or write its path to $RUN_DIR_FILE
	EOF
}

@test "thirteen ways in which a result can be missing: no cell is empty without a reason beside it" {
	twelve
	expect 0 sweep
	# the record, and the progress line of each
	diff <(reasons) <(jq -r '.runs[:13][].metrics_error' e/experiment.json)
	jq -e '.counts.completed == 14 and .runs[13].metrics == {acc: 0.9} and (.runs[13] | has("metrics_error") | not)' e/experiment.json
	diff <(reasons) <(sed -n 's/^.*run_0[0-9]* completed in .*; no metrics: //p' <<<"$errors")
	# the summary counts them and says what to do
	[[ $output == *"14 runs: 14 completed"*"without metrics: 13 completed; "*"sweep-metrics e looks for them again"*"    run_000: no new directory in runs; "*"    and 10 more"* ]]
	# the table has a mark in each cell and the first ten reasons below it; as CSV it has all
	expect 0 driver sweep-table e
	test "$(grep -c '^run_0.* -$' <<<"$output")" -eq 13
	while read -r reason; do grep -qF -- "no metrics: $reason" <<<"$errors"; done < <(reasons | head -n 10)
	[[ $errors == *"and 3 more"* ]]
	expect 0 driver sweep-table --csv e
	diff <(reasons) <(/usr/bin/python3 -c 'import csv, sys
for row in list(csv.DictReader(sys.stdin))[:13]: print(row["metrics_error"])' <<<"$output")
	# the report has them
	expect 0 driver sweep-report e
	reasons | while read -r reason; do grep -qF -- "$(sed 's/"/\\"/g' <<<"$reason")" e/report.html || { echo "report: $reason"; return 1; }; done
	# sweep-metrics names each
	expect 0 driver sweep-metrics e
	[[ $output == *"e: metrics of 1 of 14 completed runs"* ]]
	while read -r reason; do grep -qF -- "$reason" <<<"$output" || { echo "sweep-metrics: $reason"; echo "$output"; return 1; }; done < <(reasons)
}

@test "a program without run_dir and metrics is not asked for any; if one run has some, the others say so" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, "{lr}"]\nsweep: {lr: [1, 2]}\n' >specs/s.yaml
	printf '#!/bin/sh\n:\n' >prog
	chmod +x prog
	expect 0 sweep
	jq -e 'all(.runs[]; has("metrics_error") | not)' e/experiment.json
	[[ $output != *metrics* ]]
	echo '{"run":"run_001","experiment_dir":"e","metrics":{"f1":0.5}}' | meta-merge >/dev/null

	test "$(errors_of)" = $'none are recorded; other runs have some\nnone'
	echo '{"run":"run_000","experiment_dir":"e","metrics":{"f1":0.4}}' | meta-merge >/dev/null
	test "$(errors_of)" = $'none\nnone'
}

@test "a run that failed needs no other reason" {
	spec "[false]" runs '{lr: [1]}'
	expect 1 sweep
	jq -e '.runs[0] | .status == "failed" and (has("metrics_error") | not)' e/experiment.json
}

@test "a retry that makes another directory below the run's own is not mistaken for the attempt before" {
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir -p "out/$RUN_ID/try$RUN_ATTEMPT"
		sleep 0.05 # more than a tick of the clock of files
		test "$RUN_ATTEMPT" = 2 || exit 1
		echo '{"acc": 2}' >"out/$RUN_ID/try2/metrics.json"
	EOF
	chmod +x prog
	spec "[./prog]" 'out/{run}' '{lr: [1]}'
	expect 0 sweep --retries 1
	jq -e '.runs[0] | .run_dir == "out/run_000/try2" and .metrics.acc == 2' e/experiment.json
}
