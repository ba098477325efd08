load helper

# What is said of a spec that can be run, and what it takes to go on with one.

prepare() {
	printf 'model: mlp\ndataset: mnist\nlr: 0.1\nseed: 1\n' >configs/base.yaml
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lr: [0.1, 0.2]}\n' >specs/s.yaml
}

@test "values that YAML readers disagree on are one line a key, with a count" {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep:\n  lr: [1e-3, 2e-3, 010, 3e-3]\nfixed_overrides: {seed: 1e5}\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 3
	[[ $errors == *"specs/s.yaml:5:8: note: 1e-3 is a string to "*"; written as 1.0e-03 (and 2 more of sweep.lr)"* ]]
	[[ $errors == *"specs/s.yaml:5:20: note: 010 is 8 to "* ]]
	[[ $errors == *"specs/s.yaml:6:25: note: 1e5 is a string to "* ]]
	expect 0 sweep-expand -q specs/s.yaml
	test -z "$errors"
	expect 0 sweep-expand --check specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 5
	expect 2 sweep-expand --check --strict specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 5
}

@test "a spec that cannot be used is one line, whatever else could be noted" {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lr: [1e-3]}\ncommand: [p, "{nothing}"]\n' >specs/s.yaml
	expect 2 sweep-expand specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 1
	[[ $errors == "sweep-expand: specs/s.yaml:5:14: unknown placeholder {nothing}"* ]]
}

@test "a value that stands twice on an axis, however it is spelled, is run once, with a note" {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep:\n  lr: [0.1, 0.2, 0.10, 1, 1.0, 0.2]\n  model: [a, "a", true, True]\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test "$(grep -o '"params":{[^}]*}' <<<"$output" | sed 's/"params"://' | tr -d '\n')" = \
		'{"lr":0.1,"model":"a"}{"lr":0.1,"model":true}{"lr":0.2,"model":"a"}{"lr":0.2,"model":true}{"lr":1,"model":"a"}{"lr":1,"model":true}{"lr":1.0,"model":"a"}{"lr":1.0,"model":true}'
	[[ $errors == *"specs/s.yaml:5:18: note: sweep.lr has this value twice, first at 5:8; it is left out here (and 1 more of sweep.lr)"* ]]
	[[ $errors == *"specs/s.yaml:6:14: note: sweep.model has this value twice, first at 6:11; it is left out here (and 1 more of sweep.model)"* ]]
	test "$(wc -l <<<"$errors")" -eq 2
	expect 0 sweep-expand --count specs/s.yaml
	test "$output" = 8
	expect 2 sweep-expand --check --strict specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 4
}

@test "a misspelt key is noted with the key that was meant" {
	printf 'learning_rate: 0.1\nbatch_size: 32\nnum_epochs: 3\nseed: 1\n' >configs/base.yaml
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep:\n  learning_rat: [0.1, 0.2]\n  bs: [1]\n  epochs: [1]\n  zzz: [1]\n  seed: [1]\nfixed_overrides: {sede: 0}\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test "$errors" = "specs/s.yaml:10:19: note: sede is not in configs/base.yaml and is added to it; the nearest key there is seed
specs/s.yaml:5:3: note: learning_rat is not in configs/base.yaml and is added to it; the nearest key there is learning_rate
specs/s.yaml:6:3: note: bs is not in configs/base.yaml and is added to it; the nearest key there is batch_size
specs/s.yaml:7:3: note: epochs is not in configs/base.yaml and is added to it; the nearest key there is num_epochs
specs/s.yaml:8:3: note: zzz is not in configs/base.yaml and is added to it"
	local notes=$errors
	expect 0 sweep-expand -q specs/s.yaml
	test -z "$errors"
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$errors" = "$notes"
	expect 0 sweep-expand -r -d e/x specs/s.yaml
	test -z "$errors"
	expect 2 sweep-expand --check --strict specs/s.yaml
	test "$errors" = "$notes"
	expect 2 driver run-experiment specs/s.yaml
	[[ $errors == *"nothing says what to run"* ]]
}

@test "a driver says the notes once: when the experiment is made, not when it is gone on with, nor with --quiet" {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lrr: [0.1]}\ncommand: ["true"]\n' >specs/s.yaml
	local note="specs/s.yaml:4:9: note: lrr is not in configs/base.yaml and is added to it; the nearest key there is lr"
	expect 0 driver run-experiment specs/s.yaml
	test "$(grep -c note: <<<"$errors")" -eq 1
	grep -qxF "$note" <<<"$errors"
	expect 0 driver run-experiment specs/s.yaml --resume
	! grep note: <<<"$errors"
	rm -r experiments
	expect 0 driver run-experiment specs/s.yaml --quiet
	test -z "$errors"
	expect 0 driver run-experiment specs/s.yaml --dry-run
	grep -qxF "$note" <<<"$errors"
}

@test "a dotted key, or one that is deeper in the base, is noted with what to write for it today" {
	printf 'optimizer:\n  lr: 0.1  # the rate\n  name: sgd\n' >configs/base.yaml
	local key
	for key in optimizer.lr lr; do
		printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep:\n  %s: [0.1, 0.2]\n' "$key" >specs/s.yaml
		expect 0 sweep-expand specs/s.yaml
		[[ $errors == "specs/s.yaml:5:3: note: $key is "*"; optimizer.lr stays as it is; write optimizer: [{lr: 0.1, name: sgd}, {lr: 0.2, name: sgd}] to change that" ]]
		# as it says
		printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep:\n  %s\n' \
			"$(sed 's/.*; write //; s/ to change that$//' <<<"$errors")" >specs/s.yaml
		expect 0 sweep-expand specs/s.yaml
		test -z "$errors"
		test "$(jq -c .config <<<"$output")" = $'{"optimizer":{"lr":0.1,"name":"sgd"}}\n{"optimizer":{"lr":0.2,"name":"sgd"}}'
	done
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nfixed_overrides: {optimizer.name: adam, optimizer.lrr: 3}\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	[[ $errors == *"write optimizer: {lr: 0.1, name: adam} to change that"* ]]
	[[ $errors == *"optimizer.lrr is not in configs/base.yaml and is added to it; the nearest key there is optimizer.lr"* ]]
}

@test "no note where the base has the key by a merge, or no keys, or the command takes it" {
	printf 'defaults: &d {lr: 0.1}\n<<: *d\n' >configs/base.yaml
	expect 0 sweep-expand specs/s.yaml
	test -z "$errors"
	printf '{}\n' >configs/base.yaml
	expect 0 sweep-expand specs/s.yaml
	test -z "$errors"
	printf 'other: 1\n' >configs/base.yaml
	printf 'command: [prog, "--lr={lr}"]\n' >>specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test -z "$errors"
}

@test "a key that several configs lack is one note" {
	cp configs/base.yaml configs/other.yaml
	printf 'sede: 1\n' >configs/third.yaml
	printf 'name: s\nmode: simulation\nconfigs: [configs/base.yaml, configs/other.yaml, configs/third.yaml]\nfixed_overrides: {sede: 0, size: 3}\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test "$errors" = "specs/s.yaml:4:19: note: sede is not in configs/base.yaml and is added to it; the nearest key there is seed (and 1 more of configs)
specs/s.yaml:4:28: note: size is not in configs/base.yaml and is added to it (and 2 more of configs)"
}

@test "a spec's own command leaves out a template of the mode's that this base cannot fill" {
	printf 'simulation:\n  command: [other]\n  run_dir: runs/{scene}/{run}\n  metrics: {file: "{scene}.json", jq: .a}\n' >modes.yaml
	printf 'command: [prog, "{config}"]\n' >>specs/s.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	jq -es 'all(.[]; .command[0] == "prog" and (has("run_dir_parent") or has("metrics_file") or has("metrics_jq") | not))' <<<"$output"
	test "$errors" = "modes.yaml:3:12: note: run_dir of mode simulation is left out: configs/base.yaml cannot fill runs/{scene}/{run}, and the command is the spec's own; write run_dir: in the spec if there is any
modes.yaml:4:19: note: metrics of mode simulation is left out: configs/base.yaml cannot fill {scene}.json, and the command is the spec's own; write metrics: in the spec if there is any"
	# what can be filled still comes from the mode
	echo 'scene: s1' >>configs/base.yaml
	expect 0 sweep-expand -d e/y specs/s.yaml
	test -z "$errors"
	jq -es 'all(.[]; .run_dir_parent == "runs/s1/" + .run and .metrics_file == "s1.json" and .metrics_jq == ".a")' <<<"$output"
	# and what the spec itself says has to be right
	sed -i '/scene/d' configs/base.yaml
	printf 'run_dir: "{nothing}"\n' >>specs/s.yaml
	expect 2 sweep-expand -d e/z specs/s.yaml
	[[ $errors == "sweep-expand: specs/s.yaml:6:10: unknown placeholder {nothing}"* ]]
	# as has the mode's, for the mode's own command
	sed -i '/^command\|^run_dir/d' specs/s.yaml
	expect 2 sweep-expand -d e/z specs/s.yaml
	[[ $errors == "sweep-expand: modes.yaml:3:12: unknown placeholder {scene}"* ]]
}
