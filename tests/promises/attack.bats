load ../helper

# The short form; `make check-attack` is the long one. strace attacks the programs as they
# are, so the builds with the sanitizers, which are others, are left out.

attack=$top/tests/attack
step=${ATTACK_STEP:-200} rows=${ATTACK_ROWS:-5} seed=${ATTACK_SEED:-$(date +%s)} storms=${ATTACK_STORMS:-2}
BATS_TEST_TIMEOUT=${ATTACK_TIMEOUT:-1800}

prepare() {
	plain
	need strace
	need flock
	strace -DDD -o traced true 2>/dev/null && test -s traced || skip "no process may be traced here"
}

say() {
	printf '# %s\n' "$*" >&3
}

# relied on: So does a kill or a power cut between the end of a run and its record.
@test "strace kills and fails any call of any program: nothing is lost, none is alive twice" {
	run "$attack/inject" "$bin" --step "$step" --rows "$rows" --seed "$seed"
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

# plant PROGRAM TEXT SCENE - one of the programs gets a flaw: it is a shell script, in which
# $real is the program itself. The attack has to find it.
plant() {
	mkdir -p real programs
	cp "$bin"/{sweep-expand,run-one,meta-merge,find-rundir,sweep-watch,sweep-lock} programs
	cp "$bin/$1" real
	printf '#!/bin/sh\nreal=%s\n%s\n' "'$PWD/real/$1'" "$2" >"programs/$1"
	expect 1 env ATTACK_ROOT="$PWD" "$attack/inject" "$PWD/programs" --rows 0 --kinds EIO --step 20 --scenes "$3"
}

@test "the attack finds a run that is started again, one that is alive twice, half a document" {
	plant run-one 'rm -f e/records/run_000.jsonl; exec "$real" "$@"' run
	[[ $output =~ [1-9][0-9]*" lost, 0 alive twice" ]]
	plant run-one 'flock locks/run_000 sh -c ": >>held; sleep 1" &
		until test -e held; do :; done
		exec "$real" "$@"' run
	[[ $output =~ [1-9][0-9]*" alive twice" ]]
	plant meta-merge '"$real" "$@" || exit; head -c 99 e/experiment.json >half; mv half e/experiment.json' fold
	[[ $output =~ [1-9][0-9]*" broken" ]]
}

@test "storms of SIGKILL, SIGSTOP and --stop: nothing is lost, none is alive twice" {
	need jq
	run "$attack/storm" "$storms" $((seed % 32768))
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

@test "a storm finds a record that is lost" {
	need jq
	put_programs "$PWD/place"
	mkdir real
	mv place/bin/run-one real
	printf '#!/bin/sh\nrm -f e/records/run_0*.jsonl\nexec %s "$@"\n' "'$PWD/real/run-one'" >place/bin/run-one
	chmod +x place/bin/run-one
	PATH=$PWD/place/bin:$PATH
	run "$attack/storm" 1 $((seed % 32768))
	test "$status" -eq 1
	[[ $output =~ [1-9][0-9]*" lost" ]]
}

# fail WHAT PATH COMMAND... - run it, an error injected into calls on the file of that path.
fail() {
	local what=$1 path=${2#/}
	strace -DDD -f -b execve -o traced -P "$PWD/$path" -P "$2" -e inject="$what" "${@:3}"
}

a_sweep() {
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [0, 1]}\ncommand: [./prog]\n' >specs/s.yaml
	printf '#!/bin/sh\nmkdir -p out/$RUN_ID\necho "{}" >out/$RUN_ID/metrics.json\necho out/$RUN_ID >"$RUN_DIR_FILE"\n' >prog
	chmod +x prog
	sweep-expand -q -d e specs/s.yaml >/dev/null
}

run_is_free() {
	flock -n e/records/run_000.jsonl true && test "$(grep -c running e/records/run_000.jsonl)" -eq 1
}

@test "an interrupted read of the run lines is not their end" {
	a_sweep
	expect 0 fail read:error=EINTR:when=1..2 e/plan.jsonl run-one -q <e/plan.jsonl
	grep -q INJECTED traced
	test "$(grep -c '"completed"' <<<"$output")" -eq 2
}

@test "a directory that cannot be looked at is not left out among those that a run may have made" {
	mkdir -p out/a out/b
	touch -d '1 hour ago' since
	expect 74 fail %%stat:error=EIO:when=2+ out find-rundir -r out -s since
	grep -q INJECTED traced
	[[ $errors == *"find-rundir: out cannot be read: Input/output error" ]]
	test "$output" = ""
}

@test "metrics whose place could not be read are missing with a reason" {
	a_sweep
	expect 0 fail read:error=EIO e/logs/run_000.run_dir run-one -q <e/plan.jsonl
	grep -q INJECTED traced
	jq -se '.[1].status == "completed" and
		.[1].metrics_error == "e/logs/run_000.run_dir cannot be read: Input/output error"' e/records/run_000.jsonl
	jq -se '.[1].run_dir == "out/run_001" and .[1].metrics == {}' e/records/run_001.jsonl
}

@test "an experiment that could not be looked at may be the newest: none is made beside it" {
	a_sweep
	sweep-expand -q -p experiments --print-dir specs/s.yaml >made
	made=$(cat made)
	for call in "?access,?faccessat $made/plan.jsonl" "read $made/records/experiment.jsonl" \
		"getdents64 experiments"; do
		expect 74 fail "${call% *}:error=EIO" "${call#* }" sweep-expand -q -r -p experiments specs/s.yaml
		grep -q INJECTED traced
		[[ $errors == *"sweep-expand: experiments"*" cannot be read: Input/output error" ]]
		test "$(ls experiments)" = "$(basename "$made")"
	done
}

@test "a fold removes what a killed one has left" {
	a_sweep
	meta-merge e
	touch e/experiment.json.tmp.0123456789abcdef
	meta-merge e
	test ! -e e/experiment.json.tmp.0123456789abcdef
}

@test "a look for what a killed run-one has left that fails is not taken for one that finds nothing" {
	a_sweep
	printf '#!/bin/sh\necho $RUN_ID >>ran\nkill -s KILL $PPID\n' >prog
	expect 137 bash -c 'run-one -q <e/plan.jsonl'
	wait_until run_is_free
	printf '#!/bin/sh\necho $RUN_ID >>ran\n' >prog
	expect 74 fail openat:error=ENFILE /proc run-one -q <e/plan.jsonl
	grep -q INJECTED traced
	[[ $errors == *"whether processes of run_000 live on in e cannot be seen"*"Too many open files in system"* ]]
	test "$(cat ran)" = run_000
	expect 0 run-one -q <e/plan.jsonl
	test "$(tr '\n' ' ' <ran)" = "run_000 run_000 run_001 "
}
