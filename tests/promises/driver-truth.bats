load ../helper

# What a driver says at its end is what is on disk, whatever lies in the directory.

prepare() {
	printf 'dataset: d\nmodel: m\nlr: 0.1\nseed: 1\n' >configs/base.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\ntest ! -e fail\n' >prog
	chmod +x prog
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lr: [0.1, 0.2, 0.3]}\ncommand: [./prog, "{config}"]\n' >specs/s.yaml
}

run() { driver run-experiment --exp specs/s.yaml --dir e "$@"; }

# count TEXT - how often is it in the messages of the last command?
count() { grep -cF -- "$1" <<<"$errors" || :; }

# ---- records that cannot be read ----

# relied on: A record that cannot be read is named in it, and the others are folded.
@test "a journal that cannot be read stops neither the fold nor the other runs, and is named once" {
	expect 0 run --limit 2
	echo 'what is this' >>e/records/run_000.jsonl
	expect 2 run --resume
	test "$(count 'run-one: e/records/run_000.jsonl:3:')" = 1
	test "$(count 'meta-merge: e/records/run_000.jsonl:3:1: not a JSON object')" = 1
	[[ $output == *"3 runs: 3 completed"*"unreadable parts of 1 file are missing"*"results: e/experiment.json; configs"* ]]
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_001 run_002 "
	jq -e '(.record_errors | length == 1) and (.runs[0].record_error | startswith("e/records/run_000.jsonl:3:1: not a JSON object")) and
		(.runs[1:] | all(has("record_error") | not))' e/experiment.json
	sed -i '$d' e/records/run_000.jsonl
	expect 0 run --resume
	test -z "$errors"
	jq -e 'has("record_errors") or any(.runs[]; has("record_error")) | not' e/experiment.json
	test "$(wc -l <ran)" -eq 3
}

@test "a run whose end stands in a bad line is not run again, and is not said to have completed" {
	expect 0 run
	sed -i '2s/"status"/"st/' e/records/run_001.jsonl
	rm e/experiment.json
	expect 2 run --resume
	[[ $output == *"3 runs: "*"2 completed"* && $output != *"3 completed"* ]]
	test "$(wc -l <ran)" -eq 3
	jq -e '.runs[1] | .status != "completed" and .record_error' e/experiment.json
}

@test "whatever lies among the records, the rest is folded and what does not belong there is named" {
	local kind
	expect 0 run --limit 2
	for kind in directory garbage link fifo; do
		case $kind in
		directory) mkdir e/records/zz.jsonl ;;
		garbage) head -c 3000 /dev/urandom | tr '\0' x >e/records/zz.jsonl && echo >>e/records/zz.jsonl ;;
		link) ln -s /etc/passwd e/records/zz.jsonl ;;
		fifo) mkfifo e/records/zz.jsonl ;;
		esac
		rm -f e/experiment.json
		expect 2 meta-merge e
		test "$(count e/records/zz.jsonl)" = 1
		jq -e '.counts.completed == 2 and .total == 3 and (.record_errors[0] | startswith("e/records/zz.jsonl"))' e/experiment.json
		expect 2 driver run-experiment --dir e --resume --limit 0
		[[ $output == *"3 runs: 1 pending, 2 completed"* ]]
		expect 2 driver sweep-table e
		test "$(wc -l <<<"$output")" -eq 4
		expect 0 sweep-watch -1 e
		[[ $output == *"e/records/zz.jsonl"* ]]
		# the document is there, and the report is made of it
		expect 2 driver sweep-report e
		test "$(count e/records/zz.jsonl)" = 1
		test -s e/report.html
		rm -rf e/records/zz.jsonl
	done
	expect 0 meta-merge e
}

@test "--jobs: a journal that cannot be read costs no other run" {
	expect 0 run --limit 1
	mkdir e/records/run_001.jsonl
	expect 2 run --resume --jobs 2
	[[ $errors == *"run-one: e/records/run_001.jsonl cannot be opened: it is not a regular file"* ]]
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_002 "
	[[ $output == *"3 runs: 1 pending, 2 completed"* ]]
}

@test "records that cannot be reached at all: the counts of before are not told as those of now" {
	expect 0 run --limit 1
	mv e/records aside
	: >e/records
	for args in '' --quiet; do
		run --resume $args >out 2>errors && return 1
		[[ $(cat errors) == *e/records* ]]
		[[ $(cat out) != *"completed"* ]]
		[[ $(cat out) == *"the state of the runs is unknown"*"experiment.json (old; it could not be written)"* ]]
	done
}

# ---- experiment.json ----

# relied on: A document that was edited, cut or deleted is made again.
@test "experiment.json of any shape breaks nothing, and is made again" {
	local text
	expect 0 run
	cp e/experiment.json good
	while IFS= read -r text; do
		printf '%b' "$text" >e/experiment.json
		expect 0 run --resume
		[[ $output == *"3 runs: 3 completed"* ]]
		test -z "$errors"
		test "$(jq -c .counts e/experiment.json)" = '{"pending":0,"running":0,"completed":3,"failed":0}'
	done <<-'END'
		{"counts":{"pending":0,"running":0,"completed":999999999999999999999999,"failed":0},\n"runs":[\n]}\n
		{\n"total":3,\n"counts":{"pending":0,"running":0,"completed":-5,"failed":0},\n"runs":[\n]}\n
		{\n"total":3,\n"counts":{"pending":0,"running":0,"completed":08,"failed":0},\n"runs":[\n]}\n
		{\n"total":3,\n"counts":{"pending":,"running":,"completed":,"failed":},\n"runs":[\n]}\n
		{\n"total":3,\n"counts":{"pending":0,"running":0,"completed":3,"failed":0},\n"runs":[\n{"run":"run_0
		{\n"total":7,\n"counts":{"pending":0,"running":0,"completed":9,"failed":0},\n"runs":[\n]}\n
		{\n"total":3,\n"counts":{"completed":total[$(touch pwned)]},\n"runs":[\n]}\n
		\0\0\0\0
		null
	END
	test ! -e pwned
	for kind in directory fifo dangling; do
		rm -f e/experiment.json
		case $kind in
		directory) mkdir e/experiment.json && rmdir e/experiment.json ;;
		fifo) mkfifo e/experiment.json ;;
		dangling) ln -s nowhere e/experiment.json ;;
		esac
		expect 0 run --resume
		[[ $output == *"3 runs: 3 completed"* ]]
		cmp good e/experiment.json
		test ! -L e/experiment.json && test ! -e e/nowhere
	done
	test "$(wc -l <ran)" -eq 3
}

@test "counts that were edited do not hide what is pending, nor what has completed" {
	expect 0 run --limit 1
	sed -i 's/"counts".*/"counts":{"pending":0,"running":0,"completed":3,"failed":0},/' e/experiment.json
	expect 0 run --resume
	[[ $output == *"3 runs: 3 completed"* ]]
	test "$(wc -l <ran)" -eq 3
	sed -i 's/"counts".*/"counts":{"pending":3,"running":0,"completed":0,"failed":0},/' e/experiment.json
	expect 0 run --resume
	[[ $output == *"3 runs: 3 completed"* ]]
	test "$(wc -l <ran)" -eq 3
	jq -e '.counts.completed == 3' e/experiment.json
}

@test "looking at an experiment does not depend on its experiment.json" {
	expect 0 run
	for text in '' x '{"runs":5}' '[]' null; do
		printf '%s' "$text" >e/experiment.json
		expect 0 sweep-watch -1 e
		[[ $output == *"3/3"* ]]
		printf '%s' "$text" >e/experiment.json
		expect 0 driver sweep-report -o page e
		grep -q run_002 page
	done
}

# ---- a plan that is not that of its experiment ----

# refused TEXT - --resume says so, and starts nothing.
refused() {
	cp e/plan.jsonl plan.edited
	expect 2 run --resume
	[[ $errors == *"$1"* ]] || { echo "$errors" >&2 && return 1; }
	test ! -e ran
	# the message says what to do
	[[ $errors == *"make it again with "*"-n -d e e/spec.yaml >e/plan.jsonl"* ]]
	sweep-expand -q -n -d e e/spec.yaml >plan && cp plan e/plan.jsonl
	cmp plan.whole e/plan.jsonl
}

@test "a plan with a line of another experiment, twice the same line, or one too few is refused before anything runs" {
	expect 0 sweep-expand -q -d e specs/s.yaml
	expect 0 sweep-expand -q -d f specs/s.yaml
	cp e/plan.jsonl plan.whole
	sed -i '2s|"experiment_dir":"e"|"experiment_dir":"f"|' e/plan.jsonl
	refused 'e/plan.jsonl:2: it is the line of another experiment; restore it'
	sed -i '3s|"experiment_dir":"e",||' e/plan.jsonl
	refused 'e/plan.jsonl:3: it is not a run line of this experiment'
	sed -n '1p;2p;2p' plan.whole >e/plan.jsonl
	refused 'e/plan.jsonl:3: another line is of the same run'
	sed -i '2s|"index":1|"index":7|' e/plan.jsonl
	refused 'e/plan.jsonl:2: its index is not that of a run of this experiment'
	echo what >>e/plan.jsonl
	refused 'e/plan.jsonl has 4 lines for the 3 runs'
	sed -i '2s|.*|what|' e/plan.jsonl
	refused 'e/plan.jsonl:2: not a JSON object'
	test ! -e f/lock
	# another spelling of its name is its name; another order is an order
	sed '2s|"experiment_dir":"e"|"experiment_dir":"../'"${PWD##*/}"'/e"|;1h;1d;$G' plan.whole >e/plan.jsonl
	expect 0 run --resume
	[[ $output == *"3 runs: 3 completed"* ]]
}

@test "run-one --plan starts no run of another experiment, and status 0 means that all have completed" {
	expect 0 sweep-expand -q -d e specs/s.yaml
	expect 0 sweep-expand -q -d f specs/s.yaml
	sed -i '2s|"experiment_dir":"e"|"experiment_dir":"f"|' e/plan.jsonl
	expect 2 run-one --plan e
	[[ $errors == "run-one: e/plan.jsonl:2: run_001 is of f, not of e; restore the plan; no line after e/plan.jsonl:2 was run" ]]
	test "$(cat ran)" = run_000
	test ! -e f/lock
	# what run-one does not notice, the driver does
	expect 0 sweep-expand -q -d g specs/s.yaml
	mkdir b
	printf '#!/bin/sh\ncase " $* " in *" --plan "*) exit 0 ;; esac\nexec "%s/run-one" "$@"\n' "$bin" >b/run-one
	chmod +x b/run-one
	mkdir -p x && put_programs there
	cp b/run-one there/bin/run-one
	expect 2 ${SWEEP_SH:-sh} there/bin/run-experiment --exp specs/s.yaml --dir g --resume
	[[ $errors == *"g: 3 runs of 3 not completed, but no line of its plan.jsonl is for them"* ]]
}

# ---- the directory gets another name meanwhile ----

# begin ARG... - a sweep whose first run waits until told; renamed: what is to be done then.
begin() {
	cat >prog <<-'EOF'
		#!/bin/sh
		echo "$RUN_ID" >>ran
		echo "$PWD/runs/$RUN_ID" >"$RUN_DIR_FILE"
		mkdir -p "runs/$RUN_ID"
		echo '{"acc": 0.5}' >"runs/$RUN_ID/metrics.json"
		touch begun
		until test -e go; do sleep 0.02; done
		test ! -e fail
	EOF
	run "$@" >out 2>errors &
	runner=$!
	wait_until test -e begun
}

# ended STATUS - the sweep ends with it.
ended() {
	local status=0
	touch go
	wait "$runner" || status=$?
	errors=$(cat errors) output=$(cat out)
	test "$status" = "$1" || { echo "status $status: $errors" >&2 && return 1; }
}

@test "the experiment is renamed while it runs and another made under its name: the two are not mixed" {
	begin
	mv e old
	sweep-expand -q -d e specs/s.yaml >/dev/null
	find e | sort >before
	ended 2
	[[ $errors == *"run-one: e was renamed while it was in use, to $PWD/old; its results are where it is now; no line after e/plan.jsonl:2 was run"* ]]
	[[ $output != *completed* && $output != *"results: "* ]]
	test "$(cat ran)" = run_000
	grep -v -e '^e/lock$' <(find e | sort) | diff before -
	grep -q '"status":"completed".*"acc":0.5' old/records/run_000.jsonl
	jq -e '.counts == {pending: 2, running: 0, completed: 1, failed: 0}' old/experiment.json
	# put back it goes on
	rm -r e && mv old e
	expect 0 run --resume
	[[ $output == *"3 runs: 3 completed"* ]]
	test "$(sort ran | uniq -d)" = ""
}

@test "... and in its last run, where nothing more would be started" {
	begin --limit 1
	mv e old
	sweep-expand -q -d e specs/s.yaml >/dev/null
	ended 2
	test "$(count 'was renamed while it was in use')" = 1
	[[ $output != *completed* && $output != *"results: "* ]]
	test ! -e e/experiment.json
	jq -e '.counts.completed == 1' old/experiment.json
}

@test "... before a second attempt" {
	touch fail
	begin --limit 1 --retries 3
	mv e old
	sweep-expand -q -d e specs/s.yaml >/dev/null
	ended 2
	test "$(cat ran)" = run_000
	test ! -e e/records/run_000.jsonl && test ! -e e/logs/run_000.log
	test "$(jq -s '.[-1].reason' old/records/run_000.jsonl)" = '"exit"'
}

@test "... with --jobs" {
	begin --jobs 2
	mv e old
	sweep-expand -q -d e specs/s.yaml >/dev/null
	ended 2
	[[ $errors == *"e was renamed while it was in use"* ]]
	[[ $output != *completed* && $output != *"results: "* ]]
	test ! -e e/records/run_002.jsonl && test ! -e e/experiment.json
	test "$(sort ran | uniq -d)" = ""
	grep -q '"status":"completed"' old/records/run_000.jsonl
}

@test "... or it is renamed only, or removed" {
	begin
	mv e old
	ended 2
	[[ $errors == *"e was renamed while it was in use, to $PWD/old; its results are where it is now"* ]]
	jq -e '.counts.completed == 1' old/experiment.json
	test ! -e e
	# its config is where it is now, too, and as it was
	[[ $errors != *"restore it"* ]]
	test "$(jq -s '.[-1].config_changed' old/records/run_000.jsonl)" = null
	rm -r old go begun ran
	begin
	wait_until rm -rf e # while files are made in it
	ended 2
	[[ $errors == *"e was removed while it was in use"* && $errors != *"restore it"* ]]
}

# ---- a config that was changed ----

# relied on: A run whose config differs from the plan is not started, and a message says how to restore it.
@test "a config that the program changes is not run again as the planned one, and the command that restores it works" {
	printf '#!/bin/sh\necho "$RUN_ID $(cat "$1" | tr "\\n" " ")" >>ran\necho "lr: 99" >"$1"\ntest -e ok\n' >prog
	expect 1 run --limit 1 --retries 2
	test "$(cat ran)" = "run_000 dataset: d model: m lr: 0.1 seed: 1 "
	[[ $errors == *"run-one: run_000: e/configs/run_000.yaml is not what was planned: it has been changed; restore it before the run is tried again: sweep-expand -q -i 0 e/spec.yaml | jq -rj .config_yaml >e/configs/run_000.yaml"* ]]
	jq -se '(.[1].config_changed) and .[1].reason == "exit" and .[2].status == "failed" and .[2].reason == "not_started" and
		(.[2].error | startswith("e/configs/run_000.yaml is not what was planned")) and (.[2] | has("config_changed") | not) and length == 3' e/records/run_000.jsonl
	[[ $output == *"failed: run_000"*"e/configs/run_000.yaml is not what was planned"* ]]
	expect 1 sh -c 'sed -n 1p e/plan.jsonl | run-one'
	test "$(wc -l <ran)" -eq 1
	# as the message says
	eval "$(sed -n 's/.*restore it: \(.*\)/\1/p' <(jq -r '.error // empty' e/records/run_000.jsonl | tail -n 1))"
	touch ok
	expect 0 run --resume
	test "$(grep -c '^run_000 dataset: d model: m lr: 0.1 seed: 1 $' ran)" -eq 2
	test "$(grep -c 99 ran)" -eq 0
	jq -e '.counts.completed == 3 and ([.runs[] | select(.config_changed)] | length == 3)' e/experiment.json
}

@test "... in a directory whose name a shell would read otherwise, too, as does the one that makes the plan again" {
	local dir="it's \$here"
	expect 0 sweep-expand -q -d "$dir" specs/s.yaml
	rm "$dir/configs/run_001.yaml"
	expect 1 run-one --plan "$dir"
	eval "$(sed -n 's/.*restore it: \(.*\)/\1/p' <(jq -r '.error // empty' "$dir/records/run_001.jsonl"))"
	expect 0 run-one --plan "$dir"
	cp "$dir/plan.jsonl" plan.whole
	sed -i 2d "$dir/plan.jsonl"
	expect 2 sweep-expand -q -r -d "$dir" specs/s.yaml
	eval "$(sed -n 's/.* make it again with \(.*\)/\1/p' <<<"$errors")"
	cmp plan.whole "$dir/plan.jsonl"
}

# relied on: A run whose config differs from the plan is not started, and a message says how to restore it.
@test "a config that was changed by hand, cut or removed is said, and the other runs go on" {
	local how
	expect 0 sweep-expand -q -d e specs/s.yaml
	sed -i 's/seed: 1/seed: 2/' e/configs/run_000.yaml
	: >e/configs/run_001.yaml
	expect 1 run --resume
	test "$(cat ran)" = run_002
	jq -e '[.runs[] | .reason] == ["not_started", "not_started", null]' e/experiment.json
	rm ran e/configs/run_001.yaml
	expect 1 run --resume --jobs 2
	test ! -e ran
	[[ $errors == *"e/configs/run_001.yaml cannot be read: No such file or directory"* ]]
	# a command with placeholders reads the config
	expect 1 run-one --plan e -- ./prog '{lr}'
	test ! -e ran
	for how in 0 1; do
		sweep-expand -q -i $how e/spec.yaml | jq -rj .config_yaml >e/configs/run_00$how.yaml
	done
	expect 0 run --resume
	[[ $output == *"3 runs: 3 completed"* ]]
}

@test "the plan has of each config what cksum prints, whatever the format" {
	local i
	printf '{"dataset": "d", "lr": 0.1}' >configs/base.json
	printf 'name: c\nmode: simulation\nconfigs: [configs/base.yaml, configs/base.json]\ncommand: [./prog, "{config}"]\n' >specs/c.yaml
	expect 0 sweep-expand -q -d c specs/c.yaml
	for i in 1 2; do
		test "$(sed -n ${i}p c/plan.jsonl | jq -r '.config_cksum')" = \
			"$(cksum <"$(sed -n ${i}p c/plan.jsonl | jq -r .config_path)" | tr -s ' ')"
	done
	sweep-expand -q -n -d c c/spec.yaml | cmp - c/plan.jsonl
	# a plan of before, which has none, is run
	sed -i 's/"config_cksum":"[^"]*",//' c/plan.jsonl
	expect 0 run-one --plan c
}
