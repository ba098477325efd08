load ../helper

# The end of a run on file systems that are full to the last block, each of them a real
# one: an image that is mounted for the test alone.

prepare() {
	export TMPDIR=$PWD PATH=$PATH:/usr/sbin:/sbin # where mkfs is
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: ["%s/prog"]\nsweep: {n: [1, 2, 3]}\n' "$PWD" >specs/s.yaml
	# the first run leaves no room, and keeps its own ledger elsewhere; its record takes
	# two blocks more, and one becomes free when its run_dir file is removed
	cat >prog <<-EOF
		#!/bin/sh
		mkdir -p "$PWD/out/\$RUN_ID"
		echo "$PWD/out/\$RUN_ID" >"\$RUN_DIR_FILE"
		echo '{"text":"$(printf '%02500d' 0)"}' >"$PWD/out/\$RUN_ID/metrics.json"
		if test "\$RUN_ID" = run_000 && test "\$RUN_ATTEMPT" = 1; then . "$PWD/fill"; fi 2>/dev/null
		echo "\$RUN_ID" >>"$PWD/ledger"
	EOF
	chmod +x prog
	cat >fill <<-'EOF'
		n=0
		for size in 64M 16M 4M 1M 64k 4k; do
			while fallocate -l $size fill.$n; do n=$((n + 1)); done
		done
		for round in 1 2 3; do
			cat /dev/zero >>fill.rest
			sync fill.rest
		done
		for n in $(seq 300); do echo >tiny.$n; done
		sync .
	EOF
	cat >inside.sh <<-'EOF'
		# inside.sh TYPE COMMAND... - in a mount namespace of its own
		set -eu
		type=$1
		shift
		case $type in
		tmpfs) mount -t tmpfs -o size=4m none disk ;;
		*) mount -o loop "$type.img" disk ;;
		esac
		cp -r configs specs disk
		cd disk
		"$@"
	EOF
	mkdir disk
}

# Sets inside, the command that runs others on a new disk of the type.
need_disk() { # TYPE SIZE MKFS-OPTION...
	local space='unshare -rm'
	test "$(id -u)" != 0 || ! unshare -m true 2>/dev/null || space='unshare -m'
	if test "$1" != tmpfs; then
		need "mkfs.$1"
		truncate -s "$2" "$1.img"
		"mkfs.$1" -q "${@:3}" "$1.img" >/dev/null 2>&1
	fi
	$space sh inside.sh "$1" true >mount.err 2>&1 || skip "an image of $1 cannot be mounted here: $(tail -n 1 mount.err)"
	inside="$space sh inside.sh $1"
}

is_waiting() {
	grep -q "^run-one: run_000 has ended; its record waits until there is room: e/records/run_000.jsonl cannot be " err
}

# It is full; in the end all have run once, and are on record.
fill_and_free() {
	cat >scene.sh <<-'EOF'
		run-experiment -q --dir e specs/s.yaml 2>../err &
		# either the room was kept, or it is waited for
		until grep -q '"completed"' e/records/run_000.jsonl || grep -q 'waits until there is room' ../err || ! kill -0 $!; do sleep 0.02; done 2>/dev/null
		grep -q '"completed"' e/records/run_000.jsonl || echo >../waited
		# nothing of a line that does not fit
		jq -es 'length >= 1' e/records/run_000.jsonl >/dev/null
		df . >../df
		rm -f fill.* tiny.*
		code=0
		wait $! || code=$?
		echo "$code" >../code
		grep -c '"run_000".*"completed"' e/records/run_000.jsonl >../first
		run-experiment -q --dir e specs/s.yaml --resume
		cp -r e ..
	EOF
	expect 0 $inside sh -eu ../scene.sh
	test "$(cat first)" -eq 1
	sort ledger | diff - <(printf 'run_%03d\n' 0 1 2)
	jq -e '.counts.completed == 3 and .runs[0].attempt == 1 and (.runs[0].metrics.text | length == 2500)' e/experiment.json || { cat e/experiment.json err; return 1; }
	test ! -e waited || { is_waiting && test "$(cat code)" -eq 0; }
	printf '# %s: %s\n' "$1" "$(test -e waited && echo 'waited for room' || echo 'the room was kept')" >&3
}

# relied on: On other file systems the record of a run that filled the disk waits for room.
@test "a full ext2: the end of the run waits for room, and nothing runs twice" {
	need_disk ext2 8m -b 1024
	fill_and_free ext2
	test -e waited
}

# relied on: On other file systems the record of a run that filled the disk waits for room.
@test "a full ext3: the end of the run waits for room, and nothing runs twice" {
	need_disk ext3 16m -b 1024
	fill_and_free ext3
	test -e waited
}

# relied on: Room for the end of a run is reserved before it starts on ext4, XFS and tmpfs.
@test "a full ext4: the end of the run is recorded, and nothing runs twice" {
	need_disk ext4 16m -b 1024
	fill_and_free ext4
	test ! -e waited
}

# relied on: Room for the end of a run is reserved before it starts on ext4, XFS and tmpfs.
@test "a full xfs: the end of the run is recorded, and nothing runs twice" {
	need_disk xfs 300m
	fill_and_free xfs
}

# relied on: On other file systems the record of a run that filled the disk waits for room.
@test "a full btrfs: the end of the run is recorded, and nothing runs twice" {
	need_disk btrfs 128m
	fill_and_free btrfs
}

# relied on: Room for the end of a run is reserved before it starts on ext4, XFS and tmpfs.
@test "a full tmpfs: the end of the run is recorded, and nothing runs twice" {
	need_disk tmpfs
	fill_and_free tmpfs
	test ! -e waited
}

@test "who waits for room and is told to stop ends with 74; the run is not done, one by one and with --jobs" {
	need_disk ext2 8m -b 1024
	cat >scene.sh <<-'EOF'
		for jobs in 1 2; do
			sweep-expand -q -d e specs/s.yaml >plan
			: >../err
			run-one -n 1 -j $jobs <plan >../events 2>>../err &
			runner=$!
			until grep -q 'waits until there is room' ../err || ! kill -0 $runner; do sleep 0.02; done
			sweep-lock --held e
			kill -s TERM $runner
			code=0
			wait $runner || code=$?
			echo "$code" >>../codes
			cp ../err ../err.$jobs
			rm -rf fill.* tiny.*
			jq -es 'length == 1 and .[0].status == "running"' e/records/run_000.jsonl
			run-one <plan
			jq -es 'length == 3 and last.status == "completed" and last.attempt == 2' e/records/run_000.jsonl
			rm -r e
		done
	EOF
	expect 0 $inside sh -eu ../scene.sh
	diff codes <(printf '74\n74\n')
	for jobs in 1 2; do
		grep "^run-one: run_000 has ended, and no room came for its record: e/records/run_000.jsonl cannot be written: No space left on device; it counts as not done" err.$jobs
	done
	grep -c run_000 ledger | grep -x 4
}
