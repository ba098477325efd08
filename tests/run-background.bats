load helper
load background

# run-background: start, list, follow, stop, queue, clean.

prepare() { prepare_background; }

is_current() {
	test "$(entry "$1" .current.run)" = "$2"
}

has_lines() {
	test "$(wc -l <ran)" -ge "$1"
}

@test "a sweep is started, listed at each stage, and ends" {
	expect 0 background --experiment specs/s.yaml
	[[ $output == "started   background_runs/s_"*"log "*"nohup.log"*"--list"*"--stop s_"* ]]
	wait_until test -s ran
	is_state s running
	wait_until is_current s run_000
	expect 0 background --list
	[[ $(sed -n 1p <<<"$output") == "NAME"*"STATE"*"PROGRESS"*"FAILED"*"CURRENT"*"ELAPSED"*"LEFT"*"DIRECTORY" ]]
	[[ $(sed -n 2p <<<"$output") == "s "*"running  [..........] 0/3"*"run_000 n=0"*"  background_runs/s_"* ]]
	touch go
	wait_until is_state s completed
	test "$(entry s '"\(.completed)/\(.total)"')" = 3/3
	test "$(wc -l <ran)" -eq 3
}

@test "the list fits a narrow terminal, and a name stands for the one that is at work" {
	need tmux
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {n: ["ä%s"]}\n' \
		"$(printf %040d 0)" >specs/s.yaml
	touch go
	expect 0 background --experiment specs/s.yaml
	wait_until is_state s completed
	rm go ran
	expect 0 background --experiment specs/s.yaml
	wait_until test -s ran
	wait_until is_current s $'null\nrun_000'
	tmux -L "list$$" -f /dev/null new-session -d -x 60 -y 10 \
		"export PATH='$PATH' LC_ALL=C.UTF-8; ${SWEEP_SH:-sh} '$bg' --list; touch listed; cat" 3>&-
	wait_until test -e listed
	tmux -L "list$$" capture-pane -p >table
	tmux -L "list$$" kill-server
	grep -q '^s  *running .*run_000 .*\.\.\.' table
	test "$(grep -c . table)" -eq 3
	expect 0 background --list
	[[ $(tail -n 1 <<<"$output") == *"run_000 n=ä0000"*"0000  "* ]]
	local line before
	while IFS= read -r line; do
		before=${line%DIRECTORY}
		before=${before%background_runs/*}
		test "${#before}" -eq "${place:=${#before}}"
	done <<<"$output"
	expect 0 background --stop s
	[[ $output == *"stopped background_runs/s_"* ]]
}

@test "a bad spec fails in the foreground, and nothing is started" {
	echo 'nmae: s' >specs/s.yaml
	expect 2 background --experiment specs/s.yaml
	[[ $errors == *"specs/s.yaml:1:1: unknown key nmae"* ]]
	test ! -e background_runs
	expect 2 ${SWEEP_SH:-sh} "$top/bg_experiment.sh" specs/nowhere.yaml
	test ! -e background_runs
}

@test "what is wrong with the options fails in the foreground, and nothing is made" {
	local words
	for words in "--limit abc" "--timeout=zz" "--bogus" "--retries=-1" "--jobs 0" "--queue=a/b" "--training --show"; do
		# shellcheck disable=SC2086
		expect 2 background --experiment specs/s.yaml $words
		test ! -e background_runs
		test ! -e experiments
	done
	for words in --stop --follow --experiment --limit --name; do
		expect 2 background "$words" ''
	done
	rm modes.yaml
	expect 2 background --experiment specs/s.yaml
	[[ $errors == *"nothing says what to run"* ]]
	test ! -e background_runs
}

@test "a sweep that is at work is not started twice" {
	expect 0 background --experiment specs/s.yaml
	wait_until test -s ran
	expect 75 background --experiment specs/s.yaml --resume
	[[ $errors == "run-background: experiments/s_"*" is at work already; "* ]]
	test "$(ls background_runs | wc -l)" -eq 1
}

@test "bg_experiment.sh SPEC MODE overrides the mode" {
	touch go
	expect 0 ${SWEEP_SH:-sh} "$top/bg_experiment.sh" specs/s.yaml training 3>&-
	wait_until is_state s completed
	test "$(head -n 1 ran)" = "run_000 training"
	expect 2 ${SWEEP_SH:-sh} "$top/bg_experiment.sh" specs/s.yaml sometimes
	[[ $errors == usage:* ]]
}

@test "it survives the terminal that it was started from" {
	need tmux
	cat >start.sh <<-EOF
		cd $PWD
		export XDG_STATE_HOME='$XDG_STATE_HOME' PATH='$PATH'
		${SWEEP_SH:-sh} '$bg' --experiment specs/s.yaml
		touch started
		exec cat
	EOF
	tmux -L "bg$$" -f /dev/null new-session -d "sh start.sh" 3>&-
	wait_until test -e started
	wait_until test -s ran
	tmux -L "bg$$" kill-server
	is_state s running
	touch go
	wait_until is_state s completed
}

@test "--stop ends a run whose grandchildren ignore SIGTERM, and the record is right" {
	printf '#!/bin/sh\ntrap "" TERM\n(trap "" TERM; while :; do sleep 100; done) &\necho $! >kid\nsetsid sh -c "trap \\"\\" TERM; while :; do sleep 100; done" &\necho up >>ran\nwhile :; do sleep 100; done\n' >prog
	expect 0 background --experiment specs/s.yaml --grace=1
	wait_until test -s ran
	expect 0 background --stop s
	[[ $output == *"run_000: interrupted"*"stopped background_runs/s_"* ]]
	is_state s stopped
	is_gone "$(cat kid)"
	jq -e '.runs[0].status == "failed" and .runs[0].reason == "interrupted" and .counts.pending == 2' experiments/s_*/experiment.json
	expect 0 background --stop s
	[[ $output == *"has ended already"* ]]
	# and resume ends it
	printf '#!/bin/sh\necho "$RUN_ID" >>done\n' >prog
	expect 0 background --experiment specs/s.yaml --resume
	wait_until jq -e '.status == "completed"' experiments/s_*/experiment.json
}

@test "three in the queue run one after another; killing the first starts the second" {
	printf '#!/bin/sh\ntrap "rmdir alive; exit 1" TERM\nmkdir alive || echo "$RUN_ID" >>overlap\necho "$EXPERIMENT_DIR" >>ran\nuntil test -e go; do sleep 0.02; done\nrmdir alive\n' >prog
	for name in a b c; do
		sed "s/name: s/name: $name/" specs/s.yaml >specs/$name.yaml
		expect 0 background --experiment specs/$name.yaml --queue
	done
	wait_until test -s ran
	is_state a running
	is_state b queued
	is_state c queued
	# -9 to what runs the first one: the rest of it goes, too
	kill -9 "$(main_of background_runs/a_*/records/sweep.jsonl)"
	wait_until is_state b running
	is_state c queued
	touch go
	wait_until is_state c completed
	test ! -e overlap
	is_state b completed
	[[ $(tail -n 1 ran) == */c_* ]]
}

@test "a directory whose process number belongs to somebody else is interrupted, and left alone" {
	sleep 1000 3>&- &
	innocent=$!
	mkdir -p background_runs/old_20250101_000000/records
	cd background_runs/old_20250101_000000
	touch lock nohup.log
	printf '{"run":"sweep","index":0,"total":1,"experiment":"old","experiment_dir":"background_runs/old_20250101_000000","status":"pending","params":{},"command":["true"],"format":1}\n' >plan.jsonl
	printf '{"run":"sweep","attempt":1,"status":"running","started_at":"2025-01-01T00:00:00.000Z","pid":%d,"host":"%s"}\n' \
		$innocent "$(uname -n)" >records/sweep.jsonl
	cd ../..
	is_state old interrupted
	expect 0 background --stop old
	[[ $output == *"has ended already"* ]]
	kill -0 $innocent
	kill $innocent
}

@test "any command, with arguments as they are" {
	expect 0 background --name try -- sh -c 'printf "<%s>" "$@"' sh 'a b' '$(touch pwned)' "it's" -n ''
	wait_until is_state try completed
	test "$(cat background_runs/try_*/nohup.log)" = "<a b><\$(touch pwned)><it's><-n><>"
	test ! -e pwned
	expect 0 background -- ./prog x
	wait_until is_state prog running
}

@test "names that are no file names are refused, and odd spec paths are handled" {
	touch go
	for name in '../x' '-x' 'a b' $'a\nb' '$(touch pwned)' ''; do
		expect 2 background --name "$name" -- true
		test "$(wc -l <<<"$errors")" -le 2
	done
	mv specs 'my "specs'
	cp 'my "specs/s.yaml' "./-s p'ec.yaml"
	expect 0 background --experiment 'my "specs/s.yaml'
	expect 0 background --experiment "-s p'ec.yaml"
	wait_until has_lines 6
	test ! -e pwned
	expect 2 background --stop nothing
	expect 2 background
	expect 2 background --list --what
}

@test "--clean asks, and forgets only what has ended" {
	expect 0 background --name done -- true
	wait_until is_state done completed
	expect 0 background --name alive -- sh -c 'until test -e go; do sleep 0.02; done'
	wait_until is_state alive running
	echo n | background --clean
	test -d background_runs/done_*
	expect 0 background --clean -y
	test ! -e background_runs/done_*
	test -d background_runs/alive_*
}

@test "--follow waits for a sweep that is queued" {
	need tmux
	sed 's/name: s/name: a/' specs/s.yaml >specs/a.yaml
	expect 0 background --experiment specs/a.yaml --queue
	wait_until test -s ran
	expect 0 background --experiment specs/s.yaml --queue
	wait_until is_state s queued
	tmux -L "queue$$" -f /dev/null new-session -d -x 80 -y 24 \
		"export PATH='$PATH'; ${SWEEP_SH:-sh} '$bg' --follow s_; touch left; cat" 3>&-
	screen() { tmux -L "queue$$" capture-pane -p | grep -q -e "$1"; }
	wait_until screen 'run_000  pending'
	test ! -e left
	touch go
	wait_until test -e left
	tmux -L "queue$$" capture-pane -p | grep -q '3/3'
	tmux -L "queue$$" kill-server
}
