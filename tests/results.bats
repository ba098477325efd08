load helper

# A program that leaves what its config names: the file that is called like lr.
prepare() {
	mkdir left
	cat >prog <<-'EOF'
		#!/bin/sh
		mkdir -p "runs/$RUN_ID/deep"
		echo "runs/$RUN_ID" >"$RUN_DIR_FILE"
		test ! -e "left/$1" || cp "left/$1" "runs/$RUN_ID/${2:-metrics.json}"
		test ! -e "left/$1.fails"
	EOF
	chmod +x prog
	printf 'lr: 0\nseed: 0\n' >configs/base.yaml
}

# spec SWEEP [LINE...] - write specs/s.yaml
spec() {
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\n' >specs/s.yaml
	printf 'sweep: %s\n' "$1" >>specs/s.yaml
	shift
	test $# -gt 0 || set -- 'command: [./prog, "{lr}"]'
	printf '%s\n' "$@" >>specs/s.yaml
}

# sweep - run it as e/x, whatever comes of it
sweep() {
	sweep-expand -q -d "${1:-e/x}" specs/s.yaml | run-one | meta-merge >/dev/null || :
}

metrics() { jq -c "[.runs[].metrics]" e/x/experiment.json; }

# ---- metrics ----

@test "a diverged metric is the string NaN, and those beside it are kept as they are" {
	printf '{"loss": NaN, "acc": 0.10, "l": [-Infinity,Infinity, nan,-inf], "t": "say NaN, \\" inf"}' >left/1
	spec '{lr: [1]}'
	sweep
	grep -qF '"metrics":{"loss":"NaN","acc":0.10,"l":["-Infinity","Infinity","NaN","-Infinity"],"t":"say NaN, \" inf"}' \
		e/x/experiment.json
}

@test "a metrics file that cannot be used is a note on that run alone" {
	printf '{"acc": ' >left/1
	printf '[1, 2]' >left/2
	head -c 70000 /dev/zero | tr '\0' ' ' >left/3
	printf '{"acc": NaNo}' >left/4
	: >left/5
	printf '{"acc": 0.9}' >left/6
	spec '{lr: [1, 2, 3, 4, 5, 6, 7]}'
	sweep
	jq -e '.counts.completed == 7 and .runs[5].metrics == {acc: 0.9} and
		[.runs[] | .metrics_error // "" | sub("^runs/run_00[0-9]/metrics.json:? "; "")] == [
		"it is cut off in line 1", "it is not a JSON object",
		"it is larger than 64 KiB; name a smaller file, or a jq expression, as metrics in modes.yaml",
		"line 1 is not JSON at NaNo", "it is empty", "", "does not exist"]' e/x/experiment.json
}

@test "metrics: names another file, in the mode or in the spec, which wins" {
	printf '{"acc": 0.5}' >left/1
	printf 'training:\n  command: [./prog, "{lr}", deep/out.json]\n  metrics: deep/out.json\n' >modes.yaml
	spec '{lr: [1]}' '# nothing of its own'
	sweep
	test "$(metrics)" = '[{"acc":0.5}]'
	rm -r e runs
	spec '{lr: [1]}' 'command: [./prog, "{lr}", "1-{lr}.json"]' 'metrics: "1-{lr}.json"'
	sweep
	test "$(metrics)" = '[{"acc":0.5}]'
}

@test "a mistake in metrics: is one line that says where" {
	spec '{lr: [1]}' 'metrics: [a]'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: specs/s.yaml:5:10: metrics is not a file's name; write "* ]]
	spec '{lr: [1]}' 'metrics: {fil: a}'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: specs/s.yaml:5:11: unknown key fil; metrics has file and jq" ]]
	printf 'training:\n  metrics: {jq: }\n' >modes.yaml
	spec '{lr: [1]}'
	expect 2 sweep-expand specs/s.yaml
	[[ $errors == "sweep-expand: modes.yaml:2:"*": jq of metrics is not a string"* ]]
}

@test "a jq expression makes metrics of a file of another shape, at the end of the sweep" {
	printf '{"test": [{"accuracy": 0.25}], "big": "%070000d"}' 0 >left/1
	printf '{"test": 3}' >left/2
	printf '[' >left/3
	spec '{lr: [1, 2, 3]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: .test[0].accuracy} # why'}"
	expect 0 driver run-experiment -q specs/s.yaml --dir e/x
	jq -e '.runs[0].metrics == {acc: 0.25} and (.runs[0] | has("metrics_error") | not) and
		(.runs[1].metrics_error | startswith("the jq expression of metrics: Cannot index")) and
		(.runs[2].metrics_error | endswith("metrics.json: it is cut off in line 1")) and .counts.completed == 3' e/x/experiment.json
}

@test "a jq expression that finds none of what it names gives no metrics, and says so" {
	printf '{"test": {"acc": 0.5}}' >left/1
	spec '{lr: [1]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: .tset.acc, f1: .test.f1}'}"
	driver run-experiment -q specs/s.yaml --dir e/x || :
	jq -e '.runs[0] | (has("metrics") | not) and .metrics_error == "the jq expression of metrics: it gives null for acc, f1"' e/x/experiment.json
}

@test "a jq expression that cannot be read is said before anything is run" {
	spec '{lr: [1]}' 'command: [./prog, "{lr}"]' "metrics: {jq: '{acc: '}"
	expect 2 driver run-experiment -q specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 1
	[[ $errors == "sweep-metrics: the jq expression of metrics cannot be read: "* ]]
	test ! -e experiments
	test ! -e runs
}

@test "sweep-metrics collects again, and the second time changes nothing" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"acc": 0.60, "f1": 1e-3}' >runs/run_000/metrics.json
	printf '{"acc": }' >runs/run_001/metrics.json
	expect 0 driver sweep-metrics e/x
	[[ $output == *"e/x: metrics of 1 of 2 completed runs"*"run_001: runs/run_001/metrics.json: line 1 is not JSON" ]]
	grep -qF '"metrics":{"acc":0.60,"f1":1e-3}' e/x/experiment.json
	cp e/x/experiment.json before
	cp e/x/records/notes.jsonl notes
	expect 0 driver sweep-metrics -q e/x
	test -z "$output$errors"
	cmp before e/x/experiment.json
	cmp notes e/x/records/notes.jsonl
	printf '{"acc": 0.7}' >runs/run_001/metrics.json
	expect 0 driver sweep-metrics -q e/x
	jq -e '.runs[1].metrics == {acc: 0.7} and (.runs[1] | has("metrics_error") | not)' e/x/experiment.json
	expect 2 driver sweep-metrics nowhere
	expect 2 driver sweep-metrics e/x e/y
}

@test "a line piped into meta-merge adds its metrics, and experiment.json can be deleted" {
	printf '{"acc": 0.50, "loss": 2}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"run":"run_000","experiment_dir":"e/x","metrics":{"loss": 1.0, "f1":0.90},"remark":"good"}\n' >note
	expect 0 meta-merge <note
	test "$output" = "$(cat note)"
	rm e/x/experiment.json
	meta-merge e/x
	grep -qF '"metrics":{"acc":0.50,"loss":1.0,"f1":0.90}' e/x/experiment.json
	jq -e '.runs[0].remark == "good" and .runs[0].status == "completed"' e/x/experiment.json
	expect 0 meta-merge <note
	test "$(wc -l <e/x/records/notes.jsonl)" -eq 1
	sed 's/run_000/run_00/' note >typo
	expect 2 meta-merge <typo
	[[ $errors == 'meta-merge: stdin:1: e/x has no run "run_00"' ]]
	jq -e '.total == 2' e/x/experiment.json
}

@test "a note tells of its attempt: the next one starts without" {
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1]}'
	sweep
	echo '{"run":"run_000","experiment_dir":"e/x","metrics":{"f1":0.9}}' | meta-merge >/dev/null
	rm -r left/1 runs
	run-one -f <e/x/plan.jsonl | meta-merge >/dev/null
	jq -e '.runs[0].attempt == 2 and (.runs[0] | has("metrics") | not)' e/x/experiment.json
}

@test "several writers of notes take nothing from each other" {
	spec '{lr: [1, 2, 3]}'
	sweep
	local pids=()
	for who in a b c d; do
		for n in 0 1 2 0 1 2; do
			echo "{\"run\":\"run_00$n\",\"experiment_dir\":\"e/x\",\"metrics\":{\"$who\":$n}}"
		done 3>&- | meta-merge >/dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	meta-merge e/x
	jq -e '[.runs[].metrics | [.a, .b, .c, .d]] == [[0,0,0,0], [1,1,1,1], [2,2,2,2]]' e/x/experiment.json
	test "$(wc -l <e/x/records/notes.jsonl)" -eq 12
}

@test "a note that cannot be kept is an error" {
	spec '{lr: [1]}'
	sweep
	mkdir e/x/records/notes.jsonl
	expect 2 sh -c 'echo "{\"run\":\"run_000\",\"experiment_dir\":\"e/x\",\"metrics\":{}}" | meta-merge'
	[[ $errors == *"e/x/records/notes.jsonl cannot be opened: it is not a regular file"* ]]
}

# ---- tables ----

# trained - a finished experiment of the real trainer, t
trained() {
	test -x "${SWEEP_EXAMPLES:-$bin/../examples}/train" || skip "examples/train is not built"
	sed 's/^train_size:.*/train_size: 200/; s/^epochs:.*/epochs: 1/; s/^hidden:.*/hidden: 4/; s/^dataset:.*/dataset: synthetic/' \
		"$top/configs/mlp/mlp_mnist.yaml" >configs/mlp.yaml
	cat >specs/t.yaml <<-EOF
		name: t
		mode: training
		base_config: configs/mlp.yaml
		sweep: {lr: [0.10, 1e-2], scheduler: [cosine, constant], seed: [1, 2, 3]}
		command: ["${SWEEP_EXAMPLES:-$bin/../examples}/train", --config, "{config}"]
		run_dir: runs/{dataset}/{model}
	EOF
	sweep-expand -q -d t specs/t.yaml | run-one | meta-merge >/dev/null
}

# hostile - an experiment whose names and values are what nobody would write, h
hostile() {
	mkdir -p h/records
	jq -nc --arg long "$(printf '%010000d' 7)" '
		["<script>alert(1)</script>", "=cmd|\u0027/C calc\u0027!A0", "+1+1", "-2+3", "@SUM(A1)", "\"; rm -rf / #",
		"`touch pwned` $(touch pwned)", "a,b;c|d\te", "two\nlines\r\nthree", "\u001b[31mred\u001b[0m\u0007",
		"\u202egnp.exe", "Grüße 漢字 🙂", "\u0000nul", "--csv", "%s%n%d", "\\x41 \\", $long, "", "@f{x}_^~", "-0.5"] as $values |
		range($values | length) as $i | {run: "run_\(100 + $i)", index: $i, experiment: "h", experiment_dir: "h",
		status: "completed", attempt: 1, params: {"<b>": $values[$i], "=1+1": $i, "new\nline": [$i, "x"], "a|b": null, "a,b": 1},
		metrics: {"acc`x`": ($i / 8), "</td>": {"x\"y": $values[$i]}}, duration_s: 1}' >h/plan.jsonl
}

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
	expect 0 sweep-expand -p experiments --newest s
	test "$output" = experiments/s_20260101_000040
	mv experiments/s_20260101_000040 experiments/a_20260101_000040_b_20260101_000041_3
	expect 0 sweep-expand -p experiments --newest
	test "$output" = experiments/a_20260101_000040_b_20260101_000041_3
	expect 0 sweep-expand -p experiments --newest a_20260101_000040_b
	test "$output" = experiments/a_20260101_000040_b_20260101_000041_3
	expect 0 sweep-expand -p experiments --newest a
	test -z "$output"
	expect 0 sweep-expand -p nowhere --newest
	test -z "$output"
	expect 2 sweep-expand --newest s
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

# uneven - e/x: three seeds of two rates, of which not all have metrics
uneven() {
	printf '{"acc": 0.5, "val": {"loss": 0.25}}' >left/1-0
	printf '{"acc": 0.70}' >left/1-1
	printf '{"acc": ' >left/1-2
	touch left/2-0.fails left/2-1.fails
	printf '{"acc": NaN, "val": {"loss": 1.5}}' >left/2-2
	spec '{lr: [1, 2], seed: [0, 1, 2]}' 'command: [./prog, "{lr}-{seed}"]'
	sweep
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

@test "sweep-watch shows nested metrics and what is no number, and why a run has none" {
	uneven
	expect 0 sweep-watch --once e/x
	grep -qE '^run_000 +completed +lr=1 seed=0 +[0-9.]+s +acc=0\.5 val\.loss=0\.25$' <<<"$output"
	grep -qE '^run_002 +completed +lr=1 seed=2 +[0-9.]+s +no metrics: runs/run_002/metrics.json: it is cut off in line 1$' <<<"$output"
	grep -qE '^run_005 +completed +lr=2 seed=2 +[0-9.]+s +acc=NaN val\.loss=1\.5$' <<<"$output"
	expect 0 sweep-watch e/x
	grep -qE '^run_002 completed lr=1 seed=2 [0-9.]+s no metrics: runs/run_002/metrics.json: it is cut off in line 1$' <<<"$output"
}

# ---- plots ----

# Lines of a block of data in gnuplot's commands.
block() { sed -n "/^\$$1 << END/,/^END/{/^\\\$/d;/^END/d;p}" "$2"; }

@test "the points of a plot are the means and deviations of experiment.json" {
	need gnuplot
	trained
	expect 0 driver sweep-plot -x lr -y accuracy --by scheduler -o p.gp t
	for n in 0 1; do
		block "line$n" p.gp | jq -ce --arg s "$(printf 'constant\ncosine\n' | sed -n "$((n + 1))p")" --slurpfile d t/experiment.json -R -s '
			def near($x): . - $x | fabs < 1e-9;
			[split("\n")[] | select(. != "") | split(" ") | map(tonumber)] | (map(.[0]) == [0.01, 0.10]) and
			all(.[]; . as $p | [$d[0].runs[] | select(.params.scheduler == $s and .params.lr == $p[0]) | .metrics.accuracy] as $a |
				($a | add / 3) as $m | ($p[1] | near($m)) and ($p[2] | near([$a[] | . - $m | . * .] | add / 2 | sqrt)))'
	done
	grep -qF "set ylabel 'accuracy, mean ± std of 3 runs' noenhanced" p.gp
	grep -qF "set key outside right top Left reverse title 'scheduler' noenhanced" p.gp
	expect 0 driver sweep-plot --heatmap lr scheduler -y loss -o h.gp t
	block cells h.gp | jq -ce --slurpfile d t/experiment.json -R -s '
		[split("\n")[] | select(. != "") | split(" ") | map(tonumber)] | length == 4 and
		all(.[]; . as $p | [$d[0].runs[] | select(.params.lr == [0.01, 0.10][$p[0]] and .params.scheduler == ["constant", "cosine"][$p[1]])
			| .metrics.loss] | add / 3 - $p[2] | fabs < 1e-9)'
}

@test "png, svg, pdf and the terminal" {
	need gnuplot
	trained
	for plot in "" "--heatmap lr scheduler" "-x scheduler --by seed"; do
		for kind in png svg pdf; do
			# shellcheck disable=SC2086
			expect 0 driver sweep-plot $plot -o "a b'\$.$kind" t
			test -z "$output$errors"
		done
		test "$(head -c 4 "a b'\$.png" | tail -c 3)" = PNG
		test "$(head -c 4 "a b'\$.pdf")" = %PDF
		/usr/bin/python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "a b'\$.svg"
		# shellcheck disable=SC2086
		expect 0 env LC_ALL=C COLUMNS=60 "$top/bin/sweep-plot" --term $plot t
		test "$(awk 'length($0) > 60' <<<"$output")" = ""
		[[ $output == *"t: accuracy over "* ]]
	done
	expect 74 driver sweep-plot -o nowhere/p.png t
}

@test "the axis is logarithmic where the values are spaced so" {
	need gnuplot
	is_log() {
		rm -rf n && mkdir -p n/records
		jq -nc --argjson v "$1" '$v | to_entries[] | {run: "r\(.key)", index: .key, status: "completed", experiment_dir: "n",
			params: {x: .value}, metrics: {acc: .key}}' >n/plan.jsonl
		expect 0 driver sweep-plot ${2:-} -o p.gp n
		grep -q '^set logscale x' p.gp
	}
	is_log '[0.001, 0.003, 0.01, 0.1]'
	is_log '[1, 2, 4, 8, 16, 32]'
	is_log '[1, 2, 3]' --log=x
	if is_log '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]'; then return 1; fi
	if is_log '[0, 0.01, 0.1, 1]'; then return 1; fi
	if is_log '[0.1, 1]'; then return 1; fi
	if is_log '[0.001, 0.01, 0.1, 1]' --log=none; then return 1; fi
	if is_log '["a", 0.01, [0.1], null]'; then return 1; fi
	is_log '[0, 1, 2]' --log=none || expect 2 driver sweep-plot --log x n
	[[ $errors == "sweep-plot: --log x needs values of x above zero" ]]
}

# relied on: Names, values, records and logs are data to shells, terminals, spreadsheets and gnuplot.
@test "hostile names and values are data to gnuplot" {
	need gnuplot
	hostile
	for x in '<b>' '=1+1' $'new\nline' 'a,b' 'a|b'; do
		for kind in svg png; do expect 0 driver sweep-plot -x "$x" -y 'acc`x`' --by '<b>' -o "p.$kind" h; done
		test -z "$errors"
	done
	expect 0 driver sweep-plot -x '<b>' -y 'acc`x`' --title '`touch pwned` @x {/Symbol a} %s' -o p.svg h
	/usr/bin/python3 -c 'if True:
		import xml.dom.minidom as m
		text = "\n".join("".join(c.data for c in t.childNodes if c.nodeType == c.TEXT_NODE) for t in m.parse("p.svg").getElementsByTagName("text"))
		for want in ("`touch pwned` @x {/Symbol a} %s", "acc`x`", "<script>alert(1)</scr...", "%s%n%d", "@f{x}_^~", "\\x41 \\", "Grüße 漢字"):
			assert want in text, (want, text)'
	expect 0 driver sweep-plot --heatmap '<b>' '=1+1' -y 'acc`x`' -o p.svg h
	expect 0 env COLUMNS=70 "$top/bin/sweep-plot" -x '<b>' --by '<b>' h
	test "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <<<"$output" | wc -c)" -eq 0
	test ! -e pwned
}

@test "what cannot be plotted is one line that says why" {
	need gnuplot
	printf '{"acc": 0.5, "who": "x"}' >left/1
	spec '{lr: [1]}'
	sweep
	local words
	for words in "-x nope e/x" "-y who e/x" "-x acc -y seed e/x" "-o p.gif e/x" "--log z e/x" "-H lr" "-b lr -H lr acc" nothing "-w false e/x"; do
		# shellcheck disable=SC2086
		expect 2 driver sweep-plot $words
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "sweep-plot: "* ]]
	done
	touch left/2.fails
	spec '{lr: [2]}'
	sweep e/y
	expect 2 driver sweep-plot e/y
	[[ $errors == "sweep-plot: no completed run has a metric that is a number: 1 failed" ]]
	expect 0 driver sweep-plot e/x
	local shell=(${SWEEP_SH:-sh})
	shell[0]=$(command -v "${shell[0]}")
	mkdir tools
	ln -s "$(command -v dirname)" "$(command -v cat)" tools
	expect 2 env PATH="$PWD/tools:$bin" "${shell[@]}" "$top/bin/sweep-plot" e/x
	[[ $errors == "sweep-plot: gnuplot is missing; install the package gnuplot-nox"* ]]
}

@test "a plot says how many of the runs are in it, and why the others are not" {
	need gnuplot
	uneven
	expect 0 driver sweep-plot -y acc -o p.gp e/x
	test "$errors" = 'sweep-plot: 2 of 6 runs shown; 2 failed, 1 with acc NaN, 1 without metrics
sweep-plot: run_002: no metrics: runs/run_002/metrics.json: it is cut off in line 1'
	grep -qF ".'2 of 6 runs shown; 2 failed, 1 with acc NaN, 1 without metrics' noenhanced" p.gp
	gnuplot -d p.gp >p.png
	for output in "-o p.svg" ""; do
		# shellcheck disable=SC2086
		expect 0 env COLUMNS=100 "$top/bin/sweep-plot" -y acc $output e/x
		grep -hqF '2 of 6 runs shown; 2 failed, 1 with acc NaN, 1 without metrics' p.svg <(echo "$output")
	done
	expect 0 driver sweep-plot -y acc -H lr seed e/x
	test "$output" = 'x: acc over lr and seed
2 of 6 runs shown; 2 failed, 1 with acc NaN, 1 without metrics

seed / lr    1  2
0          0.5  -
1          0.7  -
2            -  -'
	expect 0 driver sweep-plot -y acc -H lr seed -o p.png e/x
	expect 0 driver sweep-plot -y acc -w '.lr == 1 and .seed < 2' -x seed e/x
	test -z "$errors"
	expect 2 driver sweep-plot -y acc -w '.lr == 2' e/x
	[[ $errors == "sweep-plot: no completed run has both lr and a number as acc: 2 failed, 1 with acc NaN" ]]
	expect 2 driver sweep-plot -w '.seed == 2 and .lr == 1' e/x
	[[ $errors == "sweep-plot: no completed run has a metric that is a number: 1 without metrics: run_002: no metrics: runs/run_002/metrics.json: it is cut off in line 1" ]]
	expect 2 driver sweep-plot -w '.lrr < 1' e/x
	[[ $errors == "sweep-plot: --where: unknown column lrr; "* ]]
}

@test "runs of configs are plotted over their configs" {
	need gnuplot
	printf '{"acc": 0.5}' >left/1
	mkdir configs/mlp
	cp configs/base.yaml configs/mlp/a.yaml
	cp configs/base.yaml configs/mlp/b.yaml
	printf 'name: c\nmode: training\nconfigs: [configs/mlp/a.yaml, configs/mlp/b.yaml]\ncommand: [./prog, "1"]\n' >specs/c.yaml
	sweep-expand -q -d e/c specs/c.yaml | run-one | meta-merge >/dev/null
	expect 0 driver sweep-plot -o p.gp e/c
	grep -qF "set xtics ('a.yaml' 0, 'b.yaml' 1)" p.gp
	test "$(block line0 p.gp)" = $'0 0.5 ?\n1 0.5 ?'
	expect 0 driver sweep-plot -H base_config status -y acc e/c
	[[ $output == *$'\nstatus / base_config  a.yaml  b.yaml\n'* ]]
}

@test "five thousand runs are plotted" {
	need gnuplot
	mkdir -p n/records
	jq -nc 'range(5000) as $i | {run: "run_\($i)", index: $i, status: "completed", experiment_dir: "n",
		params: {lr: ($i % 10), seed: $i}, metrics: {acc: ($i / 5000)}}' >n/plan.jsonl
	expect 0 driver sweep-plot -x seed -o p.svg n
	expect 0 driver sweep-plot -x lr -o p.gp n
	test "$(block line0 p.gp | wc -l)" -eq 10
	expect 0 driver sweep-plot -H lr seed -o p.svg -w '.seed < 500' n
}

# ---- comparisons ----

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
	grep -qx '2 runs with equal parameters, 1 with other metrics' <<<"$output"
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
	grep -qx '2 runs with equal parameters, 2 with other metrics' <<<"$output"
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
	grep -qx '20 runs with equal parameters, 20 with other metrics' <<<"$output"
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

# ---- faults ----

@test "a kill or an error at any call of meta-merge: a note is kept, or that it was not is said" {
	plain
	local preload fired=0 kind at code
	copy_preload
	printf '{"acc": 0.5}' >left/1
	spec '{lr: [1, 2]}'
	sweep
	printf '{"run":"run_00%d","experiment_dir":"e/x","metrics":{"f1":0.90}}\n' 0 1 >note
	cp -r e clean
	for kind in kill-before kill-after short EIO ENOSPC EINTR; do
		for at in $(seq 1 200); do
			rm -rf e hit
			cp -r clean e
			code=0
			env LD_PRELOAD="$preload" FAULT_PROGRAM=meta-merge FAULT_AT=$at FAULT_DO=$kind FAULT_FIRED="$PWD/hit" \
				meta-merge <note >out 2>err || code=$?
			test -e hit || break
			fired=$((fired + 1))
			rm -f e/x/experiment.json
			meta-merge -o now.json e/x
			if test "$code" -eq 0; then
				jq -e '[.runs[].metrics.f1] == [0.9, 0.9]' now.json
			else
				test "$code" -ge 128 || test -s err
			fi
			meta-merge <note >out
			rm e/x/experiment.json
			meta-merge e/x
			jq -e '[.runs[].metrics] == [{acc: 0.5, f1: 0.9}, {f1: 0.9}]' e/x/experiment.json
		done >/dev/null
		test "$at" -lt 200
	done
	echo "# $fired faults fired" >&3
	test "$fired" -gt 40
}
