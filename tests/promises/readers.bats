load ../helper

# One line, one answer: what run-one, meta-merge, sweep-watch and jq make of a record is the
# same, or it is refused. And what is written can be read by all of them.

prepare() {
	printf 'lr: 0\n' >configs/base.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\ntest ! -x ./more || ./more\n' >prog
	chmod +x prog
	spec '[1]'
}

spec() { # VALUES
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: [./prog]\nsweep: {lr: %s}\n' \
		"$1" >specs/s.yaml
}

# nest COUNT OPEN INNER CLOSE - INNER in so many brackets
nest() {
	local i open='' close=''
	for ((i = 0; i < $1; i++)); do
		open+=$2 close+=$4
	done
	printf '%s' "$open$3$close"
}

# answers EXPECTED - what the programs and jq say of e/records/run_000.jsonl: completed,
# open (it is to be run), or refused
answers() {
	local got=0 by_jq
	rm -f ran
	run-one <e/plan.jsonl >/dev/null 2>err || got=$?
	test "$1.$got" != refused.2 || { grep -qF 'e/records/run_000.jsonl:1' err && test ! -e ran; }
	case $1.$got in
	completed.0) test ! -e ran ;;
	open.0) test -e ran ;;
	refused.2) ;;
	*) cat err && false ;;
	esac || { echo "run-one: $got, expected $1" && return 1; }
	cp line e/records/run_000.jsonl
	got=0
	meta-merge -o - e >document 2>err || got=$?
	if test "$1" = refused; then
		test "$got" -eq 2
		grep -qF 'e/records/run_000.jsonl:1' err
		return
	fi
	test "$got" -eq 0 || { cat err && return 1; }
	test "$(jq -r 'if .counts.completed == 1 then "completed" else "open" end' document)" = "$1" || {
		echo "meta-merge, expected $1" && return 1
	}
	test "$(jq -r '.runs[0].status | if . == "completed" then . else "open" end' document)" = "$1"
	test "$(sweep-watch -1 e | grep -c '1/1')" = "$(test "$1" = completed && echo 1 || echo 0)"
	by_jq=$(jq -r 'if .run == "run_000" and .status == "completed" then .status else "open" end' line)
	test "$by_jq" = "$1" || { echo "jq: $by_jq, expected $1" && return 1; }
}

# table EXPECTED - each line of standard input is a journal's; @ stands for what they have in common
table() {
	local line common='"run":"run_000","experiment_dir":"e","format":1'
	while IFS= read -r line; do
		printf "${line//@/$common}\n" >line
		cp line e/records/run_000.jsonl
		answers "$1" || { cat line && return 1; }
	done
}

@test "what completed is completed to every reader" {
	sweep-expand -q -d e specs/s.yaml >plan
	table completed <<-'END'
		{@,"attempt":1,"status":"completed"}
		 { @ , "status" : "completed" , "attempt" : 1 }\r
		{@,"attempt":null,"status":"completed"}
		{@,"attempt":1000000,"status":"completed"}
		{@,"attempt":1,"status":"completed","gr\\u00f6\\u00dfe":1,"a\\/b":2,"<\\u003e":"\\u00e9\\/"}
		{@,"attempt":1,"status":"completed","metrics":{"\\u0061":1,"status":"failed","a":2}}
		{@,"attempt":1,"status":"completed","Status":"failed","status ":"failed","\\u0000status":"failed"}
		{@,"attempt":1,"status":"completed","duration_s":1e999,"x":-0,"y":123456789012345678901234567890}
	END
}

@test "what tells nothing of the run is nothing to every reader" {
	sweep-expand -q -d e specs/s.yaml >plan
	table open <<-'END'
		{"experiment_dir":"e","attempt":1,"status":"completed"}
		{@,"metrics":{"status":"completed"}}
		{@,"attempt":1,"status":"failed"}
		{@,"attempt":1,"status":"running"}
		{@,"attempt":1,"status\\u0000":"completed"}
		{"run":"run_007","experiment_dir":"e","attempt":7,"x":"completed"}
	END
}

@test "what readers would not agree on is refused by all, with its place" {
	sweep-expand -q -d e specs/s.yaml >plan
	table refused <<-'END'
		{@,"attempt":1,"\\u0073tatus":"completed"}
		{@,"attempt":1,"status":"compl\\u0065ted"}
		{@,"attempt":1,"status":"failed","status":"completed"}
		{@,"attempt":1,"status":"completed","status":"failed"}
		{@,"attempt":1,"status":"completed","\\u00e9":1,"\xc3\xa9":2}
		{@,"attempt":1,"status":"Completed"}
		{@,"attempt":1,"status":"done"}
		{@,"attempt":1,"status":null}
		{@,"attempt":1,"status":["completed"]}
		{@,"attempt":"1","status":"completed"}
		{@,"attempt":1.0,"status":"completed"}
		{@,"attempt":1e0,"status":"completed"}
		{@,"attempt":1000001,"status":"completed"}
		{@,"attempt":-1,"status":"completed"}
		{@,"\\u0061ttempt":2,"status":"completed"}
		{@,"attempt":1,"status":"completed","completed_at":"2026\\u002d11-27T00:00:00.000Z"}
		{"run":"run\\u005f000","experiment_dir":"e","status":"completed","attempt":1}
		{"run":"run_001","run":"run_000","experiment_dir":"e","status":"completed"}
		{@,"format":2,"status":"completed"}
		{@,"attempt":1,"status":"completed","x":"\xff"}
		{@,"attempt":1,"status":"completed","x":"\\ud800"}
		{@,"attempt":1,"status":"completed","x":NaN}
		{@,"attempt":1,"status":"completed","x":01}
		\xef\xbb\xbf{@,"attempt":1,"status":"completed"}
		{@,"attempt":1,"status":"completed"}{}
		{@,"attempt":1,"status":"completed"},
		[{@,"attempt":1,"status":"completed"}]
	END
	cp e/records/run_000.jsonl kept
	grep -qF 'not a JSON object; repair the line, or move the file away' err
	cmp kept e/records/run_000.jsonl
}

@test "a note or a run line that readers would not agree on is refused" {
	sweep-expand -q -d e specs/s.yaml >plan
	sed 's/"run":/"\\u0072un":/' plan >hostile
	expect 2 run-one <hostile
	[[ $errors == "run-one: stdin:1: byte 3: an escape of a letter, a digit or one of _-.: has to be written as the character itself;"* ]]
	for line in '"st\u0061tus":"completed"' '"status":"done"' '"metrics":{"a":1},"\u006detrics":{"a":2}' '"attempt":"1","x":1'; do
		expect 2 meta-merge <<<'{"run":"run_000","experiment_dir":"e",'"$line}"
		[[ $errors == "meta-merge: stdin:1:"* ]]
	done
	test ! -e e/records/notes.jsonl
	test ! -e ran
}

@test "a note is known however it is spelled, and of a key twice the last one counts" {
	sweep-expand -q -d e specs/s.yaml | run-one | meta-merge >/dev/null
	echo '{"run":"run_000","experiment_dir":"e","gr\u00f6\u00dfe":1,"metrics":{"acc":1,"acc":2,"\u006cr":3}}' | meta-merge >/dev/null
	echo '{"run":"run_000","experiment_dir":"e","größe":1,"metrics":{"acc":2,"lr":3}}' | meta-merge >/dev/null
	jq -e '.runs[0] | .["größe"] == 1 and .metrics == {acc: 2, lr: 3}' e/experiment.json
	echo '{"run":"run_000","experiment_dir":"e","gr\u00f6\u00dfe":1,"metrics":{"\u0061cc":2}}' | meta-merge >/dev/null
	test "$(wc -l <e/records/notes.jsonl)" -eq 2
	jq -e '.runs[0].metrics == {acc: 2, lr: 3}' e/experiment.json
}

@test "an attempt that no reader would count is not started" {
	sweep-expand -q -d e specs/s.yaml >plan
	echo '{"run":"run_000","experiment_dir":"e","attempt":1000000,"status":"failed","format":1}' >e/records/run_000.jsonl
	expect 2 run-one <plan
	[[ $errors == "run-one: run_000 has had attempt 1000000, and no later one is counted; repair its record"* ]]
	test ! -e ran
}

# read_by_all - experiment e and its journals, by all that reads them
read_by_all() {
	expect 0 run-one <e/plan.jsonl
	expect 0 meta-merge e
	jq -e . e/experiment.json >/dev/null
	jq -e . e/records/*.jsonl >/dev/null
	expect 0 sweep-watch -1 e
	expect 0 driver sweep-table --tsv e
	expect 0 driver sweep-report -o page.html e
	expect 0 meta-merge -o - --spelling e
	jq -e . <<<"$output" >/dev/null
	if command -v node >/dev/null 2>&1; then
		node -e 'JSON.parse(require("fs").readFileSync("e/experiment.json", "utf8"), (key, value) => value)'
	fi
}

# writes METRICS - the program does
writes() {
	printf '%s\n' "$1" >metrics
	printf '#!/bin/sh\nmkdir -p "runs/$RUN_ID"\necho "runs/$RUN_ID" >"$RUN_DIR_FILE"\ncp metrics "runs/$RUN_ID/metrics.json"\n' >prog
}

@test "metrics are nested as deep as all can read, or they are a metrics_error" {
	sweep-expand -q -d e specs/s.yaml >plan
	writes "$(nest 100 '{"a":' 1 '}')"
	expect 0 run-one <plan
	read_by_all
	jq -e '[.runs[0].metrics | paths] | length == 100' e/experiment.json
	for metrics in "$(nest 101 '{"a":' 1 '}')" "{\"a\":$(nest 100 '[' '' ']')}" "{\"a\":$(nest 250 '[' '' ']')}" "{\"a\":$(nest 20000 '[' '' ']')}"; do
		writes "$metrics"
		expect 0 run-one -f <plan
		read_by_all
		jq -e '.runs[0] | .status == "completed" and .metrics == null and
			.metrics_error == "runs/run_000/metrics.json: it is nested deeper than 100 levels"' e/experiment.json
	done
}

@test "what a jq expression makes of metrics is nested as deep as all can read" {
	writes '{"a":1}'
	# shellcheck disable=SC2016  # jq's
	printf 'metrics: {jq: "reduce range($ENV.DEPTH | tonumber) as $i (1; {a: .})"}\n' >>specs/s.yaml
	sweep-expand -q -d e specs/s.yaml | run-one | meta-merge >/dev/null
	export DEPTH
	for DEPTH in 101 250 300 2000; do
		expect 0 driver sweep-metrics e
		[[ $output == *"run_000: the jq expression of metrics: it gives an object nested deeper than 100 levels" ]]
		read_by_all
	done
	DEPTH=100
	expect 0 driver sweep-metrics e
	read_by_all
	jq -e '[.runs[0].metrics | paths] | length == 100' e/experiment.json
}

@test "a note that not all can read is not kept, and the others are" {
	sweep-expand -q -d e specs/s.yaml | run-one | meta-merge >/dev/null
	note() { printf '{"run":"run_000","experiment_dir":"e",%s}\n' "$1"; }
	note "\"deep\":$(nest 100 '{"a":' 1 '}')" | meta-merge >/dev/null
	read_by_all
	{
		note '"before":1'
		note "\"deeper\":$(nest 101 '{"a":' 1 '}')"
		note "\"metrics\":{\"a\":$(nest 100 '[' '' ']')}"
		note '"after":1'
	} >notes
	expect 2 meta-merge <notes
	test "$(grep -c ': nested deeper than 100 levels; ' <<<"$errors")" -eq 2
	read_by_all
	jq -e '.runs[0] | .before == 1 and .after == 1 and .deeper == null and .metrics == null' e/experiment.json
	# as many fields as are read, and no more
	for ((i = 0; i < 50; i++)); do
		note "$(printf '"n%d":1,' $((i * 5)) $((i * 5 + 1)) $((i * 5 + 2)) $((i * 5 + 3)))\"n$((i * 5 + 4))\":1"
	done >notes
	expect 2 meta-merge <notes
	[[ $errors == *'a note cannot be kept: the run "run_000" would have more than 240 fields' ]]
	read_by_all
	jq -e '.runs[0] | .n0 == 1 and .n100 == 1 and .n249 == null' e/experiment.json
	cp e/experiment.json alone.json
	mkdir alone
	mv alone.json alone/experiment.json
	expect 0 driver sweep-table --tsv -c run alone
	for ((i = 0; i < 50; i++)); do
		printf '{"experiment_dir":"e","m%d":1,"m%d":1,"m%d":1,"m%d":1,"m%d":1,"m%d":1}\n' $((i * 6)) $((i * 6 + 1)) $((i * 6 + 2)) $((i * 6 + 3)) $((i * 6 + 4)) $((i * 6 + 5))
	done >notes
	expect 2 meta-merge <notes
	[[ $errors == *'a note cannot be kept: the experiment would have more than 240 fields' ]]
	read_by_all
}

@test "what a session says of itself can be read again, or nothing is started" {
	sweep-expand -q -d e specs/s.yaml >plan
	cp e/records/experiment.jsonl before
	for pair in host=other format=1 format=2 status=x run=run_000 attempt=x session=1; do
		expect 2 run-one --session "$pair" <plan
		[[ $errors == "run-one: --session: "* ]]
		cmp before e/records/experiment.jsonl
	done
	expect 2 run-one --session a=1 --session a=2 <plan
	test ! -e ran
	expect 0 run-one --session $'a=1\n' --session $'b=x\ny' --session c=1e999 <plan
	read_by_all
	jq -e '.sessions[0] | .a == 1 and .b == "x\ny"' e/experiment.json
}

@test "a spec is nested no deeper than all can read, aliases followed" {
	printf '%s\n' "$(nest 100 '{a: ' 1 '}')" >configs/base.yaml
	expect 0 sweep-expand -q specs/s.yaml
	jq -e . <<<"$output" >/dev/null
	expect 0 run-one <<<"$output"
	sweep-expand -q -d e specs/s.yaml >/dev/null
	read_by_all
	printf 'x: &x %s\ny: %s\n' "$(nest 60 '{a: ' 1 '}')" "$(nest 39 '{a: ' '*x' '}')" >configs/base.yaml
	expect 0 sweep-expand -q specs/s.yaml
	jq -e . <<<"$output" >/dev/null
	printf 'x: &x %s\ny: %s\n' "$(nest 60 '{a: ' 1 '}')" "$(nest 40 '{a: ' '*x' '}')" >configs/base.yaml
	expect 2 sweep-expand -q specs/s.yaml
	[[ $errors == "sweep-expand: configs/base.yaml:2:"*": with alias *x expanded, nested deeper than 100 levels, the limit; write it flatter" ]]
}

@test "a journal larger than the memory is read, line by line" {
	plain # the sanitizers want all of the address space
	sweep-expand -q -d e specs/s.yaml >plan
	yes '{"run":"run_000","experiment_dir":"e","attempt":1,"status":"failed","format":1}' | head -n 800000 >e/records/run_000.jsonl
	echo '{"run":"run_000","experiment_dir":"e","attempt":2,"status":"completed","format":1}' >>e/records/run_000.jsonl
	test "$(wc -c <e/records/run_000.jsonl)" -gt 60000000
	(
		ulimit -v 40000
		expect 0 run-one <plan
		test ! -e ran
		expect 0 meta-merge e
		jq -e '.counts.completed == 1' e/experiment.json
		# and its torn end is cut off
		printf '{"run":"run_000","attempt":3' >>e/records/run_000.jsonl
		expect 0 run-one <plan
		test ! -e ran
	)
	test "$(tail -c 13 e/records/run_000.jsonl)" = ',"format":1}'
	expect 0 run-one -f <plan
	jq -se '.[0].attempt == 3' < <(tail -n 1 e/records/run_000.jsonl)
}

@test "a line that no journal has is refused, not read into memory" {
	plain
	sweep-expand -q -d e specs/s.yaml >plan
	{
		echo '{"run":"run_000","experiment_dir":"e","attempt":1,"status":"failed","format":1}'
		head -c 70000000 /dev/zero | tr '\0' x
	} >e/records/run_000.jsonl
	expect 2 run-one <plan
	[[ $errors == "run-one: e/records/run_000.jsonl:2: longer than 64 MiB, the limit; move the file away"* ]]
	expect 2 meta-merge e
	[[ $errors == "meta-merge: e/records/run_000.jsonl:2: longer than 64 MiB, the limit; move the file away"* ]]
	test ! -e ran
	test "$(wc -c <e/records/run_000.jsonl)" -gt 70000000
}
