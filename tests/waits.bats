load helper

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
	run-one --held "$1" && test "$(wc -l <q)" -ge "$2"
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
		run-one --stop b
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
