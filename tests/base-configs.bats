load helper

# Base configs of many forms, and what their resolved configs mean to PyYAML.

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
	[[ $errors == *"configs/base.yaml:4:1: note: << is repeated, first in line 3; "* ]]
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
	[[ $errors == *"configs/base.yaml:4:1: note: key lr is repeated, first in line 1; "* ]]
	[[ $errors == *"configs/base.yaml:3:18: note: key name is repeated, first in line 3; "* ]]
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
	test "$errors" = "sweep-expand: configs/base.yaml:3:1: key lr is repeated and is overridden; remove one"
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
	[[ $errors == *"configs/base.yaml:3:29: note: key yes is repeated"* ]]
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

@test "JSON with NaN and Infinity, as Python writes it, stays JSON" {
	/usr/bin/python3 -c 'import json; json.dump({"lr": 0.1, "clip": float("inf"), "low": -float("inf"), "x": [float("nan")]}, open("configs/base.json", "w"))'
	sweep 'lr: [0.2], tag: [run]' configs/base.json
	resolved >out
	printf '{"lr": 0.2, "clip": Infinity, "low": -Infinity, "x": [NaN], "tag": "run"}' | diff - out
	test "$(/usr/bin/python3 -c 'import json; print(json.load(open("out")))')" = "{'lr': 0.2, 'clip': inf, 'low': -inf, 'x': [nan], 'tag': 'run'}"
	[[ $errors == *"configs/base.json:1:21: note: Infinity is not JSON, though Python writes and reads it"* ]]
	expect 0 sweep-expand --check spec.yaml
	expect 2 sweep-expand --check --strict spec.yaml
	# whatever the file is called
	cp configs/base.json configs/base.yaml
	sweep 'lr: [0.2], tag: [run]'
	resolved | diff out -
}

@test "a config whose base is .json is called .json, for the run, for sweep-compare and without a directory" {
	printf '{"lr": 1,\n "seed": 2}\n' >configs/base.json
	sweep 'lr: [3, 4]' configs/base.json
	printf 'command: [sh, -c, "echo $1", sh, "{config}"]\n' >>spec.yaml
	sweep-expand -q --no-sync -d e spec.yaml >lines
	test "$(jq -r .config_path lines | tail -n 1)" = e/configs/run_001.json
	test "$(ls e/configs)" = $'run_000.json\nrun_001.json'
	test "$(cat e/configs/run_001.json)" = $'{"lr": 4,\n "seed": 2}'
	expect 0 run-one --no-sync <lines
	test "$(tail -n 1 e/logs/run_001.log)" = e/configs/run_001.json
	expect 0 meta-merge --no-sync e
	expect 0 driver sweep-compare e/run_000 e/run_001
	[[ $output == *'+{"lr": 4,'* ]]
	sweep-expand -q -i 1 spec.yaml >line
	run-one --no-sync <line 2>&1 | grep '/run_001\.json$'
	# resuming looks whether it is the base still
	sed -i 's/2}/5}/' configs/base.json
	expect 0 sweep-expand --resume -d e spec.yaml
	[[ $errors == *"configs/base.json has changed since e was made"* ]]
}

@test "what Python's json takes is JSON, and what it refuses is noted with its place" {
	cat >check.py <<-'END'
		import json, os, re, subprocess
		texts = ["1", "-0.5e-3", "1e5", "true", "null", '""', "[]", "{}", "[1, [2, {}]]", "NaN", "-Infinity",
		         r'"\ud83d\ude00 x"', r'"\ud800 half"', r'"\udc00\ud800"', r'"\\ud800"', '"\uffff"', '"\ufffe a"',
		         '"\x7f"', '"\x80\x85"', '"\u2028 \u2029"', '"\ufeff"', '"\U0001f600"', '"ü"', r'"\/\b\f\n\r\t\""',
		         '{"a": 1, "a": 2}', '{"": 1}', '{"<<": {"b": 1}}', "1E400", "123456789012345678901234567890",
		         # refused
		         "[1 true]", "[1,]", '{"a": 1,}', "[1] // no", "[1] /* no */", "[1] # no", "'x'", "{a: 1}", "{'a': 1}",
		         "01", "-01", "+1", ".5", "5.", "1e", "0x1F", "1_000", "True", "None", "nan", "inf", "-NaN", "+Infinity",
		         "undefined", "yes", "text", '"a\tb"', '"a\nb"', r'"\x41"', r'"\u12"', r'"\a"', "[1", '{"a": 1', '"open',
		         "[1,,2]", "[,1]", '{"a" 1}', '{"a": }', '{"a"}', "{1: 2}", '{"a": 1 "b": 2}', '{"a": 1; "b": 2}', "[1]]",
		         '"a" "b"', "&x 1", "*x", "!!str 1", "~", "2026-01-01", ""]
		wholes = ['{"lr": 1} {"lr": 2}', '{"lr": 1}\n---\n{"lr": 2}', '# c\n{"lr": 1}', "lr: 1\n", '{"lr": 1},', '\t{"lr":\t1}\r\n',
		          '{"lr": 1}}', "---\n{\"lr\": 1}\n", '{"lr": 1,\n "x": [1,\n  2,\n ]}\n', '{"lr": 1', '{lr: 1}', '{"lr": 1}\n\n']
		counts = {True: 0, False: 0}
		for text in ['{"a": "ü",\n "v": %s, "lr": 1}\n' % t for t in texts] + wholes:
		    with open("configs/base.json", "w", newline="") as f:
		        f.write(text)
		    try:
		        was, good = json.loads(text), True
		    except ValueError as e:
		        good = False
		    counts[good] += 1
		    strict = subprocess.run(["sweep-expand", "--check", "--strict", "spec.yaml"], capture_output=True, text=True)
		    run = subprocess.run(["sweep-expand", "-q", "-i", "0", "spec.yaml"], capture_output=True)
		    if good:
		        assert "not JSON;" not in strict.stderr, (text, strict.stderr)
		        assert run.returncode == 0, (text, run.stderr)
		        line = json.loads(run.stdout)
		        now = json.loads(line["config_yaml"])
		        assert repr(now) == repr({**was, "lr": 7, "new": "x"}), (text, now)
		        assert line["config_yaml"] == re.sub(r'(.*"lr":\s*1)(\s*})', lambda m: m[1][:-1] + '7, "new": "x"' + m[2], text, flags=re.S), (text, line["config_yaml"])
		        if isinstance(was.get("v"), str) and "\ud800" not in was["v"]:
		            assert line["config"]["v"] == was["v"], (text, line["config"])
		    else:
		        assert strict.returncode == 2, (text, strict.stderr)
		        place = re.search(r"^(?:sweep-expand: )?configs/base.json:(\d+):(\d+): .*not JSON; it is read as YAML|^sweep-expand: configs/base.json:(\d+):(\d+): .*neither JSON nor YAML", strict.stderr, re.M)
		        assert place, (text, strict.stderr)
		print("good", counts[True], "bad", counts[False])
	END
	sweep 'lr: [7], new: [x]' configs/base.json
	/usr/bin/python3 check.py
}

@test "the place of what is no JSON is named" {
	sweep 'lr: [7]' configs/base.json
	printf '{"lr": 1,\n "ü": [1 true]}\n' >configs/base.json
	expect 0 sweep-expand spec.yaml
	[[ $errors == *"configs/base.json:2:10: note: a comma or ] is missing, so that this is not JSON; it is read as YAML"* ]]
	printf '{"lr": 1,\n "x": "y}\n' >configs/base.json
	expect 2 sweep-expand spec.yaml
	[[ $errors == "sweep-expand: configs/base.json:2:10: a control character in a string, so that this is neither JSON nor YAML; "* ]]
}
