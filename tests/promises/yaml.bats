load ../helper

# The short form; `make check-yaml` is the long one.

yaml=$top/tests/yaml
built=${SWEEP_YAML:-$top/tests/yaml}
cases=${YAML_CASES:-1500} length=${YAML_LENGTH:-4}
BATS_TEST_TIMEOUT=${YAML_TIMEOUT:-1800}

say() {
	printf '# %s\n' "$*" >&3
}

readers() {
	/usr/bin/python3 -c 'import yaml, ruamel.yaml' 2>/dev/null && return
	test -z "${CI:-}" || return 1
	skip "python3-yaml or python3-ruamel.yaml is missing"
}

@test "plain scalars are classified as PyYAML and ruamel.yaml classify them, and numbers read back" {
	readers
	run "$yaml/table" "$built/scalars" --length "$length"
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

@test "resolved configs are what both readers should read, and the base's text otherwise" {
	readers
	run "$yaml/differential" "$bin/sweep-expand" --cases "$cases"
	say "$(tail -n 1 <<<"$output")"
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
}

@test "the table of the manual is true" {
	readers
	mandoc -T ascii -O width=200 "$top/man/sweeputils-yaml.7" | sed 's/.\x08//g' |
		awk '/^ *what you write/ { on = 1; next } on && NF == 0 { exit } on' >table
	test "$(wc -l <table)" -ge 14
	cat >check.py <<-'END'
		import re, subprocess, sys, yaml, ruamel.yaml
		r12 = ruamel.yaml.YAML(typ="safe", pure=True)
		def shown(v):
		    return "the string" if isinstance(v, str) else "a date" if hasattr(v, "year") else \
		        {True: "true", False: "false"}[v] if isinstance(v, bool) else \
		        "infinity" if v == float("inf") else str(v)
		for line in open("table", encoding="utf-8"):
		    wrote, r_11, r_12, written = re.split(r"  +", line.strip())
		    values = wrote.split(", ")
		    outs = written.split(", ")
		    for i, value in enumerate(values):
		        out = outs[min(i, len(outs) - 1)]
		        got = shown(yaml.safe_load("- " + value)[0]), shown(r12.load("- " + value)[0])
		        assert got[0] == r_11, (line, got)
		        assert got[1] in r_12.replace("a date or the string", "a date").split(" or ") or \
		            got[1] == r_12, (line, got)
		        open("configs/base.yaml", "w").write("n: 0\n")
		        open("spec.yaml", "w").write("name: s\nmode: training\nbase_config: configs/base.yaml\n"
		                                     "sweep: {v: [%s]}\n" % value)
		        spliced = subprocess.run(["sweep-expand", "-q", "spec.yaml"], capture_output=True, text=True)
		        want = value if out == "as it is" else out
		        assert '\\nv: %s\\n"' % want.replace('"', '\\"') in spliced.stdout, (line, spliced)
		print("true")
	END
	run /usr/bin/python3 check.py
	test "$output" = true || { printf '%s\n' "$output"; return 1; }
}

@test "--check prints the notes on spec and base, --strict makes them errors" {
	printf 'a: 1e-3  # base\nlr: 0.1\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [1e-3, 0.1]}\n' >spec.yaml
	expect 0 sweep-expand --check spec.yaml
	[[ $output$errors == *"spec.yaml:4:14: note: 1e-3 is a string to YAML 1.1 readers such as PyYAML"*"written as 1.0e-03"* ]]
	[[ $output$errors == *"configs/base.yaml:1:4: note: 1e-3 is a string"* ]]
	expect 2 sweep-expand --check --strict spec.yaml
	expect 0 sweep-expand --check -v spec.yaml
	[[ $output$errors == *"configs/base.yaml: block style: values replaced in place: 1, keys appended: 0"* ]]
}

@test "limits are errors that name the bound" {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [1]}\n' >spec.yaml
	head -c 70000000 /dev/zero | tr '\0' '#' >configs/base.yaml
	expect 2 sweep-expand spec.yaml
	[[ $errors == *"64 MiB"* ]]
	{ printf 'a: '; for i in $(seq 101); do printf '['; done; for i in $(seq 101); do printf ']'; done; } >configs/base.yaml
	expect 2 sweep-expand spec.yaml
	[[ $errors == *"100 levels"* ]]
	yes -- '- x' | head -n 2100000 | sed '1s/^/a:\n/' >configs/base.yaml
	expect 2 sweep-expand spec.yaml
	[[ $errors == *"2000000"* ]]
}
