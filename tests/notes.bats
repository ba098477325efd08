load helper
load results

# Notes: lines that add metrics or remarks to a run that has ended.

prepare() { prepare_results; }

metrics() { jq -c "[.runs[].metrics]" e/x/experiment.json; }

@test "a line piped into meta-merge adds its metrics, and experiment.json can be deleted" {
	printf '{"acc": 0.50, "loss": 2}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"run":"run_000","experiment_dir":"e/x","metrics":{"loss": 1.0, "f1":0.90},"remark":"good"}\n' >note
	expect 0 meta-merge <note
	test "$output" = "$(cat note)"
	rm e/x/experiment.json
	meta-merge e/x
	grep -qF '"metrics":{"acc":0.50,"loss":1.0,"f1":0.90}' e/x/experiment.json
	jq -e '.runs[0].remark == "good" and .runs[0].status == "completed"' e/x/experiment.json
	expect 0 meta-merge <note
	test "$(wc -l <e/x/records/notes.jsonl)" -eq 1
	sed 's/run_000/run_00/' note >typo
	expect 2 meta-merge <typo
	[[ $errors == 'meta-merge: stdin:1: e/x has no run "run_00"' ]]
	jq -e '.total == 2' e/x/experiment.json
}

@test "a note tells of its attempt: the next one starts without" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1]}'
	sweep
	echo '{"run":"run_000","experiment_dir":"e/x","metrics":{"f1":0.9}}' | meta-merge >/dev/null
	rm -r left/1 runs
	run-one -f <e/x/plan.jsonl | meta-merge >/dev/null
	jq -e '.runs[0].attempt == 2 and (.runs[0] | has("metrics") | not)' e/x/experiment.json
}

@test "several writers of notes take nothing from each other" {
	spec '{lr: [1, 2, 3]}'
	sweep
	local pids=()
	for who in a b c d; do
		for n in 0 1 2 0 1 2; do
			echo "{\"run\":\"run_00$n\",\"experiment_dir\":\"e/x\",\"metrics\":{\"$who\":$n}}"
		done 3>&- | meta-merge >/dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	meta-merge e/x
	jq -e '[.runs[].metrics | [.a, .b, .c, .d]] == [[0,0,0,0], [1,1,1,1], [2,2,2,2]]' e/x/experiment.json
	test "$(wc -l <e/x/records/notes.jsonl)" -eq 12
}

@test "a note that cannot be kept is an error" {
	spec '{lr: [1]}'
	sweep
	mkdir e/x/records/notes.jsonl
	expect 2 sh -c 'echo "{\"run\":\"run_000\",\"experiment_dir\":\"e/x\",\"metrics\":{}}" | meta-merge'
	[[ $errors == *"e/x/records/notes.jsonl cannot be opened: it is not a regular file"* ]]
}

@test "a kill or an error at any call of meta-merge: a note is kept, or that it was not is said" {
	plain
	local preload fired=0 kind at code
	copy_preload
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"run":"run_00%d","experiment_dir":"e/x","metrics":{"f1":0.90}}\n' 0 1 >note
	cp -r e clean
	for kind in kill-before kill-after short EIO ENOSPC EINTR; do
		for at in $(seq 1 200); do
			rm -rf e hit
			cp -r clean e
			code=0
			env LD_PRELOAD="$preload" FAULT_PROGRAM=meta-merge FAULT_AT=$at FAULT_DO=$kind FAULT_FIRED="$PWD/hit" \
				meta-merge <note >out 2>err || code=$?
			test -e hit || break
			fired=$((fired + 1))
			rm -f e/x/experiment.json
			meta-merge -o now.json e/x
			if test "$code" -eq 0; then
				jq -e '[.runs[].metrics.f1] == [0.9, 0.9]' now.json
			else
				test "$code" -ge 128 || test -s err
			fi
			meta-merge <note >out
			rm e/x/experiment.json
			meta-merge e/x
			jq -e '[.runs[].metrics] == [{acc: 0.5, f1: 0.9}, {f1: 0.9}]' e/x/experiment.json
		done >/dev/null
		test "$at" -lt 200
	done
	echo "# $fired faults fired" >&3
	test "$fired" -gt 40
}
