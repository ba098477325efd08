load helper

# Every resolved config, read by PyYAML, is {**base, **fixed_overrides, **point}.

check() {
	cat >check.py <<-'EOF'
		import json, sys, yaml
		def read(path):
		    with open(path, encoding="utf-8", newline="") as f:
		        return yaml.safe_load(f)
		runs = [json.loads(line) for line in open(sys.argv[1] + "/plan.jsonl", encoding="utf-8")]
		spec = read(sys.argv[1] + "/spec.yaml")
		for run in runs:
		    point = {}
		    index = run["index"]
		    for key, values in reversed(list((spec.get("sweep") or {}).items())):
		        point[key] = values[index % len(values)]
		        index //= len(values)
		    base = read(spec["base_config"] if "base_config" in spec else spec["configs"][run["index"]])
		    want = {**base, **(spec.get("fixed_overrides") or {}), **point}
		    got = read(run["config_path"])
		    assert got == want, (run["run"], got, want)
		print(len(runs))
	EOF
	/usr/bin/python3 check.py "$1"
}

use_project() {
	cp -r "$top/configs" "$top/specs" "$top/modes.yaml" .
	mkdir -p examples
}

@test "the project's own specs give 10, 4, 2 and 4 runs, each as written" {
	use_project
	local name count
	while read -r name count; do
		expect 0 sweep-expand -d "e/$name" "specs/$name.yaml"
		test "$(check "e/$name")" = "$count"
	done <<-'EOF'
		lr_sweep_mnist_mlp 10
		sched_sim_mnist_mlp 4
		mixed_configs 2
		lambda_sweep_greedy 4
	EOF
}

@test "base configs with nesting, lists, anchors, comments, unicode, block scalars" {
	cat >configs/base.yaml <<-'EOF'
		# a comment, ünïcode ✓ 日本
		%x: percent
		model: {name: mlp, layers: [64, 32], act: "relu"} # flow
		optim: &optim
		  name: adam   # indented
		  betas: [0.9, 0.999]

		  schedule:
		    - {at: 10, lr: 0.1}
		    - at: 20
		      lr: 0.01
		copy: *optim
		merged:
		  <<: *optim
		  name: sgd
		text: |
		  line one
		    line two # no comment

		folded: >-
		  one
		  two
		quoted: 'it''s'
		"quoted key": "tab\there \u263a"
		"lr": 0.5
		empty:
		bool: true
		multi: [1,
		  2, # two
		  3]
		plain multi: word one
		  word two
		last: [x]
	EOF
	sed -i '/^%x/d' configs/base.yaml
	cat >specs/s.yaml <<-'EOF'
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep:
		  optim: [{name: sgd}, 3]
		  text: ["a: b", "x\ny", '', "日本 #1"]
		  lr: [0.10, 1.0e-3]
		  new: [[1, [2, {a: b}]], {}, []]
		  multi: [~, true, "true", "1.0"]
		fixed_overrides: {last: "no", "quoted key": 'q"', empty: [], bool: false}
	EOF
	expect 0 sweep-expand -q -d e/x specs/s.yaml
	test "$(check e/x)" = 192
	test "$(grep -c 'a comment, ünïcode ✓ 日本' e/x/configs/run_100.yaml)" = 1
}

@test "flow and JSON roots, CRLF, a missing final newline, a BOM" {
	for text in '{a: 1, b: [x, y], c: {d: e}}' '{\n  "a": 1,\n  "b": "x"\n}\n' 'a: 1\r\nb: x # c\r\n' 'a: 1\nb: x' \
		'\357\273\277a: 1\nb: x\n' '---\na: 1\nb: |\n  x\n...\n' '{}\n' 'b:\n- 1\n- 2\na: 1\n'; do
		# shellcheck disable=SC2059
		printf -- "$text" >configs/base.yaml
		rm -rf e
		printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {b: [1, "x: y", [1, 2]], new: [null, z]}\n' >specs/s.yaml
		expect 0 sweep-expand -q -d e/x specs/s.yaml
		test "$(check e/x)" = 6
	done
}

@test "a null at the end of a file without a newline is replaced before keys are appended" {
	printf 'a:' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {a: [1]}\nfixed_overrides: {b: 2}\n' >specs/s.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$(cat e/x/configs/run_000.yaml)" = $'a: 1\nb: 2'
}

@test "a root with a tag or an anchor of its own" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {a: [1], b: [2]}\n' >specs/s.yaml
	for head in '--- !!map' '--- &all' '    !!map' '--- !!map &all # note'; do
		printf '%s\na: 0\nc: 3\n' "$head" >configs/base.yaml
		rm -rf e
		expect 0 sweep-expand -d e/x specs/s.yaml
		test "$(cat e/x/configs/run_000.yaml)" = "$head"$'\na: 1\nc: 3\nb: 2'
		test "$(check e/x)" = 1
	done
	printf '!!map\n ? a\n : 0\n c: 3\n' >configs/base.yaml
	rm -rf e
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$(cat e/x/configs/run_000.yaml)" = $'!!map\n ? a\n : 1\n c: 3\n b: 2'
	test "$(check e/x)" = 1
}

@test "a JSON base as Python writes it, with characters beyond U+FFFF as two escapes" {
	/usr/bin/python3 -c 'import json; json.dump({"e": "a\\\U0001f600x", "lr": 1, "z": {"k": "\U0001f600\U0001f600"}}, open("configs/base.yaml", "w"))'
	grep -q 'ud83d.ude00' configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [2], z: [3]}\n' >specs/s.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$(cat e/x/configs/run_000.yaml)" = "$(sed 's/"lr": 1/"lr": 2/; s/"z": {.*}}/"z": 3}/' configs/base.yaml)"
	expect 0 sweep-expand specs/s.yaml
	test "$(jq -c .config <<<"$output")" = '{"e":"a\\😀x","lr":2,"z":3}'
}

@test "a base that cannot be spliced is written anew, and --check says so" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [1, 2], b: [x]}\n' >specs/s.yaml
	printf '? lr # no value\nc: &x {a: 1}\nd: *x\n<<: *x\ne: !!str 1\nf: |\n  two\n  lines\n' >configs/base.yaml
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$(cat e/x/configs/run_001.yaml)" = 'lr: 2
c: {a: 1}
d: {a: 1}
<<: {a: 1}
e: "1"
f: "two\nlines\n"
b: x'
	test "$(check e/x)" = 2
	expect 0 sweep-expand --check -v specs/s.yaml
	[[ $errors == *"configs/base.yaml: block style: values replaced in place: 1, keys appended: 1, all of it written anew and without comments"* ]]
}

@test "what is written anew keeps tags that need escapes, to the byte" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [1]}\n' >specs/s.yaml
	printf '? lr # no value\nc: !a%%22b%%25%%20%%c3%%a4 [1]\n' >configs/base.yaml
	expect 0 sweep-expand -q -d e/x specs/s.yaml
	test "$(cat e/x/configs/run_000.yaml)" = $'lr: 1\nc: !<!a%22b%25%20%C3%A4> [1]'
	expect 0 /usr/bin/python3 -c 'import yaml
for name in "configs/base.yaml", "e/x/configs/run_000.yaml":
    print(yaml.compose(open(name)).value[1][1].tag)'
	test "$output" = $'!a"b% ä\n!a"b% ä'
}

@test "the config as JSON has what a merge brings in, once, and as the run gets it" {
	printf 'c: &x {a: 1, z: 4, b: 2}\nd: &y {a: 2, e: 3}\n<<: [*x, *y]\nb: 7\nlr: 1\nn: {<<: [*x, *y], a: 0}\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [2], z: [5]}\n' >specs/s.yaml
	expect 0 sweep-expand specs/s.yaml
	test "$(jq -Sc .config <<<"$output")" = '{"a":1,"b":7,"c":{"a":1,"b":2,"z":4},"d":{"a":2,"e":3},"e":3,"lr":2,"n":{"a":0,"b":2,"e":3,"z":4},"z":5}'
}
