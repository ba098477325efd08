load helper

# run-one, one run after another. Several at once are in parallel.bats; signals, leftovers,
# locks, full disks and missing metrics are in promises/.

# A run does what the file do/N says; N is the value of n in its config.
prepare() {
	cat >prog <<-'EOF'
		#!/bin/sh
		# prog CONFIG
		. "./do/$(sed -n 's/^n: //p' "$1")"
	EOF
	chmod +x prog
	printf 'dataset: d\nmodel: m\nn: 0\n' >configs/base.yaml
}

# sweep COMMAND... - publish e/x with one run per shell command.
sweep() {
	local n=0
	mkdir do
	for what in "$@"; do
		printf '%s\n' "$what" >do/$n
		n=$((n + 1))
	done
	{
		printf 'name: t\nmode: simulation\nbase_config: configs/base.yaml\n'
		printf 'command: [./prog, "{config}"]\nsweep:\n  n: [%s]\n' "$(seq -s, 0 $((n - 1)))"
	} >specs/t.yaml
	expect 0 sweep-expand -q -d e/x specs/t.yaml
}

ended_by_int() {
	kill -s INT "$1"
	is_gone "$1"
}

# field RUN FIELD - from the last line of the run's journal
field() {
	tail -n 1 "e/x/records/$1.jsonl" | jq -r ".$2"
}

@test "exit 0, exit 3, SIGSEGV and no directory are recorded as they are" {
	sweep 'mkdir -p runs/d/m/one' 'exit 3' 'kill -s SEGV $$' 'echo hello'
	expect 1 run-one <e/x/plan.jsonl
	test "$(field run_000 status) $(field run_000 return_code) $(field run_000 run_dir)" = \
		"completed 0 runs/d/m/one"
	test "$(field run_001 status) $(field run_001 return_code) $(field run_001 reason)" = "failed 3 exit"
	test "$(field run_002 status) $(field run_002 return_code) $(field run_002 signal)" = \
		"failed 139 SIGSEGV"
	test "$(field run_002 reason)" = signal
	test "$(field run_003 status) $(field run_003 run_dir)" = "completed null"
	test "$(cat e/x/logs/run_003.log)" = hello
	for run in run_000 run_001 run_002 run_003; do
		jq -se 'length == 2 and .[0].status == "running" and .[0].started_at <= .[1].completed_at and
			(.[0].started_at | test("^[0-9-]+T[0-9:.]+Z$")) and .[1].duration_s >= 0 and
			(.[0].command[1] == "e/x/configs/\(.[0].run).yaml")' "e/x/records/$run.jsonl"
	done
}

@test "a command that cannot be started is 127, one that may not be run 126" {
	sweep true
	jq -c '.command = ["./nowhere"]' e/x/plan.jsonl >lines
	expect 1 run-one <lines
	test "$(field run_000 reason) $(field run_000 return_code)" = "not_started 127"
	[[ $(field run_000 error) == "./nowhere: No such file or directory" ]]
	touch file && jq -c '.command = ["./file"]' e/x/plan.jsonl >lines
	expect 1 run-one <lines
	test "$(field run_000 return_code)" = 126
}

@test "what is printed is what is in the journals" {
	sweep true 'exit 1'
	expect 1 run-one <e/x/plan.jsonl
	test "$output" = "$(cat e/x/records/run_000.jsonl e/x/records/run_001.jsonl)"
}

# relied on: `run-one -f' runs it again.
@test "a completed run is not run again, but with -f" {
	sweep 'echo again >>count'
	expect 0 run-one <e/x/plan.jsonl
	expect 0 run-one <e/x/plan.jsonl
	test -z "$output"
	test "$(wc -l <count)" -eq 1
	expect 0 run-one -f <e/x/plan.jsonl
	test "$(wc -l <count)" -eq 2
	test "$(field run_000 attempt)" = 2
}

@test "a failed run is tried again as often as -r says, into the same log" {
	sweep 'echo try $RUN_ATTEMPT; test -e ok || { test $RUN_ATTEMPT = 3 && touch ok; exit 1; }'
	expect 0 run-one -r 5 <e/x/plan.jsonl
	test "$(grep -v '^--- attempt' e/x/logs/run_000.log)" = $'try 1\ntry 2\ntry 3\ntry 4'
	test "$(jq -r .status e/x/records/run_000.jsonl | tr '\n' ' ')" = \
		"running failed running failed running failed running completed "
}

@test "a run that takes too long is stopped: TERM, then KILL" {
	sweep 'trap "" TERM; echo ready; while :; do sleep 100; done'
	expect 1 run-one -t 0.3 -k 0.3 <e/x/plan.jsonl
	test "$(field run_000 reason) $(field run_000 signal) $(field run_000 return_code)" = \
		"timeout SIGKILL 137"
	sweep_log=$(cat e/x/logs/run_000.log)
	[[ $sweep_log == ready* ]]
}

@test "the environment says which run it is, in absolute paths" {
	sweep 'cd /; printf "%s\n" $RUN_ID $RUN_ATTEMPT $EXPERIMENT_DIR; test -f "$RUN_CONFIG"; echo /some/dir >"$RUN_DIR_FILE"'
	expect 0 run-one <e/x/plan.jsonl
	test "$(cat e/x/logs/run_000.log)" = "run_000"$'\n1\n'"$PWD/e/x"
	test "$(field run_000 run_dir)" = /some/dir
	test ! -e e/x/logs/run_000.run_dir
}

@test "the run directory: a copy of the config decides, else it is ambiguous" {
	sweep 'mkdir -p runs/d/m/a runs/d/m/b; cp "$1" runs/d/m/b/config.yaml' 'mkdir runs/d/m/c runs/d/m/d'
	expect 0 run-one <e/x/plan.jsonl
	test "$(field run_000 run_dir)" = runs/d/m/b
	test "$(field run_001 run_dir)" = null
	test "$(field run_001 'run_dir_candidates | join(" ")')" = "runs/d/m/c runs/d/m/d"
}

@test "the run directory where others share the experiment: never the only new one, which may be theirs" {
	# run_000 makes none and ends only when run_001 has made its own
	sweep 'echo >up; until test -d runs/d/m/b; do sleep 0.01; done' \
		'mkdir -p runs/d/m/b; cp "$1" runs/d/m/b; until grep -q completed e/x/records/run_000.jsonl; do sleep 0.01; done'
	sed -n 1p e/x/plan.jsonl | run-one --shared >/dev/null 3>&- &
	wait_until test -e up
	sed -n 2p e/x/plan.jsonl | expect 0 run-one --shared
	wait $!
	test "$(field run_000 run_dir)" = null
	test "$(field run_000 'run_dir_candidates | join(" ")')" = runs/d/m/b
	test "$(field run_001 run_dir)" = runs/d/m/b
}

@test "two runs with the same config at the same time: a copy of it does not tell whose it is" {
	mkdir do
	echo 'test $RUN_ID = run_001 || { echo >up; until test -e runs/mine; do sleep 0.01; done; exit; }
		mkdir -p runs/mine; cp "$1" runs/mine; until grep -q completed e/x/records/run_000.jsonl; do sleep 0.01; done' >do/0
	cp configs/base.yaml configs/again.yaml
	printf 'name: t\nmode: simulation\nconfigs: [configs/base.yaml, configs/again.yaml]\ncommand: [./prog, "{config}"]\nrun_dir: runs\n' >specs/t.yaml
	expect 0 sweep-expand -q -d e/x specs/t.yaml
	sed -n 1p e/x/plan.jsonl | run-one --shared >/dev/null 3>&- &
	wait_until test -e up
	sed -n 2p e/x/plan.jsonl | expect 0 run-one --shared
	wait $!
	test "$(field run_000 run_dir) $(field run_001 run_dir)" = "null null"
	test "$(field run_000 'run_dir_candidates | join(" ")')" = runs/mine
}

@test "metrics.json is taken into the record; a broken one is a note" {
	sweep 'mkdir -p runs/d/m/a; printf "{\n \"acc\": 0.90,\n \"n\": [1, 2]\n}\n" >runs/d/m/a/metrics.json' \
		'mkdir runs/d/m/b; echo "{\"acc\": 0x1}" >runs/d/m/b/metrics.json'
	expect 0 run-one <e/x/plan.jsonl
	[[ $(tail -n 1 e/x/records/run_000.jsonl) == *'"metrics":{"acc":0.90,"n":[1,2]}'* ]]
	[[ $(field run_001 metrics_error) == *"runs/d/m/b/metrics.json: line 1 is not JSON at x1" ]]
}

@test "the lines to come are not eaten by the runs" {
	sweep cat cat cat
	expect 0 run-one <e/x/plan.jsonl
	test "$(jq -r 'select(.status == "completed") | .run' <<<"$output" | wc -l)" -eq 3
}

@test "nothing of a run survives it" {
	sweep 'sleep 1000 & setsid sleep 1000 & echo $! >pids; exit 0'
	expect 0 run-one -k 1 <e/x/plan.jsonl
	test "$(field run_000 leftovers)" -ge 2
	run kill -0 "$(cat pids)"
	test "$status" -ne 0
}

@test "an interrupted run is recorded, and nothing more is started" {
	sweep 'echo >up; sleep 1000' true
	mkfifo events
	run-one <e/x/plan.jsonl >events &
	pid=$!
	exec 4<events
	read -r line <&4
	[[ $line == *'"status":"running"'* ]]
	kill -s INT $pid
	read -r line <&4
	[[ $line == *'"status":"failed"'*'"reason":"interrupted"'* ]]
	code=0
	wait $pid || code=$?
	test "$code" -eq 130
	test ! -e e/x/records/run_001.jsonl
	exec 4<&-
}

@test "a run that the same signal ended first is interrupted, too, and not tried again" {
	sweep 'echo $$ >up; exec sleep 1000' true
	run-one -r 3 <e/x/plan.jsonl >/dev/null &
	pid=$!
	wait_until test -s up
	# as Slurm does it: every process of the job, here the run before run-one
	kill -s TERM "$(cat up)" $pid
	code=0
	wait $pid || code=$?
	test "$code" -eq 143
	test "$(field run_000 reason) $(field run_000 signal) $(field run_000 attempt)" = "interrupted SIGTERM 1"
	test ! -e e/x/records/run_001.jsonl
}

@test "a second signal kills at once what ignores the first" {
	sweep 'trap "" INT TERM; echo >up; while :; do sleep 1000; done'
	mkfifo events
	run-one -k 1h <e/x/plan.jsonl >events &
	pid=$!
	exec 4<events
	read -r line <&4
	wait_until test -e up
	kill -s INT $pid
	# within 200 ms it is taken for the same keypress: repeat it until it is not
	wait_until ended_by_int $pid
	read -r line <&4
	[[ $line == *'"signal":"SIGKILL"'* ]]
	exec 4<&-
}

@test "a reader that goes away does not stop the sweep" {
	sweep true true true
	expect 0 bash -c 'run-one <e/x/plan.jsonl | :; exit ${PIPESTATUS[0]}'
	test "$(cat e/x/records/run_*.jsonl | jq -r 'select(.status == "completed") | .run' | wc -l)" -eq 3
}

@test "a standard output that is full stops it, and nothing is lost" {
	sweep true true
	expect 74 sh -c 'run-one <e/x/plan.jsonl >/dev/full'
	[[ $errors == *"standard output cannot be written"* ]]
	expect 0 run-one <e/x/plan.jsonl
	expect 0 meta-merge e/x
	test "$(jq .counts.completed e/x/experiment.json)" -eq 2
}

# relied on: A second run-one(1) on an experiment ends with status 75.
@test "two at once: the second one says who is at work, and ends with 75" {
	sweep 'echo >up; read -r x <gate'
	mkfifo gate
	run-one <e/x/plan.jsonl >first 3>&- &
	pid=$!
	wait_until test -e up
	expect 75 run-one <e/x/plan.jsonl
	[[ $errors == *"e/x is at work: process "*"$pid"*"run_000"* ]]
	echo >gate
	wait $pid
	test "$(wc -l <e/x/records/run_000.jsonl)" -eq 2
}

@test "killed with -9, its child goes too, and the run is started again" {
	sweep 'echo >>up; test -e gate || exec sleep 1000'
	run-one <e/x/plan.jsonl >/dev/null 3>&- &
	pid=$!
	wait_until test -e up
	child=$(main_of e/x/records/run_000.jsonl)
	kill -9 $pid
	wait $pid || :
	wait_until is_gone "$child"
	expect 0 meta-merge e/x
	test "$(jq -r '.runs[0] | .status, .reason' e/x/experiment.json | tr '\n' ' ')" = "failed abandoned "
	touch gate
	expect 0 run-one <e/x/plan.jsonl
	test "$(field run_000 attempt) $(field run_000 status)" = "2 completed"
}

# A standard output that takes nothing: no run is started before somebody reads.
start_unread() {
	sweep "$1"
	mkfifo events
	exec 4<>events
	dd if=/dev/zero of=events bs=4096 oflag=nonblock 2>/dev/null || :
	run-one <e/x/plan.jsonl >events 2>said 3>&- 4<&- &
	pid=$!
	wait_until grep -q 'waiting for the reader of standard output' said
}

@test "killed with -9 while nobody reads its events: nothing has begun" {
	start_unread 'echo >began'
	kill -9 $pid
	wait $pid || :
	exec 4<&-
	expect 1 sweep-lock --held e/x
	test ! -e began
	expect 0 run-one <e/x/plan.jsonl
	test "$(field run_000 attempt) $(field run_000 status)" = "1 completed"
}

@test "read again, the events go on where they were" {
	start_unread 'echo >>began'
	tr -d '\0' <events >got 3>&- 4<&- &
	reader=$!
	exec 4<&-
	wait $pid
	wait $reader
	test "$(jq -r .status got | tr '\n' ' ')" = "running completed "
	test "$(wc -l <began)" -eq 1
}

@test "^Z stops it also while nobody reads its standard output, and fg goes on" {
	sweep true true
	expect 0 python3 - <<-'END'
		import os, signal, time
		signal.alarm(600)
		inside, outside = os.pipe()
		os.set_blocking(outside, False)
		try:
		    while True:
		        os.write(outside, b" " * 4096)
		except BlockingIOError:
		    os.set_blocking(outside, True)
		pid = os.fork()
		if pid == 0:
		    os.setpgid(0, 0)
		    os.dup2(os.open("e/x/plan.jsonl", os.O_RDONLY), 0)
		    os.dup2(outside, 1)
		    os.close(inside)
		    os.dup2(os.open("said", os.O_WRONLY | os.O_CREAT), 2)
		    os.execvp("run-one", ["run-one"])
		os.close(outside)
		while not os.path.exists("said") or not os.path.getsize("said"):
		    time.sleep(0.01)
		os.kill(-pid, signal.SIGTSTP)
		assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
		os.kill(-pid, signal.SIGCONT)
		seen = b""
		while more := os.read(inside, 65536):
		    seen += more
		assert os.waitpid(pid, 0)[1] == 0 and seen.count(b'"status":"completed"') == 2, seen
	END
}

@test "^Z as a run starts does not stop what is started" {
	copy_preload
	plain
	sweep true
	expect 0 timeout 60 env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one \
		FAULT_AT=1 FAULT_DO=stop-child FAULT_FIRED="$PWD/fired" run-one -f <e/x/plan.jsonl
	test "$(cat fired)" = "run-one 1 setpgid"
	test "$(field run_000 status)" = completed
}

@test "a run whose process is killed before its program begins was killed, and is run again" {
	copy_preload
	plain
	sweep true
	expect 1 env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one \
		FAULT_AT=1 FAULT_DO=kill-child FAULT_FIRED="$PWD/fired" run-one <e/x/plan.jsonl
	test "$(cat fired)" = "run-one 1 execvp"
	test "$(field run_000 reason) $(field run_000 signal)" = "signal SIGKILL"
	expect 0 run-one <e/x/plan.jsonl
	test "$(jq -r .status e/x/records/run_000.jsonl | tr '\n' ' ')" = "running failed running completed "
}

@test "run-one killed between the record of a start and its program: abandoned, and run again" {
	copy_preload
	plain
	sweep 'echo >>ran'
	expect 137 env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one \
		FAULT_AT=1 FAULT_DO=kill-parent FAULT_FIRED="$PWD/fired" run-one <e/x/plan.jsonl
	test "$(cat fired)" = "run-one 1 execvp"
	test "$(jq -r .status e/x/records/run_000.jsonl)" = running
	expect 1 run-one --held e/x -t 60
	meta-merge e/x
	test "$(jq -r '.runs[0] | .status, .reason' e/x/experiment.json | tr '\n' ' ')" = "failed abandoned "
	test ! -e ran
	expect 0 run-one <e/x/plan.jsonl
	test "$(wc -l <ran)" -eq 1
	test "$(field run_000 attempt) $(field run_000 status)" = "2 completed"
}

@test "a journal that is no file is refused" {
	sweep true
	mkfifo e/x/records/run_000.jsonl
	expect 2 run-one <e/x/plan.jsonl
	test "$errors" = "run-one: e/x/records/run_000.jsonl is not a regular file"
	rm e/x/records/run_000.jsonl
	mkdir e/x/records/run_000.jsonl
	expect 2 run-one <e/x/plan.jsonl
	[[ $errors == "run-one: e/x/records/run_000.jsonl cannot be opened"* ]]
}

@test "a torn line that cannot be cut off stops it, and stays" {
	copy_preload
	plain
	sweep true
	printf '{"run":"run_000","attempt":7' >e/x/records/run_000.jsonl
	local at=0
	until grep -qs ftruncate fired; do
		at=$((at + 1))
		test "$at" -le 20
		expect 74 env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one \
			FAULT_AT=$at FAULT_DO=EIO FAULT_FIRED="$PWD/fired" FAULT_STICKY=1 run-one <e/x/plan.jsonl
	done
	[[ $errors == *"the torn last line of e/x/records/run_000.jsonl cannot be cut off: "* ]]
	test "$(cat e/x/records/run_000.jsonl)" = '{"run":"run_000","attempt":7'
	expect 0 run-one <e/x/plan.jsonl
	test "$(field run_000 attempt) $(field run_000 status)" = "1 completed"
}

@test "a terminal that stops what writes from the background stops no run (stty tostop)" {
	sweep true true
	expect 0 python3 - <<-'END'
		import os, pty, signal, termios
		signal.alarm(60)
		pid, terminal = pty.fork()
		if pid == 0:
		    modes = termios.tcgetattr(1)
		    modes[3] |= termios.TOSTOP
		    termios.tcsetattr(1, termios.TCSANOW, modes)
		    os.dup2(os.open("e/x/plan.jsonl", os.O_RDONLY), 0)
		    os.execvp("run-one", ["run-one", "-p"])
		seen = b""
		while True:
		    try:
		        seen += os.read(terminal, 4096)
		    except OSError:
		        break
		assert os.waitpid(pid, 0)[1] == 0 and seen.count(b'"status":"completed"') == 2, seen
	END
}

# relied on: Its processes inherit the lock of its journal, which is held until the last one ends.
@test "what survives a kill -9 keeps its claim: no second copy is started" {
	sweep 'echo >>up; setsid sleep 1000 & echo $! >pid; exec sleep 1000'
	run-one <e/x/plan.jsonl >/dev/null 3>&- &
	pid=$!
	wait_until test -s pid
	child=$(main_of e/x/records/run_000.jsonl)
	kill -9 $pid
	wait $pid || :
	wait_until is_gone "$child"
	expect 75 run-one <e/x/plan.jsonl
	[[ $errors == *"process "*"$(cat pid)"*"run_000"* ]]
	expect 0 meta-merge e/x
	test "$(jq -r '.runs[0].status' e/x/experiment.json)" = running
	kill "$(cat pid)"
	wait_until is_gone "$(cat pid)"
	expect 0 meta-merge e/x
	test "$(jq -r '.runs[0].reason' e/x/experiment.json)" = abandoned
}

@test "a torn last line is cut off before anything is believed" {
	sweep true
	expect 1 sh -c 'jq -c ".command = [\"false\"]" e/x/plan.jsonl | run-one'
	printf '{"run":"run_000","attempt":1,"status":"comp' >>e/x/records/run_000.jsonl
	expect 0 run-one <e/x/plan.jsonl
	test "$(jq -r .status e/x/records/run_000.jsonl | tr '\n' ' ')" = "running failed running completed "
}

@test "garbage before the last line is an error that names the file" {
	sweep true
	printf 'what\n{"run":"run_000","attempt":1,"status":"failed"}\n' >e/x/records/run_000.jsonl
	expect 2 run-one <e/x/plan.jsonl
	[[ $errors == *"e/x/records/run_000.jsonl"*"repair the line"* ]]
	test "$(wc -l <e/x/records/run_000.jsonl)" -eq 2
}

@test "-n starts so many, --fail-fast stops after a failure" {
	sweep true 'exit 1' true true
	expect 1 run-one --fail-fast <e/x/plan.jsonl
	test ! -e e/x/records/run_002.jsonl
	expect 0 sh -c 'sed 2d e/x/plan.jsonl | run-one -n 1'
	test -e e/x/records/run_002.jsonl
	test ! -e e/x/records/run_003.jsonl
}

@test "bad lines and bad options are one line on stderr and exit 2" {
	local line
	for line in 'not json' '[]' '{"run":"../x","command":["true"]}' '{"run":"a"}' '{"run":7}' \
		'{"run":"a","command":"true"}' '{"run":"a","command":[1]}' '{"format":2,"run":"a","command":["true"]}' \
		'{"run":"a","experiment_dir":"nowhere","command":["true"]}'; do
		expect 2 run-one <<<"$line"
		test "$(wc -l <<<"$errors")" -eq 1
	done
	for line in --what -n -nx "-t never" "-t 0" "-r -1" "--session x" "true"; do
		# shellcheck disable=SC2086
		expect 2 run-one $line </dev/null
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "run-one: "* ]]
	done
}

@test "lines without a run are kept with the experiment and passed on" {
	sweep true
	line='{"experiment_dir":"e/x","note":"tuesday"}'
	expect 0 run-one <<<"$line"
	test "$output" = "$line"
	test "$(tail -n 1 e/x/records/experiment.jsonl)" = "$line"
}

@test "closed descriptors are no files of ours" {
	sweep 'echo to the log'
	expect 0 sh -c 'run-one <e/x/plan.jsonl >&- 2>&-'
	test "$(cat e/x/logs/run_000.log)" = "to the log"
	jq -e . e/x/records/run_000.jsonl
}

# relied on: With --no-sync a power cut can lose the last ones.
@test "--no-sync waits for no disk" {
	plain
	need strace
	strace -o trace true 2>/dev/null && test -s trace || skip "strace cannot trace here"
	sweep true true
	expect 0 strace -f -o trace -e trace=fsync,fdatasync,syncfs run-one --no-sync --limit 1 <e/x/plan.jsonl
	test "$(grep -c 'sync(' trace)" -eq 0
	expect 0 strace -f -o trace -e trace=fsync,fdatasync,syncfs run-one <e/x/plan.jsonl
	grep -q 'fdatasync(.*) *= 0' trace
}

@test "blank lines are passed over, a line of NUL bytes is none" {
	expect 0 sh -c 'printf "\\n \\t\\r\\n" | run-one'
	test -z "$output$errors"
	expect 2 sh -c 'printf "\\0\\0\\n" | run-one'
	[[ $errors == "run-one: stdin:1: "* ]]
}

@test "attempts in one log are told apart, and the first one's output is as it was" {
	sweep 'printf "try $RUN_ATTEMPT"; exit 1'
	expect 1 run-one -r 2 -p <e/x/plan.jsonl
	test "$(sed 's/, 20[0-9-]*T[0-9:.]*Z ---$/, TIME ---/' e/x/logs/run_000.log)" = "try 1
--- attempt 2, TIME ---
try 2
--- attempt 3, TIME ---
try 3"
	[[ $errors == *"; try 1"$'\n'*"; try 2"$'\n'*"; try 3" ]]
	# the end of the log is that of the last attempt
	test "$(sweep-watch --log e/x/logs/run_000.log)" = "try 3"
	expect 1 run-one -v -p <e/x/plan.jsonl
	[[ $errors == *"(attempt 4)"$'\ntry 4'*"; try 4" ]]
	# of one that printed nothing it is empty
	expect 1 sh -c 'jq -c ".command = [\"false\"]" e/x/plan.jsonl | run-one -p'
	test -z "$(sweep-watch --log e/x/logs/run_000.log)"
	[[ ! $errors == *";"* ]]
	grep -q '^--- attempt 5, ' e/x/logs/run_000.log
}

@test "the line of a failed run says why: its last line that is not blank, cut where it is long" {
	local long
	long=$(printf '%0300d' 0)
	sweep 'echo first; echo "ValueError: no"; printf "\n  \n\t\n"; exit 3' "echo $long; exit 1" 'echo fine' 'exit 2' 'printf "10%%\r\033[31mdied\r\n"; kill -9 $$'
	expect 1 run-one -p <e/x/plan.jsonl
	[[ $errors == *"run_000 failed (exit 3) in "*"; ValueError: no"$'\n'* ]]
	[[ $errors == *"; ${long:0:117}..."$'\n'* ]]
	[[ $errors == *"run_002 completed in "* && ! $errors == *fine* ]]
	[[ $errors == *"run_004 failed (SIGKILL) in "*"; died" ]]
	test "$(grep -c ';' <<<"$errors")" -eq 3
}
