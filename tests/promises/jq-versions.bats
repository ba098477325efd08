load ../helper

# jq 1.7 and later print a number with the digits that it was read with, jq 1.6 as it
# prints any double. What our programs answer is the same under all of them. Other jqs
# are named in SWEEP_JQ, commas between, or found as jq-1.6, jq1.7, ... in PATH.

# jqs - the directories to put first in PATH, each with another jq; a dot is the usual one
jqs() {
	local one number=0
	echo .
	for one in $(tr ',' ' ' <<<"${SWEEP_JQ:-}") $(compgen -c jq | grep -xE 'jq-?1\.[0-9]+(\.[0-9]+)?' | sort -u); do
		number=$((number + 1))
		mkdir -p "jqs/$number"
		printf '#!/bin/sh\nexec %q "$@"\n' "$(command -v "$one")" >"jqs/$number/jq"
		chmod +x "jqs/$number/jq"
		"jqs/$number/jq" -n 1 >/dev/null
		echo "$PWD/jqs/$number"
	done
}

# each COMMAND - under each jq
each() {
	local one before=$PATH
	for one in $(jqs); do
		test "$one" = . || PATH=$one:$before
		jq --version
		"$@"
	done
	PATH=$before
}

# numbers DIR VALUE... - an experiment whose runs have these as lr and as acc
numbers() {
	local dir=$1 number=0 value
	shift
	rm -rf "$dir"
	mkdir -p "$dir/records"
	for value; do
		printf '{"run":"run_%03d","index":%d,"status":"completed","experiment_dir":"%s","params":{"lr":%s,"l":[%s,{"x":%s}]},"duration_s":1.50,"metrics":{"acc":%s,"in":{"val":%s}}}\n' \
			"$number" "$number" "$dir" "$value" "$value" "$value" "$value" "$value"
		number=$((number + 1))
	done >"$dir/plan.jsonl"
}

spelled=(2 2.0 2e0 0.10 1e-3 -0 1e400 9007199254740993 9007199254740992 1E5 100000000000000000000 -1.50)

tables() {
	expect 0 driver sweep-table --tsv -c lr,acc,in.val n
	test "$(cut -f 1 <<<"$output" | tail -n +2 | tr '\n' ' ')" = "${spelled[*]} "
	test "$(cut -f 3 <<<"$output" | tail -n +2 | tr '\n' ' ')" = "${spelled[*]} "
	expect 0 driver sweep-table --csv -c l -t 4 n
	test "$(sed -n 5p <<<"$output")" = $'"[0.10,{""x"":0.10}]"\r'
	expect 0 driver sweep-table --json -c lr,duration_s n
	test "$(sed -n 8p <<<"$output")" = '{"lr":9007199254740993,"duration_s":1.50}'
	expect 0 driver sweep-table --tsv -c run -s lr n
	test "$(tail -n +2 <<<"$output" | cut -c 6- | tr '\n' ' ')" = "11 05 04 03 00 01 02 09 08 07 10 06 "
	expect 0 driver sweep-table --tsv -c run -s -lr -t 3 n
	test "$(tail -n +2 <<<"$output" | tr '\n' ' ')" = "run_006 run_010 run_007 "
	expect 0 driver sweep-table --tsv -g lr -a n,mean,std -c acc n
	test "$(tail -n +2 <<<"$output" | tr '\t\n' '  ')" = "-1.50 1 -1.5  -0 1 0  1e-3 1 0.001  0.10 1 0.1  2 3 2 0 1E5 1 100000  $(
		)9007199254740992 1 9007200000000000  9007199254740993 1 9007200000000000  100000000000000000000 1 1e+20  1e400 1 Infinity  "
	expect 0 driver sweep-table --tsv -g l -a n -c acc n
	test "$(sed -n '/^\[2,/p' <<<"$output")" = $'[2,{"x":2}]\t3'
	expect 0 driver sweep-table --tsv -c run -w '.lr == 2 or .lr == 0.1 or .in.val == 1e5' n
	test "$(tail -n +2 <<<"$output" | tr '\n' ' ')" = "run_000 run_001 run_002 run_003 run_009 "
	expect 0 driver sweep-table --tsv -c run -w '.lr | tojson | test("^(2|0.1|0.001|100000)$")' n
	test "$(tail -n +2 <<<"$output" | tr '\n' ' ')" = "run_000 run_001 run_002 run_003 run_004 run_009 "
}

@test "a table spells numbers as they are spelled, and sorts, groups and chooses by their value" {
	numbers n "${spelled[@]}"
	each tables
}

plots() {
	expect 0 driver sweep-plot -x lr -y acc -o p.gp n
	test "$(sed -n '/^$line0 <</,/^END/p' p.gp | sed '1d;$d')" = $'0 0 ?\n0.001 0.001 ?\n0.1 0.1 ?\n2 2 0'
	expect 0 driver sweep-plot -x lr -y acc --by lr -o p.gp n
	test "$(grep -c '^\$line' p.gp)" -eq 4
	expect 0 driver sweep-plot -x l -y acc -o p.gp n
	grep -qF "'[-0,{\"x\":-0}]' 0, '[1e-3,{\"x\":1e-3}]' 1, '[0.10,{\"x\":0.10}]' 2, '[2,{\"x\":2}]' 3)" p.gp
	expect 0 driver sweep-plot --heatmap lr l -y acc n
	test "$(sed -n '3,$p' <<<"$output" | tr -s ' ' ' ')" = 'l / lr -0 1e-3 0.10 2
[-0,{"x":-0}] 0 - - -
[1e-3,{"x":1e-3}] - 0.001 - -
[0.10,{"x":0.10}] - - 0.1 -
[2,{"x":2}] - - - 2'
}

@test "a plot has one point for one value, however it is spelled" {
	need gnuplot
	numbers n 2 2.0 2e0 0.10 1e-3 -0
	each plots
}

comparisons() {
	expect 0 driver sweep-compare n m
	grep -qx '5 runs with equal parameters, their metrics are equal' <<<"$output"
	test "$(grep -c 'only in' <<<"$output")" -eq 0
	expect 0 driver sweep-compare n other
	grep -qx '5 runs with equal parameters, 1 with different metrics' <<<"$output"
	grep -qE '^run_001 +run_001 +0\.1 +\[0\.1,\{"x":0\.1\}\] +0\.1 +0\.25 +\+0\.15 \(\+150%\)$' <<<"$output"
	expect 0 driver sweep-compare --all n/run_000 m/run_000
	grep -qE '^lr +2 +2\.0$' <<<"$output"
	expect 0 driver sweep-compare n/run_003 n/run_004
	grep -qE '^lr +9007199254740993 +1E\+5 ' <<<"$output"
	numbers a 9007199254740993
	numbers b 9007199254740992
	expect 0 driver sweep-compare a b
	grep -qx 'only in A: 1 run' <<<"$output"
}

@test "runs are compared by the values of their parameters, not by their digits" {
	numbers n 2 0.1 1e-3 9007199254740993 1E+5
	numbers m 2.0 0.10 0.001 9007199254740993 100000
	cp -r n other
	sed -i '2s/"acc":0.1/"acc":0.25/; s/"experiment_dir":"n"/"experiment_dir":"other"/' other/plan.jsonl
	each comparisons
}

reports() {
	expect 0 driver sweep-report -o - n
	for value in "${spelled[@]}"; do
		grep -qF "\"acc\":$value,\"in\":{\"val\":$value}" <<<"$output"
	done
}

@test "the report has the numbers as they are spelled" {
	numbers n "${spelled[@]}"
	meta-merge n
	each reports
}

evaluations() {
	rm -rf e
	sweep-expand -q -d e specs/s.yaml >/dev/null
	run-one -q <e/plan.jsonl | meta-merge >/dev/null
	expect 0 driver sweep-metrics -q e
	expect 0 driver sweep-table --json -c run,ppl,none,low,acc,step e
	test "$output" = '{"run":"run_000","ppl":"Infinity","none":"NaN","low":"-Infinity","acc":0.25,"step":3}'
}

@test "what a jq expression of metrics makes that JSON has no form for is a string" {
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir -p runs/$RUN_ID
		echo "runs/$RUN_ID" >"$RUN_DIR_FILE"
		echo '{"loss": 1000, "acc": 0.25, "step": 3, "zero": 0}' >runs/$RUN_ID/metrics.json
	EOF
	chmod +x prog
	echo 'lr: 1' >configs/base.yaml
	cat >specs/s.yaml <<-'EOF'
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep: {lr: [1]}
		command: [./prog]
		metrics: {jq: '{ppl: (.loss | exp), none: nan, low: (.zero | log), acc, step}'}
	EOF
	each evaluations
}

listings() {
	expect 0 driver run-experiment --dry-run specs/s.yaml
	grep -qE '^run_002 +lr=1e5 ' <<<"$output"
	expect 0 driver run-background --list
	test "$(wc -l <<<"$output")" -eq 2
	expect 0 driver run-background --list --json
	jq -e '.state == "completed" and .total == 1' <<<"$output"
	test "$(jq -r '.command | join("|")' background_runs/*/plan.jsonl)" = 'echo|-x|--|--arg|$a|a b'
}

@test "words of a command reach it as they are, and lists are printed" {
	cp configs/base.yaml configs/base.yaml 2>/dev/null || echo 'lr: 1' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [2, 0.10, 1e5]}\ncommand: [true]\n' >specs/s.yaml
	again() {
		rm -rf background_runs
		driver run-background -- echo -x -- --arg '$a' 'a b'
		wait_until grep -q completed background_runs/*/records/sweep.jsonl
		listings
	}
	each again
}
