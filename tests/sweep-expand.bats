load helper

prepare() {
	printf 'model: mlp\ndataset: mnist\nlr: 0.1  # swept\nseed: 1\n' >configs/base.yaml
	cat >specs/s.yaml <<-'EOF'
		name: s
		mode: simulation
		base_config: configs/base.yaml
		sweep: {lr: [0.1, 1e-3], hidden: [[1, 2], [3]]}
		fixed_overrides: {seed: 0}
	EOF
}

@test "a sweep is the full product in file order, the last key fastest" {
	expect 0 sweep-expand specs/s.yaml
	test "$(jq -c '[.params.lr, .params.hidden]' <<<"$output")" = \
		$'[0.1,[1,2]]\n[0.1,[3]]\n[0.001,[1,2]]\n[0.001,[3]]'
}

@test "a published config is the base with the overridden lines changed" {
	expect 0 sweep-expand -d e/x specs/s.yaml
	run diff configs/base.yaml e/x/configs/run_003.yaml
	test "$output" = $'3,4c3,5\n< lr: 0.1  # swept\n< seed: 1\n---\n> lr: 1.0e-03  # swept\n> seed: 0\n> hidden: [3]'
}

@test "the lines that -d prints are plan.jsonl" {
	expect 0 sweep-expand -d e/x specs/s.yaml
	test "$output" = "$(cat e/x/plan.jsonl)"
	test "$(wc -l <e/x/plan.jsonl)" -eq 4
}

@test "a directory that holds something is not written to" {
	mkdir -p e/x && touch e/x/mine
	expect 2 sweep-expand -d e/x specs/s.yaml
	test "$(ls -A e)" = x
	test "$(ls -A e/x)" = mine
}

@test "a full standard output is an error" {
	test -e /dev/full || skip "no /dev/full"
	expect 74 sh -c 'sweep-expand specs/s.yaml >/dev/full'
	[[ $errors == *"standard output cannot be written"* ]]
}

@test "a reader that has seen enough is none" {
	expect 0 bash -c 'set -o pipefail; sweep-expand specs/s.yaml | sed 1q'
}

@test "--index takes single runs, ranges and open ends, in that order" {
	expect 0 sweep-expand -i 3,0-1,2- specs/s.yaml
	test "$(jq .index <<<"$output" | tr '\n' ' ')" = "3 0 1 2 3 "
	expect 2 sweep-expand -i 4 specs/s.yaml
	expect 2 sweep-expand -i 1x specs/s.yaml
}

@test "a point of a huge grid is found by its index" {
	python3 -c 'print("name: h\nmode: training\nbase_config: configs/base.yaml\nsweep:")
for k in "abcd": print(f"  {k}: {list(range(1000))}")' >specs/h.yaml
	expect 0 sweep-expand -i 999999999999 specs/h.yaml
	test "$(jq -c '.params' <<<"$output")" = '{"a":999,"b":999,"c":999,"d":999}'
	test "$(jq -r '.run' <<<"$output")" = run_999999999999
}

@test "--resume finds the newest experiment of the name, or makes the first" {
	expect 0 sweep-expand -p e -r --print-dir specs/s.yaml
	local first=$output
	test -e "$first/plan.jsonl"
	expect 0 sweep-expand -p e -r --print-dir specs/s.yaml
	test "$output" = "$first"
	expect 0 sweep-expand -p e --print-dir specs/s.yaml
	test "$output" != "$first"
	local second=$output
	expect 0 sweep-expand -p e -r --print-dir specs/s.yaml
	test "$output" = "$second"
	echo '# more' >>specs/s.yaml
	expect 2 sweep-expand -p e -r --print-dir specs/s.yaml
	[[ $errors == *"differs from"* ]]
}
