load helper

# The bench at a thousandth of its sizes, so that it cannot rot: it checks by
# itself that all rows do their work. No time is asserted.

@test "make bench: every row of every measure has its figures" {
	plain
	need xargs
	expect 0 env BENCH_SCALE=1000 BENCH_DIR="$PWD" "$top/bench/bench" -n 2 -o "$PWD/results.md"
	diff results.md "$BATS_TEST_TMPDIR/.out"
	# thirteen measures, sixteen tables; a row has a name and five figures
	test "$(grep -c '^## ' results.md)" -eq 14
	test "$(grep -c '^|---' results.md)" -eq 16
	grep '^| [^|]' results.md >rows
	test "$(wc -l <rows)" -ge 40
	run grep -vE '^\|( [^|]+ \|) [0-9.e+]+ \| [0-9.e+]+ to [0-9.e+]+ \| [0-9.e+]+ \| [0-9]+ \| [1-9][0-9]* \|$' rows
	test "$status" -eq 1 || { echo "$output"; return 1; }
	# each target has a figure
	test "$(grep -cE '^- .*: \*\*[0-9.]+\*\* \((met|missed)\)$' results.md)" -ge 26
}

@test "the bench fails when the work is not done" {
	plain
	mkdir programs
	cp "$bin"/* programs
	printf '#!/bin/sh\nexec head -n 1\n' >programs/run-one
	expect 1 env BENCH_SCALE=1000 BENCH_DIR="$PWD" SWEEP_BIN="$PWD/programs" "$top/bench/bench" -n 1 runs
	[[ $errors == *"bench: runs of run-one --no-sync: 0, expected 3" ]]
}
