load ../helper

# What is left of a run whose run-one was killed: a launcher's worker that has none of its
# descriptors. It is never run beside, and nobody else is taken for it.

prepare() {
	need python3
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./launch]\nsweep: {lr: [1, 2]}\n' >specs/s.yaml
	# Popen closes what it inherits; so do Lightning, torchrun, accelerate and Hydra
	cat >launch <<-'EOF'
		#!/usr/bin/env python3
		import subprocess, sys
		sys.exit(subprocess.Popen(["./worker"]).wait())
	EOF
	cat >worker <<-'EOF'
		#!/bin/sh
		echo "$$ $RUN_ID" >>workers
		# only the first one stays
		mkdir stays 2>/dev/null || exit 0
		until test -e go; do sleep 0.02; done
	EOF
	chmod +x launch worker
	export XDG_STATE_HOME=$PWD/state
}

clean() {
	touch go
	for dir in background_runs/*/; do sweep-lock --stop "$dir" -k 1 2>/dev/null || :; done
}

# Start run-one on e and kill it at its first run; $worker is what is left of that.
leave() {
	test -e e || sweep-expand -q -d e specs/s.yaml >plan
	run-one "$@" <plan >/dev/null 2>&1 3>&- &
	local pid=$! main
	wait_until test -s workers
	main=$(main_of e/records/run_000.jsonl)
	kill -s KILL $pid
	wait $pid || :
	worker=$(sed -n '1s/ .*//p' workers)
	# the launcher dies with it, and with that the claim is free
	wait_until is_gone "$main"
	test "$(is_gone "$worker" || echo alive)" = alive
}

# relied on: A process without the lock is found by its environment, or by the log that it writes.
@test "a worker that outlives its launcher and run-one keeps its run from being started again" {
	leave
	expect 75 run-one <plan
	[[ $errors == "run-one: run_000 is still alive in e: its run-one was killed, and "*" $worker (worker)"*" on; "*"sweep-lock --stop e"*"--force"* ]]
	expect 75 driver run-experiment --dir e --resume specs/s.yaml
	test "$(wc -l <workers)" -eq 1
	# when it has ended, the run is run
	touch go
	wait_until is_gone "$worker"
	expect 0 run-one <plan
	test "$(wc -l <workers)" -eq 3
}

@test "... many at once" {
	leave
	expect 75 run-one -j 2 <plan
	[[ $errors == *" $worker (worker)"* ]]
	test "$(wc -l <workers)" -eq 1
}

@test "... with --shared it is skipped, and the other runs are run" {
	leave
	expect 0 run-one --shared <plan
	[[ $errors == *"run_000 is still alive in e"*"; skipped" ]]
	test "$(sed 's/.* //' workers | tr '\n' ' ')" = "run_000 run_001 "
}

@test "as long as it lives the experiment is at work, and its run is running" {
	leave
	ln -s e link
	for program in sweep-lock run-one; do
		expect 0 $program --held e
		expect 0 $program --held link
		expect 1 $program --held e --force
	done
	meta-merge e
	jq -e '.runs[0].status == "running" and .status == "running"' e/experiment.json
	touch go
	wait_until is_gone "$worker"
	expect 1 sweep-lock --held e
	expect 1 run-one --held e
	meta-merge e
	jq -e '.runs[0].status == "failed" and .runs[0].reason == "abandoned"' e/experiment.json
}

@test "--held waits for its end" {
	leave
	sweep-lock --held e -t 1h 3>&- &
	local pid=$!
	run-one --held e -t 1h 3>&- &
	local alias=$! code=0
	touch go
	wait $pid || code=$?
	test "$code" -eq 1
	code=0
	wait $alias || code=$?
	test "$code" -eq 1
}

@test "--stop ends it, by SIGTERM" {
	printf '#!/bin/sh\ntrap "echo TERM >>told; exit 1" TERM\necho "$$ $RUN_ID" >>workers\nuntil test -e go; do sleep 0.02; done\n' >worker
	local program
	for program in run-one sweep-lock; do
		rm -rf e workers told
		leave
		expect 0 $program --stop e -k 1h
		test "$errors" = ""
		is_gone "$worker"
		test "$(cat told)" = TERM
		expect 1 $program --held e
	done
	touch go
	expect 0 run-one <plan
	test "$(sed 's/.* //' workers | tr '\n' ' ')" = "run_000 run_000 run_001 "
}

@test "... a stopped one, too; and after the grace by SIGKILL" {
	leave
	kill -s STOP "$worker"
	expect 0 sweep-lock --stop e -k 1h
	is_gone "$worker"
	printf '#!/bin/sh\ntrap "" TERM\necho "$$ $RUN_ID" >>workers\nuntil test -e go; do sleep 0.02; done\n' >worker
	local program
	for program in run-one sweep-lock; do
		rm -r e workers
		leave
		expect 0 $program --stop e -k 0.1
		is_gone "$worker"
		[[ $errors == "$program: e did not stop by itself: "*" killed" ]]
	done
}

@test "--force starts in spite of it" {
	leave
	expect 0 run-one --force <plan
	test "$(is_gone "$worker" || echo alive)" = alive
	test "$(sed 's/.* //' workers | tr '\n' ' ')" = "run_000 run_000 run_001 "
	# it is nobody's any more: the run has an end
	expect 1 sweep-lock --held e
	expect 0 sweep-lock --stop e
	test "$(is_gone "$worker" || echo alive)" = alive
}

# relied on: A process without the lock is found by its environment, or by the log that it writes.
@test "who has wiped its environment is known by the run's log" {
	printf '#!/usr/bin/env python3\nimport subprocess, sys\nsys.exit(subprocess.Popen(["./worker"], env={"PATH": "/usr/bin:/bin"}).wait())\n' >launch
	leave
	expect 75 run-one <plan
	[[ $errors == *" $worker (worker)"* ]]
	expect 0 sweep-lock --stop e
	is_gone "$worker"
}

# relied on: Signals go only to processes that hold a lock of the experiment or are leftovers of its runs.
@test "nobody else is taken for it, and nobody else is signalled" {
	leave
	mkdir -p other/records
	bystanders=
	for call in "RUN_ID=run_001 EXPERIMENT_DIR=$PWD/e" "RUN_ID=run_000 EXPERIMENT_DIR=$PWD/other" "RUN_ID=run_000" \
		"EXPERIMENT_DIR=$PWD/e" "RUN_ID=../records/run_000 EXPERIMENT_DIR=$PWD/e" "RUN_WITHIN=1:2/run_000"; do
		# shellcheck disable=SC2086 # words
		env $call sleep 1000 3>&- &
		bystanders="$bystanders $!"
	done
	tail -f e/logs/run_000.log >/dev/null 3>&- &
	bystanders="$bystanders $!"
	sleep 1000 >>e/logs/run_000.log 3>&- &
	bystanders="$bystanders $!"
	sleep 1000 <e/records/run_000.jsonl 3>&- &
	bystanders="$bystanders $!"
	expect 0 sweep-lock --stop e -k 0.1
	is_gone "$worker"
	expect 1 sweep-lock --held e
	for pid in $bystanders; do test "$(is_gone "$pid" || echo alive)" = alive; done
	# of a run that has ended nothing is left, whoever says so
	touch go
	expect 0 run-one <plan
	RUN_ID=run_000 EXPERIMENT_DIR=$PWD/e sleep 1000 3>&- &
	expect 1 sweep-lock --held e
	expect 0 sweep-lock --stop e
	test "$(is_gone $! || echo alive)" = alive
	kill $! $bystanders
}

@test "who goes on from inside of a run is not in its own way" {
	leave
	touch go
	wait_until is_gone "$worker"
	export RUN_ID=run_000 EXPERIMENT_DIR=$PWD/e
	expect 0 driver run-experiment -q --dir e --resume specs/s.yaml
	test "$(wc -l <workers)" -eq 3
}

@test "a sweep that a run has started is part of that run" {
	printf 'name: o\nmode: training\nbase_config: configs/base.yaml\ncommand: [./nested]\nsweep: {lr: [1]}\n' >specs/o.yaml
	printf '#!/bin/sh\nrun-one <plan >/dev/null 2>&1 & echo $! >inner\nwait\n' >nested
	chmod +x nested
	sweep-expand -q -d e specs/s.yaml >plan
	sweep-expand -q -d o specs/o.yaml >outer
	run-one <outer >/dev/null 2>&1 3>&- &
	local pid=$! outer_main inner_main
	wait_until test -s workers
	worker=$(sed -n '1s/ .*//p' workers)
	outer_main=$(main_of o/records/run_000.jsonl) inner_main=$(main_of e/records/run_000.jsonl)
	# nothing that would stop it in order
	kill -s STOP $pid "$(cat inner)"
	kill -s KILL "$(cat inner)" $pid
	wait $pid || :
	wait_until is_gone "$outer_main"
	wait_until is_gone "$inner_main"
	expect 0 sweep-lock --held o
	expect 0 sweep-lock --stop o
	is_gone "$worker"
}

@test "what SIGKILL did not end is not run beside either" {
	printf '#!/bin/sh\nexit 1\n' >launch
	sweep-expand -q -d e specs/s.yaml | sed 1q >plan
	expect 1 run-one <plan
	sed -i '$s/"format":1}/"survivors":1,"format":1}/' e/records/run_000.jsonl
	RUN_ID=run_000 EXPERIMENT_DIR=$PWD/e setsid sleep 1000 3>&- &
	local pid=$!
	wait_until grep -qx sleep /proc/$pid/comm
	expect 75 run-one <plan
	[[ $errors == "run-one: run_000 is still alive in e: SIGKILL did not end all of it, and process $pid (sleep) lives on; "* ]]
	expect 0 sweep-lock --held e
	expect 0 sweep-lock --stop e
	is_gone $pid
	expect 1 run-one <plan
}

# ---- devices ----

@test "a device is not leased beside what is left of the run that had it" {
	device=test$$-left
	leave --gpus "$device"
	printf 'echo >started\n' >other
	sed 1q plan | sed 's/"e"/"f"/; s,"e/,"f/,g' >line
	mkdir f f/records f/logs
	cp -r e/configs f
	run-one --gpus "$device" -- sh other <line >events 2>waiting 3>&- &
	local pid=$!
	wait_until grep -q "waiting for GPU $device, on which process .*$worker (worker).*sweep-lock --stop $PWD/e ends it" waiting
	test ! -e started
	# what cannot be started waits for no device
	expect 75 run-one --gpus "$device" <plan
	# another one is free
	sed 's/"f"/"g"/; s,"f/,"g/,g' line >third
	cp -r f g
	expect 0 run-one -q --gpus "$device-2" -- true <third
	expect 0 sweep-lock --stop e
	wait $pid
	test -e started
	rm -f "/run/lock/sweeputils-gpu-$device"* "/tmp/sweeputils-gpu-$device"*
}

@test "... unless with --force" {
	device=test$$-force
	leave --gpus "$device"
	expect 0 run-one --gpus "$device" --force --limit 1 -- true <plan
	test "$(is_gone "$worker" || echo alive)" = alive
	rm -f "/run/lock/sweeputils-gpu-$device"* "/tmp/sweeputils-gpu-$device"*
}

# ---- turns ----

@test "a queue waits for what is left of who came before" {
	leave --queue "$PWD/queue"
	printf 'echo >started\n' >other
	sed 1q plan | sed 's/"e"/"f"/; s,"e/,"f/,g' >line
	mkdir f
	cp -r e/configs f
	run-one --queue "$PWD/queue" -- sh other <line >events 2>waiting 3>&- &
	local pid=$!
	wait_until grep -q "waiting for its turn: a killed run-one of $PWD/e, which came before it, has left process .*$worker (worker).*; sweep-lock --stop $PWD/e ends it" waiting
	test ! -e started
	# who waits is not at work there
	expect 0 sweep-lock --stop e
	wait $pid
	test -e started
}

@test "... unless with --force, too" {
	leave --queue "$PWD/queue"
	sed 1q plan | sed 's/"e"/"f"/; s,"e/,"f/,g' >line
	mkdir f
	cp -r e/configs f
	expect 0 run-one --queue "$PWD/queue" --force -- true <line
	test "$(is_gone "$worker" || echo alive)" = alive
}

@test "... in the background, where a sweep is itself a run" {
	for name in a b; do
		sed "s/^name: s/name: $name/" specs/s.yaml >specs/$name.yaml
	done
	expect 0 driver run-background --experiment specs/a.yaml --queue
	wait_until test -s workers
	worker=$(sed -n '1s/ .*//p' workers)
	# the inner one first, so that its end is seen by nobody
	for pid in $(pgrep -x run-one); do
		test "$(readlink "/proc/$pid/cwd")" = "$PWD" || continue
		if grep -qz '^RUN_ID=sweep$' "/proc/$pid/environ"; then inner=$pid; else outer=$pid; fi
	done
	outer_main=$(main_of background_runs/a_*/records/sweep.jsonl) inner_main=$(main_of experiments/a_*/records/run_000.jsonl)
	kill -s STOP "$outer" "$inner"
	kill -s KILL "$inner" "$outer"
	wait_until is_gone "$outer_main"
	wait_until is_gone "$inner_main"
	test "$(is_gone "$worker" || echo alive)" = alive
	driver run-background --list --json | jq -e 'select(.label == "a") | .state == "running"'
	expect 0 driver run-background --experiment specs/b.yaml --queue
	wait_until grep -q "has left process .*$worker (worker)" background_runs/b_*/run-one.log
	test "$(wc -l <workers)" -eq 1
	expect 0 driver run-background --stop a
	is_gone "$worker"
	wait_until sh -c 'test "$(wc -l <workers)" -eq 3'
}

# ---- whose children ----

@test "who was a child before run-one took its parent's place is left alone, and what it leaves" {
	cat >monitor <<-'EOF'
		sleep 1000 & echo $! >left
		until test -e quit; do sleep 0.02; done
	EOF
	# the first run ends beside the monitor, the second when that has gone
	cat >launch <<-'EOF'
		#!/bin/sh
		setsid sleep 1000 & echo $! >>mine
		test "$RUN_ID" = run_000 || echo >quit
		test "$RUN_ID" = run_000 || until ! kill -0 "$(cat monitor.pid)"; do sleep 0.02; done
	EOF
	sweep-expand -q -d e specs/s.yaml >plan
	expect 0 sh -c 'sleep 1000 & echo $! >stays; sh monitor & echo $! >monitor.pid
		until test -s left; do sleep 0.02; done; exec run-one -k 1h <plan' 3>&-
	for file in stays left; do
		test "$(is_gone "$(cat $file)" || echo alive)" = alive
		kill "$(cat $file)"
	done
	while read -r pid; do is_gone "$pid"; done <mine
	test "$(jq -s 'map(.leftovers // empty)' e/records/run_00*.jsonl | tr -d ' \n')" = "[1,1]"
}

# Run a command where there is no /proc.
blind() {
	plain # the sanitizers need it
	need unshare
	unshare -rm sh -c 'mount -t tmpfs none /proc' 2>/dev/null || skip "no mount namespace can be made here"
	unshare -rm sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"
}

@test "the shell that feeds run-one the lines of a here-document is left alone, too" {
	# dash forks one that writes what a pipe does not take at once
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\n' >launch
	sweep-expand -q -d e specs/s.yaml | sed "s/{/{\"note\":\"$(printf '%050000d' 0)\",/" >plan
	cat plan plan >twice
	expect 0 ${SWEEP_SH:-sh} -c 'lines=$(cat twice); exec run-one --force <<-END
		$lines
	END'
	test "$(tr '\n' ' ' <ran)" = "run_000 run_001 run_000 run_001 "
}

# ---- no list of children ----

@test "without /proc a leftover of the group is ended, and one that is dead already is not waited for" {
	# the child of a program that does not ask for its end
	printf '#!/bin/sh\nsh -c "echo >ended" & until test -e ended; do sleep 0.02; done\nexec sleep 0.1\n' >launch
	sweep-expand -q -d e specs/s.yaml >plan
	expect 0 blind run-one --limit 1 -k 0.1 <plan
	tail -n 1 e/records/run_000.jsonl | jq -e '.status == "completed" and .leftovers == null and .survivors == null'
	printf '#!/bin/sh\n(trap "" TERM; echo >up; while :; do sleep 0.02; done) & echo $! >left\nuntil test -e up; do sleep 0.02; done\n' >launch
	expect 0 blind run-one -k 0.1 <plan
	tail -n 1 e/records/run_001.jsonl | jq -e '.leftovers == 1 and .survivors == null'
	is_gone "$(cat left)"
}

@test "... and the number of a group is not used any more when its process has been reaped" {
	plain
	need strace
	printf '#!/bin/sh\nsleep 1000 &\n' >launch
	sweep-expand -q -d e specs/s.yaml >plan
	strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
	expect 0 blind strace -o trace -e trace=kill,wait4 run-one --limit 1 <plan
	grep -q '^kill(-[0-9]*, SIGTERM)' trace
	test "$(awk '/^wait4\([0-9]+, \[\{WIF/ { sub(/^wait4\(/, ""); sub(/,.*/, ""); reaped[$0] = 1; next }
		/^kill\(/ { sub(/^kill\(-?/, ""); sub(/,.*/, ""); if ($0 in reaped) print }' trace)" = ""
	tail -n 1 e/records/run_000.jsonl | jq -e '.leftovers == 1'
}

# relied on: Without /proc it is not found.
@test "where there is no /proc it is not found" {
	leave
	expect 0 blind run-one --limit 1 <plan
	test "$(sed 's/.* //' workers | tr '\n' ' ')" = "run_000 run_000 "
	test "$(is_gone "$worker" || echo alive)" = alive
}

# ---- process 1 ----

# Run a command as process 1, so that its status is ours.
as_first() {
	need unshare
	unshare -Urpf --mount-proc true 2>/dev/null || skip "no PID namespace can be made here"
	unshare -Urpf --mount-proc "$@"
}

@test "process 1 may be the parent that --with-parent is about" {
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\n' >launch
	expect 0 as_first ${SWEEP_SH:-sh} "$top/bin/run-experiment" -q --with-parent --dir e specs/s.yaml
	test "$(wc -l <ran)" -eq 2
	expect 0 as_first sh -c 'run-one --with-parent --force <e/plan.jsonl; exit $?'
	test "$(wc -l <ran)" -eq 4
	# one that has gone is not
	expect 143 run-one --with-parent=1 --force <e/plan.jsonl
	test "$(wc -l <ran)" -eq 4
	expect 2 run-one --with-parent=x <e/plan.jsonl
	[[ $errors == "run-one: --with-parent takes a whole number, not x; "* ]]
}

@test "process 1 that holds a device is not waited for by a run of its own" {
	device=test$$-first
	cat >launch <<-EOF
		#!/usr/bin/env python3
		import os
		os.closerange(3, 1000)
		os.execvp("sh", ["sh", "-c", "run-one --gpus $device -- true <line 2>said; echo \$? >status"])
	EOF
	sweep-expand -q -d e specs/s.yaml >plan
	sed 1q plan | sed 's/"e"/"f"/; s,"e/,"f/,g' >line
	mkdir f
	expect 0 as_first run-one --gpus "$device" -t 5m --limit 1 <plan
	test "$(cat status)" = 2
	grep -q "GPU $device is held by process 1, which has started this one" said
	rm -f "/run/lock/sweeputils-gpu-$device"* "/tmp/sweeputils-gpu-$device"*
}
