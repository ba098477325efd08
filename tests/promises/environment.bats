load ../helper

# What a run gets is what its user has, and nothing that a driver changed.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nsweep: {lr: [1, 2]}\n' >specs/s.yaml
	printf '#!/bin/sh\ntool >>said\necho "$PATH" >>paths\n' >prog
	mkdir venv
	printf '#!/bin/sh\necho from the environment\n' >venv/tool
	# the programs installed beside a tool of that name, as in /usr/local/bin
	put_programs prefix
	printf '#!/bin/sh\necho of the prefix\n' >prefix/bin/tool
	chmod +x prog venv/tool prefix/bin/tool
	PATH=$PWD/venv:$PWD/prefix/bin:$PATH
	export XDG_STATE_HOME=$PWD/state
	before=$PATH
}

clean() { for dir in background_runs/*/; do "$bin/sweep-lock" --stop "$dir" 2>/dev/null || :; done; }

all_from_the_environment() {
	test "$(sort -u said)" = 'from the environment'
	test "$(wc -l <said)" -eq 2
	test "$(sort -u paths)" = "$before"
}

@test "runs get the user's PATH" {
	expect 0 ${SWEEP_SH:-sh} prefix/bin/run-experiment specs/s.yaml
	all_from_the_environment
}

@test "... when the driver is called by its name, or through a link" {
	expect 0 run-experiment specs/s.yaml
	all_from_the_environment
	rm said paths
	ln -s ../prefix/bin/run-experiment venv/sweep
	expect 0 sweep specs/s.yaml
	all_from_the_environment
}

@test "... many at once" {
	expect 0 ${SWEEP_SH:-sh} prefix/bin/run-experiment specs/s.yaml --jobs 2
	all_from_the_environment
}

@test "... in the background" {
	expect 0 ${SWEEP_SH:-sh} prefix/bin/run-background --experiment specs/s.yaml
	wait_until sh -c 'test "$(wc -l <paths)" -ge 2'
	all_from_the_environment
}

@test "nothing else of what a driver does reaches a run: variables, umask, limits, descriptors, signals" {
	cat >prog <<-'EOF'
		#!/bin/sh
		{ env | grep -v '^RUN_\|^EXPERIMENT_DIR=\|^_=\|^PYTHONUNBUFFERED=' | sort; umask; ulimit -a; pwd
		sed -n 's/^Sig\(Ign\|Blk\)/&/p' /proc/self/status; } >it
		for fd in /proc/$$/fd/?; do test ! -e "$fd" || echo "${fd##*/}"; done >>it
	EOF
	unset OLDPWD
	expect 0 ./prog
	mv it alone
	expect 0 ${SWEEP_SH:-sh} prefix/bin/run-experiment specs/s.yaml --limit 1
	# a run's input is empty, and it ignores no signals: that is for run-one to say
	diff <(grep -v '^Sig\|^[0-9]$\|^OLDPWD=\|^SHLVL=' alone) <(grep -v '^Sig\|^[0-9]$\|^OLDPWD=\|^SHLVL=' it)
	test "$(grep '^[0-9]$' it | tr '\n' ' ')" = '0 1 2 '
	grep -qx 'SigBlk:	0*' it
	# 32 and 33 are glibc's own; make leaves them ignored where it spawns
	grep -qx 'SigIgn:	0*\(180000000\)\?' it
}

@test "another maker's run-one is not taken for ours" {
	mkdir -p alone/bin alone/share other
	cp "$top/bin/run-experiment" alone/bin
	cp -r "$top/share/sweeputils" alone/share
	printf '#!/bin/sh\necho run-one 1.0; touch ran\n' >other/run-one
	chmod +x other/run-one
	expect 2 env PATH="$PWD/other:$PATH" ${SWEEP_SH:-sh} alone/bin/run-experiment specs/s.yaml
	[[ $errors == "run-experiment: $PWD/other/run-one is another program of that name; install run-one beside run-experiment in $PWD/alone/bin" ]]
	test ! -e experiments
}

@test "a program is found beside its driver, whatever PATH has" {
	printf '#!/bin/sh\n:\n' >prog
	chmod +x prog
	expect 0 ${SWEEP_SH:-sh} prefix/bin/run-experiment -q --dir e specs/s.yaml
	mkdir lone
	cp e/experiment.json lone
	for call in "sweep-table lone" "sweep-table --csv lone" "sweep-compare lone lone" "sweep-report lone" "sweep-metrics -q e" \
		"run-background --list" "sweep-table e" "run-experiment --dir e --resume -q"; do
		# shellcheck disable=SC2086 # words
		expect 0 env PATH=/usr/bin:/bin sh prefix/bin/$call
	done
}
