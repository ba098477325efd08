load helper
load results

# sweep-plot: the commands that gnuplot gets, and what it draws.

prepare() { prepare_results; }

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
