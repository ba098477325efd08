load helper

readers() {
	/usr/bin/python3 -c 'import yaml, ruamel.yaml' 2>/dev/null && return
	test -z "${CI:-}" || return 1
	skip "python3-yaml or python3-ruamel.yaml is missing"
}

# sweep AXES - a spec for the base config that stands in configs/base.yaml.
sweep() {
	printf 'name: s\nmode: training\nbase_config: %s\nsweep: {%s}\n' "${2:-configs/base.yaml}" "$1" >spec.yaml
}

# resolved - the config of the first run, as it is written to configs/.
resolved() {
	rm -rf d
	expect 0 sweep-expand --no-sync -d d spec.yaml
	cat d/configs/run_000.*
}

# pyyaml FILE - what PyYAML reads, as JSON with sorted keys.
pyyaml() {
	/usr/bin/python3 -c 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1])), sort_keys=True))' "$1"
}

@test "<< twice in one map: both are merged, the later one first, as PyYAML does it" {
	readers
	cat >configs/base.yaml <<-'END'
		small: &small {width: 8, depth: 2}
		fast: &fast {width: 16, lr: 0.1}
		<<: *small
		<<: *fast
		model:
		  <<: [*small, *fast]
		  <<: {lr: 0.5, name: mlp}
		seed: 1
	END
	sweep 'seed: [7]'
	resolved >out
	sed 's/^seed: 1/seed: 7/' configs/base.yaml | diff - out
	[[ $errors == *"configs/base.yaml:4:1: note: << stands there twice, first in line 3; "* ]]
	pyyaml d/configs/run_000.yaml >read
	# the config in a run line is what PyYAML reads
	expect 0 sweep-expand -q spec.yaml
	jq -Sc .config <<<"$output" | diff - <(jq -Sc . read)
	test "$(jq -r '"\(.width) \(.model.lr)"' read)" = "16 0.5"
	expect 2 sweep-expand --check --strict spec.yaml
}

@test "<< twice: a command gets the value that PyYAML reads" {
	printf 'a: &a {data: one}\nb: &b {data: two}\n<<: *a\n<<: *b\nlr: 1\n' >configs/base.yaml
	sweep 'lr: [2]'
	printf 'command: [train, "{data}"]\n' >>spec.yaml
	expect 0 sweep-expand -q spec.yaml
	test "$(jq -r '.command[1]' <<<"$output")" = two
}

@test "a key twice in a base config is noted, and the last one counts" {
	readers
	printf 'lr: 0.1\nseed: 1\nopt: {name: sgd, name: adam}\nlr: 0.2\n' >configs/base.yaml
	sweep 'seed: [7]'
	resolved >out
	[[ $errors == *"configs/base.yaml:4:1: note: key lr stands there twice, first in line 1; "* ]]
	[[ $errors == *"configs/base.yaml:3:18: note: key name stands there twice, first in line 3; "* ]]
	sed 's/^seed: 1/seed: 7/' configs/base.yaml | diff - out
	expect 0 sweep-expand -q spec.yaml
	jq -Sc .config <<<"$output" | diff - <(pyyaml out | jq -Sc .)
	expect 0 sweep-expand --check spec.yaml
	expect 2 sweep-expand --check --strict spec.yaml
	# a run reads its config again
	printf 'command: ["true", "{config}", "{lr}"]\n' >>spec.yaml
	sweep-expand -q --no-sync -d e spec.yaml | jq -r '.command[2]' >lr
	test "$(cat lr)" = 0.2
	expect 0 run-one --no-sync <e/plan.jsonl
}

@test "a key twice in a base config is an error where it is swept" {
	printf 'lr: 0.1\nseed: 1\nlr: 0.2\n' >configs/base.yaml
	sweep 'lr: [1]'
	expect 2 sweep-expand spec.yaml
	test "$errors" = "sweep-expand: configs/base.yaml:3:1: key lr stands there twice and is overridden; remove one"
}

@test "a base config that ends inside a block scalar gets new keys above its last key and the comments of that" {
	readers
	printf '# all\nlr: 0.1 # rate\nopt:\n  name: sgd\n  # beta: 2\n\n# what is asked\n#   in words\nprompt: |\n  one\n  # two' >configs/base.yaml
	sweep 'seed: [7]'
	resolved >out
	printf '# all\nlr: 0.1 # rate\nopt:\n  name: sgd\n  # beta: 2\n\nseed: 7\n# what is asked\n#   in words\nprompt: |\n  one\n  # two' | diff - out
	test "$(pyyaml out)" = '{"lr": 0.1, "opt": {"name": "sgd"}, "prompt": "one\n# two", "seed": 7}'
	# the only key
	printf -- '---\n# what is asked\nprompt: |\n  one' >configs/base.yaml
	resolved >out
	printf -- '---\nseed: 7\n# what is asked\nprompt: |\n  one' | diff - out
	# what looks like a comment above is text
	printf 'a: |+\n  x\n  # y\n\nprompt: |\n  one' >configs/base.yaml
	resolved >out
	printf 'a: |+\n  x\n  # y\n\nseed: 7\nprompt: |\n  one' | diff - out
}

@test "a base config that ends inside a block scalar gets new keys at its end if that value is replaced" {
	printf '# all\nlr: 0.1\nprompt: |\n  one\n  two' >configs/base.yaml
	sweep 'prompt: [x], seed: [7]'
	resolved >out
	printf '# all\nlr: 0.1\nprompt: x\nseed: 7' | diff - out
}

@test "an alias as a key is named where it cannot be overridden" {
	printf 'n: &one 1\n*one : 2\n' >configs/base.yaml
	sweep '"1": [3]'
	expect 2 sweep-expand spec.yaml
	test "$errors" = 'sweep-expand: configs/base.yaml:2:1: the key *one stands for 1, which is not a string to every YAML reader, so it cannot be overridden; write "1" here'
	printf 'n: &name lr\n*name : 2\n' >configs/base.yaml
	sweep 'lr: [3]'
	resolved >out
	printf 'n: &name lr\n*name : 3\n' | diff - out
}

@test 'the keys 1 and "1" of one map are two' {
	readers
	printf '"1": text\n1: number\nmap: {2: a, "2": b, yes: c, "yes": d}\nlr: 1\n' >configs/base.yaml
	sweep 'lr: [2]'
	resolved >out
	/usr/bin/python3 -c 'import yaml; print(yaml.safe_load(open("out")))' >read
	test "$(cat read)" = "{'1': 'text', 1: 'number', 'map': {2: 'a', '2': 'b', True: 'c', 'yes': 'd'}, 'lr': 2}"
	# to YAML 1.2 yes is a string, so that "yes" stands there twice
	[[ $errors == *"configs/base.yaml:3:29: note: key yes stands there twice"* ]]
	[[ $errors != *"key 1 "* && $errors != *"key 2 "* ]]
	# the string is the one that a sweep means
	sweep '"1": [new]'
	resolved >out
	sed 's/text/new/' configs/base.yaml | diff - out
	expect 0 sweep-expand -q spec.yaml
	test "$(jq -r '.config["1"]' <<<"$output")" = new
	# in a spec, too
	sweep 'map: [{1: a, "1": b}]'
	expect 0 sweep-expand spec.yaml
}

@test "the comment of the last line of a replaced block value goes with the value" {
	printf 'model: # kept\n  type: mlp\n  depth: 2   # two\n# about\nlist: &l\n  - 1\n  - 2 # gone\nlr: 0.1 # kept\nseed:\n  5 # gone\nend: 1\n' >configs/base.yaml
	sweep 'model: [m], list: [[3]], lr: [1], seed: [2]'
	resolved >out
	printf 'model: m # kept\n# about\nlist: [3]\nlr: 1 # kept\nseed: 2\nend: 1\n' | diff - out
}
