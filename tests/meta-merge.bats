load helper

# meta-merge: the fold and its document. Notes are in notes.bats.

prepare() {
	printf 'lr: 0.1\nmodel: m\n' >configs/base.yaml
	cat >specs/s.yaml <<-'EOF'
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep: {lr: [0.10, 1e-2, 3.0]}
		command: [sh, -c, 'test "$1" != 3.0', sh, "{lr}"]
	EOF
	sweep-expand -q -d e/x specs/s.yaml >plan
	run-one <plan >events || :
}

@test "the document of a finished sweep has the counts, the fields and one run a line" {
	expect 0 meta-merge e/x
	test -z "$output"
	jq -e '.name == "s" and .mode == "training" and .status == "failed" and .total == 3 and
		.counts == {pending: 0, running: 0, completed: 2, failed: 1} and
		.experiment_dir == "e/x" and .spec_path == "specs/s.yaml" and .created_at <= .updated_at and
		[.runs[].index] == [0, 1, 2] and .runs[2].return_code == 1 and .runs[0].status == "completed"' \
		e/x/experiment.json
	test "$(grep -c '^{"run":' e/x/experiment.json)" -eq 3
}

@test "--counts says how many runs have which status, of the records, of lines and of a document" {
	local zeros=$'interrupted 0\nwithout_metrics 0\nunreadable 0'
	expect 0 meta-merge --counts e/x
	test "$output" = $'total 3\npending 0\nrunning 0\ncompleted 2\nfailed 1\n'"$zeros"
	test ! -e e/x/experiment.json
	expect 0 sh -c 'meta-merge --counts <plan'
	test "$output" = $'total 3\npending 3\nrunning 0\ncompleted 0\nfailed 0\n'"$zeros"
	expect 74 meta-merge --counts e/x/experiment.json
	printf '%s\n' '{"run":"run_001","experiment_dir":"e/x","metrics":{"acc":1}}' \
		'{"run":"run_002","experiment_dir":"e/x","remark":"\"reason\":\"interrupted\",\"metrics_error\":"}' | meta-merge >lines
	echo '{"run":"run_002","index":2,"status":"failed","reason":"interrupted","attempt":3,"ended_at":"2099-01-01T00:00:00.000Z"}' >>e/x/records/run_002.jsonl
	mkdir e/x/records/run_009.jsonl
	expect 2 meta-merge e/x
	expect 2 meta-merge --counts e/x
	local counts=$'total 3\npending 0\nrunning 0\ncompleted 2\nfailed 1\ninterrupted 1\nwithout_metrics 1\nunreadable 1'
	test "$output" = "$counts"
	# as it is
	rm -r e/x/records e/x/plan.jsonl
	expect 0 meta-merge --counts e/x/experiment.json
	test "$output" = "$counts"
	cp e/x/experiment.json whole
	head -c -3 whole >e/x/experiment.json
	expect 2 meta-merge --counts e/x/experiment.json
	[[ $errors == "meta-merge: e/x/experiment.json is not what meta-merge wrote; "* ]]
	sed 's/"total":3/"total":4/' whole >e/x/experiment.json
	expect 2 meta-merge --counts e/x/experiment.json
	test -z "$output"
	for words in "-s failed" "-o x" "--of e/x"; do
		# shellcheck disable=SC2086
		expect 2 meta-merge --counts $words </dev/null
	done
}

@test "numbers keep their spelling, and unknown fields stay" {
	printf '{"run":"run_000","experiment_dir":"e/x","who":{"a":[1.50,-0,1e400]},"big":123456789012345678901234567890}\n' |
		meta-merge >/dev/null
	grep -q '"who":{"a":\[1.50,-0,1e400\]}' e/x/experiment.json
	grep -q '"big":123456789012345678901234567890' e/x/experiment.json
	grep -q '"params":{"lr":0.10}' e/x/experiment.json
}

@test "lines are passed on as they are, and name the experiment to keep" {
	rm -f e/x/experiment.json
	expect 0 sh -c 'meta-merge <events'
	test "$output" = "$(cat events)"
	jq -e '.counts.completed == 2' e/x/experiment.json
}

@test "order, repetition and division of lines do not matter" {
	cat plan events e/x/records/experiment.jsonl >lines
	meta-merge -o want.json <lines
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		cat lines lines | shuf --random-source=<(yes $seed) | meta-merge -o got.json
		cmp want.json got.json
		split -n r/2 lines part. && cat part.ab part.aa part.ab | meta-merge -o got.json
		cmp want.json got.json
	done
	meta-merge e/x
	cmp want.json e/x/experiment.json
}

@test "folded runs are run lines again: the resume that jq makes" {
	meta-merge e/x
	expect 0 sh -c 'jq -c ".runs[] | select(.status != \"completed\")" e/x/experiment.json |
		run-one -- true | meta-merge'
	jq -e '.status == "completed" and .runs[2].attempt == 2 and .runs[2].return_code == 0 and
		(.runs[2] | has("reason") | not)' e/x/experiment.json
	jq -c '.runs[]' e/x/experiment.json | cat e/x/records/experiment.jsonl - | meta-merge -o again.json
	diff <(jq -S '.runs' again.json) <(jq -S '.runs' e/x/experiment.json)
}

@test "a later attempt hides the outcome of an earlier one" {
	printf '%s\n' '{"run":"a","attempt":2,"status":"running","started_at":"2026-01-01T00:00:00.000Z"}' \
		'{"run":"a","attempt":1,"status":"failed","completed_at":"2026-06-01T00:00:00.000Z","return_code":3,"x":1}' |
		meta-merge -o out.json
	jq -e '.runs[0] == {run: "a", status: "running", attempt: 2, x: 1, started_at: "2026-01-01T00:00:00.000Z"}' out.json
}

@test "-s prints the runs with a status as lines" {
	expect 0 meta-merge -s failed e/x
	[[ $output == '{"run":"run_002",'*'"params":{"lr":3.0}'* ]]
	expect 0 meta-merge -s completed,failed e/x
	test "$(wc -l <<<"$output")" -eq 3
	test ! -e e/x/experiment.json
	expect 2 meta-merge -s done e/x
}

@test "-o - is standard output" {
	expect 0 sh -c 'cat plan events | meta-merge -o -'
	jq -e '.counts.completed == 2' <<<"$output"
}

@test "a torn last line is left out, garbage before it is named" {
	printf '{"run":"run_000","attempt":9,"sta' >>e/x/records/run_000.jsonl
	expect 0 meta-merge e/x
	jq -e '.runs[0].attempt == 1' e/x/experiment.json
	printf '\0\0\0\n' >>e/x/records/run_001.jsonl
	expect 0 meta-merge e/x
	printf '{"run":"run_001"}\n' >>e/x/records/run_001.jsonl
	expect 2 meta-merge e/x
	[[ $errors == *"e/x/records/run_001.jsonl:3:"*"repair the line, or move the file away"* ]]
	printf '{"run":"a"}\n{"run":"b","sta' | meta-merge -o out.json
	jq -e '.total == 1' out.json
}

@test "bad lines are named by number, the others are folded" {
	expect 2 sh -c 'printf "%s\n" "{\"run\":\"a\"}" what "{\"run\":\"b\"}" | meta-merge -o out.json'
	[[ $errors == "meta-merge: stdin:2:1: not a JSON object"* ]]
	jq -e '.total == 2' out.json
}

@test "lines of two experiments do not go into one file" {
	expect 2 sh -c 'printf "%s\n" "{\"run\":\"a\",\"experiment_dir\":\"p\"}" "{\"run\":\"a\",\"experiment_dir\":\"q\"}" |
		meta-merge -o out.json'
	[[ $errors == *"two experiments, p and q"* ]]
}

@test "no line, no file" {
	echo mine >out.json
	expect 2 meta-merge -o out.json </dev/null
	test "$(cat out.json)" = mine
}

@test "a directory that is none is named" {
	expect 2 meta-merge nowhere
	[[ $errors == *"nowhere"* ]]
	expect 2 meta-merge configs
	[[ $errors == *"configs holds no runs"* ]]
	test ! -e configs/experiment.json
}

@test "a failed write leaves the old file and no temporary" {
	meta-merge e/x
	cp e/x/experiment.json before
	expect 74 sh -c 'ulimit -f 1; meta-merge e/x' || expect 74 bash -c 'ulimit -f 1; meta-merge e/x'
	cmp before e/x/experiment.json
	test "$(ls -A e/x | sort | tr '\n' ' ')" = "configs experiment.json lock logs plan.jsonl records spec.yaml "
}

# relied on: A reader sees a complete document at any time.
@test "a reader at any time sees a whole document" {
	seq 0 399 | sed 's/.*/{"run":"r&","index":&,"experiment_dir":"e\/x","attempt":1,"status":"completed"}/' >many
	meta-merge e/x
	touch going
	( while test -e going; do jq -e '.runs | length >= 3' e/x/experiment.json >/dev/null || touch broken; done ) 3>&- &
	reader=$!
	for round in 1 2 3 4 5; do meta-merge <many >/dev/null; done
	rm going
	wait $reader
	test ! -e broken
	jq -e '.total == 403' e/x/experiment.json
}

@test "two writers of one experiment end with the truth" {
	for round in $(seq 20); do
		rm -rf e/y && sweep-expand -q -d e/y specs/s.yaml >plan.y
		sed -n 1p plan.y | run-one --shared 2>/dev/null | meta-merge >/dev/null 3>&- &
		other=$!
		sed -n 2,3p plan.y | run-one --shared 2>/dev/null | meta-merge >/dev/null || :
		wait $other
		jq -e '.counts == {pending: 0, running: 0, completed: 2, failed: 1}' e/y/experiment.json
	done
}

@test "an interrupt from the keyboard is not for meta-merge: it drains" {
	mkfifo in
	meta-merge <in >out 3>&- &
	pid=$!
	exec 4>in
	head -n 1 events >&4
	wait_until test -s out
	kill -s INT $pid
	kill -s TERM $pid
	sed 1d events >&4
	exec 4>&-
	code=0
	wait $pid || code=$?
	test "$code" -eq 0
	cmp out events
	jq -e '.counts.completed == 2' e/x/experiment.json
}

@test "-o writes into a device or a pipe, behind a link, and keeps the mode of a file" {
	mkfifo pipe
	cat pipe >got &
	local reader=$!
	expect 0 sh -c 'cat plan events | meta-merge -o pipe'
	wait $reader
	test -p pipe
	jq -e '.counts.completed == 2' got
	expect 0 sh -c 'cat plan events | meta-merge -o /dev/stdout'
	jq -e '.counts.completed == 2' <<<"$output"
	echo old >target && chmod 600 target && ln -s target link
	expect 0 sh -c 'cat plan events | meta-merge -o link'
	test -L link
	jq -e '.counts.completed == 2' target
	test "$(stat -c %a target)" = 600
}

@test "temporaries that somebody who died has left are removed" {
	touch e/x/experiment.json.tmp.0123456789abcdef e/x/experiment.json.tmp.mine
	expect 0 meta-merge e/x
	test "$(cd e/x && echo experiment.json*)" = "experiment.json experiment.json.tmp.mine"
}

@test "run-one and meta-merge make the same of a journal" {
	local line state
	while IFS='|' read -r state line; do
		printf "$line" >e/x/records/run_000.jsonl
		local said=completed
		case $state in
		refused)
			expect 2 meta-merge -s completed e/x
			expect 2 sh -c 'sed -n 1p plan | run-one'
			continue
			;;
		esac
		expect 0 meta-merge -s completed e/x
		test "$(jq -r .run <<<"$output" | grep -c run_000 || :)" = "$(test "$state" = completed && echo 1 || echo 0)"
		: >ran
		expect 0 sh -c 'sed -n 1p plan | run-one -- sh -c "echo >>ran"'
		test "$(wc -l <ran)" = "$(test "$state" = completed && echo 0 || echo 1)"
	done <<-'EOF'
		completed|{"run":"run_000","status":"completed"}\n
		refused|{"run":"run_000","attempt":1.0,"status":"completed"}\n
		refused|{"run":"run_000","attempt":"1","status":"completed"}\n
		completed|{"run":"run_000","attempt":1,"status":"completed"}\n\n{"run":"run_000","attempt":2}\n
		completed|{"run":"run_000","attempt":1,"status":"completed","completed_at":"2026-01-02"}\n{"run":"run_000","attempt":1,"status":"failed","completed_at":"2026-01-01"}\n
		failed|{"run":"run_000","attempt":1,"status":"completed","completed_at":"2026-01-02"}\n{"run":"run_000","attempt":1,"status":"failed","completed_at":"2026-01-03"}\n
		failed|{"run":"run_000","attempt":1,"status":"completed"}\n{"run":"run_000","attempt":2,"status":"failed"}\n
		refused|{"run":"run_000","attempt":1,"status":"completed","format":2}\n
		refused|\357\273\277{"run":"run_000","attempt":1,"status":"completed"}\n
		refused|what\n{"run":"run_000","attempt":1,"status":"completed"}\n
	EOF
	printf '{"run":"run_001","attempt":1,"status":"completed"}\n' >e/x/records/run_000.jsonl
	expect 2 sh -c 'sed -n 1p plan | run-one'
	[[ $errors == *'records/run_000.jsonl:1: it tells of the run "run_001"; move that line'* ]]
}

@test "an experiment.json that came alone is read, also by another program's layout" {
	expect 0 sh -c 'run-one <plan | meta-merge >/dev/null'
	mkdir alone
	cp e/x/experiment.json alone
	diff <(meta-merge -s completed alone) <(meta-merge -s completed e/x)
	jq . e/x/experiment.json >alone/experiment.json
	diff <(meta-merge -s completed alone) <(meta-merge -s completed e/x | jq -c .)
	test "$(meta-merge -o - alone | jq -c .counts)" = "$(jq -c .counts e/x/experiment.json)"
	echo '{"runs":' >alone/experiment.json
	expect 2 meta-merge -o - alone
	[[ $errors == "meta-merge: alone/experiment.json has no list of runs" ]]
	# of a plan without runs it says nothing
	: >alone/plan.jsonl
	expect 2 meta-merge -o - alone
	[[ $errors == "meta-merge: alone holds no runs"* ]]
}
