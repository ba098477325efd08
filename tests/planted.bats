load helper

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
