load helper

# sweep-expand: the runs of a spec, publishing, resuming. Specs with mistakes are in
# bad-specs.bats, notes and edited specs in specs.bats, the configs that are written in
# base-configs.bats and resolved.bats.

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
	sed -i 's/0.1, 1e-3/0.1, 1e-3, 0.2/' specs/s.yaml
	expect 2 sweep-expand -p e -r --print-dir specs/s.yaml
	[[ $errors == *"is not the spec that $second was made from"* ]]
}

@test "--resume of what was moved, copied, cut short or begun in another mode is refused" {
	expect 0 sweep-expand -d e/x specs/s.yaml
	cp -r e/x e/y
	expect 2 sweep-expand -r -d e/y specs/s.yaml
	[[ $errors == "sweep-expand: e/y was made as e/x, "*"move it back"* ]]
	mv e/x e/z
	expect 2 sweep-expand -r -d e/z specs/s.yaml
	[[ $errors == "sweep-expand: e/z was made as e/x, "* ]]
	mv e/z e/x
	expect 0 sweep-expand -r -d ./e/x/ specs/s.yaml
	mode=$(sed -n 's/^mode: //p' specs/s.yaml)
	expect 0 sweep-expand -r -d e/x -m "$mode" specs/s.yaml
	expect 2 sweep-expand -r -d e/x -m "$(test "$mode" = training && echo simulation || echo training)" specs/s.yaml
	[[ $errors == *"begun in $mode mode"* ]]
	sed -i 1d e/x/plan.jsonl
	expect 2 sweep-expand -r -d e/x specs/s.yaml
	[[ $errors == *"e/x/plan.jsonl has "*"make it again with sweep-expand -n -d e/x"* ]]
	local told=$errors
	# as it says
	bash -c "$(sed 's/.*make it again with //' <<<"$told")"
	expect 0 sweep-expand -r -d e/x specs/s.yaml
}

@test "--resume needs the base configs no more" {
	expect 0 sweep-expand -p e specs/s.yaml
	local lines=$output
	rm -r configs
	expect 0 sweep-expand -p e -r specs/s.yaml
	test "$output" = "$lines"
	expect 2 sweep-expand -p e specs/s.yaml
}

@test "the newest is the one made last, whatever the clock on the wall said" {
	expect 0 env TZ=UTC sweep-expand -p e --print-dir specs/s.yaml
	expect 0 env TZ=UTC+5 sweep-expand -p e --print-dir specs/s.yaml
	local second=$output
	expect 0 env TZ=UTC sweep-expand -p e -r --print-dir specs/s.yaml
	test "$output" = "$second"
}

@test "--which says which experiment a name stands for" {
	expect 2 sweep-expand --which ""
	test "$errors" = "sweep-expand: no experiment below experiments/; name a directory"
	expect 0 sweep-expand -q -p experiments --print-dir specs/s.yaml
	expect 0 sweep-expand -q -p experiments --print-dir specs/s.yaml
	local last=$output name=s
	expect 0 sweep-expand --which "$name"
	test "$output" = "$last"
	expect 0 sweep-expand --which ""
	test "$output" = "$last"
	expect 0 sweep-expand -p ./experiments --which "${last##*/}"
	test "$output" = "./$last"
	expect 0 sweep-expand --which "$last//"
	test "$output" = "$last"
	mkdir alone && echo '{}' >alone/experiment.json
	expect 0 sweep-expand --which alone/experiment.json
	test "$output" = alone
	expect 2 sweep-expand --which no-such
	test "$errors" = "sweep-expand: no-such is neither an experiment directory nor the name of one below experiments/"
	expect 2 sweep-expand --which experiments
	expect 2 sweep-expand --which "$last/records"
	expect 2 sweep-expand --which $'a\nb'
	[[ $errors == *" has a control character; choose another name" ]]
	expect 2 sweep-expand --which "$name" specs/s.yaml
}

@test "--new makes an empty directory, as an experiment is called" {
	expect 0 sweep-expand -p "a b/c" --new x
	[[ $output =~ ^a\ b/c/x_[0-9]{8}_[0-9]{6}$ ]]
	rmdir "$output"
	mkdir many
	local pids=()
	for n in 1 2 3 4 5 6; do
		sweep-expand -p many --new y >>made 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	diff <(sort made) <(printf '%s\n' many/* | sort)
	test "$(wc -l <made)" -eq 6
	expect 2 sweep-expand --new ../x
	[[ $errors == "sweep-expand: the name ../x cannot be part of a file name; "* ]]
	expect 2 sweep-expand --new x specs/s.yaml
	touch file
	expect 74 sweep-expand -p file/x --new x
}

@test "two that resume the same directory at once both find it" {
	for round in 1 2 3 4 5 6 7 8; do
		rm -rf e
		sweep-expand -q -r -d e/x specs/s.yaml >one 2>one.err 3>&- &
		local one=$!
		sweep-expand -q -r -d e/x specs/s.yaml >two 2>two.err 3>&- &
		local two=$!
		wait $one
		wait $two
		cmp one two
		test ! -s one.err
		test ! -s two.err
	done
}

@test "a signal ends it, whatever it waits for" {
	mkfifo slow
	exec 9<>slow
	sweep-expand -d e /dev/stdin <slow 3>&- 9>&- &
	local pid=$! code=0
	wait_until grep -q 'S (sleeping)' /proc/$pid/status
	kill -s TERM $pid
	wait $pid || code=$?
	test $code -eq 143
	test ! -e e
}

@test "--need-command refuses a spec that says nowhere what to run" {
	printf 'simulation:\n  command: [prog]\n' >modes.yaml
	expect 0 sweep-expand --need-command -d e/x specs/s.yaml
	rm modes.yaml
	expect 2 sweep-expand --need-command -d e/y specs/s.yaml
	[[ $errors == *"sweep-expand: specs/s.yaml: nothing says what to run; write command: "* ]]
	test ! -e e/y
}
