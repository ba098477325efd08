load helper

# Many runs at once, in one run-one. A run does what the file `what` says.

prepare() {
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}\ncommand: [./prog, "{config}"]\nrun_dir: runs\n' >specs/s.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\n. ./what\n' >prog
	chmod +x prog
	: >what
	export XDG_STATE_HOME=$PWD/state
	# devices of this test alone: the locks are the machine's
	one=test$$-1 two=test$$-2
}

clean() {
	echo 'exit 1' >what
	touch go
	for dir in background_runs/*/ experiments/*/; do
		sweep-lock --stop "$dir" -k 1 2>/dev/null || :
	done
	rm -f "/run/lock/sweeputils-gpu-test$$-"* "/tmp/sweeputils-gpu-test$$-"*
}

dir() { echo experiments/s_*; }

counts() { jq -c '.counts | [.completed, .failed, .pending, .running]' "$(dir)/experiment.json"; }

started() { test "$(wc -l <ran)" -ge "$1"; }

# Start a sweep in the background, as $pid.
begin() {
	${SWEEP_SH:-sh} "$(command -v run-experiment)" --exp specs/s.yaml "$@" >out 2>err 3>&- &
	pid=$!
}

# What `begin` started ends with this status.
ends() {
	local code=0
	wait $pid || code=$?
	test "$code" -eq "$1" || { echo "status $code, expected $1"; cat err; return 1; }
}

# Runs that stay until they are stopped, or until `go` is there.
stay() { echo 'until test -e go; do sleep 0.02; done' >what; }

@test "--jobs: never more at once, each run once, one session, one line as each starts and ends" {
	mkdir alive
	# nobody ends before four have been there together
	echo ': >alive/$$; ls alive | wc -l >>at_once
		until test -e full || test "$(ls alive | wc -l)" -ge 4; do sleep 0.02; done
		: >full; sleep 0.05; rm alive/$$' >what
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 4
	test "$(counts)" = '[12,0,0,0]'
	test "$(sort ran | uniq -c | awk '$1 != 1')" = ""
	test "$(wc -l <ran)" -eq 12
	test "$(sort -n at_once | tail -n 1)" -eq 4
	jq -e '.sessions | length == 1' "$(dir)/experiment.json"
	test "$(grep -cE '^\[ ?[0-9]+/12\] run_[0-9]+ n=[0-9]+$' <<<"$errors")" -eq 12
	test "$(grep -cE '^\[ ?[0-9]+/12\] run_[0-9]+ completed in [0-9.]+s(, about [0-9.]+s left)?; no metrics: there is no runs; .*$' <<<"$errors")" -eq 12
	test "$(wc -l <<<"$errors")" -eq 24
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 4 --resume
	test "$(wc -l <ran)" -eq 12
	test -z "$errors"
}

@test "--gpus: a device is never taken twice at the same time, and each run says which it had" {
	echo 'mkdir "taken.$CUDA_VISIBLE_DEVICES" || { echo taken >>overlap; exit 1; }
		sleep 0.05; rmdir "taken.$CUDA_VISIBLE_DEVICES"' >what
	expect 0 driver run-experiment --exp specs/s.yaml --gpus $one,$two
	test "$(counts)" = '[12,0,0,0]'
	jq -e --arg a $one --arg b $two '[.runs[].gpu] | unique == [$a, $b]' "$(dir)/experiment.json"
	# two sweeps share the devices, the second with a single one
	sweep-expand -d again specs/s.yaml >/dev/null
	begin --gpus $one,$two
	run-one -q --gpus $one <again/plan.jsonl >/dev/null 2>second 3>&- || { cat second; return 1; }
	ends 0
	test ! -e overlap
}

@test "what is left of a run keeps its device" {
	echo 'trap "" TERM; (trap "" TERM; while test ! -e go; do sleep 0.02; done; echo left >>order) & echo >up' >what
	begin --gpus $one --limit 1 --grace 60
	wait_until test -e up
	sweep-expand -d again specs/s.yaml | sed 1q >line
	printf 'echo next >>order\n' >what
	run-one --gpus $one <line >/dev/null 2>waiting 3>&- &
	next=$!
	wait_until grep -q "waiting for GPU $one, on which process [0-9]" waiting
	touch go
	wait $next
	ends 0
	test "$(tr '\n' ' ' <order)" = "left next "
}

@test "--limit, --resume and --force at once" {
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --limit 5
	test "$(counts)" = '[5,0,7,0]'
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --resume --limit 4
	test "$(counts)" = '[9,0,3,0]'
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --resume
	test "$(wc -l <ran)" -eq 12
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --resume --force
	test "$(wc -l <ran)" -eq 24
}

@test "an experiment may be spelled otherwise than its lines have it" {
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 2 --limit 5
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 2 --resume --dir "$PWD/$(dir)"
	test "$(counts)" = '[12,0,0,0]'
	test "$(wc -l <ran)" -eq 12
}

@test "a failed run is 1 and does not stop the others; --retries try again" {
	echo 'case $RUN_ID-$RUN_ATTEMPT in run_003-1 | run_005-*) exit 3 ;; esac' >what
	expect 1 driver run-experiment --exp specs/s.yaml --jobs 3 --retries 1
	test "$(counts)" = '[11,1,0,0]'
	[[ $output == *"failed: run_005 n=5 (exit 3)"* ]]
	test "$(wc -l <ran)" -eq 14
}

@test "--fail-fast starts nothing more; what runs may end" {
	# the others end when the end of the one that failed is on record
	echo 'if test $RUN_ID = run_000; then
			until test "$(wc -l <ran)" -ge 3; do sleep 0.02; done
			exit 3
		fi
		until grep -q failed "$EXPERIMENT_DIR/records/run_000.jsonl"; do sleep 0.02; done' >what
	expect 1 driver run-experiment --exp specs/s.yaml --jobs 3 --fail-fast
	test "$(counts)" = '[2,1,9,0]'
}

@test "a timeout stops one run and not the others" {
	echo 'test $RUN_ID != run_001 || exec sleep 1000' >what
	expect 1 driver run-experiment --exp specs/s.yaml --jobs 3 --timeout 3 --grace 1
	test "$(counts)" = '[11,1,0,0]'
	jq -e '.runs[1].reason == "timeout"' "$(dir)/experiment.json"
}

@test "TERM stops all at once: those that ran are interrupted, the rest stays pending" {
	stay
	begin --jobs 4
	wait_until started 4
	kill -s TERM $pid
	ends 143
	test "$(counts)" = '[0,4,8,0]'
	jq -e '[.runs[] | select(.status == "failed").reason] | unique == ["interrupted"]' "$(dir)/experiment.json"
	[[ $(cat out) == *"12 runs: 4 interrupted, 8 pending"* ]]
	test "$(grep -cE '^\[ ?[0-9]+/12\] run_0[0-9]+ interrupted in [0-9.]+s$' err)" -eq 4
	touch go
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 4 --resume
	test "$(counts)" = '[12,0,0,0]'
}

@test "Ctrl-C on a terminal: 130, and what ran is recorded" {
	need tmux
	stay
	tmux -L "many$$" -f /dev/null new-session -d -x 100 -y 30 \
		"export PATH='$PATH'; ${SWEEP_SH:-sh} '$top/bin/run-experiment' --exp specs/s.yaml --jobs 3; echo \$? >code; cat" 3>&-
	wait_until started 3
	tmux -L "many$$" send-keys C-c
	wait_until test -s code
	tmux -L "many$$" kill-server
	test "$(cat code)" -eq 130
	test "$(counts)" = '[0,3,9,0]'
}

@test "a run that ignores TERM is killed after the grace, or at once by a second TERM" {
	echo 'trap "echo >>told" TERM; echo >>up; while :; do sleep 0.05; done' >what
	up() { test "$(wc -l <up)" -ge "$1"; }
	begin --jobs 2 --grace 0.3
	wait_until up 2
	kill -s TERM $pid
	ends 143
	jq -e '.runs[0].signal == "SIGKILL" and .counts.failed == 2' "$(dir)/experiment.json"
	rm -f told
	begin --jobs 2 --grace 1000 --resume
	wait_until up 4
	kill -s TERM $pid
	wait_until test -e told
	sleep 0.3 # two within 200 ms are one
	kill -s TERM $pid
	ends 143
	jq -e '.runs[0].signal == "SIGKILL" and .runs[0].reason == "interrupted"' "$(dir)/experiment.json"
}

@test "a second driver is turned away with 75, whether it comes with --jobs or not" {
	stay
	begin --jobs 3
	wait_until started 3
	expect 75 driver run-experiment --exp specs/s.yaml --resume --jobs 2
	[[ $errors == *"is at work: process "*"(run_00"*", run_00"*", run_00"*")"* ]]
	expect 75 driver run-experiment --exp specs/s.yaml --resume
	expect 75 run-one --shared <"$(dir)/plan.jsonl"
	expect 0 driver run-experiment --exp specs/s.yaml --resume --jobs 2 --quiet
	test -z "$output$errors"
	sweep-lock --held "$(dir)"
	touch go
	ends 0
	run sweep-lock --held "$(dir)"
	test "$status" -eq 1
}

@test "kill -9 of run-one, or of a run: nothing goes on that is not watched, and resume ends it" {
	stay
	is_free() { ! run-one --held "$(dir)"; }
	runner() { ps -o ppid= -p "$(main_of "$(dir)/records/$1.jsonl")" | tr -d ' '; }
	begin --jobs 3
	wait_until started 3
	kill -9 "$(runner run_000)"
	ends 137
	wait_until is_free
	meta-merge "$(dir)"
	test "$(counts)" = '[0,3,9,0]'
	jq -e '[.runs[:3][].reason] | unique == ["abandoned"]' "$(dir)/experiment.json"
	begin --jobs 3 --resume
	wait_until started 6
	kill -9 "$(main_of "$(dir)/records/run_001.jsonl")"
	# the one fails, and the others are not concerned
	wait_until started 7
	touch go
	ends 1
	test "$(counts)" = '[11,1,0,0]'
	jq -e '.runs[1].reason == "signal" and .runs[1].signal == "SIGKILL"' "$(dir)/experiment.json"
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --resume
	test "$(counts)" = '[12,0,0,0]'
}

@test "lines are whole, however long they are, and however many write" {
	long=$(head -c 20000 /dev/zero | tr '\0' x)
	cat >what <<-EOF
		echo "\$RUN_ID-$long"
		printf "\$RUN_ID-end"
		mkdir -p runs/\$RUN_ID
		echo '{"v": "$long"}' >runs/\$RUN_ID/metrics.json
		echo runs/\$RUN_ID >"\$RUN_DIR_FILE"
	EOF
	sweep-expand -d e specs/s.yaml >/dev/null
	mkfifo fifo
	cat fifo >errors 3>&- &
	run-one -v -j 6 -a "it's {} {x} {= 1 =} {%}" <e/plan.jsonl 2>fifo | cat >events
	wait $!
	jq -se 'length == 24 and (map(select(.metrics.v | length == 20000)) | length == 12)' events
	jq -se '.[0].command[2] == "it'"'"'s {} {x} {= 1 =} {%}"' events
	# each says whose it is
	test "$(grep -cE '^(run_[0-9]+): \1-x{20000}$' errors)" -eq 12
	test "$(grep -cE '^(run_[0-9]+): \1-end$' errors)" -eq 12
	test "$(wc -l <errors)" -eq 24
	# one by one they are as they were printed
	expect 0 run-one -v -n 1 -f <e/plan.jsonl
	test "$(grep -cE '^run_000-(x{20000}|end)$' <<<"$errors")" -eq 2
}

@test "directories that appear at once: RUN_DIR_FILE, a copy of the config, else none is guessed" {
	cat >what <<-'EOF'
		letter=$(echo "${RUN_ID#run_00}" | tr 012 abc)
		mkdir -p "runs/$letter"
		until test "$(ls runs | wc -l)" -ge 3; do sleep 0.02; done
		case $letter in
		a) echo runs/a >"$RUN_DIR_FILE" ;;
		b) cp "$1" runs/b/used.yaml ;;
		esac
	EOF
	expect 0 driver run-experiment --exp specs/s.yaml --jobs 3 --limit 3
	jq -e '.runs[0].run_dir == "runs/a" and .runs[1].run_dir == "runs/b" and
		.runs[2].run_dir == null and (.runs[2].run_dir_candidates | index("runs/c"))' "$(dir)/experiment.json"
}

@test "the runs' environment is that of a sweep one after another; nothing is written to HOME" {
	mkdir home elsewhere
	echo 'env | sort | grep -v "^RUN_\|^_=\|^EXPERIMENT_DIR" >env.$RUN_ID' >what
	with() { env -i PATH="$PATH" PARALLEL=--no-such-option SSHPASS=secret TMPDIR="$PWD/elsewhere" "$@" -q --limit 1 --exp specs/s.yaml; }
	expect 0 with HOME="$PWD/home" ${SWEEP_SH:-sh} "$top/bin/run-experiment"
	mv env.run_000 alone
	expect 0 with HOME="$PWD/home" ${SWEEP_SH:-sh} "$top/bin/run-experiment" --jobs 2
	diff alone env.run_000
	expect 0 with ${SWEEP_SH:-sh} "$top/bin/run-experiment" --jobs 2
	test -z "$output$errors"
	run grep HOME env.run_000
	test "$status" -eq 1
	test -z "$(ls -A home elsewhere | grep -v :)"
}

@test "no other program is needed for it, and none of the name parallel is started" {
	mkdir first
	printf '#!/bin/sh\necho >called\n' >first/parallel
	chmod +x first/parallel
	PATH=$PWD/first:$PATH expect 0 driver run-experiment --exp specs/s.yaml --jobs 2
	test "$(counts)" = '[12,0,0,0]'
	test ! -e called
}

@test "what is wrong with --jobs and --gpus is one line, and nothing is written" {
	local words
	for words in "--jobs 0" "--jobs x" "--jobs -1" "--jobs=" "--gpus 0,,1" "--gpus 0,0" "--gpus /dev/*" "--jobs 2 --gpus 0"; do
		set -f
		# shellcheck disable=SC2086
		expect 2 driver run-experiment --exp specs/s.yaml $words
		set +f
		test "$(wc -l <<<"$errors")" -eq 1
	done
	test ! -e experiments
	expect 2 run-one -j 2 --shared </dev/null
	[[ $errors == *"--jobs is not shared"* ]]
	expect 2 sh -c 'sweep-expand specs/s.yaml | run-one -j 2'
	[[ $errors == *"--jobs needs lines with an experiment_dir"* ]]
	test ! -e ran
}

@test "run-background --jobs: listed with all that run, and stopped" {
	stay
	expect 0 driver run-background --experiment specs/s.yaml --jobs 3 3>&-
	wait_until started 3
	listed() { driver run-background --list | grep -q 'running .*0/12 .*run_000 n=0 and 2 more'; }
	wait_until listed
	expect 0 driver run-background --stop s
	test "$(grep -c ': interrupted$' <<<"$output")" -eq 3
	test "$(counts)" = '[0,3,9,0]'
	touch go
	expect 0 driver run-background --experiment specs/s.yaml --resume "--gpus=$one,$two" 3>&-
	wait_until jq -e '.status == "completed"' experiments/s_*/experiment.json
}

# ---- the devices that are given ----

devices() { jq -r '.runs[].gpu' "$(dir)/experiment.json" | sort -u | tr '\n' ' '; }

@test "--gpus chooses from what CUDA_VISIBLE_DEVICES gives" {
	echo 'echo "$CUDA_VISIBLE_DEVICES" >>seen' >what
	sed -i 's/n: \[.*\]/n: [0, 1, 2, 3]/' specs/s.yaml
	export CUDA_VISIBLE_DEVICES=$two,$one
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus 1,0
	test "$(devices)" = "$one $two "
	test "$(sort -u seen | tr '\n' ' ')" = "$one $two "
	rm -r experiments seen
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus 1
	test "$(devices)" = "$one "
	rm -r experiments
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus "$two"
	test "$(devices)" = "$two "
	# numbers that are no places, but names of the set
	rm -r experiments
	export CUDA_VISIBLE_DEVICES=4$$,5$$
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus "5$$,4$$"
	test "$(devices)" = "4$$ 5$$ "
	rm -f "/run/lock/sweeputils-gpu-4$$" "/run/lock/sweeputils-gpu-5$$" "/tmp/sweeputils-gpu-4$$" "/tmp/sweeputils-gpu-5$$"
	# places are looked up once, though the names are places, too
	rm -r experiments seen
	export CUDA_VISIBLE_DEVICES=2,0,1
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus 0,1
	test "$(devices)" = "0 2 "
	test "$(sort -u seen | tr '\n' ' ')" = "0 2 "
}

@test "what CUDA_VISIBLE_DEVICES does not give is said, with what to write" {
	for list in 0,2 0,$one 7; do
		expect 2 env CUDA_VISIBLE_DEVICES=4,5 run-one --gpus "$list" </dev/null
		[[ $errors == "run-one: --gpus $list: there is no "*" in CUDA_VISIBLE_DEVICES=4,5; write places in it, from 0 to 1, or its names" ]]
	done
	expect 0 env CUDA_VISIBLE_DEVICES=4,5 run-one --gpus 1 </dev/null
	expect 0 env CUDA_VISIBLE_DEVICES=4,5 run-one --gpus 4 </dev/null
	for set in '' -1; do
		expect 2 env CUDA_VISIBLE_DEVICES="$set" run-one --gpus 0 </dev/null
		[[ $errors == "run-one: CUDA_VISIBLE_DEVICES=$set leaves no device; unset it to use --gpus" ]]
	done
	for list in 0,00 0,0 01,1 ''; do
		expect 2 run-one --gpus "$list" </dev/null
		[[ $errors == "run-one: --gpus takes a list of different devices such as 0,1,2, not $list"* ]]
	done
	expect 2 env CUDA_VISIBLE_DEVICES=4,GPU-a run-one --gpus 1,GPU-a </dev/null
	[[ $errors == "run-one: --gpus 1,GPU-a is GPU-a twice in CUDA_VISIBLE_DEVICES=4,GPU-a; name it once" ]]
	expect 2 env CUDA_VISIBLE_DEVICES=0,-1,1 run-one --gpus 1 </dev/null
}

@test "a run with --gpus inside a run with --gpus is told at once that it would wait for itself" {
	sed 's/name: s/name: inner/' specs/s.yaml >specs/inner.yaml
	echo "test -e inside || { : >inside; exec run-experiment --exp specs/inner.yaml --gpus $one >inner.out 2>inner.err; }" >what
	unset CUDA_VISIBLE_DEVICES
	expect 1 driver run-experiment -q --exp specs/s.yaml --gpus "$one" --limit 1

	grep -qE "^run-one: GPU $one is held by process [0-9]+, which has started this one: it would wait for itself; omit --gpus here" inner.err
	jq -e '.runs[0].return_code == 2' "$(dir)/experiment.json"
	# the remedy
	rm -r inside experiments
	sed -i "s/--gpus $one//" what
	expect 0 driver run-experiment -q --exp specs/s.yaml --gpus "$one" --limit 1
}

@test "... and so is one that waits in its own queue" {
	sed 's/name: s/name: inner/' specs/s.yaml >specs/inner.yaml
	echo "test -e inside || { : >inside; exec run-experiment --exp specs/inner.yaml --queue $PWD/queue >inner.out 2>inner.err; }" >what
	expect 1 driver run-experiment -q --exp specs/s.yaml --queue "$PWD/queue" --limit 1
	grep -qE "^run-one: process [0-9]+, which has started this one, is before it in the queue: it would wait for itself; omit --queue here" inner.err
	rm inside
	sed -i 's/--queue [^ ]*//' what
	expect 0 driver run-experiment -q --exp specs/s.yaml --resume --queue "$PWD/queue" --limit 1
}

# ---- one pool ----

is_recorded() { grep -q "$2" "$(dir)/records/$1.jsonl"; }

@test "a run that ends leaves another run's processes alone, however they came away from it" {
	need python3
	# run_001's: a double fork in a session of its own, a background process that nohup made,
	# and one that wiped its environment
	cat >helper.py <<-'EOF'
		import os, sys, time
		if os.fork():
		    os._exit(0)
		os.setsid()
		if os.fork():
		    os._exit(0)
		with open("daemon.new", "w") as f:
		    f.write(str(os.getpid()) + "\n")
		os.rename("daemon.new", "daemon")
		time.sleep(1000)
	EOF
	cat >what <<-'EOF'
		case $RUN_ID in
		run_000)
			until test -s daemon && test -s nohup && test -s wiped; do sleep 0.02; done
			setsid sleep 1000 & echo $! >mine
			;;
		run_001)
			python3 helper.py
			(nohup sleep 1000 >/dev/null 2>&1 & echo $! >nohup)
			(env -i setsid sh -c 'echo $$ >wiped; exec sleep 1000' &)
			until test -e go; do sleep 0.02; done
			for pid in $(cat daemon nohup wiped); do kill -0 $pid && echo $pid >>alive; done
			;;
		esac
	EOF
	begin --jobs 2 --limit 2 --grace 1
	wait_until is_recorded run_000 completed
	is_gone "$(cat mine)"
	jq -se 'last.leftovers == 1' "$(dir)/records/run_000.jsonl"
	touch go
	ends 0
	test "$(wc -l <alive)" -eq 3
	# ... and its own end is theirs
	for pid in $(cat alive); do is_gone "$pid"; done
	jq -se 'last.leftovers == 3' "$(dir)/records/run_001.jsonl"
}

@test "hundreds of processes that one run has left hide none of another's" {
	cat >what <<-'EOF'
		case $RUN_ID in
		run_000)
			until test -e many; do sleep 0.02; done
			setsid sleep 1000 & echo $! >mine
			;;
		run_001)
			n=0
			while test $((n += 1)) -le 300; do (setsid sleep 1000 &); done
			touch many
			until test -e go; do sleep 0.02; done
			;;
		esac
	EOF
	begin --jobs 2 --limit 2 --grace 1
	wait_until is_recorded run_000 completed
	is_gone "$(cat mine)"
	touch go
	ends 0
	jq -se 'last.leftovers == 1' "$(dir)/records/run_000.jsonl"
	jq -se 'last.leftovers == 300' "$(dir)/records/run_001.jsonl"
}

@test "what wiped every trace of its run is left alone at first, and ended when no other run is at work" {
	need python3
	cat >wipe.py <<-'EOF'
		import os
		if os.fork():
		    os._exit(0)
		os.setsid()
		with open("wiped.new", "w") as f:
		    f.write(str(os.getpid()) + "\n")
		os.rename("wiped.new", "wiped")
		os.closerange(0, 1000)
		os.execve("/bin/sleep", ["sleep", "1000"], {})
	EOF
	cat >what <<-'EOF'
		case $RUN_ID in
		run_000) python3 wipe.py; until grep -qx sleep "/proc/$(cat wiped)/comm"; do sleep 0.02; done ;;
		run_001) until test -e go; do sleep 0.02; done ;;
		esac
	EOF
	begin --jobs 2 --limit 2 --grace 1
	wait_until is_recorded run_000 completed
	test "$(is_gone "$(cat wiped)" || echo alive)" = alive
	touch go
	ends 0
	is_gone "$(cat wiped)"
	jq -se 'last.leftovers == 1' "$(dir)/records/run_001.jsonl"
}

@test "what a run leaves behind holds up no other run" {
	echo 'test $RUN_ID = run_000 || exit 0
		(trap "" TERM; echo >up; while test ! -e go; do sleep 0.02; done) & until test -e up; do sleep 0.02; done' >what
	begin --jobs 2 --grace 1h
	wait_until is_recorded run_011 completed
	test "$(grep -c . "$(dir)/records/run_000.jsonl")" -eq 1
	touch go
	ends 0
	test "$(counts)" = '[12,0,0,0]'
}

@test "a device that somebody else has holds up no other device" {
	sweep-expand -q -d other specs/s.yaml | sed 1q >line
	run-one --gpus "$two" -- sh -c 'echo >taken; until test -e go; do sleep 0.02; done' <line >/dev/null 2>&1 3>&- &
	other=$!
	wait_until test -e taken
	begin --gpus "$one,$two"
	wait_until is_recorded run_011 completed
	grep -q "waiting for GPU $two, on which process [0-9]" err
	test ! -s "$(dir)/records/run_001.jsonl"
	touch go
	wait $other
	ends 0
	test "$(counts)" = '[12,0,0,0]'
	jq -e --arg two "$two" '.runs[1].gpu == $two' "$(dir)/experiment.json"
}

@test "a line is read when a slot is free: those to come may come late" {
	stay
	sweep-expand -q -d e specs/s.yaml >plan
	mkfifo lines
	run-one -j 2 <lines >events 2>err 3>&- &
	pid=$!
	exec 4>lines
	sed -n 1,2p plan >&4
	wait_until started 2
	sed -n 3p plan | tr -d '\n' >&4 # half a line is none, and stops nobody
	touch go
	wait_until grep -q completed e/records/run_001.jsonl
	wait_until grep -q completed e/records/run_000.jsonl
	test ! -s e/records/run_002.jsonl
	echo >&4
	wait_until grep -q completed e/records/run_002.jsonl
	exec 4>&-
	ends 0
}

@test "a run whose line comes twice is run once, and with --force one after the other" {
	echo 'mkdir alive.$RUN_ID && sleep 0.1 && rmdir alive.$RUN_ID' >what
	sweep-expand -q -d e specs/s.yaml | sed -n '1p;1p;2p;1p' >lines
	expect 0 run-one -j 3 <lines
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_001 "
	expect 0 run-one -j 3 -f <lines
	test "$(grep -c run_000 ran)" -eq 4
}

@test "--new-first with --jobs: what was never started comes first, and nothing is tried twice" {
	echo 'test $RUN_ID != run_000' >what
	expect 1 driver run-experiment --exp specs/s.yaml --limit 1
	expect 0 driver run-experiment --exp specs/s.yaml --resume --jobs 3 --limit 5
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_001 run_002 run_003 run_004 run_005 "
	expect 1 driver run-experiment --exp specs/s.yaml --resume --jobs 3 --limit 100
	test "$(sort ran | uniq -c | awk '{ print $1 $2 }' | head -n 2 | tr '\n' ' ')" = "2run_000 1run_001 "
	test "$(wc -l <ran)" -eq 13
}

@test "time in which run-one stood still (^Z) is added to what is due" {
	stay
	sweep-expand -q -d e specs/s.yaml >plan
	for jobs in 1 2; do
		rm -f go ran
		run-one -f -j $jobs -n 2 -t 3 -k 1h <plan >events 2>err 3>&- &
		pid=$!
		wait_until started $jobs
		kill -s STOP $pid
		sleep 4
		kill -s CONT $pid
		sleep 1
		touch go
		ends 0
		test "$(grep -c completed events)" -eq 2
	done
}

@test "events that nobody reads hold up no timeout" {
	stay
	sweep-expand -q -d e specs/s.yaml >plan
	mkfifo events
	exec 4<>events
	run-one -j 2 -t 2 -k 0.1 <plan >events 2>err 3>&- 4<&- &
	pid=$!
	wait_until started 2
	dd if=/dev/zero of=events bs=4096 oflag=nonblock 2>/dev/null || :
	wait_until grep -q timeout e/records/run_000.jsonl
	wait_until grep -q timeout e/records/run_001.jsonl
	test ! -s e/records/run_002.jsonl
	touch go
	exec 5<events 4<&-
	tr -d '\0' <&5 >got 3>&- &
	reader=$!
	exec 5<&-
	ends 1
	wait $reader
	test "$(jq -c 'select(.status == "completed")' got | wc -l)" -eq 10
}

@test "--fail-fast: a run that waits for its device is not started after another one has failed" {
	echo 'test $RUN_ID != run_001 || exit 0; until test -e go; do sleep 0.02; done; exit 1' >what
	sweep-expand -q -d other specs/s.yaml | sed 1q >line
	run-one --gpus "$two" -- sh -c 'echo >taken; until test -e over; do sleep 0.02; done' <line >/dev/null 2>&1 3>&- &
	other=$!
	wait_until test -e taken
	begin --gpus "$one,$two" --fail-fast
	wait_until grep -q "waiting for GPU $two" err
	touch go
	ends 1
	touch over
	wait $other
	test "$(cat ran)" = run_000
	test "$(counts)" = '[0,1,11,0]'
}

@test "with --jobs a line of another experiment is refused, also one without a run" {
	sweep-expand -q -d e specs/s.yaml | sed 2q >plan
	mkdir other
	{ sed -n 1p plan; echo '{"experiment_dir":"other","note":"x"}'; sed -n 2p plan; } >lines
	expect 2 run-one -j 2 <lines
	grep -q 'other: with --jobs all lines are of one experiment' <<<"$errors"
	test ! -e other/lock
	test "$(cat ran)" = run_000
	# ... and one of none is passed on
	{ echo '{"note":"y"}'; cat plan; } | run-one -j 2 | grep -qxF '{"note":"y"}'
	test "$(sort ran | tr '\n' ' ')" = "run_000 run_001 "
}

@test "--verbose: who prints without end is stopped when its time is up, and by a signal" {
	sweep-expand -q -d e specs/s.yaml >plan
	for jobs in 1 2; do
		# not by expect, which keeps in memory what is printed
		status=0
		timeout -s KILL 60 run-one -v -f -j $jobs -n $jobs -t 0.05 -k 1 -- yes <plan >events 2>/dev/null || status=$?
		test "$status" -eq 1
		test "$(grep -c '"timeout"' events)" -eq $jobs
		rm -f e/logs/*
	done
	run-one -v -f -j 2 -n 2 -k 1 -- yes <plan >events 2>/dev/null 3>&- &
	pid=$!
	wait_until test -s e/logs/run_001.log
	kill $pid
	ends 143
}

@test "who only reads another run's log is not part of that run" {
	cat >what <<-'EOF'
		case $RUN_ID in
		run_000) until test -s reader; do sleep 0.02; done ;;
		run_001)
			(setsid tail -f "$EXPERIMENT_DIR/logs/run_000.log" >/dev/null 2>&1 & echo $! >reader)
			until test -e go; do sleep 0.02; done
			kill -0 "$(cat reader)" && echo >alive
			;;
		esac
	EOF
	begin --jobs 2 --limit 2 --grace 1
	wait_until is_recorded run_000 completed
	touch go
	ends 0
	test -e alive
	jq -se 'last | has("leftovers") | not' "$(dir)/records/run_000.jsonl"
	is_gone "$(cat reader)"
}

@test "SIGCONT to who was not stopped puts off no timeout" {
	stay
	sweep-expand -q -d e specs/s.yaml >plan
	run-one -j 2 -n 2 -t 1 -k 1 <plan >events 2>err 3>&- &
	pid=$!
	for i in $(seq 15); do
		sleep 0.2
		kill -s CONT $pid 2>/dev/null || break
	done
	touch go
	ends 1
	test "$(grep -c '"timeout"' events)" -eq 2
}

@test "messages that nobody reads hold up no timeout" {
	stay
	sweep-expand -q -d other specs/s.yaml | sed 1q >line
	run-one --gpus "$two" -- sh -c 'echo >taken; until test -e over; do sleep 0.02; done' <line >/dev/null 2>&1 3>&- &
	other=$!
	wait_until test -e taken
	sweep-expand -q -d e specs/s.yaml >plan
	mkfifo messages
	exec 4<>messages
	dd if=/dev/zero of=messages bs=4096 oflag=nonblock 2>/dev/null || :
	run-one -n 2 --gpus "$one,$two" -t 1 -k 0.1 <plan >events 2>messages 3>&- 4<&- &
	pid=$!
	wait_until grep -q timeout e/records/run_000.jsonl
	exec 5<messages 4<&-
	tr -d '\0' <&5 >got 3>&- &
	reader=$!
	exec 5<&-
	touch over
	wait $other
	ends 1
	wait $reader
	grep -q "waiting for GPU $two" got
}

@test "the experiment is renamed: that is said once, not by each run" {
	stay
	sweep-expand -q -d e specs/s.yaml >plan
	run-one -j 3 <plan >events 2>err 3>&- &
	pid=$!
	wait_until started 3
	mv e elsewhere
	touch go
	ends 2
	test "$(grep -c . err)" -eq 1
	test "$(grep -c '"running"' events)" -eq 3
}
