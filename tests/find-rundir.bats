load helper

# find-rundir. How run-one finds the directory of a run is in promises/missing-results.bats.

prepare() {
	mkdir -p runs/old
	printf 'lr: 0.1\n' >config.yaml
	touch -d '2020-01-01' runs/old
	touch -d '2021-01-01' since
}

@test "the only new directory is found" {
	mkdir runs/new
	expect 0 find-rundir -r runs -s since
	test "$output" = runs/new
}

@test "of several, one that holds a copy of the config" {
	mkdir -p runs/a runs/b/deep
	cp config.yaml runs/b/deep/my.yaml
	expect 0 find-rundir --root runs --since since --config config.yaml
	test "$output" = runs/b
}

@test "none is exit 1 and a message" {
	expect 1 find-rundir -r runs -s since
	[[ $errors == *"no directory below runs"* ]]
	test -z "$output"
}

@test "several are not guessed at, but printed with --all" {
	mkdir runs/a runs/b
	expect 1 find-rundir -r runs -s since
	test -z "$output"
	[[ $errors == *"2 directories"* ]]
	expect 0 find-rundir -a -r runs -s since
	test "$output" = $'runs/a\nruns/b'
}

@test "a run line says where to look, a recorded run where it is" {
	mkdir runs/a runs/b
	cp config.yaml runs/a
	line='{"run":"run_000","run_dir_parent":"runs","config_path":"config.yaml"}'
	expect 0 find-rundir -s since <<<"$line"
	test "$output" = runs/a
	expect 0 find-rundir <<<'{"run":"run_000","run_dir":"runs/x"}'
	test "$output" = runs/x
	expect 1 find-rundir <<<'{"run":"run_000"}'
	expect 2 find-rundir <<<'what'
}

@test "what is not there is named" {
	expect 2 find-rundir -r nowhere
	[[ $errors == *nowhere* ]]
	expect 2 find-rundir -r runs -s nowhere
	expect 2 find-rundir runs
}
