load ../helper

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

# The shells that a driver can be run by; words each. A build that is tested with a shell
# of its own needs no other: the plain one has tried them all.
shells() {
	local one
	test -z "${SWEEP_SANITIZED:-}" || { echo "${SWEEP_SH:-sh}" && return; }
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

# relied on: Names, values, records and logs are data to shells, terminals, spreadsheets and gnuplot.
# relied on: Only the command of a run and the jq expression of its metrics are executed, as in the spec.
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

# ---- terminals ----

# ESC, BEL, CR, DEL, C1, bidi, ALM, annotations, a noncharacter, broken UTF-8; and what is to stay as it is
nasty=$'\e]0;x\a\e[31m\r\x7f\xc2\x9b31m\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8\xef\xbb\xbf\xef\xbf\xb9\xef\xbf\xbe'
broken=$'\xff\xc0\x80\xed\xa0\x80\xe2\x82'
fine='äß漢字👩‍🚀'

# Is there nothing in these files but what a terminal just shows?
just_shown() {
	local file
	for file; do
		if LC_ALL=C grep -anP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xaf]|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb\xbe\xbf]' "$file" >.bad; then
			cat -v .bad
			return 1
		fi
		iconv -f UTF-8 -t UTF-8 "$file" >/dev/null || return 1
	done
}

# sees WORD... - run it, whatever its status is; a person can look at what it says
sees() {
	"$@" >out 2>err </dev/null 3>&- || :
	just_shown out err || { echo "of: $*"; return 1; }
}

@test "what a terminal would not just show is written out, the same by C and by jq" {
	just_shown <(echo "$fine")
	run just_shown <(echo "$nasty")
	test "$status" -ne 0
	expect 0 sweep-watch --plain "$nasty$broken$fine"
	test "$output" = '\x1b]0;x\x07\x1b[31m\r\x7f\x9b31m\u202e\u2066\u061c\u2028\ufeff\ufff9\ufffe\xff\xc0\x80\xed\xa0\x80\xe2\x82'"$fine"
	expect 0 sweep-watch --plain $'a\tb\nc'
	test "$output" = 'a\tb\nc'
	printf 'a\tb\n\n%s\nlast' "$nasty" >text
	expect 0 sweep-watch --plain - <text
	test "$(wc -l <<<"$output")" -eq 4
	[[ $output == 'a\tb'*last ]]
	/usr/bin/python3 -c 'if True:
		codes = [c for c in range(1, 0x110000) if c != 10 and not 0xd800 <= c < 0xe000 and (c < 0x20000 or c % 0x10000 > 0xfff0)]
		for first in range(0, len(codes), 200):
			print("".join(map(chr, codes[first:first + 200])))
	' >all
	test -s all
	cmp <(sweep-watch --plain - <all) <(jq -L "$top/share/sweeputils" -Rr 'include "sweep"; plain' all)
	# jq reckons a definition anew for each cell of a table: nothing but strings are joined
	sed -n '/^def special:/,/;$/p' "$top/share/sweeputils/sweep.jq" >special
	test "$(sed 's/"[^"]*"//g; s/^def special://' special | tr -d ' \t\n+')" = ';'
}

@test "messages of the drivers and of the programs quote names as text" {
	local shell name
	while read -r shell; do
		for name in "$nasty" "$broken" "$fine"; do
			for driver in run-experiment run-background slurm-experiment sweep-table sweep-compare sweep-metrics sweep-plot sweep-report; do
				sees $shell "$top/bin/$driver" "$name" "$name"
				sees $shell "$top/bin/$driver" "--$name" "$name"
				sees $shell "$top/bin/$driver" "--$name=$name" specs/s.yaml
			done
			for option in --stop --follow --name --limit --queue= --jobs; do
				sees $shell "$top/bin/run-background" "$option" "$name" --experiment "$name"
			done
			for option in --mode --limit --dir --jobs --timeout --exp; do
				sees $shell "$top/bin/run-experiment" "$option" "$name" specs/s.yaml
			done
			sees $shell "$top/bin/sweep-table" --agg "$name" e
			sees $shell "$top/bin/sweep-table" --where "$name" e
		done
	done < <(shells)
	for name in "$nasty" "$broken"; do
		for program in run-one sweep-expand meta-merge find-rundir sweep-watch sweep-lock; do
			sees "$program" "$name" "$name"
			sees "$program" "--$name"
			sees "$program" "--$name=$name"
		done
		sees run-one -t "$name"
		sees sweep-lock --stop "$name"
		sees sweep-watch --log "$name"
		sees sweep-expand --which "$name" -p "$name"
		sees sweep-expand --new "$name"
		sees find-rundir --root "$name" --config "$name"
		sees meta-merge -o "$name/x" <<<"{}"
	done
	expect 2 driver sweep-table "no $fine"
	[[ $errors == *"$fine"* ]]
}

# The directory e, of which everything is nasty: names, values, metrics, notes, logs.
nasty_experiment() {
	mkdir -p "$1/records" "$1/logs"
	jq -cn --arg t "$nasty$fine" --arg dir "$1" 'range(3) | {run: "run_00\(.)", index: ., total: 3, experiment: $t, experiment_dir: $dir,
		params: {lr: ., ($t): $t}, base_config: "configs/\($t).yaml", command: ["true"], created_at: "2026-11-27T08:00:00.000Z"}' >"$1/plan.jsonl"
	jq -cn --arg t "$nasty$fine" --arg dir "$1" '{experiment_dir: $dir, attempt: 1, started_at: "2026-11-27T08:00:01.000Z", completed_at: "2026-11-27T08:00:02.000Z", duration_s: 1} + (
		{run: "run_000", status: "failed", reason: $t, error: $t, log_path: "\($dir)/logs/run_000.log"},
		{run: "run_001", status: "completed", metrics: {acc: 1, ($t): 2, who: $t}, host: $t},
		{run: "run_002", status: "completed", metrics_error: $t, host: $t})' | while read -r line; do
		printf '%s\n' "$line" >"$1/records/$(jq -r .run <<<"$line").jsonl"
	done
	printf '%s\n%s\n\n' "$nasty" "$broken" >"$1/logs/run_000.log"
	meta-merge "$1"
}

@test "what is shown of an experiment is text: tables, comparisons, plots, failures, log ends" {
	local words
	nasty_experiment e
	nasty_experiment other
	sed -i 's/"acc":1/"acc":3/' other/records/run_001.jsonl
	for words in 'sweep-watch -1 e' 'sweep-watch -f e' 'sweep-watch e' 'sweep-watch --log e/logs/run_000.log'; do
		sees $words
		test -s out
	done
	for words in 'sweep-table e' 'sweep-table --markdown e' 'sweep-table --sort nope e' 'sweep-table --where .nope<1 e' 'sweep-table --group-by lr e' \
		'sweep-table --agg nope e' 'sweep-compare -a e other' 'sweep-compare e/run_000 other/run_001' 'sweep-compare e/run_000 other/nope' \
		'run-experiment --dir e --resume -n' 'run-experiment --dir e --resume --limit 1' 'sweep-metrics e'; do
		sees driver $words
		test -s out || test -s err
	done
	sees driver sweep-table --sort "$nasty" e
	sees driver sweep-compare "e/$nasty" other/run_000
	if command -v gnuplot >/dev/null; then
		sees driver sweep-plot -x nope e
		sees driver sweep-plot -x lr -y acc e
		sees driver sweep-plot -H lr "$nasty$fine" -y acc e
	fi
}

# relied on: JSON, CSV, TSV and the output of `run-one -v' have the data unchanged.
@test "data are as they are: what is for programs is not changed" {
	nasty_experiment e
	expect 0 driver sweep-table --json e
	test "$(sed -n 2p <<<"$output" | jq -r .who)" = "$nasty$fine"
	expect 0 driver sweep-table --csv --columns who e
	[[ $output == *"$fine"* && $output == *$'\xc2\x9b'* ]]
	expect 0 meta-merge -o - e
	test "$(jq -r '.runs[1].metrics.who' <<<"$output")" = "$nasty$fine"
}

@test "a run's output, its progress, and the directories that a sweep is in are text" {
	local shell=${SWEEP_SH:-sh} where=$'e\xc2\x9b31m\xe2\x80\xae'$fine
	printf '#!/bin/sh\nprintf "%%s" "$NASTY"\necho "{\\"$RUN_ID$NASTY" >m.json\nexit 3\n' >prog
	printf 'metrics: m.json\n' >>specs/s.yaml
	export NASTY=$nasty$broken
	sees $shell "$top/bin/run-experiment" --dir "$where" specs/s.yaml
	grep -qF "experiment e\\x9b31m\\u202e$fine" out
	grep -qF '\u202e' out
	sees $shell "$top/bin/run-experiment" --dir "$where" --resume
	expect 0 driver sweep-report "$where"
	test "$output" = "$where/report.html"
	sed -i 's/exit 3/exit 0/' prog
	sees $shell "$top/bin/run-experiment" --dir "$where" --resume
	grep -q 'without metrics' out
	sees $shell "$top/bin/sweep-metrics" "$where"
}

@test "a name on standard output is data, and on a terminal it is text" {
	need script
	local where=$'e\xc2\x9b31m\xe2\x80\xae'$fine
	mkdir -p "runs/$where"
	expect 0 sweep-expand -q --print-dir -d "$where" specs/s.yaml
	test "$output" = "$where"
	export WHERE=$where
	script -qec 'sweep-expand -q -r --print-dir -d "$WHERE" specs/s.yaml' /dev/null >/dev/null </dev/null || skip "script cannot be used here"
	for words in 'sweep-expand -q -r --print-dir -d "$WHERE" specs/s.yaml' 'find-rundir --root runs --all' '$SH "$TOP/bin/sweep-report" "$WHERE"'; do
		expect 0 env SHELL=/bin/sh SH="${SWEEP_SH:-sh}" TOP="$top" script -qec "$words" /dev/null </dev/null
		[[ $output == *'e\x9b31m\u202e'"$fine"* ]]
	done
}

# ---- background runs ----

@test "--list and --clean of background runs take text of their files and names as text, and leave what is not theirs" {
	local shell
	while read -r shell; do
		rm -rf background_runs experiments
		mkdir -p experiments/x
		sweep-expand -q -d experiments/x/e specs/s.yaml
		for name in a_20261127_080000 $'b\nexperiments' $'c\e[31m' '$(touch pwned)'; do
			mkdir -p "background_runs/$name/records"
			jq -cn --arg t "$nasty" --arg name "$name" '{run: "sweep", index: 0, total: 1, experiment: $t, experiment_dir: "background_runs/\($name)", params: {},
				command: ["true"], created_at: "2026-11-27T08:00:00.000Z", sweep_dir: "e"}' >"background_runs/$name/plan.jsonl"
		done
		sees $shell "$top/bin/run-background" --list
		grep -q '2026' out
		sees $shell "$top/bin/run-background" --stop 'a_'
		sees $shell "$top/bin/run-background" --clean -y
		grep -qx 'forgot background_runs/a_20261127_080000' out
		test -e experiments/x/e/plan.jsonl
		test -d $'background_runs/b\nexperiments'
		test ! -e pwned
	done < <(shells)
}

@test "--follow of a command shows its log as text, as it comes, and ends with it" {
	printf '#!/bin/sh\nprintf "first\\n%%s\\n1%%%%\\r2%%%%" "$NASTY"\nuntil test -e go; do sleep 0.02; done\nprintf "\\r99%%%%\\nend"\n' >prog
	export NASTY=$nasty$broken
	expect 0 driver run-background -- ./prog 3>&-
	${SWEEP_SH:-sh} "$top/bin/run-background" --follow prog_ >out 2>err 3>&- &
	wait_until grep -qF '\u202e' out
	touch go
	wait $!
	just_shown out err
	test "$(sed -n 1p out)" = first
	test "$(tail -n 2 out)" = $'99%\nend'
	test "$(wc -l <out)" -eq 4
	seq 100 >>background_runs/prog_*/logs/sweep.log
	expect 0 driver run-background --follow prog_
	test "$output" = "$(seq 81 100)"
}

@test "a background run is in the list whatever the experiment's document says" {
	mkdir -p background_runs/a_20261127_080000/records e
	jq -cn '{run: "sweep", index: 0, total: 1, experiment: "a", experiment_dir: "background_runs/a_20261127_080000", params: {},
		command: ["true"], created_at: "2026-11-27T08:00:00.000Z", sweep_dir: "e"}' >background_runs/a_20261127_080000/plan.jsonl
	for document in '' x '[]' '{"total":1e300,"counts":{"completed":1e300,"failed":-5},"runs":[{"status":"completed","duration_s":"x"}]}' \
		'{"total":"a","counts":7}' '{"runs":{"a":1}}' '{"runs":[7,{"status":"running","run":7,"params":7}]}'; do
		printf '%s\n' "$document" >e/experiment.json
		expect 0 driver run-background --list
		[[ $output == *"a  "*background_runs/a_20261127_080000 ]]
	done
}

# ---- gnuplot ----

@test "a label is a string of gnuplot's, whatever it begins with" {
	need gnuplot
	mkdir -p e/records
	jq -cn --args 'range($ARGS.positional | length) as $i | $ARGS.positional[$i] as $t | {run: "r\($i)", index: $i, status: "completed", experiment_dir: "e",
		params: {($t): $i, name: $t, i: ($i % 2)}, metrics: {($t): ($i + 1), acc: $i}}' -- \
		"'quoted'" "'" "''" "'''" "'a'b" "'\`touch pwned\`" "' . system('touch pwned') . '" '"' '"`touch pwned`' "'\"\`touch pwned\`\"\\" \
		'\' "'\\" '@PATH' "'@PATH" '{' '}' "'{" '#' '$line0' '%' "'%s%%" '`touch pwned`' 'a`touch pwned`' $'\n' $'a\n' '-1' '; !touch pwned' '!touch pwned' >e/plan.jsonl
	while read -r label; do
		label=$(jq -j . <<<"$label" && echo .)
		label=${label%.}
		expect 0 driver sweep-plot -x name -y acc --title "$label" -o p.svg e
		expect 0 driver sweep-plot -x "params.$label" -y "metrics.$label" -o p.svg e
		expect 0 driver sweep-plot -x i -y acc --by name --title "$label" -o p.svg e
	done < <(jq '.params.name' e/plan.jsonl)
	expect 0 driver sweep-plot -x name -y acc --title "'quoted' \\ \" \`" -o p.svg e
	test -z "$errors"
	sed 's/&#39;/'\''/g; s/&apos;/'\''/g; s/&quot;/"/g' p.svg >text
	for want in "'quoted' \\ \" \`" "'\"\`touch pwned\`\"\\" "'@PATH" "'%s%%" "''' "; do
		grep -qF -e "${want% }" text || { echo "no $want"; return 1; }
	done
	expect 0 driver sweep-plot -H name i -y acc -o p.svg e
	expect 0 driver sweep-plot -x i -y acc --by name e
	test ! -e pwned
}

@test "a log that grows by more than is read at once is shown to its end" {
	mkdir d
	echo begin >log
	"${SWEEP_FAULTS:-$top/tests/faults}/hold" lock d/lock >held 3>&- &
	holder=$!
	wait_until test -s held
	sweep-watch --log log --with d >shown 3>&- &
	pid=$!
	wait_until grep -q begin shown
	seq 1000000 >>log
	kill -s KILL $holder
	wait $pid
	test "$(tail -n 1 shown)" = 1000000
	test "$(wc -l <shown)" -eq 1000001
}
