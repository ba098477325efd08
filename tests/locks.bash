# Sweeps whose runs are at work until the file `go.NAME` is there.

prepare() {
	export XDG_STATE_HOME=$PWD/state
	printf 'lr: 0\n' >configs/base.yaml
	spec s '[1]'
	printf '#!/bin/sh\necho "$RUN_ID" >>"started.$1"\nuntil test -e "go.$1"; do sleep 0.02; done\n' >prog
	chmod +x prog
}

clean() {
	for dir in background_runs/*/ experiments/*/; do sweep-lock --stop "$dir" -k 1 2>/dev/null || :; done
}

spec() { # NAME VALUES
	printf 'name: %s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog, %s]\nsweep: {lr: %s}\n' \
		"$1" "$1" "$2" >"specs/$1.yaml"
}
