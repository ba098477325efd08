load helper
load results

# How metrics come into the record of a run, and are collected again by sweep-metrics.

prepare() { prepare_results; }

metrics() { jq -c "[.runs[].metrics]" e/x/experiment.json; }

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
		[.runs[] | .metrics_error // "" | sub("^runs/run_00[0-9]/metrics.json:? "; "")] == [
		"it is cut off in line 1", "it is not a JSON object",
		"it is larger than 64 KiB; name a smaller file, or a jq expression, as metrics in modes.yaml",
		"line 1 is not JSON at NaNo", "it is empty", "", "does not exist"]' e/x/experiment.json
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
		(.runs[2].metrics_error | endswith("metrics.json: it is cut off in line 1")) and .counts.completed == 3' e/x/experiment.json
}

@test "a jq expression that finds none of what it names gives no metrics, and says so" {
	printf '{"test": {"acc": 0.5}}' >left/1
	spec '{lr: [1]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: .tset.acc, f1: .test.f1}'}"
	driver run-experiment -q specs/s.yaml --dir e/x || :
	jq -e '.runs[0] | (has("metrics") | not) and .metrics_error == "the jq expression of metrics: it gives null for acc, f1"' e/x/experiment.json
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
	[[ $output == *"e/x: metrics of 1 of 2 completed runs"*"run_001: runs/run_001/metrics.json: line 1 is not JSON" ]]
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
