load helper

# slurm-experiment without Slurm. With a cluster it is tested in promises/slurm.bats.

prepare() {
	printf 'dataset: d\nmodel: m\nn: 0\n' >configs/base.yaml
	printf 'simulation:\n  command: [./prog, "{config}"]\n  flags: [--show]\n  run_dir: runs/{dataset}/{model}\n' >modes.yaml
	submit=$top/bin/slurm-experiment
}

# sweep N - a spec of so many runs
sweep() {
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {n: [%s]}\n' \
		"$(seq -s ', ' 0 $(($1 - 1)))" >specs/s.yaml
}

slurm() { driver slurm-experiment "$@"; }

@test "bad arguments are one line each, and nothing is written" {
	sweep 2
	for words in '' '--chunk 0 specs/s.yaml' '--chunk 1x specs/s.yaml' '--max-parallel -1 specs/s.yaml' \
		'--chunk 9999999999 specs/s.yaml' '--dir nowhere' 'specs/s.yaml specs/s.yaml' '--stop e --show' \
		'--list specs/s.yaml' '--chunk' '-x' '--resume=y specs/s.yaml'; do
		# shellcheck disable=SC2086  # words
		expect 2 slurm $words
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "slurm-experiment: "* ]]
	done
	test ! -e experiments
}

@test "without Slurm the message names the package" {
	sweep 2
	mkdir tools
	for tool in sh dirname basename cat jq flock sed env awk; do ln -s "$(command -v $tool)" tools; done
	expect 2 env PATH="$PWD/tools:$bin" sh "$submit" specs/s.yaml
	[[ $errors == "slurm-experiment: sbatch is missing; "*"slurm-client" ]]
	test ! -e experiments
}
