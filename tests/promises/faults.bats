load ../helper

# The short form; `make check-faults` is the long one. Where the programs are
# built with the sanitizers, what needs a preload is left to the plain build.

faults=$top/tests/faults
built=${SWEEP_FAULTS:-$top/tests/faults}
step=${FAULTS_STEP:-25} crash_states=${FAULTS_STATES:-500} rounds=${FAULTS_ROUNDS:-12} journals=${FAULTS_JOURNALS:-25000}
BATS_TEST_TIMEOUT=${FAULTS_TIMEOUT:-1800}

say() {
	printf '# %s\n' "$*" >&3
}

# holds PROGRAM OPTION... - one that tries faults and ends with what it counted.
holds() {
	local program=$1
	shift
	copy_preload
	plain
	run "$faults/$program" "$bin" "$preload" "$@"
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

# relied on: After a crash, a kill or a power cut `run-experiment --resume' continues.
@test "a kill or an error at any call: nothing is lost, nothing runs twice" {
	holds inject --step "$step"
}

@test "... and with several runs at once" {
	holds inject --step "$((2 * step))" --jobs 3
}

# relied on: Each event is on disk before it is printed and before the next run starts.
@test "a power cut at any point; and the five planted flaws are found" {
	holds powercut --states "$crash_states"
}

@test "... and a power cut with several runs at once" {
	holds powercut --states "$crash_states" --jobs 3
}

# Faults in run-one, which resumes 70 runs of which the last is not done.
resume_many() {
	test -n "${preload:-}" || copy_preload
	env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one "$@" run-one <e/plan.jsonl
}

@test "many journals are synced at once before they are believed; if that fails, nothing starts" {
	plain
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [%s]}\ncommand: [sh, -c, "echo $RUN_ID >>ran"]\n' \
		"$(seq -s, 70)" >specs/s.yaml
	sweep-expand -q --no-sync -d e specs/s.yaml >/dev/null
	expect 0 run-one --no-sync -n 69 <e/plan.jsonl
	rm ran
	# the call comes after 64 journals
	for ((at = 120; at < 150; at++)); do
		rm -f fired
		expect 74 resume_many FAULT_AT=$at FAULT_DO=EIO FAULT_FIRED=fired
		[[ $errors == "run-one: e/records"*": Input/output error; no line after stdin:"*" was run" ]]
		test ! -e ran
		! grep -q syncfs fired || break
	done
	expect 0 resume_many FAULT_TRACE="$PWD/trace"
	test "$(cat ran)" = run_069
	if grep -q $'\tsyncfs\t' trace; then
		grep -q syncfs fired
		[[ $errors == "" && $(grep -c $'\tsyncfs\t.*/e/records\t' trace) -eq 1 ]]
		test "$(grep -cE $'\tsync\t.*/run_0[0-5].*jsonl' trace)" -eq 60
		test "$(grep -cE $'\tsync\t.*/run_06[4-8].jsonl' trace)" -eq 0
		# the new one is synced as ever: its start with its name, and its end
		test "$(grep -cE $'\tsync\t.*/run_069.jsonl' trace)" -eq 2
	else # no such call here: each is synced
		test "$(grep -cE $'\tsync\t.*/run_0.*jsonl' trace)" -eq 71
	fi
}

@test "the names of journals are synced together, before any of their runs starts" {
	copy_preload
	plain
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [%s]}\ncommand: ["true"]\n' \
		"$(seq -s, 70)" >specs/s.yaml
	sweep-expand -q --no-sync -d e specs/s.yaml >/dev/null
	expect 0 resume_many FAULT_TRACE="$PWD/trace"
	# 64 of them, and 6; each after they were made and before one has a line
	awk -F '\t' '/\/records\// && $2 == "create" { made++ }
		$2 == "sync" && $3 ~ /\/e\/records$/ { print made, written + 0 }
		/\/records\// && $2 == "write" { written++ }' trace >syncs
	diff syncs - <<<$'64 0\n70 128'
	# with --limit no more of them than are started
	sweep-expand -q --no-sync -d f specs/s.yaml >/dev/null
	expect 0 run-one -n 3 <f/plan.jsonl
	test "$(ls f/records | wc -l)" -eq 4
	expect 1 run-one --fail-fast -- false <f/plan.jsonl
	test "$(ls f/records | wc -l)" -eq 5
	# a journal whose first writer died before its name was on disk, with and without
	# the experiment to ourselves
	for shared in '' --shared; do
		rm -rf g trace
		sweep-expand -q --no-sync -d g specs/s.yaml >/dev/null
		sed 's,"e","g",; s,/e/,/g/,; 1q' e/records/run_000.jsonl | grep running >g/records/run_000.jsonl
		expect 0 env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one FAULT_TRACE="$PWD/trace" \
			run-one -n 1 $shared <g/plan.jsonl
		awk -F '\t' '$2 == "sync" && $3 ~ /\/g\/records$/ { print "name" }
			$2 == "print" { print "told" }' trace | head -n 1 | grep name
	done
}

# relied on: The end of a run is in its journal, which is read with its lock held before the run is started.
@test "racing claims of single runs: none is doubled" {
	run "$built/race" "$journals" 4
	say "$output"
	test "$status" -eq 0
	[[ $output == *", 0 doubled, 0 not done" ]]
}

@test "two to four programs at once: never two live runs, never one done twice" {
	run "$faults/together" "$rounds"
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

small_sweep() {
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}\n%s\n' \
		"command: [$1]" >specs/s.yaml
}

# relied on: When a record cannot be written nothing more is started, and the exit status says so.
@test "a full file system: the sweep stops and says so; with space it goes on" {
	unshare -rm mount -t tmpfs none . 2>/dev/null || skip "mount namespaces are refused here"
	small_sweep 'sh, -c, "echo $RUN_ID >>$0/ran; head -c 12000 /dev/zero; exit 0", "'"$PWD"'"'
	mkdir disk
	cp -r configs specs disk
	cat >inside.sh <<-'EOF'
		set -eu
		mount -t tmpfs -o size=160k none disk
		cp -r configs specs disk
		cd disk
		code=0
		run-experiment --exp specs/s.yaml --resume --quiet >../out 2>../err || code=$?
		echo "$code" >../code
		cat experiments/*/records/run_*.jsonl | grep -c '"completed"' >../before
		mount -o remount,size=8m disk 2>/dev/null || mount -o remount,size=8m "$PWD"
		run-experiment --exp specs/s.yaml --resume --quiet
		meta-merge experiments/s_*
		jq .counts.completed experiments/s_*/experiment.json >../after
		cat experiments/*/records/run_*.jsonl | grep '"completed"' | cut -d, -f1 | sort | uniq -d >../twice
	EOF
	run unshare -rm sh inside.sh
	test "$status" -eq 0 || { printf '%s\n' "$output" "$(cat err)"; return 1; }
	test "$(cat code)" -eq 74
	grep -q 'No space left on device' err
	grep -q 'experiments/s_' err
	test "$(cat before)" -ge 1
	test "$(cat before)" -lt 10
	test "$(cat after)" -eq 10
	test ! -s twice
}

@test "kill -9 of the pipe during a run with grandchildren: what lives is found, and not doubled" {
	small_sweep 'sh, -c, "setsid sleep 1000 & sleep 1000 & echo $! >kids; exec sleep 1000"'
	sweep-expand -q -d e specs/s.yaml >/dev/null
	run-one <e/plan.jsonl 2>/dev/null 3>&- | meta-merge >/dev/null 2>&1 3>&- &
	wait_until test -s kids
	wait_until grep -q running e/records/run_000.jsonl
	main=$(main_of e/records/run_000.jsonl)
	runner=$(ps -o ppid= -p "$main" | tr -d ' ')
	kill -9 "$runner"
	wait_until is_gone "$main"
	expect 75 run-one <e/plan.jsonl
	[[ $errors == *"e is at work: process "*"run_000"* ]]
	test "$(grep -c running e/records/run_000.jsonl)" -eq 1
	# the processes that it names are those to stop
	for pid in $(grep -oE 'process [0-9, ]+' <<<"$errors" | tr -cd '0-9 '); do kill -9 "$pid"; done
	wait_until is_gone "$(cat kids)"
	jq -c '.command = ["true"]' e/plan.jsonl >plan
	wait_until run-one -n 1 -q <plan
	meta-merge e
	jq -e '.runs[0].status == "completed" and .runs[0].attempt == 2' e/experiment.json
}

@test "a clock that jumps back an hour: durations, order and run directory are right" {
	need faketime
	plain
	library=$(find /usr/lib -name 'libfaketime.so.1' | head -n 1)
	test -n "$library"
	printf 'd: x\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nrun_dir: runs\ncommand: [./prog, "{config}"]\n' >specs/s.yaml
	printf '#!/bin/sh\nmkdir -p runs/$RUN_ATTEMPT\necho "@2026-01-01 11:00:00" >clock.new\nmv clock.new clock\nsleep 0.2\ntest $RUN_ATTEMPT = 2\n' >prog
	chmod +x prog
	sweep-expand -q -d e specs/s.yaml >/dev/null
	echo "@2026-01-01 12:00:00" >clock
	expect 0 env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$PWD/clock" FAKETIME_NO_CACHE=1 \
		FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 run-one -r 1 <e/plan.jsonl
	jq -se '.[0].started_at > .[1].completed_at and .[1].duration_s >= 0.2 and .[1].duration_s < 60 and
		.[1].run_dir == "runs/1" and .[3].run_dir == "runs/2"' e/records/run_000.jsonl
	meta-merge e
	jq -e '.runs[0].status == "completed" and .runs[0].attempt == 2 and .runs[0].run_dir == "runs/2"' e/experiment.json
}

# relied on: After a crash, a kill or a power cut `run-experiment --resume' continues.
@test "200 runs, 8 at once, killed at random and resumed: each completes once" {
	plain
	run "$faults/many" "${FAULTS_KILLS:-4}"
	printf '# %s\n' "${lines[@]}" >&3
	test "$status" -eq 0
}
