load ../helper
load ../locks

# Who holds what: only holders are signalled, and nobody is told that a run is alive when
# it is dead.

state_of() { # a background run's
	driver run-background --list --json | jq -r --arg name "$1" 'select(.label == $name) | .state'
}

is_in_state() { test "$(state_of "$1")" = "$2"; }

@test "to stop one queued sweep leaves those that wait behind it" {
	for name in a b c; do
		spec $name '[1]'
		expect 0 driver run-background --experiment specs/$name.yaml --queue
	done
	wait_until test -e started.a
	wait_until is_in_state b queued
	wait_until is_in_state c queued
	expect 0 driver run-background --stop a
	wait_until test -e started.b
	is_in_state c queued
	touch go.b
	wait_until test -e started.c
	touch go.c
	wait_until is_in_state c completed
	is_in_state a stopped
	is_in_state b completed
	# neither when it waits itself
	rm -r background_runs go.* started.*
	for name in a b c; do expect 0 driver run-background --experiment specs/$name.yaml --queue; done
	wait_until test -e started.a
	expect 0 driver run-background --stop b
	is_in_state a running
	is_in_state c queued
	touch go.a go.c
	wait_until is_in_state c completed
}

@test "a queued sweep that was stopped is listed as stopped" {
	spec a '[1]'
	spec b '[1]'
	expect 0 driver run-background --experiment specs/a.yaml --queue
	wait_until test -e started.a
	expect 0 driver run-background --experiment specs/b.yaml --queue
	wait_until is_in_state b queued
	expect 0 driver run-background --stop b
	is_in_state b stopped
	test ! -e started.b
	# one that was killed is not
	spec c '[1]'
	expect 0 driver run-background --experiment specs/c.yaml --queue
	wait_until is_in_state c queued
	kill -s KILL $(pgrep -f "run-one .*queue" | while read -r pid; do
		test "$(readlink "/proc/$pid/cwd")" != "$PWD" || grep -zq 'queue' "/proc/$pid/cmdline" && ls -l "/proc/$pid/fd" 2>/dev/null | grep -q '/c_[0-9_]*/' && echo "$pid"; done)
	wait_until is_in_state c interrupted
}

# relied on: Signals go only to processes that hold a lock of the experiment or are leftovers of its runs.
@test "who only has the lock file open is not signalled" {
	# a run that has to be killed, and a run-one that would wait long for it
	printf '#!/bin/sh\ntrap "" TERM\necho >started.s\nexec sleep 1000\n' >prog
	sweep-expand -q -d e specs/s.yaml >plan
	: >e/lock
	sleep 1000 3>&- 5<e/lock & # before run-one: processes are looked at by number
	bystander=$!
	run-one -k 100 <plan >/dev/null 2>&1 3>&- &
	wait_until test -e started.s
	expect 0 sweep-lock --stop e -k 1
	[[ $errors == *"did not stop by itself"* ]]
	test "$(is_gone $bystander || echo alive)" = alive
	kill $bystander
}

@test "a link at the lock does not stop the experiment that it points to" {
	sweep-expand -q -d theirs specs/s.yaml | run-one >/dev/null 2>&1 3>&- &
	wait_until test -e started.s
	sweep-expand -q -d e specs/s.yaml >plan
	ln -s ../theirs/lock e/lock
	run sweep-lock --stop e -k 1
	expect 0 sweep-lock --held theirs
	expect 1 sweep-lock --held e
	expect 2 run-one <plan
	sweep-lock --stop theirs -k 1
}

@test "a note on the experiment lasts" {
	touch go.s
	sweep-expand -q -d e specs/s.yaml | run-one | meta-merge >/dev/null
	echo '{"experiment_dir":"e","note":"lr is too large","by":"me"}' | meta-merge >/dev/null
	jq -e '.note == "lr is too large" and .by == "me"' e/experiment.json
	rm e/experiment.json
	meta-merge e
	jq -e '.note == "lr is too large" and .by == "me"' e/experiment.json
	cp e/records/notes.jsonl before
	echo '{"experiment_dir":"e","note":"lr is too large"}' | meta-merge >/dev/null
	cmp e/records/notes.jsonl before
	echo '{"experiment_dir":"e","note":"no, it was the seed"}' | meta-merge >/dev/null
	meta-merge e
	jq -e '.note == "no, it was the seed" and .status == "completed" and .total == 1' e/experiment.json
	# what the experiment says of itself stays
	for line in '"mode":"x"' '"experiment":"other"' '"created_at":"2020"' '"total":7' '"runs":[]'; do
		expect 2 meta-merge <<<"{\"experiment_dir\":\"e\",$line}"
		[[ $errors == "meta-merge: stdin:1: "*" is the experiment's own, and no note can change it; take another name" ]]
	done
	test "$(wc -l <e/records/notes.jsonl)" -eq 2
	jq -e '.mode == "training" and .name == "s"' e/experiment.json
	# and what a session says is no note
	expect 0 driver run-experiment -q --dir e specs/s.yaml --resume --force
	test "$(wc -l <e/records/notes.jsonl)" -eq 2
	jq -e '.note == "no, it was the seed"' e/experiment.json
}

@test "after kill -9 of run-one the driver waits for the dying run, and its record says how it was" {
	spec s '[1, 2]'
	printf '#!/bin/sh\ntrap "" TERM\necho "$$" >pid\nexec sleep 1000\n' >prog
	${SWEEP_SH:-sh} "$(command -v run-experiment)" --dir e specs/s.yaml >out 2>err 3>&- &
	driver=$!
	wait_until test -s pid
	pid=$(cat pid)
	kill -s KILL "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")"
	code=0
	wait $driver || code=$?
	test "$code" -eq 137
	is_gone "$pid"
	jq -e '.counts.running == 0 and .runs[0].reason == "abandoned" and .counts.pending == 1' e/experiment.json || { cat out err; jq -c '.counts, .runs' e/experiment.json; return 1; }
	[[ $(cat out) != *running* ]]
}

@test "a shared directory's group keeps what is made in it" {
	umask 002
	mkdir experiments
	chmod g+s experiments
	touch go.s
	expect 0 driver run-experiment -q specs/s.yaml
	for dir in experiments/s_* experiments/s_*/configs experiments/s_*/records experiments/s_*/logs; do
		test -g "$dir" || { ls -ld "$dir"; return 1; }
	done
	# all that a second member of the group has to write
	test -z "$(find experiments ! -perm -020)"
}

@test "two members of a group work on one experiment" {
	test "$(id -u)" = 0 || skip "needs to be root"
	need setpriv
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || :
	setpriv --reuid 12345 --regid 54321 --clear-groups test -x "$bin/run-one" -a -x "$PWD" || skip "the programs are in a place that only root sees"
	mkdir lab
	cp -r configs specs prog lab
	mkdir lab/experiments
	touch lab/go.s
	chgrp -R 54321 lab
	chmod -R g+rwX lab
	chmod g+s lab lab/experiments
	cd lab
	umask 002
	expect 0 setpriv --reuid 12345 --regid 12345 --groups 54321 sweep-expand -q -d experiments/e specs/s.yaml
	expect 0 setpriv --reuid 12345 --regid 12345 --groups 54321 run-one <experiments/e/plan.jsonl
	expect 0 setpriv --reuid 12346 --regid 12346 --groups 54321 run-one -f <experiments/e/plan.jsonl
	expect 0 setpriv --reuid 12346 --regid 12346 --groups 54321 meta-merge experiments/e
	jq -e '.runs[0].attempt == 2' experiments/e/experiment.json
}

@test "a renamed experiment: metrics are collected where it is now; sweep-watch takes its name" {
	mkdir experiments
	printf '#!/bin/sh\nmkdir -p "runs/$RUN_ID"\necho "runs/$RUN_ID" >"$RUN_DIR_FILE"\necho "{\\"acc\\": 0.50}" >"runs/$RUN_ID/metrics.json"\n' >prog
	expect 0 driver run-experiment -q specs/s.yaml
	mv experiments/s_* experiments/the-good-one
	echo '{"acc": 0.60}' >runs/run_000/metrics.json
	expect 0 driver sweep-metrics the-good-one
	[[ $output == "experiments/the-good-one: metrics of 1 of 1 completed run"* ]]
	grep -qF '"metrics":{"acc":0.60}' experiments/the-good-one/experiment.json
	expect 0 sweep-watch -1 the-good-one
	[[ $output == *"1/1"*"run_000"* ]]
	expect 0 driver run-experiment -q specs/s.yaml
	expect 0 sweep-watch -1 s
	[[ $output == *"1/1"* ]]
	expect 0 sweep-watch -1
	expect 2 sweep-watch -1 nothing
	[[ $errors == "sweep-watch: nothing is neither an experiment directory nor the name of one below experiments/" ]]
}

@test "the time left is that of runs that completed" {
	spec s '[1, 2, 3, 4]'
	printf '#!/bin/sh\nexit 1\n' >prog
	expect 1 driver run-experiment --dir e specs/s.yaml --limit 2
	[[ $errors != *" left"* ]]
	printf '#!/bin/sh\n:\n' >prog
	expect 0 driver run-experiment --dir e specs/s.yaml --resume
	test "$(grep -c ' left' <<<"$errors")" -eq 3
}
