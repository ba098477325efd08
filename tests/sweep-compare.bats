load helper
load results

# sweep-compare: two runs, two experiments.

prepare() { prepare_results; }

@test "two runs: the numbers of experiment.json, their difference, and that of the configs" {
	trained
	expect 0 driver sweep-compare t/run_000 t/run_009
	[[ $output == "A  t/run_000"$'\n'"B  t/run_009"* ]]
	one=$(sed -n 's/^{"run":"run_000".*"accuracy":\([^,]*\).*/\1/p' t/experiment.json)
	two=$(sed -n 's/^{"run":"run_009".*"accuracy":\([^,]*\).*/\1/p' t/experiment.json)
	grep -qE "^accuracy +$one +$two( |\$)" <<<"$output"
	jq -ne --argjson a "$one" --argjson b "$two" --arg d "$(sed -nE "s/^accuracy +$one +$two +([-+][0-9.e-]+) .*/\1/p" <<<"$output")" \
		'if $a == $b then $d == "" else ($b - $a - ($d | tonumber) | fabs) < 0.0005 end'
	grep -qE '^scheduler +cosine +constant +changed$' <<<"$output"
	grep -qE '^lr +0\.10 +1e-2 +-0\.09 \(-90%\)$' <<<"$output"
	diff <(sed -n '/^--- /,$p' <<<"$output" | tail -n +3) <(diff -u t/configs/run_000.yaml t/configs/run_009.yaml | tail -n +3)
	grep -qE '^-scheduler: cosine' <<<"$output"
	cp "$BATS_TEST_TMPDIR/.out" first
	expect 0 driver sweep-compare t/run_000 run_009
	cmp first "$BATS_TEST_TMPDIR/.out"
	expect 0 driver sweep-compare t/run_000 run_000
	test "$(wc -l <<<"$output")" -eq 2
	expect 0 driver sweep-compare --all t/run_000 run_000
	grep -qE "^accuracy +$one +$one$" <<<"$output"
}

@test "the commit of a run is that of the session that started it" {
	mkdir -p n/records
	for n in 1 2; do
		echo "{\"experiment_dir\":\"n\",\"session\":\"2026-0$n\",\"session_started_at\":\"2026-0$n-01T00:00:00.000Z\",\"git_commit\":\"c$n\",\"git_dirty\":false}"
		echo "{\"run\":\"run_$n\",\"index\":$n,\"experiment_dir\":\"n\",\"status\":\"completed\",\"attempt\":1,\"started_at\":\"2026-0$n-02T00:00:00.000Z\",\"params\":{}}"
	done >n/plan.jsonl
	expect 0 driver sweep-compare n/run_1 run_2
	grep -qE '^git_commit +c1 +c2 +changed$' <<<"$output"
	! grep -q git_dirty <<<"$output"
}

@test "two experiments: runs with equal parameters side by side, and the specs" {
	printf '{"acc": 0.50, "who": "x"}' >left/1
	printf '{"acc": 0.5}' >left/2
	spec '{lr: [1, 2, 3]}'
	sweep e/x
	printf '{"acc": 0.60, "who": "x"}' >left/1
	spec '{lr: [2.0, 1, 4]}' 'command: [./prog, "{lr}"]' '# another'
	cp left/2 left/2.0
	sweep e/y
	expect 0 driver sweep-compare e/x e/y
	grep -qx '2 runs with equal parameters, 1 with different metrics' <<<"$output"
	grep -qE '^A +B +lr +acc A +acc B +change$' <<<"$output"
	grep -qE '^run_000 +run_001 +1 +0\.50 +0\.60 +\+0\.1 \(\+20%\)$' <<<"$output"
	grep -A1 '^only in A: 1 run$' <<<"$output" | grep -qx '  run_002 lr=3'
	grep -A1 '^only in B: 1 run$' <<<"$output" | grep -qx '  run_002 lr=4'
	grep -qxF -e '-sweep: {lr: [1, 2, 3]}' <<<"$output"
	expect 0 driver sweep-compare e/x e/x
	grep -qx '3 runs with equal parameters, their metrics are equal' <<<"$output"
}

@test "a comparison has a dash where a side has no metric, and says why" {
	uneven
	cp -r e/x first
	sed -i 's/"experiment_dir":"e\/x"/"experiment_dir":"first"/' first/plan.jsonl first/records/*
	echo '{"run":"run_002","experiment_dir":"first","metrics":{"acc":0.60}}' | meta-merge >/dev/null
	expect 0 driver sweep-compare first e/x
	grep -qE '^run_002 +run_002 +1 +2 +0\.60 +- +changed$' <<<"$output"
	grep -A1 -xF 'no value in B: 1 without metrics' <<<"$output" | grep -qxF '  run_002: no metrics: runs/run_002/metrics.json: it is cut off in line 1'
	expect 0 driver sweep-compare e/x/run_001 run_002
	grep -qE '^acc +0\.70 +- +changed$' <<<"$output"
	grep -qE '^metrics_error +- +runs/run_002/metrics\.json: it is cut off in line 1 +changed$' <<<"$output"
}

@test "runs of configs are compared config by config, and repeats one by one" {
	printf '{"acc": 0.5}' >left/1
	cp configs/base.yaml configs/other.yaml
	printf 'name: c\nmode: training\nconfigs: [configs/base.yaml, configs/other.yaml]\ncommand: [./prog, "1"]\n' >specs/c.yaml
	sweep-expand -q -d e/c specs/c.yaml | run-one | meta-merge >/dev/null
	printf '{"acc": 0.6}' >left/1
	sweep-expand -q -d e/d specs/c.yaml | run-one | meta-merge >/dev/null
	expect 0 driver sweep-compare e/c e/d
	grep -qx '2 runs with equal parameters, 2 with different metrics' <<<"$output"
	grep -qE '^run_001 +run_001 +configs/other.yaml +0\.5 +0\.6 +\+0\.1 \(\+20%\)$' <<<"$output"
	mkdir -p n/records m/records
	for n in 0 1 2; do
		echo "{\"run\":\"r$n\",\"index\":$n,\"status\":\"completed\",\"experiment_dir\":\"n\",\"params\":{\"lr\":1},\"metrics\":{\"acc\":$n}}"
	done >n/plan.jsonl
	sed 2q n/plan.jsonl | sed 's/"n"/"m"/; s/"acc":/&1/' >m/plan.jsonl
	expect 0 driver sweep-compare n m
	grep -qE '^r1 +r1 +1 +1 +11 ' <<<"$output"
	grep -A1 '^only in A: 1 run$' <<<"$output" | grep -qx '  r2 lr=1'
}

@test "hostile names and values do nothing when they are compared" {
	hostile
	mkdir h/configs
	printf 'a: \033[31m\n' >h/configs/run_108.yaml
	printf 'a: \342\200\256\r\n' >h/configs/run_109.yaml
	cp -r h g
	sed -i 's/"acc`x`":[0-9.]*/"acc`x`":7/' g/plan.jsonl
	expect 0 driver sweep-compare h/run_108 run_109
	[[ $output == *'-a: \x1b[31m'*'+a: \u202e\r'* ]]
	test "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <<<"$output" | wc -c)" -eq 0
	expect 0 driver sweep-compare h g
	test "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <<<"$output" | wc -c)" -eq 0
	grep -qx '20 runs with equal parameters, 20 with different metrics' <<<"$output"
	if grep -q $'\u202e' <<<"$output"; then return 1; fi
	test ! -e pwned
}

@test "what cannot be compared is one line that says why" {
	spec '{lr: [1]}'
	sweep
	local words
	for words in "" "e/x" "e/x e/x e/x" "e/x e/x/run_000" "e/x/run_000 e/x" "e/x/run_000 run_001" "run_000 e/x/run_000" \
		"nothing e/x" "e/y/run_000 e/x/run_000" "-z e/x e/x"; do
		# shellcheck disable=SC2086
		expect 2 driver sweep-compare $words
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "sweep-compare: "* ]]
	done
	[[ $(driver sweep-compare e/x/run_000 run_001 2>&1) == "sweep-compare: e/x has no run run_001" ]]
}
