load helper
load results

# sweep-table: choosing, sorting, grouping, and its formats.

prepare() { prepare_results; }

@test "a table of a real sweep has the numbers of experiment.json, as they are spelled" {
	trained
	expect 0 driver sweep-table t
	test "$(sed -n 1p <<<"$output" | tr -s ' ')" = "run lr scheduler seed status duration_s accuracy loss judged_on"
	test "$(wc -l <<<"$output")" -eq 13
	expect 0 driver sweep-table --tsv t
	diff <(tail -n +2 <<<"$output" | cut -f 2,3,7,8) <(grep '^{"run":' t/experiment.json | sed -E \
		's/.*"lr":([^,]*),"scheduler":"([a-z]*)".*"accuracy":([^,]*),"loss":([^,]*),.*/\1\t\2\t\3\t\4/')
	test "$(sed -n '2p' <<<"$output" | cut -f 2)" = 0.10
	expect 0 driver sweep-table --json t
	diff <(jq -c '[.run, .lr, .scheduler, .seed, .status, .duration_s, .accuracy, .loss]' <<<"$output") \
		<(jq -c '.runs[] | [.run, .params.lr, .params.scheduler, .params.seed, .status, .duration_s, .metrics.accuracy, .metrics.loss]' \
			t/experiment.json)
}

@test "--sort, --top, --where and --columns choose what jq would" {
	trained
	expect 0 driver sweep-table --tsv --sort -accuracy,run --top 5 -c run,accuracy t
	diff <(tail -n +2 <<<"$output" | cut -f 1) <(jq -r '[.runs[] | select(.metrics)] | sort_by(-.metrics.accuracy, .run)[:5][].run' t/experiment.json)
	expect 0 driver sweep-table --tsv --columns=run --sort=lr,-seed --where='.lr < 0.05 and .scheduler == "cosine"' t
	diff <(tail -n +2 <<<"$output") <(jq -r '[.runs[] | select(.params.lr < 0.05 and .params.scheduler == "cosine")]
		| sort_by(-.params.seed)[].run' t/experiment.json)
}

@test "--group-by has the mean and the standard deviation over the seeds" {
	trained
	expect 0 driver sweep-table --json --group-by scheduler,lr --agg mean,std,min,max,n -c accuracy t
	test "$(wc -l <<<"$output")" -eq 4
	jq -se --slurpfile d t/experiment.json 'def near($x): . - $x | fabs < 1e-6;
		all(.[]; . as $g | [$d[0].runs[] | select(.params.lr == $g.lr and .params.scheduler == $g.scheduler) | .metrics.accuracy] as $a |
			($a | add / 3) as $m | ($a | length) == 3 and $g.accuracy_n == 3 and ($g.accuracy_mean | near($m)) and
			($g.accuracy_min == ($a | min)) and ($g.accuracy_max == ($a | max)) and
			($g.accuracy_std | near([$a[] | . - $m | . * .] | add / 2 | sqrt)))' <<<"$output"
	expect 0 driver sweep-table --tsv --group-by lr --agg n t
	test "$output" = "$(printf 'lr\taccuracy_n\tloss_n\n1e-2\t6\t6\n0.10\t6\t6')"
}

@test "the newest experiment of a name, the newest of all, several side by side" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1]}'
	sweep experiments/s_20280101_000000
	sweep experiments/s_t_20270101_000000
	sweep experiments/s_20260101_000000
	# made in the same millisecond, as their records say
	cp -r experiments/s_20260101_000000 experiments/s_20260101_000000_9
	cp -r experiments/s_20260101_000000 experiments/s_20260101_000000_10
	expect 0 driver sweep-table --tsv -c experiment s
	test "$output" = $'experiment\ns_20260101_000000'
	expect 0 driver sweep-table --tsv -c experiment s_t
	test "$output" = $'experiment\ns_t_20270101_000000'
	sweep experiments/s_t_20200101_000000
	expect 0 driver sweep-table --tsv -c experiment
	test "$output" = $'experiment\ns_t_20200101_000000'
	rm -r experiments/s_t_20200101_000000
	expect 0 driver sweep-table --tsv s_t experiments/s_20260101_000000/
	test "$(cut -f 1,2,3 <<<"$output")" = $'experiment\trun\tlr\ns_t_20270101_000000\trun_000\t1\ns_20260101_000000\trun_000\t1'
	expect 2 driver sweep-table nothing
	[[ $errors == "sweep-table: nothing is neither an experiment directory nor the name of one"* ]]
	cp -r experiments/s_t_20270101_000000/experiment.json "$BATS_TEST_TMPDIR/left"
	expect 0 driver sweep-table --tsv -c acc left
	test "$output" = $'acc\n0.5'
	sed -i 's/"acc":0.5/"acc":0.50,"n":9007199254740993/' left/experiment.json
	expect 0 driver sweep-table --tsv -c acc,n left
	test "$output" = $'acc\tn\n0.50\t9007199254740993'
	jq . left/experiment.json >"$BATS_TEST_TMPDIR/spread"
	mv spread left/experiment.json
	expect 0 driver sweep-table --tsv -c run left
	test "$output" = $'run\nrun_000'
}

@test "the newest of many experiments is found without a process for each" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1]}'
	sweep experiments/s_20260101_000000
	for n in $(seq 10 40); do cp -r experiments/s_20260101_000000 "experiments/s_20260101_0000$n"; done
	mkdir tools
	for tool in sed jq head; do
		printf '#!/bin/sh\necho x >>"%s/started"\nexec %q "$@"\n' "$PWD" "$(command -v $tool)" >"tools/$tool"
		chmod +x "tools/$tool"
	done
	for name in "" s; do
		: >started
		# shellcheck disable=SC2086
		PATH=$PWD/tools:$PATH expect 0 driver sweep-table --tsv -c acc $name
		test "$output" = $'acc\n0.5'
		test "$(wc -l <started)" -lt 10
	done
	expect 0 sweep-expand -p experiments --which s
	test "$output" = experiments/s_20260101_000040
	mv experiments/s_20260101_000040 experiments/a_20260101_000040_b_20260101_000041_3
	expect 0 sweep-expand -p experiments --which ""
	test "$output" = experiments/a_20260101_000040_b_20260101_000041_3
	expect 0 sweep-expand -p experiments --which a_20260101_000040_b
	test "$output" = experiments/a_20260101_000040_b_20260101_000041_3
	expect 2 sweep-expand -p experiments --which a
	test -z "$output"
	expect 2 sweep-expand -p nowhere --which ""
	test -z "$output"
	expect 2 sweep-expand --which a_20260101_000040_b s
}

@test "without metrics, failures only, half-way, lists as values, and nothing to choose from" {
	touch left/1.fails left/2.fails
	spec '{lr: [1, 2], l: [[1.0, 2], {a: [x]}]}'
	sweep-expand -q -d e/x specs/s.yaml | head -n 3 | run-one -n 2 >/dev/null || :
	expect 0 driver sweep-table --csv -c run,lr,l,status,metrics_error e/x
	test "$(tr -d '\r' <<<"$output" | tail -n +2)" = 'run_000,1,"[1.0,2]",failed,
run_001,1,"{""a"":[""x""]}",failed,
run_002,2,"[1.0,2]",pending,
run_003,2,"{""a"":[""x""]}",pending,'
	expect 0 driver sweep-table e/x
	expect 0 driver sweep-table -g lr e/x
	test "$output" = "$(printf 'lr  missing\n 1  2 failed\n 2  2 pending')"
	expect 0 driver sweep-table -w false --json e/x
	test -z "$output"
	printf 'name: c\nmode: training\nconfigs: [configs/base.yaml]\ncommand: [true]\n' >specs/c.yaml
	sweep-expand -q -d e/c specs/c.yaml | run-one >/dev/null
	expect 0 driver sweep-table --tsv -c run,base_config e/c
	expect 0 driver sweep-table --tsv e/c
	[[ $output == $'run\tbase_config\tstatus\tduration_s\nrun_000\tconfigs/base.yaml\tcompleted\t'* ]]
}

@test "what is missing or not a number comes last, up and down" {
	mkdir -p n/records
	jq -nc '[3, "NaN", 1, null, "Infinity", 2] as $v | range(6) as $i | {run: "r\($i)", index: $i, status: "completed", params: {},
		experiment_dir: "n"} + if $v[$i] == null then {} else {metrics: {loss: $v[$i]}} end' >n/plan.jsonl
	expect 0 driver sweep-table --tsv -c loss -s loss n
	test "$(tail -n +2 <<<"$output" | tr '\n' ' ')" = "1 2 3 Infinity NaN "
	expect 0 driver sweep-table --tsv -c loss -s -loss n
	test "$(tail -n +2 <<<"$output" | tr '\n' ' ')" = "Infinity 3 2 1 NaN "
}

@test "a name that is a param and a metric is called by its kind" {
	mkdir -p n/records
	echo '{"run":"r","index":0,"status":"completed","experiment_dir":"n","params":{"lr":1.0,"status":2},"metrics":{"lr":3.0,"t":{"acc":4.0}}}' >n/plan.jsonl
	expect 0 driver sweep-table --tsv n
	test "$output" = $'run\tparams.lr\tparams.status\tstatus\tmetrics.lr\tt.acc\nr\t1.0\t2\tcompleted\t3.0\t4.0'
	expect 0 driver sweep-table --tsv -c params.lr,metrics.t.acc n
	test "$output" = $'params.lr\tt.acc\n1.0\t4.0'
	expect 2 driver sweep-table -c lr n
	[[ $errors == "sweep-table: unknown column lr; there are experiment, run, "*"params.lr"* ]]
}

# relied on: Names, values, records and logs are data to shells, terminals, spreadsheets and gnuplot.
@test "hostile names and values: a spreadsheet sees text, and csv gives back what went in" {
	hostile
	expect 0 driver sweep-table --csv h
	/usr/bin/python3 - "$BATS_TEST_TMPDIR/.out" <<-'EOF'
		import csv, json, sys
		rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))
		runs = [json.loads(line) for line in open("h/plan.jsonl", encoding="utf-8")]
		assert len(rows) == len(runs) + 1
		for cell in (c for row in rows for c in row):
		    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
		        float(cell)
		column = rows[0].index("<b>")
		for row, run in zip(rows[1:], runs):
		    want = run["params"]["<b>"]
		    assert row[column] in (want, "'" + want), (row[column], want)
		assert "'=1+1" in rows[0] and rows[-1][column] == "-0.5"
	EOF
	grep -c $'\r$' "$BATS_TEST_TMPDIR/.out"
	expect 0 driver sweep-table --json h
	diff <(jq -c '.["<b>"]' <<<"$output") <(jq -c '.params["<b>"]' h/plan.jsonl)
	expect 0 driver sweep-table --tsv h
	test "$(wc -l <<<"$output")" -eq 21
	test "$(awk -F '\t' '{ print NF }' <<<"$output" | sort -u | wc -l)" -eq 1
}

# relied on: Names, values, records and logs are data to shells, terminals, spreadsheets and gnuplot.
@test "hostile names and values do nothing to a terminal, and are no HTML in Markdown" {
	hostile
	for locale in C C.UTF-8; do
		expect 0 env LC_ALL=$locale COLUMNS=100 "$top/bin/sweep-table" h
		test "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <<<"$output" | wc -c)" -eq 0
		test "$(wc -l <<<"$output")" -eq 21
		test "$(LC_ALL=C.UTF-8 awk '{ if (length($0) > 100) print }' <<<"$output" | wc -l)" -eq 0
	done
	if grep -q $'\u202e' <<<"$output"; then return 1; fi
	expect 0 env COLUMNS=1000 "$top/bin/sweep-table" h
	grep -qF '\x1b[31mred\x1b[0m\x07' <<<"$output"
	grep -qF '\u202egnp.exe' <<<"$output"
	grep -qF 'two\nlines\r\nthree' <<<"$output"
	expect 0 driver sweep-table --markdown h
	test "$(wc -l <<<"$output")" -eq 22
	if grep -qE '<(script|b>|/td)' <<<"$output"; then return 1; fi
	grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' <<<"$output"
	test "$(sed 's/\\|//g' <<<"$output" | tr -cd '|\n' | sort -u | wc -l)" -eq 1
	test ! -e pwned
}

@test "columns line up, numbers on the right, also under wide characters" {
	mkdir -p n/records
	printf '%s\n' '{"run":"r1","index":0,"status":"completed","experiment_dir":"n","params":{"who":"漢字","lr":0.5},"metrics":{"acc":10.0}}' \
		'{"run":"r2","index":1,"status":"completed","experiment_dir":"n","params":{"who":"ab","lr":10},"metrics":{"acc":9.25}}' >n/plan.jsonl
	expect 0 driver sweep-table n
	test "$output" = 'run  who    lr  status      acc
r1   漢字  0.5  completed  10.0
r2   ab     10  completed  9.25'
}

@test "five thousand runs are a table" {
	mkdir -p n/records
	jq -nc 'range(5000) as $i | {run: "run_\($i)", index: $i, status: "completed", experiment_dir: "n",
		params: {lr: ($i % 10), seed: ($i / 10 | floor)}, metrics: {acc: ($i / 5000)}}' >n/plan.jsonl
	expect 0 driver sweep-table n
	test "$(wc -l <<<"$output")" -eq 5001
	expect 0 driver sweep-table --tsv -g lr -a n -c acc n
	test "$(tail -n +2 <<<"$output" | cut -f 2 | sort -u)" = 500
}

@test "a metric that is missing is a dash in the table, and below it stands why" {
	uneven
	expect 0 driver sweep-table -c run,lr,status,acc,val.loss e/x
	test "$output" = 'run      lr  status      acc  val.loss
run_000   1  completed   0.5      0.25
run_001   1  completed  0.70         -
run_002   1  completed     -         -
run_003   2  failed        -         -
run_004   2  failed        -         -
run_005   2  completed   NaN       1.5'
	test "$errors" = 'sweep-table: run_002: no metrics: runs/run_002/metrics.json: it is cut off in line 1
sweep-table: run_001: no val.loss among the metrics'
	expect 0 driver sweep-table -c run,acc e/x
	[[ $errors == *$'\n'"sweep-table: 2 failed: no acc" ]]
	expect 0 driver sweep-table --markdown e/x
	grep -qxE '\| run_002 \| 1 \| 2 \| completed \| [0-9.]+ \| - \| - \| runs/run_002/metrics.json: it is cut off in line 1 \|' <<<"$output"
}

@test "a table for a program has the column metrics_error where a run has one" {
	uneven
	for format in csv tsv json; do
		expect 0 driver sweep-table --$format e/x
		test "$errors" = "sweep-table: run_001: no val.loss among the metrics"
		test "$(grep -c 'runs/run_002/metrics.json: it is cut off in line 1' <<<"$output")" -eq 1
	done
	jq -se '.[2].metrics_error == "runs/run_002/metrics.json: it is cut off in line 1" and ([.[] | select(has("metrics_error"))] | length) == 1' <<<"$output"
	expect 0 driver sweep-table --tsv -w '.acc == 0.7' e/x
	[[ $output == *$'\tval.loss\tmetrics_error\n'* ]]
	spec '{lr: [5]}' 'command: [./prog, "1-0"]'
	sweep e/y
	expect 0 driver sweep-table --tsv e/y
	test "$(sed -n 1p <<<"$output")" = $'run\tlr\tstatus\tduration_s\tacc\tval.loss'
	test -z "$errors"
}

@test "a mean over fewer runs than there are says so, and what all failed has a row" {
	uneven
	expect 0 driver sweep-table -g lr -a mean,n -c acc e/x
	test "$output" = 'lr  acc_mean  acc_n  missing
 1       0.6      2  1 without metrics
 2         -      0  2 failed, 1 with acc NaN'
	test "$errors" = 'sweep-table: run_002: no metrics: runs/run_002/metrics.json: it is cut off in line 1'
	expect 0 driver sweep-table --csv -g lr -a mean e/x
	test "$(tr -d '\r' <<<"$output" | tail -n +2)" = '1,0.6,0.25,"1 without metrics, 1 without val.loss"
2,,1.5,"2 failed, 1 with acc NaN"'
	expect 0 driver sweep-table --json -g lr -s -missing e/x
	jq -se 'map(.missing | type == "string") == [true, true]' <<<"$output"
	expect 0 driver sweep-table -g lr -a mean -c acc -w '.seed < 2 and .lr == 1' e/x
	test "$output" = $'lr  acc_mean\n 1       0.6'
}

@test "runs of configs are told apart beside runs of a sweep, and in groups" {
	printf '{"acc": 0.5}' >left/1
	cp configs/base.yaml configs/other.yaml
	printf 'name: c\nmode: training\nconfigs: [configs/base.yaml, configs/other.yaml]\ncommand: [./prog, "1"]\n' >specs/c.yaml
	sweep-expand -q -d e/c specs/c.yaml | run-one | meta-merge >/dev/null
	spec '{lr: [1]}'
	sweep e/x
	expect 0 driver sweep-table e/x e/c
	test "$(awk '{ print $1, $2, $3, $4, $5, $NF }' <<<"$output")" = 'experiment run base_config lr status acc
x run_000 configs/base.yaml 1 completed 0.5
c run_000 configs/base.yaml - completed 0.5
c run_001 configs/other.yaml - completed 0.5'
	expect 0 driver sweep-table --tsv -g base_config,lr -a n e/x e/c
	test "$output" = $'base_config\tlr\tacc_n\nconfigs/base.yaml\t\t1\nconfigs/base.yaml\t1\t1\nconfigs/other.yaml\t\t1'
	sed -i 's/base.yaml/third.yaml/' specs/s.yaml
	cp configs/base.yaml configs/third.yaml
	sweep e/y
	expect 0 driver sweep-table --tsv -c base_config e/x e/y
	test "$output" = $'base_config\nconfigs/base.yaml\nconfigs/third.yaml'
	expect 0 driver sweep-table --tsv e/x e/y
	[[ $output == $'experiment\trun\tbase_config\tlr\t'* ]]
	expect 0 driver sweep-table --tsv e/x
	[[ $output == $'run\tlr\t'* ]]
}

@test "a name in --where that no run has is an error, as it is in --sort" {
	uneven
	local words
	for words in '.lrr < 1' '.lr < 1 and .sed == 0' '.params.acc > 0' '.metrics.val.los < 1' '.val.acc < 1' '."l r" < 1' '.["lrr"] < 1' \
		'.lr as $x | .sed > $x' 'if .lr > 1 then .sed else true end' '[.sed] | inside([1])' 'select(.sed > 1)' '1 > .lrr? # .lr'; do
		expect 2 driver sweep-table -w "$words" e/x
		test -z "$output"
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "sweep-table: --where: unknown column "*"; there are experiment, run, "*", lr, seed, acc, val.loss" ]]
	done
	for words in '.lr < 2' '.params.lr == 1' '.val.loss == 0.25' '.metrics["val.loss"] == 1.5' '.["val.loss"] == 1.5' '.val | . != null' \
		'.reason == "timeout"' '.gpu != null' '.metrics_error != null' '.params | to_entries | any(.value > 1)' 'any(.metrics[]; . == 0.5)' \
		'.status == "completed" and (.run | test(".lrr < 1"))' '"\(.lrr)" != "null"' '[.command[] | select(.x? == 1)] == []' \
		'def lr: .lr; lr == 1' 'reduce .command[] as $x (0; . + 1) | . > 0' '.command[0].x? == null'; do
		expect 0 driver sweep-table -w "$words" -c run e/x
	done
	expect 0 driver sweep-table --tsv -c run -w '.val.loss < 1 and .val.loss != null' e/x
	test "$output" = $'run\nrun_000'
	test -z "$errors"
	spec '{lr: [1]}'
	sweep-expand -q -d e/new specs/s.yaml >/dev/null
	expect 2 driver sweep-table -w '.acc > 0.5' e/new
	[[ $errors == *"unknown column acc; "*"; no run has metrics yet" ]]
}

@test "every field of a record that the manual names can be asked for, whether a run has it or not" {
	plain
	uneven
	sed -n '/^\.Ss Events/,/^\.Ss Notes/s/^\.It Cm //p' "$top/man/sweeputils-format.5" | tr -d ' ' | tr ',' '\n' >fields
	grep -qx metrics_error fields
	while read -r name; do
		expect 0 driver sweep-table -w ".$name == null or true" -c run e/x
	done <fields
}

@test "runs that pass --where because they lack what it compares are counted, and can be left out" {
	uneven
	local remedy='.acc != null and (.acc < 0.6)'
	expect 0 driver sweep-table -w '.acc < 0.6' -c run,status,acc e/x
	[[ $errors == *"sweep-table: --where: of the runs that pass, 3 have no acc, which jq counts as less than any number; write $remedy" ]]
	expect 0 driver sweep-table -w "$remedy" --tsv -c run,status,acc e/x
	test "$output" = $'run\tstatus\tacc\nrun_000\tcompleted\t0.5'
	test -z "$errors"
	expect 0 driver sweep-table -w '1 > .metrics["val.loss"] or .lr == 5' -c run,status e/x
	[[ $errors == *"; write .metrics[\"val.loss\"] != null and (1 > .metrics[\"val.loss\"] or .lr == 5)" ]]
	expect 0 driver sweep-table -w "${errors##*; write }" --tsv -c run,status e/x
	test "$output" = $'run\tstatus\nrun_000\tcompleted'
	expect 0 driver sweep-table -w '.lr <= 1 and .status == "completed"' -c run,status e/x
	test -z "$errors"
}

@test "integers beyond 2^53 are told apart by their digits" {
	mkdir -p n/records
	jq -nr '["9007199254740992", "9007199254740993", "9007199254740993.0"] | to_entries[] |
		"{\"run\":\"r\(.key)\",\"index\":\(.key),\"status\":\"completed\",\"experiment_dir\":\"n\",\"params\":{\"seed\":\(.value)},\"metrics\":{\"acc\":\(.key)}}"' >n/plan.jsonl
	expect 0 driver sweep-table --tsv -g seed -a n n
	test "$(wc -l <<<"$output")" -eq 4
}

@test "without HOME, with COLUMNS, from another directory; what is wrong is one line" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1]}'
	sweep
	mkdir elsewhere
	expect 0 env -i PATH="$bin:/usr/bin:/bin" LC_ALL=C COLUMNS=20 ${SWEEP_SH:-sh} "$top/bin/sweep-table" e/x
	test "$(awk 'length($0) > 20' <<<"$output")" = ""
	local words
	for words in --no --top "--top x e/x" "-a sum e/x" "--csv=1 e/x" "-w .a=b e/x" "-s nope e/x" nothing; do
		# shellcheck disable=SC2086
		expect 2 driver sweep-table $words
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "sweep-table: "* ]]
	done
	expect 2 driver sweep-table -w '.status | keys' e/x
	[[ $errors == "sweep-table: --where: string (\"completed\") has no keys" ]]
	expect 74 sh -c '"$@" >/dev/full' sh ${SWEEP_SH:-sh} "$top/bin/sweep-table" e/x
	test "$errors" = "sweep-table: standard output cannot be written"
	expect 0 bash -c 'set -o pipefail; "$@" | true' bash ${SWEEP_SH:-sh} "$top/bin/sweep-table" e/x
}
