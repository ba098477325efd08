load helper

# The pipes of the manual, as they are typed.

prepare() {
	cp -r "$top/configs" "$top/specs" "$top/modes.yaml" .
	printf '#!/bin/sh\n# prog CONFIG\ngrep -q "^lr: " "$1" && echo "$1" >>ran\n' >prog
	chmod +x prog
	printf 'name: flags\nmode: training\nbase_config: configs/mlp/mlp_mnist.yaml\nsweep: {lr: [0.1, 0.2, 0.3]}\ncommand: [./flags, -c, "{lr}"]\n' >specs/flags.yaml
	printf '#!/bin/sh\necho "$*" >>ran\n' >flags
	chmod +x flags
}

@test "sweep-expand SPEC | run-one -- ./prog {config}" {
	expect 0 sh -c 'sweep-expand specs/lr_sweep_mnist_mlp.yaml | run-one -- ./prog {config}'
	test "$(wc -l <ran)" -eq 10
	test "$(jq -r .status <<<"$output" | sort | uniq -c | tr -s ' \n' ' ')" = " 10 completed 10 running "
	test "$(ls)" = "$(printf '%s\n' configs flags modes.yaml prog ran specs)"
	while read -r file; do test ! -e "$file"; done <ran
}

@test "sweep-expand -d DIR SPEC | run-one | meta-merge" {
	expect 0 sh -c 'sweep-expand -d experiments/x specs/flags.yaml | run-one | meta-merge'
	jq -e '.status == "completed" and .total == 3' experiments/x/experiment.json
	test "$(tr '\n' ' ' <ran)" = "-c 0.1 -c 0.2 -c 0.3 "
}

@test "... | shuf -n 3 | run-one" {
	expect 0 sh -c 'sweep-expand specs/lr_sweep_mnist_mlp.yaml | shuf -n 3 | run-one -- ./prog {config}'
	test "$(wc -l <ran)" -eq 3
}

@test "the resume that jq makes" {
	expect 0 sh -c 'sweep-expand -d experiments/lr_1 specs/flags.yaml | sed 2q | run-one | meta-merge'
	expect 0 sh -c "jq -c '.runs[] | select(.status != \"completed\")' experiments/lr_1/experiment.json | run-one | meta-merge"
	jq -e '.status == "completed"' experiments/lr_1/experiment.json
	test "$(tr '\n' ' ' <ran)" = "-c 0.1 -c 0.2 -c 0.3 "
}

@test "sed -n 2p plan.jsonl | run-one | meta-merge" {
	sweep-expand -d e specs/flags.yaml >/dev/null
	expect 0 sh -c 'sed -n 2p e/plan.jsonl | run-one | meta-merge'
	jq -e '[.runs[].status] == ["pending", "completed", "pending"]' e/experiment.json
}

@test "values go to the program as one argument each, whatever they hold" {
	cat >specs/v.yaml <<-'EOF'
		name: v
		mode: training
		base_config: configs/mlp/mlp_mnist.yaml
		sweep: {v: ["a b", "$(touch pwned)", "'; touch pwned; '", '*', "{x}", "-n"]}
		command: [./args, "{v}", "--v={v}"]
	EOF
	printf '#!/bin/sh\nfor a in "$@"; do printf "<%%s>\\n" "$a"; done >>ran\n' >args
	chmod +x args
	expect 0 sh -c 'sweep-expand specs/v.yaml | run-one'
	test "$(cat ran)" = '<a b>
<--v=a b>
<$(touch pwned)>
<--v=$(touch pwned)>
<'"'"'; touch pwned; '"'"'>
<--v='"'"'; touch pwned; '"'"'>
<*>
<--v=*>
<{x}>
<--v={x}>
<-n>
<--v=-n>'
	test ! -e pwned
	rm ran
	expect 0 sh -c 'sweep-expand -d e specs/v.yaml | run-one'
	test "$(grep -c . ran)" -eq 12
	rm ran
	expect 0 sh -c 'sweep-expand specs/v.yaml | run-one -- ./args {v}'
	test "$(sed -n 2p ran)" = '<$(touch pwned)>'
}

@test "GNU parallel takes the lines, too" {
	need parallel
	expect 0 sh -c 'sweep-expand -d e specs/flags.yaml | parallel --will-cite --pipe -N1 -j2 run-one --shared | meta-merge'
	jq -e '.status == "completed" and .total == 3' e/experiment.json
}

@test "runs without a directory are folded with -o, and resumed from there" {
	touch fail
	printf '#!/bin/sh\necho "$*" >>ran\ntest ! -e fail || test "$2" != 0.2\n' >flags
	sh -c 'sweep-expand specs/flags.yaml | run-one | meta-merge -o out.json' || :
	jq -e '.counts.failed == 1 and .runs[1].params.lr == 0.2' out.json
	rm fail
	expect 0 sh -c 'jq -c ".runs[]" out.json | { cat; jq -c ".runs[]" out.json | run-one; } | meta-merge -o done.json'
	jq -e '.status == "completed" and .runs[1].attempt == 2' done.json
	test "$(wc -l <ran)" -eq 4
}
