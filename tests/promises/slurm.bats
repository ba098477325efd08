load ../helper

# Against a real Slurm of one node on the loopback interface, in a directory of
# its own. The last test is short here; `make check-slurm` makes it long.

rounds=${SLURM_ROUNDS:-1}
BATS_TEST_TIMEOUT=${SLURM_TIMEOUT:-1800}
PATH=$PATH:/usr/sbin:/sbin

# Slurm's daemons look for the address of the machine's own name.
has_address() { getent hosts "$(uname -n)" >/dev/null; }

# slurmd and its slurmstepds, by the log that they have open
of_slurmd() {
	find /proc/[0-9]*/fd -lname "$CLUSTER/slurmd.log" 2>/dev/null | cut -d/ -f3 | sort -u
}

is_up_or_gone() { test -e "$CLUSTER/ready" || is_gone "$CLUSTER_PID"; }

setup_file() {
	if test -n "${SWEEP_SANITIZED:-}" || ! command -v slurmctld >/dev/null || ! has_address; then return 0; fi
	export CLUSTER=$BATS_FILE_TMPDIR/cluster
	export SLURM_CONF=$CLUSTER/slurm.conf
	mkfifo "$BATS_FILE_TMPDIR/commands"
	CLUSTER_MAX_ARRAY=61 "$top/tests/slurm/cluster" "$CLUSTER" <"$BATS_FILE_TMPDIR/commands" \
		>"$BATS_FILE_TMPDIR/log" 2>&1 3>&- &
	export CLUSTER_PID=$!
	# it stops when the last of us has closed this, however we end
	exec 8>"$BATS_FILE_TMPDIR/commands"
	wait_until is_up_or_gone
	test -e "$CLUSTER/ready" || {
		cat "$BATS_FILE_TMPDIR/log" "$CLUSTER"/*.out >&2
		return 1
	}
}

teardown_file() {
	test -n "${CLUSTER_PID:-}" || return 0
	exec 8>&-
	kill "$CLUSTER_PID" 2>/dev/null || :
	wait "$CLUSTER_PID" || :
	# nothing of it is left
	run of_slurmd
	test -z "$output" || { echo "left over: $output" >&2; return 1; }
}

prepare() {
	printf 'dataset: d\nmodel: m\nn: 0\n' >configs/base.yaml
	printf 'simulation:\n  command: [./prog, "{config}"]\n  flags: [--show]\n  run_dir: runs/{dataset}/{model}\n' >modes.yaml
	# begun tells of every start, twice of a run that was alive two times at once;
	# as long as there is hold.RUN a run does not end, and as long as deaf.RUN not by SIGTERM
	cat >prog <<-'EOF'
		#!/bin/sh
		exec 5>>"alive.$RUN_ID"
		flock -n 5 || echo "$RUN_ID" >>twice
		test ! -e "deaf.$RUN_ID" || trap '' TERM
		echo "$RUN_ID $RUN_ATTEMPT $*" >>begun
		ls alive.run_* >/dev/null
		while test -e "hold.$RUN_ID"; do sleep 0.05; done
		n=$(sed -n 's/^n: //p' "$RUN_CONFIG")
		mkdir -p "runs/d/m/$RUN_ID"
		cp "$RUN_CONFIG" "runs/d/m/$RUN_ID/config.yaml"
		echo "{\"square\": $((n * n))}" >"runs/d/m/$RUN_ID/metrics.json"
		test $((n % 20)) != 7 || exit 3
	EOF
	chmod +x prog
	submit=$top/bin/slurm-experiment
}

# Whatever a test leaves is no other test's business.
clean() {
	rm -f hold.* deaf.*
	if test -n "${CLUSTER:-}"; then
		scancel -u "$(id -un)"
		wait_until is_empty
	fi
}

cluster() {
	plain
	need slurmctld
	need flock
	has_address || skip "$(uname -n), the name of this machine, has no address (see /etc/hosts)"
}

# sweep N - a spec of so many runs
sweep() {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {n: [%s]}\n' \
		"$(seq -s ', ' 0 $(($1 - 1)))" >specs/s.yaml
}

slurm() { driver slurm-experiment "$@" 8>&-; }

is_empty() { test -z "$(squeue -h)"; }

# in_queue STATE JOB N - does Slurm have so many tasks of the job in that state?
in_queue() { test "$(squeue -h -r -t "$1" -j "$2,$2" | wc -l)" -eq "$3"; }

# The last job of arrays that was submitted for an experiment.
job() { meta-merge -o - "$1" | jq -r '[.sessions[] | .slurm_array // empty][-1] | sub("_.*"; "")'; }

array() { meta-merge -o - "$1" | jq -r '[.sessions[] | .slurm_array // empty][-1] | sub(".*_"; "")'; }

# counted DIR STATUS N
counted() { test "$(meta-merge -o - "$1" | jq ".counts.$2")" -eq "$3"; }

begun() { grep -q "^$1 $2 " begun; }

# Tell the cluster to do something, and wait until it is done.
tell() {
	rm "$CLUSTER/ready"
	echo "$1" >&8
	wait_until test -e "$CLUSTER/ready"
}

# No run was alive twice, none was started again after it had completed.
none_twice() {
	test ! -e twice
	test -z "$(cut -d' ' -f1,2 begun | sort | uniq -d)"
	cat "$1"/records/run_*.jsonl | jq -sc 'group_by(.run)[] | select(
		([.[] | select(.status == "completed")] | length > 1) or
		((map(select(.status == "completed") | .attempt) | max) as $done |
			$done != null and any(.[]; .attempt > $done)))' >again
	test ! -s again
}

# What the order of events and the machine do not change.
outcome() {
	jq -S '{name, mode, status, total, counts, runs: [.runs[] |
		{run, index, status, params, return_code, reason, run_dir, metrics, attempt, base_config}]}' "$1/experiment.json"
}

@test "an array of 60 runs: the same experiment.json as one run after another" {
	cluster
	sweep 60
	expect 1 run-experiment --exp specs/s.yaml --dir e/local --quiet
	mv begun begun.local
	mv runs runs.local
	git init -q . && git add specs && git -c user.email=a@b -c user.name=a commit -qm one
	echo '# changed' >>specs/s.yaml
	expect 0 slurm specs/s.yaml --dir e/slurm
	git apply --check -R e/slurm/git.diff
	[[ $output == *"submitted  job "*": 60 runs in 60 tasks"*"fold       job "*"look  "*"--list"*"stop  "* ]]
	# the last job folds, and nobody else
	wait_until jq -e '.status == "failed"' e/slurm/experiment.json
	wait_until is_empty
	diff <(outcome e/local) <(outcome e/slurm)
	jq -e '.counts == {pending: 0, running: 0, completed: 57, failed: 3}' e/slurm/experiment.json
	test "$(wc -l <begun)" -eq 60
	none_twice e/slurm
	jq -e --arg job "$(job e/slurm)" 'all(.runs[]; .slurm_array_job_id == $job and .node != null and
		.slurm_job_id != null and (.slurm_array_task_id | tonumber) == .index)' e/slurm/experiment.json
	jq -e '.git_dirty == true and .git_diff == "git.diff"' e/slurm/experiment.json
	jq -e '.sessions | length == 1 and .[0].slurm_chunk == 1 and .[0].slurm_first == 0 and
		(.[0].command_line | startswith("slurm-experiment specs/s.yaml"))' e/slurm/experiment.json
	grep -q 'run_059 completed' "e/slurm/slurm/$(job e/slurm)_59.out"
	rm e/slurm/experiment.json
	expect 0 sweep-watch e/slurm
	test "$(wc -l <<<"$output")" -eq 60
}

@test "names and values reach the runs as they are, and no shell sees them" {
	cluster
	odd='a %d "$(touch pwned)" it'\''s; `touch pwned`'
	mkdir "$odd" "$odd/e"
	cp -r configs specs prog modes.yaml "$odd"
	cd "$odd"
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {n: [1, 2, 3], v: ["$(touch pwned)"]}\n' >'-s $(touch pwned).yaml'
	expect 0 slurm --exp '-s $(touch pwned).yaml' --dir "e/$odd" --chunk 2 --show -- --comment '$(touch pwned)'
	wait_until jq -e '.status == "completed"' "e/$odd/experiment.json"
	jq -e 'all(.runs[]; .params.v == "$(touch pwned)" and (.command[-1]) == "--show")' "e/$odd/experiment.json"
	grep -q 'run_002 completed' "e/$odd/slurm/$(job "e/$odd")_1.out"
	test "$(array "e/$odd")" = '[0-1]'
	test ! -e pwned
	test ! -e ../pwned
	expect 0 slurm --dir "e/$odd/"
	[[ $output == *"nothing to submit"* ]]
}

@test "more runs than MaxArraySize are several arrays, and --max-parallel holds for all" {
	cluster
	sweep 130
	# the number of those that live is the number of locks that cannot be had
	cat >prog <<-'EOF'
		#!/bin/sh
		for slot in 1 2 3 4 5 6 7 8; do
			(flock -n 6 && echo "$RUN_ID $RUN_ATTEMPT" >>begun && sleep 0.1) 6>>"slot.$slot" && exit 0
		done
	EOF
	expect 0 slurm specs/s.yaml --dir e --max-parallel 8 --chunk 2
	[[ $output == *": 122 runs in 61 tasks"*": 8 runs in 4 tasks"* ]]
	test "$(array e)" = '[0-3%8]'
	wait_until jq -e '.status == "completed"' e/experiment.json
	test "$(wc -l <begun)" -eq 130
	jq -e '.runs[129] | .slurm_array_task_id == "3"' e/experiment.json
	jq -e '[.sessions[].slurm_first] == [0, 61]' e/experiment.json
	none_twice e
}

@test "--resume submits what neither completed nor is queued or running, and says so" {
	cluster
	sweep 6
	expect 0 slurm specs/s.yaml --dir e -- --hold
	in_queue PENDING "$(job e)" 6
	expect 0 slurm specs/s.yaml --dir e --resume
	[[ $output == *"6 tasks queued or running already"*"held       6 of them, of job $(job e) (JobHeldUser); scontrol release $(job e) releases them"*"nothing to submit"* ]]
	expect 2 slurm --dir e --chunk 3
	[[ $errors == "slurm-experiment: tasks of 1 run each are still queued"*"--chunk 1" ]]
	# two of them are gone, one of them has been done by hand
	scancel "$(job e)_[1,4]"
	sed -n 2p e/plan.jsonl | run-one --shared >/dev/null
	first=$(job e)
	# two at once: one submits, the other one sees it
	slurm --dir e >out.1 3>&- &
	slurm --dir e >out.2 3>&-
	wait $!
	test "$(cat out.1 out.2 | grep -c 'submitted .*: 1 run in 1 task')" -eq 1
	test "$(cat out.1 out.2 | grep -c 'nothing to submit')" -eq 1
	test "$(array e)" = '[4]'
	scontrol release "$first" "$(squeue -h -n e.fold -o %A | sort -n | head -n 1)"
	wait_until counted e completed 6
	none_twice e
	wait_until is_empty
	expect 0 slurm specs/s.yaml --dir e --resume
	[[ $output != *"queued"*"already"* ]]
	[[ $output == *"nothing to submit"* ]]
}

@test "scancel of a running task and of one that waits: resume does both, and only them" {
	cluster
	sweep 4
	touch hold.run_000 hold.run_001
	expect 0 slurm specs/s.yaml --dir e --max-parallel 2
	first=$(job e)
	wait_until begun run_000 1
	wait_until begun run_001 1
	scancel "${first}_3" "${first}_1"
	wait_until begun run_002 1
	wait_until counted e completed 1
	expect 0 slurm specs/s.yaml --dir e --resume
	[[ $output == *"2 runs in 2 tasks"* ]]
	test "$(array e)" = '[1,3]'
	rm hold.run_001
	wait_until counted e completed 3
	rm hold.run_000
	wait_until jq -e '.status == "completed"' e/experiment.json
	jq -se '.[1].reason == "interrupted" and .[3].attempt == 2 and length == 4' e/records/run_001.jsonl
	test "$(wc -l <begun)" -eq 5
	none_twice e
}

@test "scontrol requeue: the attempt is interrupted, the next one follows in the same logs" {
	cluster
	sweep 2
	touch hold.run_000
	expect 0 slurm specs/s.yaml --dir e
	wait_until begun run_000 1
	scontrol requeue "$(job e)_0"
	wait_until begun run_000 2
	rm hold.run_000
	wait_until jq -e '.status == "completed"' e/experiment.json
	jq -se 'map([.attempt, .status, .reason]) == [[1, "running", null], [1, "failed", "interrupted"],
		[2, "running", null], [2, "completed", null]]' e/records/run_000.jsonl
	test "$(grep -c 'run_000 n=0' "e/slurm/$(job e)_0.out")" -eq 2
	none_twice e
}

@test "a task that is preempted is interrupted, and goes on when there is room again" {
	cluster
	sweep 1
	touch hold.run_000 hold.urgent
	expect 0 slurm specs/s.yaml --dir e
	wait_until begun run_000 1
	printf '#!/bin/sh\necho "$$" >urgent.pid\nwhile test -e hold.urgent; do sleep 0.05; done\n' >urgent
	sbatch --partition=urgent --exclusive --output=/dev/null urgent
	wait_until test -s urgent.pid
	counted e failed 1
	rm hold.urgent hold.run_000
	wait_until jq -e '.status == "completed"' e/experiment.json
	jq -se 'map([.attempt, .status, .reason]) == [[1, "running", null], [1, "failed", "interrupted"],
		[2, "running", null], [2, "completed", null]]' e/records/run_000.jsonl
	none_twice e
}

@test "a task that Slurm starts twice: the second copy is refused, and resume ends it" {
	cluster
	sweep 2
	touch hold.run_000 deaf.run_000
	expect 0 slurm specs/s.yaml --dir e --grace 1h
	first=$(job e)
	wait_until begun run_000 1
	wait_until counted e completed 1
	# slurmd and slurmstepd die by SIGKILL; slurmd comes back and misses the task
	tell kill
	wait_until grep -q 'run_000 is still alive in e (process .*skipped' "e/slurm/${first}_0.out"
	wait_until is_empty
	counted e running 1
	expect 75 slurm --dir e
	[[ $errors == "slurm-experiment: e is at work outside of Slurm; wait for it, or stop it" ]]
	# the first copy was told to end when its slurmstepd died
	rm hold.run_000 deaf.run_000
	wait_until counted e failed 1
	wait_until_free e
	expect 0 slurm --dir e
	[[ $output == *"1 run in 1 task"* ]]
	wait_until jq -e '.status == "completed"' e/experiment.json
	jq -se 'map([.attempt, .status, .reason]) == [[1, "running", null], [1, "failed", "interrupted"],
		[2, "running", null], [2, "completed", null]]' e/records/run_000.jsonl
	test "$(wc -l <begun)" -eq 3
	none_twice e
}

is_free() { ! sweep-lock --held "$1"; }
wait_until_free() { wait_until is_free "$1"; }

@test "jobs that slurmctld has lost are submitted again, and a number given twice deceives nobody" {
	cluster
	sweep 3
	tell 'forget 7000'
	expect 0 slurm specs/s.yaml --dir e -- --hold
	tell 'forget 7000'
	lost=$(job e)
	in_queue PENDING "$lost" 0
	# a job that is not ours gets the number
	printf '#!/bin/sh\n' >other
	sbatch --hold --array=0-2 --output=/dev/null other
	in_queue PENDING "$lost" 3
	expect 0 slurm --stop e
	[[ $output == "nothing of e is queued or running" ]]
	in_queue PENDING "$lost" 3
	expect 0 slurm --dir e
	[[ $output == *"3 runs in 3 tasks"* ]]
	wait_until jq -e '.status == "completed"' e/experiment.json
	none_twice e
}

@test "--list and --stop, also those of run-background" {
	cluster
	sweep 4
	touch hold.run_000
	expect 0 slurm --list
	expect 0 slurm specs/s.yaml --max-parallel 1
	name=$(basename experiments/s_*)
	wait_until begun run_000 1
	expect 0 slurm --list
	[[ $(sed -n 2p <<<"$output") =~ ^$name\ +running\ +0/4\ +0\ +3\ +1\ +[0-9]+$ ]]
	expect 0 driver run-background --list
	[[ $(sed -n 2p <<<"$output") == "s  "*"running  [..........] 0/4"*"run_000 n=0"*"  experiments/$name" ]]
	expect 75 driver run-background --experiment specs/s.yaml --resume
	[[ $errors == "run-background: Slurm has 4 tasks of experiments/$name queued or running; "* ]]
	test ! -e background_runs
	expect 0 driver run-background --stop s_
	[[ $output == "stopped experiments/$name: 4 runs: 3 pending, 1 failed" ]]
	jq -e '.runs[0].reason == "interrupted"' "experiments/$name/experiment.json"
	expect 0 slurm --stop "$name"
	[[ $output == "nothing of experiments/$name is queued or running" ]]
	test "$(slurm --list --json | jq -r .state)" = interrupted
	sweep-expand -q -d e specs/s.yaml >/dev/null
	expect 0 slurm --stop e
	[[ $output == "nothing of e is queued or running" ]]
	test ! -e e/slurm
	rm hold.run_000
	expect 0 slurm specs/s.yaml --resume -q
	test -z "$output"
	wait_until jq -e '.status == "completed"' "experiments/$name/experiment.json"
	wait_until is_empty
	test "$(slurm --list --json | jq -r .state)" = completed
	none_twice "experiments/$name"
}

@test "what sbatch refuses, and a cluster that does not answer, are said; nothing runs" {
	cluster
	sweep 2
	expect 2 slurm specs/s.yaml --dir e -- --partition=nowhere
	[[ $errors == *"invalid partition specified: nowhere"*"slurm-experiment: sbatch refused, nothing was submitted"* ]]
	expect 2 slurm --dir 'e\f' specs/s.yaml
	[[ $errors == *"backslash"* ]]
	sed 's/^SlurmctldPort=.*/SlurmctldPort=1/' "$SLURM_CONF" >down.conf
	expect 74 env SLURM_CONF="$PWD/down.conf" SLURM_CLIENT_TIMEOUT=1 ${SWEEP_SH:-sh} "$submit" specs/s.yaml --dir f
	[[ $errors == "slurm-experiment: the cluster does not answer: "* ]]
	test ! -e f
}

@test "a run of which it cannot be read whether it has completed is not submitted, the others are" {
	cluster
	sweep 2
	expect 2 slurm specs/s.yaml --dir e -- --partition=nowhere
	printf 'garbage\n{}\n' >e/records/run_000.jsonl
	expect 2 slurm --dir e
	[[ $errors == "meta-merge: e/records/run_000.jsonl:1:"* ]]
	wait_until is_empty
	wait_until jq -e '.runs[1].status == "completed"' e/experiment.json
	test "$(cut -d' ' -f1 begun)" = run_001
}

@test "what the caller's job or profile tells Slurm is not for the tasks" {
	cluster
	sweep 2
	sed -i 's/^n=/env >env.$RUN_ID\n&/' prog
	expect 0 env SLURM_CPUS_PER_TASK=7 SLURM_JOB_ID=999999 SLURM_MEM_PER_NODE=1 SQUEUE_FORMAT=x SCANCEL_STATE=PENDING \
		SBATCH_PARTITION=nowhere SBATCH_ARRAY_INX=5 SBATCH_WAIT=1 ${SWEEP_SH:-sh} "$submit" specs/s.yaml --dir experiments/e 8>&-
	[[ $errors == "slurm-experiment: SBATCH_"*" in the environment: not used for the sweep; write sbatch's options after --" ]]
	for name in SBATCH_PARTITION SBATCH_ARRAY_INX SBATCH_WAIT; do [[ $errors == *"$name"* ]]; done
	wait_until is_empty
	wait_until counted experiments/e completed 2
	run grep -hE '^(SBATCH_|SQUEUE_|SCANCEL_|SLURM_CPUS_PER_TASK=7|SLURM_MEM_PER_NODE=1$|SLURM_JOB_ID=999999)' env.run_000 env.run_001
	test -z "$output"
	grep -q '^SLURM_CONF=' env.run_000
	expect 0 env SQUEUE_FORMAT=x SQUEUE_STATES=CG ${SWEEP_SH:-sh} "$submit" --list 8>&-
	[[ $output == *"2/2"* ]]
}

@test "an experiment that somebody runs here is not submitted" {
	cluster
	sweep 2
	touch hold.run_000
	run-experiment --exp specs/s.yaml --dir e -q 3>&- 8>&- &
	wait_until begun run_000 1
	expect 75 slurm --dir e
	[[ $errors == "slurm-experiment: e is at work outside of Slurm"* ]]
	rm hold.run_000
	wait $!
}

@test "an experiment that is queued may be run here; a task that starts meanwhile is turned away" {
	cluster
	sweep 2
	touch hold.run_000
	expect 0 slurm specs/s.yaml --dir e -- --hold
	run-experiment --exp specs/s.yaml --dir e --resume -q 3>&- 8>&- &
	wait_until begun run_000 1
	scontrol release "$(job e)" "$(squeue -h -n e.fold -o %A)"
	wait_until is_empty
	grep -q 'e is at work' "e/slurm/$(job e)_1.out"
	rm hold.run_000
	wait $!
	counted e completed 2
	test "$(wc -l <begun)" -eq 2
	none_twice e
}

# The TCP sockets of the daemons and of what watches the tasks: state, local and
# remote address.
sockets() {
	for pid in $(ps -o pid= --ppid "$CLUSTER_PID") $(of_slurmd); do
		find "/proc/$pid/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null
	done | tr -cd '0-9\n' | awk 'NR == FNR { ours[$1]; next } $10 in ours { print $4, $2, $3 }' - /proc/net/tcp /proc/net/tcp6
}

@test "nothing of the cluster listens or speaks anywhere but on 127.0.0.1" {
	cluster
	sweep 2
	touch hold.run_000
	expect 0 slurm specs/s.yaml --dir e
	wait_until begun run_000 1
	sockets >open
	test "$(grep -c '^0A ' open)" -ge 2
	# listening ones by their own address, the others by that of the other side
	run awk '{ address = $1 == "0A" ? $2 : $3 } address !~ /^0100007F:/' open
	test -z "$output"
}

@test "cancelled, requeued, killed and forgotten at random, and resumed: none is done twice" {
	cluster
	interrupted=0
	round=0
	# so many, and more where on a slow machine nothing was interrupted by chance
	until test "$round" -ge "$rounds" && test "$interrupted" -gt 0; do
		round=$((round + 1))
		test "$round" -le $((rounds + 4))
		rm -rf e begun twice
		"$top/tests/slurm/storm" "$round" "$CLUSTER" >storm.out 2>&1 || { cat storm.out; return 1; }
		none_twice e
		interrupted=$((interrupted + $(cat e/records/run_*.jsonl | grep -c -e interrupted -e abandoned || :)))
	done
	printf '# %s sweeps of 16 runs, %s attempts interrupted\n' "$round" "$interrupted" >&3
}
