load helper

# Text of files, and names, are data: no shell, no jq, no gnuplot and no terminal does
# anything with them. What is planted makes a file `pwned` where it is executed.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {lr: [1, 2]}\ncommand: [./prog]\n' >specs/s.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\n' >prog
	chmod +x prog
	mkdir stub
	export XDG_STATE_HOME=$PWD/state
}

# The shells that a driver can be run by; words each.
shells() {
	local one
	for one in bash dash 'busybox sh' ksh mksh yash; do
		if command -v "${one%% *}" >/dev/null; then echo "$one"; fi
	done
}

commands=('$(touch pwned)' '`touch pwned`' "'; touch pwned; '" '"; touch pwned; "' '{= touch pwned =}{}' '-rf' '%n%s&\1|' $'a\n$(touch pwned)')

# numbers that are commands to a shell that reckons with them
numbers=('total[$(touch pwned)]' 'a[`touch pwned`]' '1,total[$(touch pwned)]' '$(touch pwned)' '08' '1+1' '-1'
	'99999999999999999999' '"1"' '' 'total=7' '1e2' '0x10')

@test "a count in experiment.json is a number, or is not there" {
	local shell number
	expect 0 run-experiment -q --dir e specs/s.yaml
	cp e/experiment.json sound
	while read -r shell; do
		for number in "${numbers[@]}"; do
			for count in completed failed pending; do
				printf '%s with "%s":%s\n' "$shell" "$count" "$number"
				awk -v from="\"$count\":[0-9]*" -v to="\"$count\":$number" \
					'/^"counts"/ { at = match($0, from); $0 = substr($0, 1, at - 1) to substr($0, at + RLENGTH) } { print }' sound >e/experiment.json
				$shell "$top/bin/run-experiment" --dir e --resume >out 2>err
				test ! -e pwned
				grep -qE '^2 runs: 2 completed|^0 runs: $' out
			done
		done
	done < <(shells)
	test "$(wc -l <ran)" -eq 2
}

# slurm's clients, of which sbatch runs the task
slurm_stubs() {
	cat >stub/sbatch <<-'END'
		#!/bin/sh
		case "$*" in *--run-share*) ;; *) echo 8 && exit ;; esac
		while test "$1" != --run-share; do shift; done
		SLURM_ARRAY_TASK_ID=0 $UNDER "$SUBMIT" "$@" >task 2>&1
		echo 7
	END
	printf '#!/bin/sh\ncase $1 in show) echo "MaxArraySize = 1001"; echo "KillWait = 30" ;; esac\n' >stub/scontrol
	printf '#!/bin/sh\n' >stub/squeue
	cp stub/squeue stub/scancel
	chmod +x stub/*
	export SUBMIT=$top/bin/slurm-experiment
	PATH=$PWD/stub:$PATH
}

@test "what a session says of a job array is numbers, or is not there" {
	need flock
	local UNDER number
	export UNDER
	slurm_stubs
	while read -r UNDER; do
		for number in "${numbers[@]}"; do
			rm -rf e ran
			expect 0 sweep-expand -q --print-dir -d e specs/s.yaml
			jq -cn '{experiment_dir: "e", format: 1}' | run-one --shared --session slurm_array=5_0 \
				--session "slurm_first=$number" --session "slurm_chunk=$number" >/dev/null
			jq -cn '{experiment_dir: "e", format: 1}' | run-one --shared --session "slurm_array=${number}_0" \
				--session slurm_first=0 --session "slurm_chunk=0" >/dev/null
			printf '%s with %s\n' "$UNDER" "$number"
			expect 0 $UNDER "$top/bin/slurm-experiment" --dir e
			cat task
			test ! -e pwned
			test "$(wc -l <ran)" -ge 1
			expect 0 $UNDER "$top/bin/slurm-experiment" --list
			test ! -e pwned
		done
	done < <(shells)
}

@test "the number of a share that is none is no command" {
	local shell number
	while read -r shell; do
		for number in 'a[$(touch pwned)]' '' '-1' '1 2'; do
			expect 2 env SLURM_ARRAY_TASK_ID=0 $shell "$top/bin/slurm-experiment" --run-share "$bin" e "$number" 1
			expect 2 env SLURM_ARRAY_TASK_ID=0 $shell "$top/bin/slurm-experiment" --run-share "$bin" e 1 "$number"
			expect 2 env SLURM_ARRAY_TASK_ID="$number" $shell "$top/bin/slurm-experiment" --run-share "$bin" e 1 1
		done
	done < <(shells)
	test ! -e pwned
}

# in_shell DRIVER ARG... - whatever its status is
in_shell() {
	local name=$1
	shift
	$shell "$top/bin/$name" "$@" >out 2>err </dev/null || :
	test ! -e pwned || { printf 'executed: %s %s\n' "$shell" "$name"; return 1; }
}

@test "no name is executed: of a directory, a swept value, a metric, a mode's flag, a run, a branch, a log" {
	local shell text
	cat >prog <<-'END'
		#!/bin/sh
		jq -n --arg name "$TEXT" '{($name): 1.5, "$(touch pwned)": $name}' >"$RUN_ID.json"
		printf '%s\n' "$TEXT" "$@"
		exit 3
	END
	git init -q . && git -c user.name='$(touch pwned)' -c user.email=a@b commit -q --allow-empty -m '`touch pwned`'
	git checkout -q -b '$(touch${IFS}pwned)' && git remote add origin 'ext::sh -c touch% pwned'
	printf 'x' >'$(touch pwned)' && git add '$(touch pwned)'
	while read -r shell; do
		for text in "${commands[@]}"; do
			export TEXT=$text
			rm -rf e "./$text" specs/t.yaml
			jq -n --arg text "$text" '{name: "t", mode: "training", base_config: "configs/base.yaml", sweep: {lr: [$text, 2], ($text): [1]},
				command: ["./prog", "{config}", $text], metrics: "{run}.json"}' >specs/t.yaml
			jq -n --arg text "$text" '{training: {flags: ["--x=" + $text, "--ok"]}}' >modes.yaml
			in_shell run-experiment -q --dir "./$text" specs/t.yaml
			in_shell run-experiment --dir "./$text" --resume "--x=$text" --ok -j 2
			in_shell run-experiment --dir e "$text"
			in_shell run-experiment --dir e specs/t.yaml --ok --limit 1
			in_shell sweep-table "./$text" --sort "metrics.$text"
			in_shell sweep-table e --columns "$text" --agg "$text"
			in_shell sweep-compare "./$text" e
			in_shell sweep-compare e/run_000 "./$text/run_001"
			in_shell sweep-report "./$text"
			in_shell sweep-metrics "./$text"
			in_shell run-experiment -n --dir "./$text" --resume
			in_shell run-background --name "$text" --experiment specs/t.yaml
			in_shell run-background --stop "$text"
			in_shell slurm-experiment --stop "./$text"
		done
	done < <(shells)
}
