load ../helper

# What others have put into a directory that is shared with them, by chance or on purpose,
# is neither followed, nor waited for, nor removed.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: lr\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nsweep: {lr: [1, 2]}\n' >specs/lr.yaml
	printf '#!/bin/sh\necho ran\n' >prog
	chmod +x prog
}

experiment() { # DIR
	expect 0 sweep-expand -q -d "$1" specs/lr.yaml
}

# As process 1 of a container of its own.
contained() {
	unshare -Urpf --mount-proc "$@"
}

need_containers() {
	need unshare
	contained true 2>/dev/null || skip "no namespaces can be made here"
}

# What an interrupted writer leaves beside a file, or in place of a directory.
chance=0123456789abcdef

# ---- temporaries ----

@test "a temporary of another container's process of the same number is left alone" {
	need_containers
	experiment e
	echo theirs >document.tmp.1
	expect 0 contained meta-merge -o document e
	test "$(cat document.tmp.1)" = theirs
	jq -e '.total == 2' document
}

@test "writers in two containers never break a document, nor fail" {
	need_containers
	experiment e
	local writers=() pid
	for writer in 1 2 3; do
		contained sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			meta-merge --no-sync e && meta-merge --no-sync -o document e && jq -e ".total == 2" document || exit
		done' >/dev/null 2>"said.$writer" &
		writers+=($!)
	done
	for pid in "${writers[@]}"; do
		wait "$pid" || { cat said.* && return 1; }
	done
	jq -e '.total == 2' e/experiment.json
	test "$(echo e/experiment.json* document*)" = "e/experiment.json document"
}

# relied on: Files that a killed program left are removed only if they are known to be ours.
@test "a temporary is removed when its writer is dead, and has our form of name" {
	need python3
	experiment e
	touch e/experiment.json.tmp.$chance e/experiment.json.tmp.backup e/experiment.json.tmp.4711
	expect 0 meta-merge e
	test ! -e e/experiment.json.tmp.$chance
	test -e e/experiment.json.tmp.backup
	test -e e/experiment.json.tmp.4711
	# one who writes holds it
	rm e/experiment.json
	python3 -c 'import fcntl, sys
f = open(sys.argv[1], "w")
fcntl.lockf(f, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()' e/experiment.json.tmp.$chance < <(wait_until test -e done) >said 3>&- &
	local writer=$!
	wait_until test -s said
	expect 0 meta-merge e
	test -e e/experiment.json.tmp.$chance
	touch done
	wait $writer
	rm e/experiment.json
	expect 0 meta-merge e
	test ! -e e/experiment.json.tmp.$chance
}

# ---- what an interrupted publication has left ----

# relied on: Files that a killed program left are removed only if they are known to be ours.
@test "hidden directories of the user's are not removed for their names" {
	local name
	mkdir experiments
	for name in .lr_old.backup .lr_20260101_000000.abcdef .lr_20260101_000000.0123abcd .lr_20260101_000000_2.0123abcd .lr.0123abcd; do
		mkdir "experiments/$name"
		echo mine >"experiments/$name/notes"
	done
	# another program's mark, and a link to something of ours
	echo 'a page' >experiments/.lr_20260101_000000.0123abcd/.publishing
	mkdir theirs
	echo mine >theirs/notes
	ln -s ../theirs experiments/.lr_20260101_000000.fedcba98
	ln -s ../theirs experiments/.lr.fedcba98
	expect 0 sweep-expand -q -p experiments specs/lr.yaml
	expect 0 sweep-expand -q -d experiments/lr specs/lr.yaml
	test "$(cat experiments/.lr*/notes | sort | uniq -c | tr -d ' \n')" = 7mine
	test -L experiments/.lr.fedcba98
}

# A SIGKILL before each call that changes something, until there is none any more.
kill_at_each_call() { # WHAT SWEEP-EXPAND-OPTION...
	local at what=$1
	shift
	copy_preload
	for at in $(seq 1 200); do
		rm -f fired
		LD_PRELOAD="$preload" FAULT_PROGRAM=sweep-expand FAULT_AT=$at FAULT_DO=kill-before FAULT_FIRED="$PWD/fired" \
			sweep-expand -q "$@" specs/lr.yaml >/dev/null 2>&1 || :
		rm -rf e/published
		expect 0 sweep-expand -q "$@" specs/lr.yaml
		test "$(echo e/.[!.]*)" = "$what"
		rm -rf e/published e/lr_*
		test -e fired || break
	done
	test "$at" -gt 10
	test "$at" -lt 200
}

@test "an experiment that was killed while it was written goes with the next one: -d" {
	plain
	kill_at_each_call 'e/.[!.]*' -d e/published
}

@test "an experiment that was killed while it was written goes with the next one: -p" {
	plain
	kill_at_each_call e/.lock -p e
}

@test "an experiment that is being written is not removed by another that is" {
	local writer
	printf 'name: lr\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nsweep: {a: [%s], b: [%s], c: [%s]}\n' \
		"$(seq -s, 50)" "$(seq -s, 50)" "$(seq -s, 20)" >specs/many.yaml
	sweep-expand -q --no-sync -d e/x specs/many.yaml >/dev/null 2>&1 3>&- &
	writer=$!
	is_under_way() { test -d e/.x.*/configs; }
	wait_until is_under_way
	kill -s STOP $writer
	experiment e/x
	test -d e/.x.*/configs
	kill -s KILL $writer
	wait $writer || :
	rm -r e/x
	experiment e/x
	test "$(ls -A e)" = x
}

@test "the directory of an experiment has the mode and the access list that mkdir gives it" {
	(umask 027 && expect 0 sweep-expand -q -d e/x specs/lr.yaml)
	test "$(stat -c %a e/x)" = 750
	mkdir s
	chmod g+s s
	(umask 002 && expect 0 sweep-expand -q -d s/x specs/lr.yaml)
	test "$(stat -c %a s/x)" = 2775
	# a default list: rwx for one more user, which a file mode alone would mask
	need python3
	mkdir a
	python3 -c 'import os, struct
entries = (1, 7, -1), (2, 7, 12345), (4, 5, -1), (16, 7, -1), (32, 5, -1)
os.setxattr("a", "system.posix_acl_default", struct.pack("<I", 2) +
    b"".join(struct.pack("<HHi", *entry) for entry in entries))' || skip "no access lists here"
	(umask 077 && mkdir a/made && expect 0 sweep-expand -q -d a/x specs/lr.yaml)
	python3 -c 'import os
made, ours = (os.getxattr(f, "system.posix_acl_access") for f in ("a/made", "a/x"))
assert made == ours, (made, ours)'
}

@test "another user's lock in a sticky directory is opened, not made; a link there is not followed" {
	need strace
	plain
	mkdir e
	: >e/.lock
	expect 0 strace -f -o calls -e trace=openat,open sweep-expand -q -p e specs/lr.yaml
	grep -q '"e/\.lock", O_RDWR' calls
	test "$(grep '"e/\.lock"' calls | grep -c O_CREAT || :)" = 0
	rm -r e/.lock
	: >theirs
	ln -s ../theirs e/.lock
	expect 2 sweep-expand -q -p e specs/lr.yaml
	test "$errors" = "sweep-expand: e/.lock cannot be opened: it is a symbolic link, which is not followed"
	test ! -s theirs
}

# ---- in an experiment ----

# Each file that is written or read there, and each program that does.
files='lock plan.jsonl experiment.json spec.yaml configs/run_000.yaml logs/run_000.log logs/run_000.run_dir
	records/experiment.jsonl records/run_000.jsonl records/notes.jsonl git.diff report.html'

each_program() {
	local command
	while read -r command; do
		timeout 60 sh -c "$command" >said 2>&1 </dev/null || test $? -lt 124 || { echo "$command: $? $(cat said)" && return 1; }
	done <<-END
		meta-merge e
		meta-merge -o - e
		meta-merge <theirs.plan
		printf '{"run":"run_001","experiment_dir":"e","note":1}\n' | meta-merge
		run-one <theirs.plan
		run-one -f -- ./prog {lr} <theirs.plan
		sweep-lock --held e
		sweep-lock --stop e
		sweep-expand -q -r -d e specs/lr.yaml
		sweep-watch -1 e
		sweep-watch -f e
		${SWEEP_SH:-sh} "\$TOP/bin/run-experiment" -q -d e -r
		${SWEEP_SH:-sh} "\$TOP/bin/run-experiment" -n -d e -r
		${SWEEP_SH:-sh} "\$TOP/bin/sweep-table" e
		${SWEEP_SH:-sh} "\$TOP/bin/sweep-report" e
		${SWEEP_SH:-sh} "\$TOP/bin/sweep-metrics" e
		${SWEEP_SH:-sh} "\$TOP/bin/sweep-compare" e whole
	END
}

plant_each() { # COMMAND... FILE
	local file
	need timeout
	export TOP=$top
	experiment e
	cp e/plan.jsonl theirs.plan
	sed 's|"e"|"whole"|' e/plan.jsonl >plan
	expect 0 sh -c 'meta-merge e && cp -r e whole'
	cp -r e template
	for file in $files; do
		rm -rf e && cp -r template e
		rm -f "e/$file"
		"$@" "e/$file"
		each_program
		echo theirs | cmp - theirs
		test ! -e nowhere
	done
}

fifo_at() { mkfifo "$1"; }
link_at() { ln -s "$PWD/theirs" "$1"; }
dangling_at() { ln -s "$PWD/nowhere" "$1"; }

# relied on: In an experiment directory no symbolic link is followed, and no FIFO or device is read.
@test "a FIFO in the place of a file of an experiment is not waited for" {
	echo theirs >theirs
	plant_each fifo_at
}

# relied on: In an experiment directory no symbolic link is followed, and no FIFO or device is read.
@test "a link in the place of a file of an experiment is not followed" {
	echo theirs >theirs
	plant_each link_at
}

@test "a link to nowhere in the place of a file of an experiment makes no file" {
	echo theirs >theirs
	plant_each dangling_at
}

@test "what stands at experiment.json gives way to it" {
	local kind
	experiment e
	echo theirs >theirs
	mkfifo pipe
	for kind in theirs nowhere pipe e; do
		ln -sf "$PWD/$kind" link
		mv -T link e/experiment.json
		expect 0 timeout 60 meta-merge e
		test ! -L e/experiment.json
		jq -e '.total == 2' e/experiment.json
	done
	test "$(cat theirs)" = theirs
	test ! -e nowhere
	rm e/experiment.json
	mkfifo e/experiment.json
	expect 0 timeout 60 meta-merge e
	jq -e '.total == 2' e/experiment.json
}

@test "a link at records or logs leads nowhere" {
	local name
	for name in records logs; do
		experiment e
		mkdir -p elsewhere
		rm -r e/$name
		ln -s ../elsewhere e/$name
		expect 2 run-one <e/plan.jsonl
		[[ $errors == "run-one: e/$name is no directory; a link is not followed;"* ]]
		run sh -c "printf '%s\n' '{\"run\":\"run_001\",\"experiment_dir\":\"e\",\"note\":1}' | meta-merge"
		test "$(ls -A elsewhere)" = ''
		rm -r e
	done
}

@test "what is wrong with a planted file is said" {
	experiment e
	rm -f e/logs/run_000.log
	ln -s ../../theirs e/logs/run_000.log
	expect 2 run-one <e/plan.jsonl
	test "$errors" = "run-one: e/logs/run_000.log cannot be opened: it is a symbolic link, which is not followed; no line after stdin:1 was run"
	rm e/logs/run_000.log
	mkfifo e/logs/run_000.log
	expect 2 timeout 60 run-one <e/plan.jsonl
	test "$errors" = "run-one: e/logs/run_000.log cannot be opened: it is not a regular file; no line after stdin:1 was run"
	rm e/logs/run_000.log
	expect 0 run-one <e/plan.jsonl
}

@test "experiments beside it hold nobody up" {
	local file
	need timeout
	expect 0 sweep-expand -q -p experiments specs/lr.yaml
	for file in plan.jsonl records/experiment.jsonl experiment.json; do
		mkdir -p "experiments/lr_20200101_00000${#file}/records" "background_runs/x_${#file}/records"
		mkfifo "experiments/lr_20200101_00000${#file}/$file" "background_runs/x_${#file}/$file"
		test -e "experiments/lr_20200101_00000${#file}/plan.jsonl" || echo '{}' >"experiments/lr_20200101_00000${#file}/plan.jsonl"
		test -e "background_runs/x_${#file}/plan.jsonl" || echo '{}' >"background_runs/x_${#file}/plan.jsonl"
	done
	expect 0 timeout 60 sweep-expand -q -r -p experiments --print-dir specs/lr.yaml
	test "${output#experiments/lr_2020}" = "$output"
	expect 0 timeout 60 ${SWEEP_SH:-sh} "$top/bin/run-experiment" specs/lr.yaml -r
	expect 0 timeout 60 ${SWEEP_SH:-sh} "$top/bin/run-background" --list --json
	expect 0 timeout 60 ${SWEEP_SH:-sh} "$top/bin/sweep-table" lr
}

@test "a FIFO at modes.yaml that somebody holds open is not waited for" {
	need timeout
	mkfifo modes.yaml
	exec 5<>modes.yaml
	expect 2 timeout 60 sweep-expand -q specs/lr.yaml 5>&-
	exec 5>&-
	test "$errors" = "sweep-expand: modes.yaml: is not a regular file"
}

@test "sessions of two containers with the same process numbers have different names" {
	need_containers
	experiment e
	for i in 1 2; do
		expect 0 contained run-one --session "number=$i" -f <e/plan.jsonl
	done
	jq -r 'select(.session) | .session' e/records/experiment.jsonl | sed 's/.*-//' >names
	test "$(grep -cx '[0-9a-f]\{8\}' names)" = 2
	test "$(sort -u names | wc -l)" = 2
}

@test "what users name themselves is read from a pipe and written into one" {
	expect 0 bash -c 'sweep-expand -q <(cat specs/lr.yaml)'
	test "$(wc -l <<<"$output")" = 2
	expect 0 sh -c 'cat specs/lr.yaml | sweep-expand -q -d e /dev/stdin'
	expect 0 sh -c 'meta-merge -o /dev/stdout e | jq -e ".total == 2"'
	: >outside
	ln -s ../outside e/linked.json
	expect 0 meta-merge -o e/linked.json e
	test -L e/linked.json
	jq -e '.total == 2' outside
}

@test "the saved patch of a source tree follows no link" {
	need git
	git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one
	echo x >file && git add file
	expect 0 driver sweep-metrics --version
	experiment e
	echo theirs >theirs
	# whatever process number the driver gets
	(cd e && for number in $(seq $$ $(($$ + 3000))); do ln -s ../theirs .git.diff.$number; done)
	ln -s ../theirs e/git.diff
	mkfifo e/git_2.diff
	expect 0 timeout 60 ${SWEEP_SH:-sh} "$top/bin/run-experiment" -q -d e -r
	echo theirs | cmp - theirs
	grep -q '^+x' e/git_3.diff
	test "$(jq -r '.sessions[0].git_diff' e/experiment.json)" = git_3.diff
}
