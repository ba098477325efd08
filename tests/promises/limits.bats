load ../helper

# What the machine does not have is never the program's to bear: it is not started on
# our own input, our output or half of what it should get.

prepare() {
	printf 'n: 0\n' >configs/base.yaml
	printf '#!/bin/sh\necho "$RUN_ID $(wc -c)" >>ran\n' >prog
	chmod +x prog
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nsweep: {n: [1, 2, 3, 4, 5, 6]}\n' >specs/s.yaml
	publish
}

publish() {
	rm -rf e ran
	sweep-expand -q --no-sync -d e specs/s.yaml >/dev/null
}

# Each run was done once, and had nothing to read.
all_ran() {
	sort ran | diff - <(printf 'run_%03d 0\n' 0 1 2 3 4 5)
}

# What has a record of its start, and none of its end.
half_recorded() {
	cat e/records/run_*.jsonl 2>/dev/null | jq -s 'group_by(.run) | map(select(last.status == "running")) | length'
}

# inject 'FAULT ...' COMMAND... - with these faults, as strace has them, in the command
# and all that it starts.
inject() {
	local fault calls='' faults=()
	for fault in $1; do
		calls=$calls${calls:+,}${fault%%:*}
		faults+=(-e inject="$fault")
	done
	shift
	strace -f -qq -o strace.out -e trace="$calls" "${faults[@]}" "$@"
}

can_inject() {
	plain # LeakSanitizer cannot work under strace
	need strace
	strace -f -qq -o /dev/null true 2>/dev/null || skip "strace is refused here"
}

@test "with few descriptors a run never reads the plan: it has its input, or is not begun and 74 says so" {
	local limit status refused=0 begun=0
	# more than is read ahead
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [cat]\nsweep: {n: [%s]}\n' "$(seq -s, 400)" >specs/s.yaml
	publish
	for limit in $(seq 5 20); do
		rm -rf e/records e/logs
		status=0
		sh -c "ulimit -n $limit; exec run-one -n 2" <e/plan.jsonl >events 2>err 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || status=$?
		# what cat itself cannot open is its own matter
		case $status in
		0 | 1) begun=$((begun + 1)) && ! grep -rl '"run"' e/logs && test "$(wc -l <events)" -eq 4 ;;
		*)
			refused=$((refused + 1))
			test "$status" -eq 74 && grep "^run-one: .*: Too many open files" err && test ! -s events
			;;
		esac || { echo "ulimit -n $limit: $status"; cat err events; return 1; }
	done
	test "$refused" -gt 0 && test "$begun" -gt 0
}

@test "a config that cannot be opened now was not changed: 74, and nothing is recorded" {
	can_inject
	publish
	expect 74 inject openat:error=EMFILE -P e/configs/run_000.yaml run-one <e/plan.jsonl
	[[ $errors == *"e/configs/run_000.yaml cannot be "*": Too many open files"* ]]
	test -z "$output"
	test ! -s e/records/run_000.jsonl
}

@test "without /dev/null no run is begun, and 74 says what is missing" {
	unshare -rm mount -t tmpfs none /dev 2>/dev/null || skip "mount namespaces are refused here"
	expect 74 unshare -rm sh -c 'mount -t tmpfs none /dev && exec run-one <e/plan.jsonl'
	[[ $errors == "run-one: /dev/null cannot be opened, which runs have as input: No such file or directory; no line after stdin:1 was run" ]]
	test ! -e ran
	test "$(half_recorded)" -eq 0
	# a file of ours does not take the place of a descriptor that is closed
	expect 74 unshare -rm sh -c 'mount -t tmpfs none /dev && exec run-one <e/plan.jsonl >&-'
	[[ $errors == "run-one: descriptor 1 is closed, and /dev/null cannot be opened: No such file or directory" ]]
	# what a shell makes of it that discards something
	expect 74 unshare -rm sh -c 'mount -t tmpfs none /dev && echo run_007 >/dev/null && exec run-one <e/plan.jsonl'
	[[ $errors == "run-one: /dev/null is not a device, which runs have as input; no line after stdin:1 was run" ]]
	expect 74 unshare -rm sh -c 'mount -t tmpfs none /dev && exec "$@"' sh ${SWEEP_SH:-sh} "$top/bin/run-experiment" --dir e specs/s.yaml --resume
	[[ $errors == "run-one: /dev/null "* ]]
	test ! -e ran
	expect 0 run-one <e/plan.jsonl
	all_ran
}

@test "what fails before exec is not the program's: 74, and nothing is recorded" {
	can_inject
	local call fork
	# the second is how it is where vfork is not to be had
	for fork in '' '?vfork:error=ENOSYS'; do
		for call in setpgid prctl dup2 fcntl; do
			publish
			expect 74 inject "$call:error=EMFILE $fork" run-one <e/plan.jsonl
			grep -q "^[0-9]* *$call.*INJECTED" strace.out
			[[ $errors == "run-one: "*": Too many open files; no line after stdin:1 was run" ]] || { echo "$call: $errors"; return 1; }
			test ! -e ran
			test "$(half_recorded)" -eq 0
		done
	done
	publish
	expect 74 inject "?vfork,?clone,?fork:error=EAGAIN" run-one <e/plan.jsonl
	[[ $errors == "run-one: a process cannot be started: Resource temporarily unavailable; no line after stdin:1 was run" ]]
	test ! -e ran
	test "$(half_recorded)" -eq 0
	# and resumed, they are run as if for the first time
	expect 0 run-one <e/plan.jsonl
	all_ran
	test "$(cat e/records/run_*.jsonl | jq -s 'map(.attempt) | max')" -eq 1
}

@test "what the system cannot execute now ends the session with 74; what is no program fails alone" {
	can_inject
	local error
	for error in ENOMEM EAGAIN EMFILE ENFILE; do
		publish
		expect 74 inject "execve:error=$error" -P ./prog run-one -r 3 <e/plan.jsonl
		[[ $errors == *"run-one: ./prog was not started: the system cannot start it now: "*"; no line after stdin:1 was run" ]] || { echo "$errors"; return 1; }
		test ! -e ran
		# no run has failed, and none has begun
		test -z "$output"
		test -z "$(cat e/records/run_*.jsonl)"
		expect 0 run-one <e/plan.jsonl
		all_ran
	done
	# nor its output be given to it
	publish
	expect 74 inject "dup2:error=EMFILE:when=2" run-one <e/plan.jsonl
	test ! -e ran
	test -z "$output$(cat e/records/run_*.jsonl)"
	# many at once: what is at work goes on, and is recorded
	publish
	mkfifo gate
	exec 4<>gate
	echo 'read -r go <gate; echo "$RUN_ID 0" >>ran' >prog.sh
	inject "?vfork:error=EAGAIN:when=3" run-one -j 3 -- sh prog.sh <e/plan.jsonl >events 2>err 3>&- 4<&- &
	local pid=$! code=0
	wait_until grep -q "a process cannot be started: Resource temporarily unavailable; no more runs are started" err
	printf '\n\n' >&4
	wait $pid || code=$?
	exec 4<&-
	test "$code" -eq 74
	test "$(sort ran | tr '\n' ' ')" = "run_000 0 run_001 0 "
	test "$(cat e/records/run_*.jsonl | jq -s 'map(.status) | sort | join(" ")')" = '"completed completed running running"'
	expect 0 run-one <e/plan.jsonl
	all_ran
	# of a start that cannot be taken back it is told what it is: abandoned
	publish
	expect 74 inject "execve:error=EAGAIN ftruncate:error=EIO" -P ./prog -P "$PWD/e/records/run_000.jsonl" run-one <e/plan.jsonl
	meta-merge e
	jq -e '.runs[0].reason == "abandoned" and .counts.failed == 1 and .counts.pending == 5' e/experiment.json
	expect 0 run-one <e/plan.jsonl
	all_ran
	# an argument that no program can get
	publish
	jq -c '.command += ["x" * 140000]' e/plan.jsonl >long
	expect 1 run-one <long
	for run in 0 5; do
		jq -se 'last.reason == "not_started" and (last.error | test("Argument list too long"))' e/records/run_00$run.jsonl
	done
}

# Under a limit of the size of a file, in blocks of 512 bytes.
limited() { # BLOCKS COMMAND...
	dash -c 'ulimit -f "$1" && shift && exec "$@"' sh "$@"
}

@test "where the record of a run does not fit under the limit of a file, the run is not begun" {
	need dash
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, %0500d]\nsweep: {n: [1, 2, 3, 4, 5, 6]}\n' 0 >specs/s.yaml
	for blocks in 0 2 7; do
		publish
		run limited $blocks run-one <e/plan.jsonl # its stdout is a pipe, which has no limit
		test "$status" -eq 74
		test "$output" = "run-one: e/records/run_000.jsonl has to grow to 4096 bytes, and the limit of a file is $((blocks * 512)); raise it (ulimit -f); no line after stdin:1 was run"
		test ! -e ran
		test ! -s e/records/run_000.jsonl
	done
	# a long line needs more, and a journal with a past, too
	jq -c '.command += ["x" * 20000]' e/plan.jsonl >long
	run limited 40 run-one <long
	test "$status" -eq 74
	[[ $output == "run-one: e/records/run_000.jsonl has to grow to 2"????" bytes, and the limit of a file is 20480; raise it"* ]]
	test ! -e ran
	run limited 8 run-one <e/plan.jsonl
	test "$status" -eq 0
	all_ran
	run limited 8 run-one -f <e/plan.jsonl
	test "$status" -eq 74
	all_ran
}

@test "the limit of a file, and what comes of it, reach the program as they are" {
	need dash
	cat >prog <<-'EOF'
		#!/bin/dash
		ulimit -f >"limit.$RUN_ID"
		exec head -c 100000 /dev/zero
	EOF
	sed -i "1s|/bin/dash|$(command -v dash)|" prog
	local command
	for command in "run-one --" "run-experiment -q --dir e specs/s.yaml --resume"; do
		publish
		limited 40 ${SWEEP_SH:-sh} -c '"$@" | cat' sh $(test "$command" = "run-one --" && echo run-one || echo $command) <e/plan.jsonl
		test "$(cat limit.run_000)" -eq 40
		jq -se 'last.reason == "signal" and last.signal == "SIGXFSZ"' e/records/run_000.jsonl
		test "$(wc -c <e/logs/run_005.log)" -eq 20480
	done
}

@test "at the limit of a file every program says so and leaves nothing half written" {
	need dash
	mkdir tmp
	export TMPDIR=$PWD/tmp
	run-one <e/plan.jsonl | meta-merge >/dev/null
	cp e/experiment.json before
	for driver in sweep-report sweep-table sweep-metrics "sweep-compare e"; do
		run limited 0 ${SWEEP_SH:-sh} "$top/bin/${driver%% *}" $(test "$driver" = "${driver#* }" || echo "${driver#* }") e
		test "$status" -eq 74 || { echo "$driver: $status"; return 1; }
		[[ $output == *": File too large"* ]]
	done
	for blocks in 0 1 2; do
		run limited $blocks sweep-expand -q -d new specs/s.yaml
		test "$status" -eq 74
		[[ $output == "sweep-expand: "*" cannot be "*": File too large" ]] || { echo "$blocks: $output"; return 1; }
		run limited $blocks meta-merge e
		test "$status" -eq 74
		[[ $output == "meta-merge: e/experiment.json"*" cannot be written: File too large" ]]
		cmp e/experiment.json before
		run limited $blocks ${SWEEP_SH:-sh} "$top/bin/run-experiment" -q --dir new specs/s.yaml
		test "$status" -eq 74
		test -z "$(ls -A tmp)"
		test -z "$(find . -maxdepth 2 -name '*.tmp*' -o -maxdepth 2 -name '.[en]*')"
		test ! -e new
	done
	# of a note that does not fit nothing is kept
	echo '{"run":"run_000","experiment_dir":"e","remark":"good"}' | meta-merge >/dev/null
	cp e/records/notes.jsonl notes
	printf '{"run":"run_001","experiment_dir":"e","remark":"%0800d"}\n' 0 >note
	run limited 1 meta-merge <note
	test "$status" -eq 74
	[[ $output == *"meta-merge: e/records/notes.jsonl cannot be written: File too large"* ]]
	cmp e/records/notes.jsonl notes
}

@test "no room at any call of run-one: what has ended is on record, and nothing is run twice" {
	plain
	copy_preload
	local at
	sed -i 's/sweep:.*/sweep: {n: [1, 2]}/' specs/s.yaml
	for ((at = 1; at < 200; at++)); do
		publish
		rm -f fired
		run env LD_PRELOAD="$preload" FAULT_PROGRAM=run-one FAULT_AT=$at FAULT_DO=ENOSPC FAULT_FIRED=fired run-one <e/plan.jsonl
		test -e fired || break
		test "$status" -eq 0 || test "$status" -eq 74 || grep -q exec fired
		expect 0 run-one <e/plan.jsonl
		sort ran | diff - <(printf 'run_%03d 0\n' 0 1) || { cat fired; return 1; }
		cat e/records/run_*.jsonl | jq -es 'map(select(.status == "completed")) | length == 2' >/dev/null
	done
	test "$at" -gt 20
}
