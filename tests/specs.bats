load helper

# What is said of a spec that can be run, and with which spec an experiment is resumed.

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
	[[ $errors == *"specs/s.yaml:5:18: note: sweep.lr has this value twice, first at 5:8; ignored (and 1 more of sweep.lr)"* ]]
	[[ $errors == *"specs/s.yaml:6:14: note: sweep.model has this value twice, first at 6:11; ignored (and 1 more of sweep.model)"* ]]
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

@test "a driver says the notes once: when the experiment is made, not when it is resumed, nor with --quiet" {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lrr: [0.1]}\ncommand: ["true"]\n' >specs/s.yaml
	local note="specs/s.yaml:4:9: note: lrr is not in configs/base.yaml and is added to it; the nearest key there is lr"
	expect 0 driver run-experiment specs/s.yaml
	test "$(grep -c note: <<<"$errors")" -eq 1
	grep -qxF "$note" <<<"$errors"
	expect 0 driver run-experiment specs/s.yaml --resume
	if grep note: <<<"$errors"; then return 1; fi
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
		[[ $errors == "specs/s.yaml:5:3: note: $key is "*"; optimizer.lr is kept; write optimizer: [{lr: 0.1, name: sgd}, {lr: 0.2, name: sgd}] to change that" ]]
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

@test "a key is looked for in a base whatever else is in it" {
	printf '? [a, b]\n: {lr: 1}\n? {lr: 2}\n: 3\nopt: {z: {lr: 1, <<: {q: 1}}}\n' >configs/base.yaml
	expect 0 sweep-expand specs/s.yaml
	[[ $errors == *": note: lr is not at the top of configs/base.yaml and is added there; opt.z.lr is kept; give opt whole to change that" ]]
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
	test "$errors" = "modes.yaml:3:12: note: run_dir of mode simulation is ignored: configs/base.yaml cannot fill runs/{scene}/{run}, and the command is the spec's own; write run_dir: in the spec if there is any
modes.yaml:4:19: note: metrics of mode simulation is ignored: configs/base.yaml cannot fill {scene}.json, and the command is the spec's own; write metrics: in the spec if there is any"
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

# ---- resuming with a spec that was edited ----

sweep() { # the spec that --resume is tried with, and a program for it
	cat >specs/s.yaml <<-'END'
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep:
		  lr: [0.1, 1e-3]
		  model: [mlp, cnn]
		fixed_overrides: {seed: 0, dataset: "mnist"}
		command: ["true", "{config}"]
	END
}

@test "a spec whose comments, quotes, order or spelling of numbers changed can be resumed" {
	sweep
	expect 0 driver run-experiment specs/s.yaml --limit 1
	cat >specs/s.yaml <<-'END'
		# the same, tidied up
		mode: "training"
		name: s

		command:
		- 'true'
		- "{config}"
		base_config: configs/base.yaml
		fixed_overrides:
		  dataset: mnist   # as ever
		  seed: 0x0
		sweep:
		  model: [mlp, "cnn", 'mlp']
		  lr: [0.10, 0.001, 1.0e-3]
	END
	cp experiments/s_*/plan.jsonl plan
	expect 0 driver run-experiment specs/s.yaml --resume --quiet
	test -z "$output$errors"
	cmp plan experiments/s_*/plan.jsonl
	jq -e '.status == "completed" and .total == 4' experiments/s_*/experiment.json
	test "$(ls experiments | wc -l)" -eq 1
	rm -r configs
	expect 0 driver run-experiment specs/s.yaml --resume --quiet
}

@test "a spec that means something else says what, and what to type" {
	sweep
	expect 0 driver run-experiment specs/s.yaml --limit 1
	local dir
	dir=$(echo experiments/s_*)
	cat >specs/s.yaml <<-'END'
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep:
		  lr: [0.1, 1e-3, 1]
		  seed: [0, 1]
		fixed_overrides: {dataset: cifar}
		command: ["true", "{config}", "-v"]
	END
	expect 2 "$top/bin/run-experiment" --exp specs/s.yaml --resume
	test "$(sed '$d' <<<"$errors")" = 'specs/s.yaml:5:7: sweep.lr: [0.1, 1e-3, 1] was [0.1, 1e-3]
specs/s.yaml:6:9: sweep.seed: [0, 1] is new
specs/s.yaml: sweep.model: [mlp, cnn] is gone
specs/s.yaml:7:28: fixed_overrides.dataset: cifar was "mnist"
specs/s.yaml: fixed_overrides.seed: 0 is gone
specs/s.yaml:8:10: command: ["true", "{config}", "-v"] was ["true", "{config}"]'
	test "$(tail -n 1 <<<"$errors")" = "sweep-expand: specs/s.yaml is not the spec that $dir was made from; to resume that: run-experiment --exp $dir/spec.yaml --resume; to make a new experiment: run-experiment --exp specs/s.yaml"
	# as it says
	local last
	last=$(tail -n 1 <<<"$errors")
	expect 0 bash -c "$(sed 's/.*to resume that: //; s/; to make.*//' <<<"$last")"
	jq -e '.status == "completed" and .total == 4' "$dir/experiment.json"
	expect 0 bash -c "$(sed 's/.*new experiment: //' <<<"$last")"
	test "$(ls experiments | wc -l)" -eq 2
}

@test "what to type for another spec is right for each that makes experiments, whatever they are called" {
	sweep
	mkdir "my specs"
	sed 's/lr: \[/lr: [7, /' specs/s.yaml >"my specs/s.yaml"
	local type last
	idle() { ! "$top/bin/run-background" --list --json | grep -q '"state":"running"'; }
	for type in "sweep-expand -p e" "sweep-expand -d e/x" "'$top/bin/run-experiment' --dir 'e r'" "'$top/bin/run-background' --experiment"; do
		bash -c "$type specs/s.yaml" >/dev/null 2>&1
		wait_until idle
		expect 2 bash -c "$type 'my specs/s.yaml' --resume"
		last=$(tail -n 1 <<<"$errors")
		[[ $last == *"is not the spec that"* ]]
		expect 0 bash -c "$(sed 's/.*to resume that: //; s/; to make.*//' <<<"$last")"
		expect 0 bash -c "$(sed 's/.*new experiment: //' <<<"$last")"
	done
	wait_until idle
}

@test "a difference far behind in a long list is shown where it is" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [%s]}\n' "$(seq -s ', ' 1000)" >specs/s.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	sed -i 's/, 1000\]/, 1001, 1002]/' specs/s.yaml
	expect 2 sweep-expand -r -d e/x specs/s.yaml
	test "$(sed -n 1p <<<"$errors")" = "specs/s.yaml:4:13: sweep.lr: ...1001, 1002] was ...1000]"
}

@test "an experiment keeps its configs and commands, and says where they would be others now" {
	sed -i '/^command/d' specs/s.yaml
	printf 'simulation:\n  command: [./prog, "{config}"]\n' >modes.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	cp -r e/x kept
	expect 0 sweep-expand -r -d e/x specs/s.yaml
	test -z "$errors"
	# neither a comment, nor what is swept
	sed -i 's/^lr: .*/lr: 7  # swept/' configs/base.yaml
	expect 0 sweep-expand -r -d e/x specs/s.yaml
	test -z "$errors"
	sed -i 's/^seed: .*/seed: 7/' configs/base.yaml
	printf 'simulation:\n  command: [./prog, -v, "{config}"]\n' >modes.yaml
	expect 0 sweep-expand -r -d e/x specs/s.yaml
	test "$errors" = "sweep-expand: note: the runs of e/x keep the command they were made with, ./prog e/x/configs/run_000.yaml; now it would be ./prog -v e/x/configs/run_000.yaml
sweep-expand: note: configs/base.yaml has changed since e/x was made, whose runs keep their configs"
	expect 0 sweep-expand -q -r -d e/x specs/s.yaml
	test -z "$errors"
	diff -r e/x kept
}
