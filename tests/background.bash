# A sweep that runs in the background until the file `go` is there.

prepare_background() {
	printf 'dataset: d\nmodel: m\nn: 0\n' >configs/base.yaml
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {n: [0, 1, 2]}\n' >specs/s.yaml
	printf 'simulation:\n  command: [./prog, "{config}"]\n  flags: [--show]\ntraining:\n  command: [./prog, training]\n' >modes.yaml
	printf '#!/bin/sh\necho "$RUN_ID $*" >>ran\nuntil test -e go; do sleep 0.02; done\n' >prog
	chmod +x prog
	export XDG_STATE_HOME=$PWD/state
	bg=$top/bin/run-background
}

# What has left the test's directory is stopped, too.
clean() {
	touch go 2>/dev/null || :
	for dir in background_runs/*/; do
		sweep-lock --stop "$dir" -k 1 2>/dev/null || :
	done
}

background() {
	driver run-background "$@" 3>&-
}

entry() {
	background --list --json | jq -r "select(.name | startswith(\"$1\")) | $2"
}

is_state() {
	test "$(entry "$1" .state)" = "$2"
}
