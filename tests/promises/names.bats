load ../helper

# Names that a record cannot hold, or a shell loses the end of, are refused before anything
# is written. What stands for a name afterwards is that name.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: lr\nmode: training\nbase_config: configs/base.yaml\ncommand: ["true"]\nsweep: {lr: [1, 2]}\n' >specs/lr.yaml
	export XDG_STATE_HOME=$PWD/state
}

listed() {
	find . -name .out -o -name .err -o -print | sort
}

# Nothing was written.
unchanged() {
	test "$(listed)" = "$before"
}

@test "a line break in the name of an experiment is refused before anything is written" {
	local name=$'a\n'
	# the one that the name would become
	expect 0 sweep-expand -q -d a specs/lr.yaml
	before=$(listed)
	for word in "$name" $'a\nb' $'a\tb' $'\x1b]a' $'a\n/b'; do
		expect 2 sweep-expand -q -d "$word" specs/lr.yaml
		[[ $errors == "sweep-expand: --dir "*" has a control character; choose another name" ]]
		test "${errors//$'\n'/}" = "$errors"
		expect 2 sweep-expand -q -p "$word" specs/lr.yaml
		unchanged
	done
	expect 2 driver run-experiment specs/lr.yaml --dir "$name"
	expect 2 driver run-experiment specs/lr.yaml --dir "$name" --resume
	expect 2 driver run-experiment specs/lr.yaml --dir "$name" --dry-run
	expect 2 driver run-experiment --dir "$name"
	expect 2 driver slurm-experiment specs/lr.yaml --dir "$name"
	expect 2 driver slurm-experiment --stop "$name"
	for reader in sweep-table sweep-report sweep-plot sweep-metrics; do
		expect 2 driver $reader "$name"
		[[ $errors == *"has no line break"* || $errors == *gnuplot* ]]
	done
	expect 2 run-one <<<'{"run":"run_000","experiment_dir":"a\n","command":["true"]}'
	unchanged
}

@test "names that are not UTF-8 are refused before anything is written" {
	local name=$'b\xff'
	mkdir "$name" 2>/dev/null || skip "the file system takes no such name"
	cp specs/lr.yaml "$name.yaml"
	before=$(listed)
	expect 2 sweep-expand -q -d "$name/e" specs/lr.yaml
	test "$errors" = 'sweep-expand: --dir b\xff/e is not UTF-8, and no record can hold it; choose another name'
	expect 2 sweep-expand -q -p "$name" specs/lr.yaml
	expect 2 sweep-expand -q -d e "$name.yaml"
	expect 2 driver run-experiment "$name.yaml"
	expect 2 driver run-experiment specs/lr.yaml --dir "$name"
	expect 2 driver run-background --experiment "$name.yaml"
	unchanged
	# what is not kept is no matter
	expect 0 sweep-expand -q "$name.yaml"
	expect 0 sweep-expand -q -d e specs/lr.yaml
	rm -r e
	cp -r configs specs "$name"
	(
		cd "$name"
		before=$(listed)
		expect 2 sweep-expand -q -d e specs/lr.yaml
		[[ $errors == "sweep-expand: the current directory "*'/b\xff is not UTF-8'* ]]
		expect 2 driver run-experiment specs/lr.yaml
		unchanged
		expect 0 sh -c 'sweep-expand -q specs/lr.yaml | run-one'
	)
	expect 0 sweep-expand -q -d e specs/lr.yaml
	before=$(listed)
	sed 's|"e"|"../e"|; s|"e/|"../e/|g' e/plan.jsonl >plan
	(cd "$name" && expect 2 run-one <../plan)
	rm plan
	unchanged
}

@test "a command that JSON cannot hold is not started as another one in the background" {
	local name=$'c\xff'
	expect 2 driver run-background --name c -- touch "$name"
	[[ $errors == "run-background: a word of the command is not UTF-8"* ]]
	test ! -e background_runs
	expect 0 driver run-background --name c -- touch $'d\n' 'é "' ''
	wait_until test -e 'é "'
	test -e $'d\n'
}

@test "a background directory with a line break in its name does not make --clean remove another" {
	mkdir -p $'background_runs/x\nspecs/records' background_runs/y/records
	printf '{"run":"sweep","experiment_dir":"x","status":"pending"}\n' | tee $'background_runs/x\nspecs/plan.jsonl' >background_runs/y/plan.jsonl
	expect 0 driver run-background --clean --yes
	test -e specs/lr.yaml
	test -e $'background_runs/x\nspecs/plan.jsonl'
	test ! -e background_runs/y
}

@test "the directory of a run whose name no record can hold is not recorded as another one" {
	cat >prog <<-'END'
		#!/bin/sh
		name=runs/$(test "$RUN_ATTEMPT" = 2 && echo good || printf 'd\377')
		mkdir -p "$name" && echo '{"loss":1}' >"$name/metrics.json"
	END
	chmod +x prog
	mkdir runs
	printf 'name: lr\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nrun_dir: runs\nmetrics: metrics.json\nsweep: {lr: [1]}\n' >specs/one.yaml
	expect 0 sweep-expand -q -d e specs/one.yaml
	expect 0 sh -c 'run-one <e/plan.jsonl | meta-merge >/dev/null'
	jq -e '.runs[0] | .metrics.loss == 1 and (has("run_dir") | not) and .run_dir_error == "its name is not UTF-8, and no record can hold it"' e/experiment.json
	expect 0 sh -c 'run-one -f <e/plan.jsonl | meta-merge >/dev/null'
	jq -e '.runs[0] | .run_dir == "runs/good" and (has("run_dir_error") | not)' e/experiment.json
}

@test "a current directory that is gone is said to be gone" {
	local gone="the current directory is gone; cd to one that exists" top_dir=$PWD
	expect 0 sweep-expand -q -d e specs/lr.yaml
	mkdir sub
	cd sub
	rmdir ../sub
	expect 2 sweep-expand -q -d "$top_dir/f" "$top_dir/specs/lr.yaml"
	test "$errors" = "sweep-expand: $gone"
	expect 2 sweep-expand -q -p "$top_dir/f" "$top_dir/specs/lr.yaml"
	test "$errors" = "sweep-expand: $gone"
	test ! -e "$top_dir/f"
	expect 2 sh -c "sed 's|\"e\"|\"$top_dir/e\"|; s|\"e/|\"$top_dir/e/|g' '$top_dir/e/plan.jsonl' | run-one"
	[[ $errors == *"run-one: $gone; no line after stdin:1 was run" ]]
	expect 2 run-one <<<'{"run":"run_000","command":["true"]}'
	[[ $errors == "run-one: $gone"* ]]
	for words in "run-experiment $top_dir/specs/lr.yaml" "run-background -- true" "slurm-experiment $top_dir/specs/lr.yaml" \
		"sweep-table" "sweep-report e" "sweep-metrics e"; do
		# shellcheck disable=SC2086  # words
		expect 2 driver $words
		[[ $errors == *"${words%% *}: $gone" ]]
	done
	cd "$top_dir"
}
