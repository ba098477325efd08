load ../helper

# What the programs say: of options, of a dry run, of lines that cannot be read.

prepare() {
	printf 'dataset: d\nmodel: m\nlr: 0.1\nseed: 1\n' >configs/base.yaml
	printf 'name: s\nmode: train\nbase_config: configs/base.yaml\nsweep: {lr: [0.10, 1e-3, 0.3]}\n' >specs/s.yaml
	printf 'train:\n  command: [./prog, "{config}"]\n  flags: [--show]\neval:\n  command: [./prog, "{config}"]\n' >modes.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\ntest "$RUN_ID" != run_001 || test -e ok\n' >prog
	chmod +x prog
}

# ---- options ----

@test "an unknown option with a value is what is wrong, not the spec" {
	local driver words
	for driver in run-experiment slurm-experiment; do
		for words in "specs/s.yaml --foo 3" "--foo 3 specs/s.yaml" "specs/s.yaml --foo=3" "--exp specs/s.yaml --foo 3"; do
			# shellcheck disable=SC2086
			expect 2 env PATH="$top/tests/slurm:$PATH" ${SWEEP_SH:-sh} "$top/bin/$driver" $words
			[[ $errors == "$driver: --foo is neither an option nor a flag of the mode, which has --show" ]]
			test "$(wc -l <<<"$errors")" -eq 1
		done
	done
	expect 2 driver run-experiment --exp specs/s.yaml --show 3
	test "$errors" = "run-experiment: option --show takes no value"
	expect 2 driver run-experiment --exp specs/s.yaml --show=3
	test "$errors" = "run-experiment: option --show takes no value"
	expect 2 driver run-experiment --exp specs/s.yaml --resume=3
	test "$errors" = "run-experiment: option --resume takes no value"
	expect 2 driver run-experiment --foo 3
	test "$errors" = "run-experiment: 3 is not a file, and --foo is not an option that takes a value; see run-experiment --help"
	expect 2 driver run-background --experiment specs/s.yaml --foo 3
	test "$errors" = "run-background: unexpected argument 3; --foo takes no value, or is no option; see run-background --help"
	expect 2 driver run-experiment specs/s.yaml specs/t.yaml
	test "$errors" = "run-experiment: one spec at a time: specs/s.yaml or specs/t.yaml"
	test ! -e experiments
}

@test "every program names the option that it does not know, wherever it stands" {
	local program
	for program in sweep-expand meta-merge sweep-table sweep-plot sweep-compare sweep-report sweep-metrics sweep-watch; do
		expect 2 "$program" --foo=3
		[[ $errors == "$program: unknown option --foo"*"; see $program --help" ]]
		expect 2 "$program" --foo 3
		[[ $errors == "$program: unknown option --foo; see $program --help" ]]
	done
	for program in sweep-expand meta-merge sweep-watch; do
		expect 2 "$program" x --foo=3
		test "$errors" = "$program: unknown option --foo; see $program --help"
	done
	expect 2 sweep-expand specs/s.yaml --quiet=3
	test "$errors" = "sweep-expand: option --quiet takes no value; see sweep-expand --help"
	expect 2 sweep-expand specs/s.yaml --quiet -qz
	test "$errors" = "sweep-expand: unknown option -z; see sweep-expand --help"
	expect 2 sweep-expand specs/s.yaml --dir
	test "$errors" = "sweep-expand: option --dir needs a value; see sweep-expand --help"
	expect 2 sweep-table --csv=3 x
	test "$errors" = "sweep-table: option --csv takes no value; see sweep-table --help"
}

@test "no message speaks of a mode that modes.yaml does not have" {
	sed -i '/^mode:/d' specs/s.yaml
	expect 2 sweep-expand specs/s.yaml
	test "$errors" = "sweep-expand: specs/s.yaml:1:1: mode is missing; write mode: train (or eval)"
	echo 'mode:' >>specs/s.yaml
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == *": mode is empty; write mode: train (or eval)" ]]
	sed -i '$d' specs/s.yaml
	echo 'mode: eval' >>specs/s.yaml
	expect 2 driver run-experiment specs/s.yaml --foo
	test "$errors" = "run-experiment: unknown option --foo, and the mode takes no flags; see run-experiment --help"
	expect 2 driver run-experiment specs/s.yaml --mode simulation
	[[ $errors == *"unknown mode simulation; use train or eval" ]]
}

@test "what is wrong with a driver's option is said in its own name" {
	local driver option
	for driver in run-experiment slurm-experiment "run-background --experiment"; do
		for option in "--timeout abc" "--grace x" "--retries -1"; do
			# shellcheck disable=SC2086
			expect 2 env PATH="$top/tests/slurm:$PATH" ${SWEEP_SH:-sh} "$top"/bin/$driver specs/s.yaml $option
			[[ $errors == "${driver% *}: ${option% *} takes a "*", not ${option#* }; see ${driver% *} --help" ]]
			test "$(wc -l <<<"$errors")" -eq 1
		done
	done
	test ! -e experiments
	test ! -e background_runs
}

# ---- dry runs ----

@test "--dry-run counts, and spells values as they were written" {
	expect 0 driver run-experiment specs/s.yaml --dry-run
	test "$(sed -n 2,4p <<<"$output" | awk '{print $2}' | tr '\n' ' ')" = "lr=0.10 lr=1e-3 lr=0.3 "
	test "$(tail -n 1 <<<"$output")" = "3 runs: 3 to start"
	expect 0 driver run-experiment specs/s.yaml --dry-run --limit 2
	test "$(grep -c ^run_ <<<"$output")" -eq 2
	test "$(tail -n 1 <<<"$output")" = "3 runs: 2 to start, 1 left for later"
	test ! -e experiments
}

@test "--resume --dry-run shows what would be started, in that order" {
	expect 1 driver run-experiment specs/s.yaml --limit 2
	ls -lR experiments >before
	expect 0 driver run-experiment specs/s.yaml --resume --dry-run
	test "$(awk '/^run_/ {print $1, $2}' <<<"$output")" = $'run_001 lr=1e-3\nrun_002 lr=0.3'
	test "$(tail -n 1 <<<"$output")" = "3 runs: 2 to start, 1 completed"
	# what was never started comes first where not all are
	expect 0 driver run-experiment specs/s.yaml --resume --dry-run --limit 1
	test "$(awk '/^run_/ {print $1, $2}' <<<"$output")" = "run_002 lr=0.3"
	test "$(tail -n 1 <<<"$output")" = "3 runs: 1 to start, 1 left for later, 1 completed"
	rm ran
	cp -a experiments kept
	driver run-experiment -q specs/s.yaml --resume --limit 1 || :
	test "$(cat ran)" = run_002
	expect 0 driver run-experiment specs/s.yaml --resume --dry-run --force
	test "$(grep -c ^run_ <<<"$output")" -eq 3
	test "$(tail -n 1 <<<"$output")" = "3 runs: 3 to start"
	touch ok
	expect 0 driver run-experiment specs/s.yaml --resume
	expect 0 driver run-experiment specs/s.yaml --resume --dry-run
	test "$output" = "3 runs: 0 to start, 3 completed"
	rm -r experiments && mv kept experiments
	ls -lR experiments | diff before -
}

@test "--dry-run of a directory that is there says what a run would say" {
	touch ok
	expect 0 driver run-experiment specs/s.yaml --dir e/x
	expect 2 driver run-experiment specs/s.yaml --dir e/x
	[[ $errors == *": e/x is an experiment already; resume it by --resume, or choose another directory" ]]
	expect 2 driver run-experiment specs/s.yaml --dir e/x --dry-run
	[[ $errors == *": e/x is an experiment already; resume it by --resume, or choose another directory" ]]
	expect 0 driver run-experiment specs/s.yaml --dir e/x --resume --dry-run
	mkdir e/y && touch e/y/mine
	expect 2 driver run-experiment specs/s.yaml --dir e/y
	[[ $errors == *": e/y is not empty; choose another directory" ]]
}

# ---- lines and configs that cannot be read ----

@test "a config that cannot be read is what is wrong, not the placeholder" {
	expect 0 sweep-expand -q -d e/x specs/s.yaml
	# that it was changed is not looked at
	sed 's/"config_cksum":"[^"]*",//' e/x/plan.jsonl >plan
	local file=e/x/configs/run_000.yaml
	printf 'lr: [0.1\n' >$file
	expect 2 sh -c 'run-one -- echo {lr} {model} <plan'
	[[ $errors == "run-one: $file:2:1: did not find expected ',' or ']'"* ]]
	printf -- '- a\n' >$file
	expect 2 sh -c 'run-one -- echo {model} <plan'
	[[ $errors == "run-one: $file:1:1: is not a map; "* ]]
	printf 'model: [a]\n' >$file
	expect 2 sh -c 'run-one -- echo {model} <plan'
	[[ $errors == "run-one: $file:1:8: placeholder {model} is a list or map; "* ]]
	printf 'other: [a]\n' >$file
	expect 2 sh -c 'run-one -- echo {model} <plan'
	[[ $errors == "run-one: unknown placeholder {model} in {model}; "* ]]
	rm $file
	expect 2 sh -c 'run-one -- echo {model} <plan'
	[[ $errors == "run-one: $file: cannot be opened: No such file"* ]]
	test "$(wc -l <<<"$errors")" -eq 1
}

@test "a line that ends run-one says that those after it were not run" {
	touch ok
	expect 0 sweep-expand -q -d e/x specs/s.yaml
	expect 2 sh -c 'sed "2s/^{/x/" e/x/plan.jsonl | run-one'
	[[ $errors == "run-one: stdin:2: "*"; no line after stdin:2 was run" ]]
	test "$(cat ran)" = run_000
	expect 2 sh -c 'sed "2s/\"command\":[^]]*\],//" e/x/plan.jsonl | run-one'
	[[ $errors == "run-one: run_001 has no command; "*"; no line after stdin:2 was run" ]]
	test "$(cat ran)" = run_000
	rm ran
	expect 2 sh -c 'sed "3s/^{/x/" e/x/plan.jsonl | run-one -f -j 2'
	[[ $errors == "run-one: stdin:3: "*"; no line after stdin:3 was run" ]]
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_001 "
}

@test "a line that meta-merge or find-rundir cannot read is left out, and said to be" {
	expect 0 sweep-expand -q -d e/x specs/s.yaml
	expect 2 sh -c '{ echo no; echo "{\"run\":\"run_000\",\"experiment_dir\":\"e/x\",\"metrics\":{\"a\":1}}"; } | meta-merge'
	[[ $errors == "meta-merge: stdin:1:1: "*", and this one is ignored" ]]
	jq -e '.runs[0].metrics.a == 1' e/x/experiment.json
	expect 2 sh -c '{ echo no; sed 1q e/x/plan.jsonl; } | find-rundir'
	[[ $errors == "find-rundir: stdin:1:1: "*", and this one is ignored"* ]]
}

@test "a dry run ends, however long a value is" {
	local long
	long=$(head -c 400000 /dev/zero | tr '\0' 'y')
	printf 'name: s\nmode: train\nbase_config: configs/base.yaml\nsweep: {lr: [1, 2], model: [x, "%s"]}\n' "$long" >specs/s.yaml
	# hours, where blanks are stripped by a regular expression
	expect 0 timeout 100 ${SWEEP_SH:-sh} "$top/bin/run-experiment" specs/s.yaml --dry-run
	test "$(awk '/^run_/ { print $2, length($3), $4 }' <<<"$output")" = $'lr=1 7 ./prog\nlr=1 400006 ./prog\nlr=2 7 ./prog\nlr=2 400006 ./prog'
}

# ---- one and many ----

@test "one run is not \"1 runs\", in any program" {
	touch ok
	echo '{"accuracy": 0.5}' >m.json
	printf 'train:\n  command: [./prog, "{config}"]\n  run_dir: runs/{run}\n' >modes.yaml
	printf '#!/bin/sh\nmkdir -p "runs/$RUN_ID" && cp m.json "runs/$RUN_ID/metrics.json"\n' >prog
	sed -i 's/lr: \[.*\]/lr: [0.1]/' specs/s.yaml
	expect 0 driver run-experiment specs/s.yaml --dry-run
	test "$(tail -n 1 <<<"$output")" = "1 run: 1 to start"
	local dir
	for dir in a b; do
		expect 0 driver run-experiment specs/s.yaml --dir $dir
		[[ $output == *$'\n1 run: 1 completed\n'* ]]
	done
	expect 0 driver sweep-compare a b
	[[ $output == *"1 run with equal parameters, "* ]]
	rm -f runs/run_000/metrics.json
	echo '{"accuracy": 0.7}' >m.json
	expect 0 driver run-experiment specs/s.yaml --dir b --resume --force
	expect 0 driver sweep-compare a b
	[[ $output == *"1 run with equal parameters, 1 with different metrics"* ]]
	expect 0 driver sweep-metrics b
	test "$output" = "b: metrics of 1 of 1 completed run"
	cp b/plan.jsonl plan
	cat plan plan >b/plan.jsonl
	expect 2 driver run-experiment --dir b --resume
	[[ $errors == *"b/plan.jsonl has 2 lines for the 1 run of b/spec.yaml; "* ]]
}

@test "no message counts \"1 runs\": each count that is printed knows one from many" {
	! grep -nE '%(zu|llu|lld|d|u) (runs|tasks|processes|configs|directories|lines)\b|%s (runs|tasks) ' "$top"/src/*.c "$top"/lib/*/*.c "$top"/bin/run-experiment "$top"/bin/run-background "$top"/bin/slurm-experiment |
		grep -vF 'is the file of %zu runs' # two at least
}
