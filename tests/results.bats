load helper

# A program that leaves what its config names: the file that is called like lr.
prepare() {
	mkdir left
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir -p "runs/$RUN_ID/deep"
		echo "runs/$RUN_ID" >"$RUN_DIR_FILE"
		test ! -e "left/$1" || cp "left/$1" "runs/$RUN_ID/${2:-metrics.json}"
		test ! -e "left/$1.fails"
	EOF
	chmod +x prog
	printf 'lr: 0\nseed: 0\n' >configs/base.yaml
}

# spec SWEEP [LINE...] - write specs/s.yaml
spec() {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\n' >specs/s.yaml
	printf 'sweep: %s\n' "$1" >>specs/s.yaml
	shift
	test $# -gt 0 || set -- 'command: [./prog, "{lr}"]'
	printf '%s\n' "$@" >>specs/s.yaml
}

# sweep - run it as e/x, whatever comes of it
sweep() {
	sweep-expand -q -d "${1:-e/x}" specs/s.yaml | run-one | meta-merge >/dev/null || :
}

metrics() { jq -c "[.runs[].metrics]" e/x/experiment.json; }

# ---- metrics ----

@test "a diverged metric is the string NaN, and those beside it are kept as they are" {
	printf '{"loss": NaN, "acc": 0.10, "l": [-Infinity,Infinity, nan,-inf], "t": "say NaN, \\" inf"}' >left/1
	spec '{lr: [1]}'
	sweep
	grep -qF '"metrics":{"loss":"NaN","acc":0.10,"l":["-Infinity","Infinity","NaN","-Infinity"],"t":"say NaN, \" inf"}' \
		e/x/experiment.json
}

@test "a metrics file that cannot be used is a note on that run alone" {
	printf '{"acc": ' >left/1
	printf '[1, 2]' >left/2
	head -c 70000 /dev/zero | tr '\0' ' ' >left/3
	printf '{"acc": NaNo}' >left/4
	: >left/5
	printf '{"acc": 0.9}' >left/6
	spec '{lr: [1, 2, 3, 4, 5, 6, 7]}'
	sweep
	jq -e '.counts.completed == 7 and .runs[5].metrics == {acc: 0.9} and
		[.runs[] | .metrics_error // "" | sub(".*: "; "")] == ["not JSON", "not a JSON object",
		"larger than 64 KiB", "not JSON", "not JSON", "", ""]' e/x/experiment.json
}

@test "metrics: names another file, in the mode or in the spec, which wins" {
	printf '{"acc": 0.5}' >left/1
	printf 'training:\n  command: [./prog, "{lr}", deep/out.json]\n  metrics: deep/out.json\n' >modes.yaml
	spec '{lr: [1]}' '# nothing of its own'
	sweep
	test "$(metrics)" = '[{"acc":0.5}]'
	rm -r e runs
	spec '{lr: [1]}' 'command: [./prog, "{lr}", "1-{lr}.json"]' 'metrics: "1-{lr}.json"'
	sweep
	test "$(metrics)" = '[{"acc":0.5}]'
}

@test "a mistake in metrics: is one line that says where" {
	spec '{lr: [1]}' 'metrics: [a]'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: specs/s.yaml:5:10: metrics is not a file's name; write "* ]]
	spec '{lr: [1]}' 'metrics: {fil: a}'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: specs/s.yaml:5:11: unknown key fil; metrics has file and jq" ]]
	printf 'training:\n  metrics: {jq: }\n' >modes.yaml
	spec '{lr: [1]}'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: modes.yaml:2:"*": jq of metrics is not a string"* ]]
}

@test "a jq expression makes metrics of a file of another shape, at the end of the sweep" {
	printf '{"test": [{"accuracy": 0.25}], "big": "%070000d"}' 0 >left/1
	printf '{"test": 3}' >left/2
	printf '[' >left/3
	spec '{lr: [1, 2, 3]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: .test[0].accuracy} # why'}"
	expect 0 driver run-experiment -q specs/s.yaml --dir e/x
	jq -e '.runs[0].metrics == {acc: 0.25} and (.runs[0] | has("metrics_error") | not) and
		(.runs[1].metrics_error | startswith("the jq expression of metrics: Cannot index")) and
		(.runs[2].metrics_error | endswith(": not JSON")) and .counts.completed == 3' e/x/experiment.json
}

@test "a jq expression that cannot be read is said before anything is run" {
	spec '{lr: [1]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: '}"
	expect 2 driver run-experiment -q specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 1
	[[ $errors == "sweep-metrics: the jq expression of metrics cannot be read: "* ]]
	test ! -e experiments
	test ! -e runs
}

@test "sweep-metrics collects again, and the second time changes nothing" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"acc": 0.60, "f1": 1e-3}' >runs/run_000/metrics.json
	printf '{"acc": }' >runs/run_001/metrics.json
	expect 0 driver sweep-metrics e/x
	[[ $output == *"e/x: metrics of 1 of 2 completed runs"*"run_001: runs/run_001/metrics.json: not JSON" ]]
	grep -qF '"metrics":{"acc":0.60,"f1":1e-3}' e/x/experiment.json
	cp e/x/experiment.json before
	cp e/x/records/notes.jsonl notes
	expect 0 driver sweep-metrics -q e/x
	test -z "$output$errors"
	cmp before e/x/experiment.json
	cmp notes e/x/records/notes.jsonl
	printf '{"acc": 0.7}' >runs/run_001/metrics.json
	expect 0 driver sweep-metrics -q e/x
	jq -e '.runs[1].metrics == {acc: 0.7} and (.runs[1] | has("metrics_error") | not)' e/x/experiment.json
	expect 2 driver sweep-metrics nowhere
	expect 2 driver sweep-metrics e/x e/y
}

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
	expect 74 sh -c 'echo "{\"run\":\"run_000\",\"experiment_dir\":\"e/x\",\"metrics\":{}}" | meta-merge'
	[[ $errors == *"e/x/records/notes.jsonl"* ]]
}
