# Experiments for the tests of what reads results: tables, plots, comparisons, notes.

# A program that leaves what its config names: the file that is called like lr.
prepare_results() {
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
