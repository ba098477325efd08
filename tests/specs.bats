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
