load helper

# The example: a trainer that does what it says, and says what it does not do.

prepare() {
	test -x "$train" || skip "zlib is missing"
	printf 'dataset: synthetic\nmodel: mlp\nlr: 0.1\nepochs: 2\ntrain_size: 500\nhidden: 8\n' >config.yaml
}
train=${SWEEP_BIN:+$SWEEP_BIN/../examples/train}

run_dir() { ls -d runs/*/*/*; }

@test "the same seed gives the same result, bit for bit; another seed another" {
	for seed in 1 1 2; do
		rm -rf runs
		echo "seed: $seed" | cat config.yaml - >c.yaml
		expect 0 "$train" --config c.yaml
		cat runs/*/*/*/history.csv >>"history.$seed"
		jq -c 'del(.seconds)' runs/*/*/*/metrics.json >>"metrics.$seed"
	done
	test "$(sort -u metrics.1 | wc -l)" -eq 1
	test "$(wc -l <metrics.1)" -eq 2
	test "$(sort "history.1" | uniq -c | awk '{ print $1 % 2 }' | sort -u)" = 0
	! cmp -s metrics.2 <(head -n 1 metrics.1)
}

@test "a run leaves a copy of its config, metrics.json, history.csv and a confusion matrix" {
	expect 0 "$train" --config config.yaml
	cmp "$(run_dir)"/config.yaml config.yaml
	jq -e '.accuracy > 0 and .accuracy <= 1' "$(run_dir)/metrics.json"
	test "$(wc -l <"$(run_dir)/history.csv")" -ge 3
	ls "$(run_dir)" | grep -q confusion
	rm -rf runs
	expect 0 "$train" --config config.yaml --no_confusion
	! ls "$(run_dir)" | grep -q confusion
}

@test "it learns: with a fair rate it is better than with next to none" {
	for lr in 0.00001 0.2; do
		rm -rf runs
		sed "s/^lr: .*/lr: $lr/; s/hidden: .*/hidden: 32/; s/epochs: .*/epochs: 5/; s/size: .*/size: 3000/" config.yaml >c.yaml
		expect 0 "$train" --config c.yaml
		jq .accuracy "$(run_dir)/metrics.json" >>accuracies
	done
	jq -se '.[1] > .[0] + 0.2' accuracies
}

@test "what is wrong with a config is told with its place, and nothing is made" {
	local text why count=0
	while IFS='|' read -r text why; do
		printf -- "$text" | cat config.yaml - >c.yaml
		expect 2 "$train" --config c.yaml
		[[ $errors == *"c.yaml:"*"$why"* ]] || { echo "$text: $errors"; return 1; }
		test ! -e runs
		count=$((count + 1))
	done <<-'EOF'
		what: 1\n|unknown key what
		lr: 0.2\n|lr is repeated
		batch_size: many\n|batch_size takes a number
		batch_size: 1.5\n|batch_size takes a whole number
		batch_size: 0\n|it has to be from 1
		scheduler: step\n|it has to be one of constant|cosine
		seed: .nan\n|seed takes a number
		similarity: "dot\\0x"\n|similarity has a NUL character
		lambda_ace: [0.1]\n|lambda_ace belongs to model: greedy
		---\nlr: 1\n|a second document
		seed: [\n|did not find expected
	EOF
	test "$count" -eq 11
}

@test "greedy takes one lambda_ace a hidden layer" {
	sed 's/model: mlp/model: greedy/' config.yaml >c.yaml
	printf 'layers: 3\nlambda_ace: [0.001, 0.01]\n' >>c.yaml
	expect 0 "$train" --config c.yaml
	test -e runs/synthetic/greedy/*/metrics.json
	sed -i 's/0.001, 0.01/0.001/' c.yaml
	expect 2 "$train" --config c.yaml
	[[ $errors == *"lambda_ace has 1 numbers; greedy with layers: 3 takes 2"* ]]
}
