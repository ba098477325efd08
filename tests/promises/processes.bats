load ../helper

# How runs are stopped, what they get, and what is said of it. A run does what the file
# do/N says; N is the value of n in its config.
prepare() {
	printf '#!/bin/sh\n. "./do/$(sed -n "s/^n: //p" "$1")"\n' >prog
	chmod +x prog
	printf 'n: 0\n' >configs/base.yaml
	mkdir do
}

# sweep COMMAND... - a spec with one run per shell command.
sweep() {
	local n=0
	for what in "$@"; do
		printf '%s\n' "$what" >do/$n
		n=$((n + 1))
	done
	printf 'name: t\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, "{config}"]\nsweep:\n  n: [%s]\n' \
		"$(seq -s, 0 $((n - 1)))" >specs/t.yaml
}

# The same, published as e.
publish() {
	sweep "$@"
	expect 0 sweep-expand -q -d e specs/t.yaml
}

# Start run-one on e, as $pid.
begin() {
	run-one "$@" <e/plan.jsonl >events 2>err 3>&- &
	pid=$!
}

# What `begin` started ends with this status.
ends() {
	local code=0
	wait $pid || code=$?
	test "$code" -eq "$1" || { echo "status $code, expected $1"; cat err; return 1; }
}

# field RUN FIELD - from the last line of the run's journal
field() {
	tail -n 1 "e/records/$1.jsonl" | jq -r ".$2"
}

# so many runs have said that they are up
are_up() {
	test "$(wc -l <up)" -ge "$1"
}

# A run that only SIGKILL ends, and that says what it was told.
stubborn='trap "echo INT >>told" INT; trap "echo TERM >>told" TERM; trap "echo HUP >>told" HUP
	echo >>up; while :; do sleep 0.02; done'

# at_terminal COMMAND - on a terminal of its own; its status goes to the file code.
at_terminal() {
	need tmux
	tmux -L "procs$$" -f /dev/null new-session -d -x 150 -y 50 \
		"export PATH='$PATH'; $1; echo \$? >code.new; mv code.new code; cat" 3>&-
}

on_screen() {
	tmux -L "procs$$" capture-pane -p -J | grep -qE -e "$1"
}

press() {
	tmux -L "procs$$" send-keys "$1"
}

# What must appear on it before the test goes on.
seen() {
	wait_until on_screen "$1" || { tmux -L "procs$$" capture-pane -p; return 1; }
}

clean() {
	tmux -L "procs$$" kill-server 2>/dev/null || :
}

# ---- Ctrl-C ----

@test "after SIGINT a run gets SIGTERM, then SIGKILL, with the grace between them" {
	publish "$stubborn"
	begin -k 0.5
	wait_until test -s up
	kill -s INT $pid
	ends 130
	test "$(tr '\n' ' ' <told)" = "INT TERM "
	test "$(field run_000 reason) $(field run_000 signal)" = "interrupted SIGKILL"
}

@test "after SIGHUP, too; after SIGTERM comes SIGKILL" {
	publish "$stubborn"
	begin -k 0.5
	wait_until test -s up
	kill -s HUP $pid
	ends 129
	test "$(tr '\n' ' ' <told)" = "HUP TERM "
	rm told up
	begin -k 0.5
	wait_until test -s up
	kill -s TERM $pid
	ends 143
	test "$(tr '\n' ' ' <told)" = "TERM "
}

@test "many at once get the same signals as one by one" {
	publish "$stubborn" "$stubborn"
	begin -k 0.5 --jobs 2
	wait_until are_up 2
	kill -s INT $pid
	ends 130
	test "$(sort told | uniq -c | tr -s ' \n' ' ')" = " 2 INT 2 TERM "
	test "$(field run_000 reason) $(field run_001 signal)" = "interrupted SIGKILL"
	grep -qE 'waiting for run_00[01], run_00[01]; Ctrl-C again kills them$' err
}

@test "Ctrl-C says what is waited for, and pressed again it kills that" {
	sweep "$stubborn" true
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --exp specs/t.yaml --grace 1h"
	wait_until test -s up
	press C-c
	seen 'run-one: waiting for run_000; Ctrl-C again kills it$'
	press C-c
	wait_until test -s code
	test "$(cat code)" -eq 130
	seen '\[1/2\] run_000 interrupted in [0-9.]+s$'
	jq -e '.runs[0].signal == "SIGKILL" and .counts.pending == 1' experiments/t_*/experiment.json
}

@test "Ctrl-C with --jobs says what is waited for, and pressed again it kills that" {
	sweep "$stubborn" 'echo >>up; exec sleep 1000' true
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --exp specs/t.yaml --grace 1h --jobs 2"
	wait_until are_up 2
	press C-c
	# run_001 may take its time to end, too
	seen 'run-one: waiting for run_000(, run_001)?; Ctrl-C again kills (it|them)$'
	press C-c
	wait_until test -s code
	test "$(cat code)" -eq 130
	jq -e '[.runs[].signal] == ["SIGKILL", "SIGINT", null]' experiments/t_*/experiment.json
}

@test "a run that ends at once on Ctrl-C is not waited for aloud" {
	publish 'echo >>up; exec sleep 1000'
	begin
	wait_until test -s up
	kill -s INT $pid
	ends 130
	test ! -s err
}

@test "the summary counts an interrupted run as interrupted, shows no traceback of it, and how to go on" {
	sweep 'test -e go || exit 3' \
		'test -e go || exec python3 -c "import time; open(\"up\", \"w\"); time.sleep(1000)"' true
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --exp specs/t.yaml --timeout 1h --no-sync >out"
	wait_until test -e up
	press C-c
	wait_until test -s code
	test "$(cat code)" -eq 130
	grep -q KeyboardInterrupt experiments/t_*/logs/run_001.log
	run grep -qE 'KeyboardInterrupt|failed: run_001' out
	test "$status" -eq 1
	grep -q '^failed: run_000 n=0 (exit 3)' out
	grep -q '^3 runs: 1 interrupted, 1 pending, 1 failed$' out
	test "$(tail -n 1 out)" = "to continue: run-experiment --exp specs/t.yaml --timeout 1h --no-sync --resume"
	jq -e '.counts == {"pending": 1, "running": 0, "completed": 0, "failed": 2}' experiments/t_*/experiment.json
	touch go
	expect 0 sh -c "$(sed -n 's/^to continue: //p' out)"
	jq -e '.status == "completed"' experiments/t_*/experiment.json
}

@test "how to go on is said as it is typed from here, and quoted" {
	sweep 'echo >up; test -e go || exec sleep 1000'
	mv specs/t.yaml 'specs/my sweep.yaml'
	mkdir 'my tools'
	cp -r "$top/bin" "$top/share" 'my tools'
	cp "$bin/run-one" "$bin/sweep-expand" "$bin/meta-merge" 'my tools/bin'
	# not installed: PATH does not find it
	PATH=${PATH//$top\/bin:/}
	PATH=${PATH//$bin:/}
	'my tools/bin/run-experiment' -e 'specs/my sweep.yaml' -r >out 2>err 3>&- &
	pid=$!
	wait_until test -e up
	kill -s TERM $pid
	ends 143
	test "$(tail -n 1 out)" = "to continue: 'my tools/bin/run-experiment' -e 'specs/my sweep.yaml' -r"
	touch go
	expect 0 sh -c "$(sed -n 's/^to continue: //p' out)"
}

# ---- stopped processes ----

@test "a run that is stopped (SIGSTOP) still ends by itself when it is told to" {
	publish 'trap "echo saved; exit 3" TERM; echo $$ >up; while :; do sleep 0.02; done'
	begin -k 1h
	wait_until test -s up
	kill -s STOP "$(cat up)"
	kill -s TERM $pid
	ends 143
	test "$(grep -c saved e/logs/run_000.log)" -eq 1
	rm up
	begin -k 1h -t 1
	wait_until test -s up
	kill -s STOP "$(cat up)"
	ends 1
	test "$(grep -c saved e/logs/run_000.log)" -eq 2
	test "$(field run_000 reason)" = timeout
}

@test "what a run leaves behind stopped ends by itself, too" {
	publish 'setsid sh -c "trap \"echo saved; exit\" TERM; kill -s STOP \$\$; while :; do sleep 0.02; done" &
		until grep -q "^State:.T" /proc/$!/status; do sleep 0.02; done'
	expect 0 run-one -k 1h <e/plan.jsonl
	test "$(cat e/logs/run_000.log)" = saved
}

@test "a stopped run-one (^Z) is stopped by --stop without a kill" {
	local program
	publish 'echo >up; exec sleep 1000'
	for program in sweep-lock run-one; do
		rm -f up
		begin
		wait_until test -s up
		kill -s STOP $pid
		expect 0 $program --stop e -k 1h
		ends 143
		test "$(field run_000 reason)" = interrupted
	done
}

# ---- terminals ----

@test "a run that asks for a password on the terminal fails at once, and says so" {
	need python3
	sweep "exec python3 '$top/tests/trainers/getpass'"
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --dir e specs/t.yaml >out 2>err"
	wait_until test -e code
	test "$(cat code)" = 1
	jq -e '.runs[0].status == "failed" and .runs[0].reason == "exit"' e/experiment.json
	grep -q 'no key: EOFError' e/logs/run_000.log
}

@test "... and any other that reads or changes the terminal; one by one, many at once and by hand" {
	sweep 'if head -n 1 </dev/tty; then exit 7; fi; exit 5'
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --dir e specs/t.yaml >out 2>err"
	wait_until test -e code
	test "$(jq -r '.runs[0].return_code' e/experiment.json)" = 5
	rm -r code e
	at_terminal "sweep-expand -q specs/t.yaml | run-one >events 2>err"
	wait_until test -e code
	test "$(tail -n 1 events | jq .return_code)" = 5
	rm code
	sweep 'stty -echo </dev/tty && exit 7; exit 5' 'stty -echo </dev/tty && exit 7; exit 5'
	at_terminal "${SWEEP_SH:-sh} '$top/bin/run-experiment' --dir e --jobs 2 specs/t.yaml >out 2>err"
	wait_until test -e code
	jq -e 'all(.runs[]; .return_code == 5)' e/experiment.json
}

@test "a program that exits inside its signal handler is interrupted, whatever its status" {
	need python3
	publish "exec python3 '$top/tests/trainers/handler'" true
	begin
	wait_until test -e up
	kill -s TERM $pid
	ends 143
	test "$(field run_000 reason)" = interrupted
	grep -q 'saved after SIGTERM' e/logs/run_000.log
	rm up
	run-one -f <e/plan.jsonl >events 2>err 3>&- &
	pid=$!
	wait_until test -e up
	kill -s INT $pid
	ends 130
	test "$(field run_000 reason)" = interrupted
	grep -q 'saved after SIGINT' e/logs/run_000.log
}

# ---- as process 1 ----

# Start a command as process 1 of a PID namespace, $pid from outside; $parent ends as it does.
start_alone() {
	need unshare
	unshare -Urpf --mount-proc true 2>/dev/null || skip "no PID namespace can be made here"
	unshare -Urpf --mount-proc "$@" >out 2>err 3>&- &
	parent=$!
	wait_until has_child
	pid=$(tr -d ' ' <"/proc/$parent/task/$parent/children")
}

has_child() { test -n "$(cat "/proc/$parent/task/$parent/children")"; }

# Has it become that program, and set its handlers?
catches_term() {
	grep -qx "$1" "/proc/$pid/comm" && test $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$pid/status") >> 14 & 1)) -eq 1
}

@test "as process 1 a program hears SIGTERM" {
	mkfifo fifo
	exec 6<>fifo
	for program in run-one find-rundir; do
		start_alone sh -c "exec $program <fifo"
		wait_until catches_term $program
		kill -s TERM "$pid"
		code=0
		wait $parent || code=$?
		test "$code" -eq 143 || { echo "$program: $code"; cat err; return 1; }
	done
	exec 6>&-
}

@test "... and so does a driver, a container's entry point, from its first lines on" {
	sweep 'until test -e go; do sleep 0.02; done'
	start_alone ${SWEEP_SH:-sh} "$top/bin/run-experiment" --dir e specs/t.yaml
	wait_until sh -c "test \$((0x\$(sed -n 's/^SigCgt:[[:space:]]*//p' /proc/$pid/status) >> 14 & 1)) -eq 1"
	kill -s TERM "$pid"
	code=0
	wait $parent || code=$?
	test "$code" -eq 143
	# later, with a run at work
	rm -rf e
	start_alone ${SWEEP_SH:-sh} "$top/bin/run-experiment" --dir e specs/t.yaml
	wait_until grep -qs running e/records/run_000.jsonl
	kill -s TERM "$pid"
	code=0
	wait $parent || code=$?
	test "$code" -eq 143
	test "$(field run_000 reason)" = interrupted
}

# ---- what cannot be started, and what is printed ----

# says PROGRAM MESSAGE - so ends the record, and the progress line.
says() {
	printf 'name: t\nmode: training\nbase_config: configs/base.yaml\ncommand: [%s]\n' "$1" >specs/t.yaml
	rm -rf e
	expect 1 driver run-experiment --dir e specs/t.yaml
	test "$(field run_000 error)" = "$1: $2" || { field run_000 error; return 1; }
	[[ $errors == *"run_000 failed ($1: $2) in "* ]]
	[[ $output == *"$2"* ]]
}

@test "a program that cannot be started is told with what is wrong, and with what to do" {
	printf '#!/bin/sh\r\necho hello\r\n' >windows.sh
	printf '#!/usr/bin/env python3\r\nprint(1)\r\n' >windows.py
	printf '#!/opt/no/such/python\n' >no-interpreter
	printf '#!/bin/sh\n' >not-executable
	mkdir directory
	chmod +x windows.sh windows.py no-interpreter
	says ./windows.sh "its first line ends in CR LF; convert it: sed -i 's/\\r\$//' ./windows.sh"
	eval "$(field run_000 error | sed 's/.*convert it: //')"
	expect 0 driver run-experiment -q --dir e specs/t.yaml --resume
	says ./windows.py "its first line ends in CR LF; convert it: sed -i 's/\\r\$//' ./windows.py"
	test "$(field run_000 return_code)" = 127
	says ./no-interpreter "its interpreter /opt/no/such/python does not exist"
	says ./not-executable "it is not executable; chmod +x ./not-executable"
	says ./directory "it is a directory"
	{ head -c 18 "$(command -v run-one)" && printf '\377\376' && head -c 100 /dev/zero; } >foreign
	chmod +x foreign
	says ./foreign "it is a program for another kind of machine"
	says ./nothing "No such file or directory"
	says nothing-at-all "not found in PATH"
	says windows.sh "not found in PATH; write ./windows.sh"
}

@test "what a Python program prints is in the log at once, and after SIGKILL" {
	need python3
	unset PYTHONUNBUFFERED
	publish "exec '$top/tests/trainers/buffered'"
	begin
	wait_until test -e printed
	wait_until grep -q 'epoch 1 loss' e/logs/run_000.log
	kill -s KILL $pid
	wait $pid || :
	grep -q 'epoch 1 loss' e/logs/run_000.log
	# unless the user has said how it is to be
	sweep 'echo "it is $PYTHONUNBUFFERED"'
	PYTHONUNBUFFERED='' expect 0 driver run-experiment -q --dir f specs/t.yaml
	grep -qx 'it is ' f/logs/run_000.log
}
