load ../helper

# A message that names a command to type is followed as it stands, from the directory that
# its user is in, with the programs where a checkout has them: not in PATH. Remedies of
# specs are in bad-specs.bats; those of git, of missing results and of other programs are
# tested beside what they are about.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, "{lr}"]\nsweep: {lr: [1, 2]}\n' >specs/s.yaml
	printf '#!/bin/sh\n:\n' >prog
	chmod +x prog
	put_programs tools
	export XDG_STATE_HOME=$PWD/state
}

clean() { for dir in background_runs/*/ experiments/*/ e/; do "$bin/sweep-lock" --stop "$dir" -k 1 2>/dev/null || :; done; }

counts() { jq -c '.counts | [.completed, .failed, .pending, .running]' "$1/experiment.json"; }

# follow WORDS - type what stands behind them in what was said.
follow() {
	local said=$output$'\n'$errors
	[[ $said == *"$1"* ]] || { echo "no $1 in: $said"; return 1; }
	said=${said#*"$1"}
	said=${said%%$'\n'*}
	said=${said%%; *}
	echo "typed: $said"
	expect "${2:-0}" sh -c "$said"
}

@test "a directory that is an experiment already: resume it as is said" {
	expect 0 tools/bin/sweep-expand -q -d e specs/s.yaml
	expect 2 tools/bin/sweep-expand -q -d e specs/s.yaml
	[[ $errors == *"resume it by --resume, or choose another directory" ]]
	expect 0 sh -c 'tools/bin/sweep-expand -q -d e --resume specs/s.yaml | tools/bin/run-one | tools/bin/meta-merge'
	test "$(counts e)" = '[2,0,0,0]'
}

@test "a plan that was cut short: make it again as is said" {
	expect 0 tools/bin/run-experiment -q --dir e specs/s.yaml
	cp e/plan.jsonl before
	sed -i 1d e/plan.jsonl
	expect 2 tools/bin/run-experiment --dir e --resume
	follow "make it again with "
	cmp e/plan.jsonl before
	expect 0 tools/bin/run-experiment --dir e --resume
}

@test "runs without metrics: sweep-metrics as is said" {
	printf 'run_dir: runs\n' >>specs/s.yaml
	expect 0 tools/bin/run-experiment --dir e specs/s.yaml
	output=${output%% looks for them again*}
	follow "without metrics: 2 completed; "
	[[ $output == "e: metrics of 0 of 2 completed runs"* ]]
}

@test "another spec: both commands that are said" {
	expect 0 tools/bin/run-experiment -q specs/s.yaml
	sed -i 's/1, 2/1, 2, 3/' specs/s.yaml
	expect 2 tools/bin/run-experiment --exp specs/s.yaml --resume
	kept=$errors
	follow "to resume that: "
	test "$(counts experiments/s_*)" = '[2,0,0,0]'
	errors=$kept
	follow "to make a new experiment: "
	test "$(ls -d experiments/s_* | wc -l)" -eq 2
	test "$(counts "$(ls -d experiments/s_* | tail -n 1)")" = '[3,0,0,0]'
}

@test "the sweep in the background: look, watch and stop as they are said" {
	printf '#!/bin/sh\nuntil test -e go; do sleep 0.02; done\n' >prog
	expect 0 tools/bin/run-background --experiment specs/s.yaml
	said=$output errors=''
	follow "look      "
	[[ $output == *running* ]]
	output=$said errors=''
	follow "stop      "
	[[ $output == *"stopped background_runs/s_"* ]]
	output=$said errors=''
	follow "watch     "
	output=$said errors=''
	expect 0 tools/bin/run-background --list
	[[ $output == *stopped* ]]
	# and one that is at work already names the list
	expect 0 tools/bin/run-background --experiment specs/s.yaml
	latest=$(ls -d experiments/s_* | tail -n 1)
	wait_until tools/bin/sweep-lock --held "$latest"
	expect 75 tools/bin/run-background --experiment specs/s.yaml --resume
	follow "see "
	: >go
}

@test "no background run of that name: the list as is said" {
	expect 2 tools/bin/run-background --stop nothing
	follow "see "
}

@test "what does not know an option names its help, and that is there" {
	for program in tools/bin/*; do
		name=${program##*/}
		expect 2 "$program" --no-such-option </dev/null
		case $errors in *"see $name --help"*) expect 0 "$program" --help ;; esac
	done
	expect 2 tools/bin/run-experiment
	[[ $errors == *"no spec; write run-experiment --exp specs/NAME.yaml" ]]
	expect 0 tools/bin/run-experiment --exp specs/s.yaml
}

@test "lines without an experiment: -o FILE as is said" {
	expect 0 tools/bin/sweep-expand -q specs/s.yaml
	printf '%s\n' "$output" >lines
	expect 0 sh -c 'tools/bin/run-one <lines >events'
	expect 0 sh -c 'tools/bin/meta-merge <events >/dev/null'
	[[ $errors == *"use --output FILE to fold them" ]]
	expect 0 sh -c 'tools/bin/meta-merge --output all.json <events'
	jq -e '.counts.completed == 2' all.json
}

@test "the table names more than ten reasons where it says" {
	printf 'run_dir: runs\n' >>specs/s.yaml
	sed -i 's/1, 2/1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12/' specs/s.yaml
	expect 0 tools/bin/run-experiment -q --dir e specs/s.yaml
	echo '{"run":"run_000","experiment_dir":"e","metrics":{"acc":1}}' | tools/bin/meta-merge >/dev/null
	expect 0 tools/bin/sweep-table e
	[[ $errors == *"and 1 more; sweep-table --csv names them all" ]]
	expect 0 tools/bin/sweep-table --csv e
	test "$(grep -c 'there is no runs' <<<"$output")" -eq 11
}

@test "an experiment that somebody has: wait for it, or stop it" {
	printf '#!/bin/sh\nuntil test -e go; do sleep 0.02; done\n' >prog
	expect 0 tools/bin/sweep-expand -q -d e specs/s.yaml
	tools/bin/run-one <e/plan.jsonl >/dev/null 2>&1 3>&- &
	wait_until tools/bin/sweep-lock --held e
	expect 75 tools/bin/run-one <e/plan.jsonl
	[[ $errors == *"; wait for it, or stop it with sweep-lock --stop e" ]]
	expect 0 tools/bin/sweep-lock --stop e
	: >go
	expect 0 tools/bin/run-one <e/plan.jsonl
}

@test "a journal that is no JSON: move the file away" {
	expect 0 tools/bin/run-experiment -q --dir e specs/s.yaml
	sed -i '1s/^/garbage\n/' e/records/run_000.jsonl
	expect 2 tools/bin/meta-merge e
	[[ $errors == *"e/records/run_000.jsonl:1:"*"repair the line, or move the file away" ]]
	mv e/records/run_000.jsonl away
	expect 0 tools/bin/meta-merge e
	expect 0 tools/bin/run-experiment -q --dir e specs/s.yaml --resume
	test "$(counts e)" = '[2,0,0,0]'
}
