load ../helper

# A record may say anything: no number in one makes a program overflow, die or hang. In
# the builds with the sanitizers what is undefined ends the program.

numbers=(9223372036854775807 9223372036854775808 -9223372036854775808 18446744073709551616 -1 0 -0 1e999999 -1e999999 1e308 1e-400
	2147483647 2147483648 4294967296 1000001 0.5 '"NaN"' '"Infinity"' '"x"' null '[]' '{}' "$(printf '9%.0s' {1..200})")
times=(0000-00-00T00:00:00.000Z 99999-12-31T23:59:59Z 9999-99-99T99:99:60.9Z 2026-11-27T08:00:nanZ 2026-11-27T08:00:infZ
	2026-11-27T08:00:1e300Z 2026-11-27T08:-9:-0Z -999-01-01T00:00:00Z 1969-12-31T23:59:59Z Z '')

# line MEMBERS KEY:VALUE... - a JSON object of these members, and of the others, but for
# those that are among the first
line() {
	local out=$1 pair
	shift
	for pair; do
		[[ ,$out == *",${pair%%:*}:"* ]] || out=$out${out:+,}$pair
	done
	printf '{%s}\n' "$out"
}

plan_line() {
	line "$1" '"run":"run_000"' '"index":0' '"total":2' '"experiment":"s"' '"params":{"lr":1}' '"command":["true"]' "${@:2}"
}

# experiment MEMBERS STATUS - of its first run's line and record
experiment() {
	rm -rf e
	mkdir -p e/records e/logs
	{
		plan_line "$1" '"experiment_dir":"e"'
		plan_line '"run":"run_001"' '"index":1' '"experiment_dir":"e"'
	} >e/plan.jsonl
	line "$1" '"run":"run_000"' '"experiment_dir":"e"' '"attempt":1' '"started_at":"2026-11-27T08:00:00.000Z"' '"completed_at":"2026-11-27T08:00:01.000Z"' \
		'"duration_s":1.0' '"return_code":1' '"pid":1' '"metrics":{"acc":0.5}' "\"status\":\"$2\"" >e/records/run_000.jsonl
}

# lives COMMAND... - it ends, and by no signal; what it says is in out and err
lives() {
	local status=0
	timeout 600 "$@" >out 2>err || status=$?
	test "$status" -lt 124 && ! grep -qE 'runtime error|Sanitizer' err && return
	printf 'status %s: %s\n' "$status" "$*"
	cat err
	return 1
}

# Each program, where these are in a run's line and in its record.
members() {
	local status
	plan_line "$1" >line
	lives run-one -p <line
	for status in completed running failed; do
		experiment "$1" "$status"
		lives sweep-watch -1 e
		lives sweep-watch -f e
		lives meta-merge --spelling -o - e
	done
	lives run-one -p <e/plan.jsonl
	experiment "$1" completed
	lives find-rundir --metrics --experiment e <e/records/run_000.jsonl
}

# all VALUE KEY... - all of them with this value
all() {
	local out='' key
	for key in "${@:2}"; do out="$out${out:+,}\"$key\":$1"; done
	printf '%s' "$out"
}

@test "a run's place is told up to the greatest number, and not of one that is none" {
	plan_line '"index":9223372036854775807' >line
	expect 0 run-one -p <line
	[[ $errors == '[9223372036854775808/2] run_000 lr=1'* ]]
	plan_line '"total":9223372036854775807' >line
	expect 0 run-one -p <line
	[[ $errors == '[                  1/9223372036854775807] run_000 lr=1'* ]]
	for number in -1 -9223372036854775808 9223372036854775808 1e5 '"x"' null; do
		plan_line "\"index\":$number" >line
		expect 0 run-one -p <line
		[[ $errors == 'run_000 lr=1'* ]]
	done
}

@test "a duration that no run has is a question mark" {
	for number in 1e999999 -1e999999 1e300 9223372036854775807000; do
		experiment "\"duration_s\":$number" completed
		expect 0 sweep-watch -1 e
		[[ $output == *"run_000  completed  lr=1  ?  acc=0.5"* ]]
	done
	experiment '"duration_s":1e999999' completed
	sed -i '2s/"run_001"/"run_001","status":"running"/' e/plan.jsonl
	expect 0 sweep-watch -1 e
	if [[ $output == *" -"* || $output == *inf* ]]; then return 1; fi
	for number in '"x"' null '[]' 0 -0; do
		experiment "\"duration_s\":$number" completed
		expect 0 sweep-watch -1 e
		[[ $output == *"run_000  completed  lr=1  "*"0.0s  acc=0.5"* ]]
	done
}

@test "no number in a line or a record makes a program end otherwise than by itself" {
	local number
	for number in "${numbers[@]}"; do
		members "$(all "$number" index total attempt pid return_code signal duration_s user_s max_rss_kb leftovers)"
		members "$(all "$number" format)"
		members "$(all "$number" index)"
		members "$(all "$number" attempt)"
	done
}

@test "no time in a line or a record makes a program end otherwise than by itself" {
	local when
	for when in "${times[@]}"; do
		members "$(all "\"$when\"" started_at completed_at created_at noted_at session_started_at)"
		members "$(all "\"$when\"" started_at)"
	done
}

@test "tables, comparisons, plots and lists are made of any number" {
	local number
	for number in 1e999999 -1e999999 1e308 -1e308 1e-400 9223372036854775808 -0 0 '"NaN"' '"Infinity"' '"-Infinity"' '"x"' null '[]' '{}'; do
		rm -rf e
		mkdir -p e/records
		for run in 0 1 2; do
			printf '{"run":"r%d","index":%d,"status":"completed","experiment_dir":"e","duration_s":%s,"started_at":%s,"attempt":1,"params":{"lr":%s,"i":%d},"metrics":{"acc":%s,"one":1}}\n' \
				$run $run "$number" "$number" "$(test $run = 1 && echo 2 || echo "$number")" $run "$number"
		done >e/plan.jsonl
		expect 0 driver sweep-table e
		test "$(wc -l <<<"$output")" -eq 4
		expect 0 driver sweep-table --sort lr --group-by lr e
		expect 0 driver sweep-table --csv e
		expect 0 driver sweep-compare e/r0 e/r1
		expect 0 driver sweep-compare -a e e
		if command -v gnuplot >/dev/null; then
			expect 0 driver sweep-plot -x i -y one -o p.gp e
			for words in '-x lr -y one' '-x i -y acc' '-H lr i -y acc' '-H lr i -y acc -o p.svg' '-x lr -y acc --by i -o p.svg'; do
				lives ${SWEEP_SH:-sh} "$top/bin/sweep-plot" $words e
				test "$(wc -l <err)" -le 3
			done
		fi
	done
}

@test "a list of background runs is made of any number" {
	local number
	mkdir -p background_runs/a_20261127_080000/records e
	jq -cn '{run: "sweep", index: 0, total: 1, experiment: "a", experiment_dir: "background_runs/a_20261127_080000", params: {},
		command: ["true"], created_at: "2026-11-27T08:00:00.000Z", sweep_dir: "e"}' >background_runs/a_20261127_080000/plan.jsonl
	for number in "${numbers[@]}" '"99999-12-31T23:59:59Z"'; do
		jq -c . <<<"{\"run\":\"sweep\",\"experiment_dir\":\"background_runs/a_20261127_080000\",\"status\":\"failed\",\"reason\":\"exit\",\"started_at\":$number,\"completed_at\":$number}" \
			>background_runs/a_20261127_080000/records/sweep.jsonl
		printf '{"total":%s,"counts":{"completed":%s,"failed":%s},"runs":[{"run":"r","status":"completed","duration_s":%s}]}\n' \
			"$number" "$number" "$number" "$number" >e/experiment.json
		expect 0 driver run-background --list
		[[ $output == *"a  "*background_runs/a_20261127_080000 ]]
		test ${#output} -lt 1500
	done
}
