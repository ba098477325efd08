load ../helper

# Who waits says for what, can be told to end, and leaves the state on disk whole.

prepare() {
	export XDG_STATE_HOME=$PWD/state
	printf 'lr: 0\n' >configs/base.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>"started.$1"\nuntil test -e "go.$1"; do sleep 0.02; done\n' >prog
	chmod +x prog
	for name in a b c; do spec $name '[1]'; done
}

clean() {
	local pid
	for pid in $(jobs -p); do kill -s CONT "$pid" 2>/dev/null || :; done
	touch go.a go.b go.c 2>/dev/null || :
	kill -s KILL ${holder:-} 2>/dev/null || :
}

spec() { # NAME VALUES
	printf 'name: %s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, %s]\nsweep: {lr: %s}\n' \
		"$1" "$1" "$2" >"specs/$1.yaml"
}

# queued NAME [OPTION...] - start the experiment NAME in the queue q, in the background.
queued() {
	local name=$1
	shift
	test -e "$name" || sweep-expand -q -d "$name" "specs/$name.yaml" >"plan.$name"
	rm -f "err.$name" # or the words of the one before could be read
	run-one --queue q "$@" <"plan.$name" >/dev/null 2>"err.$name" 3>&- &
	pid=$!
}

# hold KIND PATH - a process that holds the lock and is stopped; sets holder.
hold() {
	"${SWEEP_FAULTS:-$top/tests/faults}/hold" "$1" "$2" >held 3>&- &
	holder=$!
	wait_until test -s held
	kill -s STOP $holder
	wait_until grep -q '^State:[[:space:]]*T' /proc/$holder/status
}

# Is it in the queue, and not at work yet?
has_come() {
	sweep-lock --held "$1" && test "$(wc -l <q)" -ge "$2"
}

is_said() { # TEXT FILE
	grep -qF -- "$1" "$2"
}

# ---- the queue ----

@test "a queue that cannot be written forgets nobody, and gives no turn" {
	queued a
	wait_until test -e started.a
	cp q before
	sweep-expand -q -d b specs/b.yaml >plan.b
	run bash -c 'ulimit -f 0; run-one --queue q <plan.b 2>&1 >/dev/null | cat; exit "${PIPESTATUS[0]}"'
	test "$status" -eq 74
	[[ $output == "run-one: the queue q cannot be entered, and no turn was taken: File too large; no line after stdin:1 was run" ]]
	cmp q before
	test ! -e started.b
	queued b
	wait_until has_come b 2
	test ! -e started.b
	touch go.a go.b
	wait "$pid"
	test -e started.b
}

@test "who has too few descriptors for all who came before takes no turn" {
	need python3
	sweep-expand -q -d a specs/a.yaml >plan
	# thirty at work: the lock of each is held
	python3 - >locks 3>&- <<-'EOF' &
		import fcntl, os, signal, struct
		for i in range(30):
		    os.mkdir(f"w{i}")
		    fd = os.open(f"w{i}/lock", os.O_RDWR | os.O_CREAT)
		    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
		    print(os.path.abspath(f"w{i}/lock"), flush=i == 29)
		signal.pause()
	EOF
	holder=$!
	wait_until grep -q w29 locks
	cp locks q
	touch go.a
	expect 74 timeout 60 sh -c 'ulimit -n 24 && exec run-one --queue q <plan'
	[[ $errors == *"the queue q cannot be entered, and no turn was taken: Too many open files"* ]]
	cmp locks q
	test ! -e started.a
}

@test "who is killed while it comes makes the queue forget nobody" {
	need strace
	plain
	local call
	queued a
	wait_until test -e started.a
	cp q before
	sweep-expand -q -d b specs/b.yaml >plan.b
	for call in ftruncate write; do
		lines=$(wc -l <q)
		strace -o trace -f -P "$PWD/q" -e trace=$call -e inject=$call:signal=KILL:when=1 run-one --queue "$PWD/q" <plan.b >/dev/null 2>&1 3>&- &
		traced=$!
		wait_until is_gone_or_came
		sweep-lock --stop b
		wait $traced || :
		grep -qxF "$PWD/a/lock" q
		test ! -e started.b
	done
	queued c
	wait_until has_come c 2
	test ! -e started.c
	touch go.a go.c
	wait "$pid"
}

is_gone_or_came() {
	is_gone $traced || has_come b $((lines + 1))
}

@test "a line that was cut off names nobody, and the next one does not continue it" {
	queued a
	wait_until test -e started.a
	printf '%s/zz' "$PWD" >>q
	queued b
	wait_until has_come b 3
	grep -qxF "$PWD/b/lock" q
	queued c
	wait_until has_come c 4
	test ! -e started.b
	touch go.a
	wait_until test -e started.b
	test ! -e started.c
	touch go.b go.c
	wait "$pid"
	# nobody is left: the next one begins anew
	queued a
	wait "$pid"
	test "$(cat q)" = "$PWD/a/lock"
}

@test "an experiment below a directory with a newline in its name is waited for" {
	mkdir $'x\ny\\z'
	cp -r configs specs prog $'x\ny\\z'
	cd $'x\ny\\z'
	queued a
	wait_until test -e started.a
	queued b
	wait_until has_come b 2
	test ! -e started.b
	touch go.a go.b
	wait "$pid"
	test -e started.b
	test "$(wc -l <q)" -eq 2
}

@test "who was stopped in the queue and comes again is behind those who came meanwhile" {
	queued a
	wait_until test -e started.a
	queued b
	wait_until has_come b 2
	first=$pid
	queued c
	wait_until has_come c 3
	third=$pid
	kill $first
	wait $first || test $? -eq 143
	queued b
	wait_until has_come b 4
	touch go.a
	wait_until test -e started.c
	test ! -e started.b
	touch go.c go.b
	wait $third
	wait "$pid"
	test -e started.b
}

@test "an experiment that is renamed is waited for all the same" {
	queued a
	wait_until test -e started.a
	queued b
	wait_until has_come b 2
	mv a moved
	wait_until is_said "waiting for its turn: $PWD/a came before it" err.b
	test ! -e started.b
	touch go.a go.b
	wait "$pid"
	test -e started.b
}

# relied on: A program that waits says for what after three seconds, and ends on SIGINT, SIGTERM and SIGHUP.
@test "who waits for its turn says so, and ends by a signal" {
	local signal
	queued a
	wait_until test -e started.a
	holder=$pid
	for signal in TERM INT HUP; do
		queued b
		wait_until is_said "run-one: waiting for its turn: $PWD/a came before it (process" err.b
				grep -q "process.*\b$holder\b" err.b
		kill -s $signal "$pid"
		code=0
		wait "$pid" || code=$?
		test $code -eq $((128 + $(kill -l $signal)))
		test ! -e started.b
		test ! -s b/records/run_000.jsonl
	done
	touch go.a
	wait $holder
}

# relied on: A program that waits says for what after three seconds, and ends on SIGINT, SIGTERM and SIGHUP.
@test "who waits at the door of the queue says who holds it, and ends by a signal" {
	local signal
	: >q
	hold lock q
	for signal in TERM INT; do
		queued b
		wait_until is_said "run-one: waiting for the lock on q, which process $holder (stopped) holds" err.b
		kill -s $signal "$pid"
		code=0
		wait "$pid" || code=$?
		test $code -eq $((128 + $(kill -l $signal)))
	done
	test ! -s q
	test ! -e started.b
}

# ---- locks ----

# ends SIGNAL - the process $pid, which waits, ends by it and with the status that says so.
ends() {
	local code=0
	kill -s "$1" "$pid"
	wait "$pid" || code=$?
	test $code -eq $((128 + $(kill -l "$1")))
}

let_go() {
	kill -s KILL $holder
	wait $holder 2>/dev/null || :
	holder=''
}

@test "who records a session says who holds the lock, and ends by a signal" {
	local signal
	touch go.a
	sweep-expand -q -d a specs/a.yaml >plan
	mkdir -p a/records
	hold lock a/records/experiment.jsonl
	for signal in TERM INT HUP; do
		run-one --session x=1 <plan >out 2>"said.$signal" 3>&- &
		pid=$!
		wait_until is_said "run-one: waiting for the lock on a/records/experiment.jsonl, which process $holder (stopped) holds" "said.$signal"
		ends $signal
		is_said "a/records/experiment.jsonl is not written: stopped while another process held its lock; no line after stdin:1 was run" "said.$signal"
	done
	test ! -e started.a
	test ! -s a/records/run_000.jsonl
	let_go
	expect 0 run-one --session x=1 <plan
	test "$(grep -c '"x":1' a/records/experiment.jsonl)" -eq 1
}

@test "a timer that was there before does not make a wait deaf, nor endless" {
	need python3
	local inode after='import os, signal, sys; signal.alarm(600); os.execvp(sys.argv[1], sys.argv[1:])'
	touch go.a
	sweep-expand -q -d a specs/a.yaml >plan
	mkdir -p a/records
	hold lock a/records/experiment.jsonl
	inode=$(stat -c %i a/records/experiment.jsonl)
	python3 -c "$after" run-one --session x=1 <plan >out 2>said 3>&- &
	pid=$!
	wait_until grep -q -e "-> .*:$inode " /proc/locks
	ends TERM
	let_go
	test ! -e started.a
}

# relied on: A program that waits says for what after three seconds, and ends on SIGINT, SIGTERM and SIGHUP.
@test "who keeps a note says who holds the lock, and ends by a signal" {
	local signal
	sweep-expand -q -d a specs/a.yaml >plan
	mkdir -p a/records
	hold lock a/records/notes.jsonl
	for signal in TERM INT HUP; do
		echo '{"experiment_dir":"a","run":"run_000","note":"x"}' | meta-merge >out 2>"said.$signal" 3>&- &
		pid=$!
		wait_until is_said "meta-merge: waiting for the lock on a/records/notes.jsonl, which process $holder (stopped) holds" "said.$signal"
		ends $signal
	done
	test ! -s a/records/notes.jsonl
	let_go
	echo '{"experiment_dir":"a","run":"run_000","note":"x"}' | meta-merge >out
	test "$(wc -l <a/records/notes.jsonl)" -eq 1
	jq -e '.runs[0].note == "x"' a/experiment.json
}

# relied on: A program that waits says for what after three seconds, and ends on SIGINT, SIGTERM and SIGHUP.
@test "who writes experiment.json says who holds its turn, and ends by a signal" {
	local signal
	sweep-expand -q -d a specs/a.yaml >plan
	hold flock a
	for signal in TERM INT HUP; do
		meta-merge <plan >out 2>"said.$signal" 3>&- &
		pid=$!
		wait_until is_said "meta-merge: waiting for the lock on a, which process $holder (stopped) holds" "said.$signal"
		ends $signal
		is_said "a/experiment.json is not written: stopped while another process held the lock on a" "said.$signal"
	done
	meta-merge a 2>said 3>&- &
	pid=$!
	wait_until is_said "meta-merge: waiting for the lock on a, which process $holder (stopped) holds" said
	ends TERM
	test ! -e a/experiment.json
	let_go
	expect 0 meta-merge a
}

@test "a driver whose meta-merge waits ends by a signal" {
	local signal
	spec a '[1, 2]'
	touch go.a
	expect 0 driver run-experiment -q --dir a specs/a.yaml --limit 1
	hold flock a
	for signal in TERM HUP; do # SIGINT is ignored behind &
		rm -f started.a
		${SWEEP_SH:-sh} "$top/bin/run-experiment" -q --dir a specs/a.yaml --resume --force --limit 1 >out 2>"said.$signal" 3>&- &
		pid=$!
		wait_until is_said "waiting for the lock on a, which process $holder (stopped) holds" "said.$signal"
		wait_until grep -q run started.a
		ends $signal
	done
	let_go
	expect 0 driver run-experiment -q --dir a specs/a.yaml --resume
	jq -e '.counts.completed == 2' a/experiment.json
}

# ---- readers ----

# A FIFO that takes nothing more: read it by reading the FIFO $1.
fill() {
	test -p "$1" || mkfifo "$1"
	exec 4<>"$1"
	stuff "$1"
}

stuff() {
	dd if=/dev/zero of="$1" bs=4096 oflag=nonblock 2>/dev/null || :
}

# relied on: A program that waits says for what after three seconds, and ends on SIGINT, SIGTERM and SIGHUP.
@test "events that nobody reads: nothing is started, it is said, and a signal ends it" {
	local signal
	sweep-expand -q -d a specs/a.yaml >plan
	touch go.a
	fill events
	for signal in TERM INT HUP; do
		run-one <plan >events 2>"said.$signal" 3>&- 4<&- &
		pid=$!
		wait_until is_said 'run-one: waiting for the reader of standard output' "said.$signal"
		ends $signal
	done
	exec 4<&-
	test ! -e started.a
	test ! -s a/records/run_000.jsonl
	expect 0 run-one <plan
}

@test "an end that nobody reads is on record, and a signal ends the wait" {
	local signal attempt=0
	spec a '[1, 2]'
	sweep-expand -q -d a specs/a.yaml >plan
	mkfifo events
	for signal in TERM INT; do
		attempt=$((attempt + 1))
		rm -f started.a go.a
		exec 4<>events
		run-one --force <plan >events 2>"said.$signal" 3>&- 4<&- &
		pid=$!
		wait_until test -e started.a
		stuff events
		touch go.a
		wait_until is_said 'run-one: waiting for the reader of standard output' "said.$signal"
		ends $signal
		exec 4<&-
		jq -se --argjson attempt $attempt 'last | .status == "completed" and .attempt == $attempt' a/records/run_000.jsonl
	done
	test "$(wc -l <started.a)" -eq 1
	test ! -s a/records/run_001.jsonl
}

@test "a start that nobody reads to its end: the run goes on, and a signal ends it as ever" {
	local long
	long=$(printf '%05000d' 0)
	printf '#!/bin/sh\ntrap "echo >ended; exit 1" TERM INT\necho >started.a\nuntil test -e go.a; do sleep 0.02; done\n' >prog
	sweep-expand -q -d a specs/a.yaml >plan
	fill events
	dd bs=4096 count=1 <&4 >/dev/null 2>&1
	for signal in TERM INT; do
		rm -f started.a ended
		run-one -a "$long" <plan >events 2>"said.$signal" 3>&- 4<&- &
		pid=$!
		wait_until test -e started.a
		wait_until is_said 'run-one: waiting for the reader of standard output' "said.$signal"
		ends $signal
		test -e ended
		jq -se 'last | .status == "failed" and .reason == "interrupted"' a/records/run_000.jsonl
		stuff events
		dd bs=4096 count=1 <&4 >/dev/null 2>&1
	done
	exec 4<&-
}

@test "progress that nobody reads does not keep it from ending by a signal" {
	sweep-expand -q -d a specs/a.yaml >plan
	mkfifo errors
	exec 4<>errors
	run-one -p <plan >/dev/null 2>errors 3>&- 4<&- &
	pid=$!
	wait_until test -e started.a
	stuff errors
	ends TERM
	exec 4<&-
	jq -se 'last | .status == "failed" and .reason == "interrupted"' a/records/run_000.jsonl
}

@test "half a line does not keep the programs from hearing a signal" {
	local program
	mkfifo lines
	exec 4<>lines
	for program in run-one meta-merge; do
		$program <lines >out 2>said 3>&- 4<&- &
		pid=$!
		printf '{"run":' >&4
		wait_until sleeps
		kill "$pid"
		if test $program = meta-merge; then # what is still said to it belongs into the file
			sleep 0.3                    # a signal at once is the same keypress
			kill "$pid"
		fi
		code=0
		wait "$pid" || code=$?
		test $code -eq 143
	done
	exec 4<&-
}

sleeps() {
	grep -q '^State:[[:space:]]*S' "/proc/$pid/status"
}

@test "a filter whose lines nobody reads says so, writes its file, and ends by a signal" {
	local signal
	sweep-expand -q -d a specs/a.yaml >plan
	fill out
	for signal in TERM INT HUP; do
		rm -f a/experiment.json
		meta-merge <plan >out 2>"said.$signal" 3>&- 4<&- &
		pid=$!
		wait_until is_said 'meta-merge: waiting for the reader of standard output' "said.$signal"
		ends $signal
		jq -e '.counts.pending == 1' a/experiment.json
	done
	exec 4<&-
}

@test "a plan or a document that nobody reads: it is said, and a signal ends it" {
	fill out
	sweep-expand specs/a.yaml >out 2>said 3>&- 4<&- &
	pid=$!
	wait_until is_said 'sweep-expand: waiting for the reader of standard output' said
	ends TERM
	sweep-expand -q -d a specs/a.yaml >plan
	meta-merge -o - a >out 2>said 3>&- 4<&- &
	pid=$!
	wait_until is_said 'meta-merge: waiting for the reader of standard output' said
	ends TERM
	# one that nobody opens
	mkfifo document
	meta-merge -o document <plan 2>said 3>&- 4<&- &
	pid=$!
	wait_until is_said 'meta-merge: waiting for a reader of document' said
	ends TERM
	exec 4<&-
}

has_begun() { # COUNT
	test "$(wc -l <started.a)" -ge "$1"
}

@test "many at once whose events nobody reads end by a signal, and their records are whole" {
	local signal
	spec a '[1, 2, 3, 4, 5, 6]'
	sweep-expand -q -d a specs/a.yaml >plan
	mkfifo events
	for signal in TERM INT; do
		rm -f started.a go.a
		exec 4<>events
		run-one --force --jobs 3 <plan >events 2>"said.$signal" 3>&- 4<&- &
		pid=$!
		wait_until has_begun 3
		stuff events
		touch go.a
		wait_until is_said 'waiting for' "said.$signal"
		ends $signal
		exec 4<&-
		expect 1 sweep-lock --held a
		cat a/records/run_*.jsonl | jq -e . >/dev/null
	done
	touch go.a
	expect 0 run-one --jobs 3 <plan
	meta-merge a
	jq -e '.counts.completed == 6' a/experiment.json
}

@test "who stops another says whom it waits for, and to end it kills nobody" {
	printf '#!/bin/sh\ntrap "" TERM INT\necho >started.a\nuntil test -e go.a; do sleep 0.02; done\n' >prog
	sweep-expand -q -d a specs/a.yaml >plan
	run-one -k 1000 <plan >/dev/null 2>&1 3>&- &
	stubborn=$!
	wait_until test -e started.a
	sweep-lock --stop a -k 1000 2>said 3>&- &
	pid=$!
	wait_until is_said " to give up a/lock" said
	ends TERM
	is_said "a/lock is still held: stopped before its holder" said
	expect 0 sweep-lock --held a
	touch go.a
	wait $stubborn || test $? -eq 143
	jq -se 'last | .status != "running"' a/records/run_000.jsonl
}
