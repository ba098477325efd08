load helper

# run-experiment: a whole sweep in the foreground. What its summary and its record say of
# damaged experiments is in promises/driver-truth.bats, the saved patch in git.bats.

prepare() {
	printf 'dataset: d\nmodel: m\nlr: 0.1\nseed: 1\n' >configs/base.yaml
	printf '#!/bin/sh\n# prog CONFIG FLAG...\necho "$@" >>ran\n! grep -q "^lr: 0.3" "$1" || test -e ok || { echo boom; exit 3; }\n' >prog
	chmod +x prog
	cat >specs/s.yaml <<-'EOF'
		name: s
		mode: simulation
		base_config: configs/base.yaml
		sweep: {lr: [0.1, 0.2, 0.3]}
	EOF
	cat >modes.yaml <<-'EOF'
		simulation:
		  command: [./prog, "{config}"]
		  flags: [--show, --no_confusion]
		  run_dir: runs/{dataset}/{model}
		training:
		  command: [./prog, "{config}"]
	EOF
}

dir() { echo experiments/s_*; }

@test "a sweep is run, shown line by line and summed up" {
	expect 1 driver run-experiment --exp specs/s.yaml
	[[ $errors == *"[1/3] run_000 lr=0.1"*"[1/3] run_000 completed in "*" left"*"[3/3] run_002 failed (exit 3)"* ]]
	[[ $output == "experiment experiments/s_"*"3 runs: 2 completed, 1 failed"*"failed: run_002 lr=0.3 (exit 3)"*"    boom"*"results: experiments/s_"* ]]
	jq -e '.counts == {pending: 0, running: 0, completed: 2, failed: 1}' "$(dir)/experiment.json"
}

@test "--resume runs what has not completed, and nothing else" {
	expect 1 driver run-experiment --exp specs/s.yaml
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --resume
	test "$(wc -l <ran)" -eq 4
	test "$(ls experiments | wc -l)" -eq 1
	expect 0 driver run-experiment --exp specs/s.yaml --resume
	test "$(wc -l <ran)" -eq 4
	jq -e '.status == "completed" and (.sessions | length == 2)' "$(dir)/experiment.json"
}

@test "--resume does not mind what somebody made of experiment.json" {
	local text
	expect 1 driver run-experiment --exp specs/s.yaml
	for text in '{"runs":[]}' '' x '"counts":{' "$(jq . "$(dir)/experiment.json")" "$(jq -c . "$(dir)/experiment.json")"; do
		printf '%s' "$text" >"$(dir)/experiment.json"
		expect 1 driver run-experiment --exp specs/s.yaml --resume
		[[ $output == *"3 runs: 2 completed, 1 failed"* ]]
		test "$errors" = "${errors//: line /}"
		jq -e '.counts == {pending: 0, running: 0, completed: 2, failed: 1}' "$(dir)/experiment.json"
	done
}

@test "where experiment.json cannot be written, the summary is of what is on disk" {
	mkdir -p e
	expect 1 driver run-experiment --exp specs/s.yaml --dir e/x
	rm e/x/experiment.json
	mkdir e/x/experiment.json
	touch ok
	expect 74 driver run-experiment --exp specs/s.yaml --dir e/x --resume
	[[ $errors == *"experiment.json"* && $errors != *"standard output"* ]]
	[[ $output == *"3 runs: 3 completed"* ]]
	rmdir e/x/experiment.json
	expect 0 driver run-experiment --exp specs/s.yaml --dir e/x --resume
	[[ $output == *"3 runs: 3 completed"* ]]
}

@test "--resume makes the first one; without it each start makes a new one" {
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --resume
	expect 0 driver run-experiment --exp specs/s.yaml
	test "$(ls experiments | wc -l)" -eq 2
}

@test "--resume refuses a spec that has changed" {
	touch ok
	expect 0 driver run-experiment specs/s.yaml
	echo '# more' >>specs/s.yaml
	expect 0 driver run-experiment --exp specs/s.yaml --resume
	sed -i 's/0.3/0.4/' specs/s.yaml
	expect 2 driver run-experiment --exp specs/s.yaml --resume
	[[ $errors == *"spec.yaml"* ]]
	test "$(wc -l <ran)" -eq 3
}

@test "--limit leaves the rest pending" {
	expect 0 driver run-experiment --exp specs/s.yaml --limit 2
	jq -e '.counts == {pending: 1, running: 0, completed: 2, failed: 0} and .status == "pending"' "$(dir)/experiment.json"
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --resume --limit 5
	jq -e '.status == "completed"' "$(dir)/experiment.json"
}

@test "--dir names the directory; with --resume its own spec is enough" {
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --dir here/x --limit 1
	expect 0 driver run-experiment --dir here/x --resume
	jq -e '.status == "completed"' here/x/experiment.json
	test ! -e experiments
}

@test "--dry-run shows a table that lines up, and writes nothing" {
	expect 0 driver run-experiment --exp specs/s.yaml --dry-run --show
	test "$(sed -n 1p <<<"$output")" = "run      parameters  command"
	[[ $(sed -n 4p <<<"$output") == "run_002  lr=0.3      ./prog experiments/s_"*"/configs/run_002.yaml --show" ]]
	test ! -e experiments
	test ! -e ran
}

@test "mode flags are forwarded in simulation mode, and refused in training mode" {
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --show --no_confusion
	[[ $(head -n 1 ran) == *" --show --no_confusion" ]]
	sed -i 's/simulation/training/' specs/s.yaml
	expect 2 driver run-experiment --exp specs/s.yaml --show
	[[ $errors == *"--show"*"takes no flags"* ]]
	expect 2 driver run-experiment --exp specs/s.yaml --mode simulation --what
	[[ $errors == *"--what is neither"*"--show"* ]]
	test "$(ls experiments | wc -l)" -eq 1
}

@test "--fail-fast stops after a failure" {
	sed -i 's/0.1, 0.2, 0.3/0.3, 0.1, 0.2/' specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml --fail-fast
	test "$(wc -l <ran)" -eq 1
}

@test "-v shows the output of the runs as it comes" {
	expect 1 driver run-experiment -v specs/s.yaml
	[[ $errors == *boom* ]]
}

@test "--quiet is silent when all is well, and speaks when something failed" {
	expect 1 driver run-experiment --exp specs/s.yaml --resume --quiet
	[[ $output == *"failed: run_002"* ]]
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	test -z "$output$errors"
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	test -z "$output$errors"
}

@test "--quiet is silent while another is at work; without it that is 75" {
	printf '#!/bin/sh\necho >up\nread -r x <gate\n' >prog
	mkfifo gate
	run-experiment --exp specs/s.yaml --limit 1 >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until test -e up
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	test -z "$output$errors"
	expect 75 driver run-experiment --exp specs/s.yaml --resume
	[[ $errors == *"is at work"* ]]
	echo >gate
	wait $pid
}

@test "when there is nothing to do, or somebody is at work, nothing is written" {
	need git
	touch ok
	git init -q . && git config user.email a@b && git config user.name a
	git add specs && git commit -qm one
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	state() { find experiments -type f ! -name .lock -exec stat -c '%n %Y %Z %s' {} + | sort; }
	state >before
	echo '# changed' >>modes.yaml && git add modes.yaml
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	state | diff before -
	sed -n 1p "$(dir)/plan.jsonl" | run-one -f -- sh -c 'touch up; until test -e go; do sleep 0.02; done' >/dev/null 3>&- &
	local holder=$!
	wait_until test -e up
	state >before
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet --force
	state | diff before -
	touch go
	wait $holder
}

@test "a snapshot that is old, or gone, is made again though there is nothing to run" {
	touch ok
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	cp "$(dir)/experiment.json" whole
	rm "$(dir)/experiment.json"
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	cmp whole "$(dir)/experiment.json"
	sed 's/"completed":3/"completed":2/; s/"running":0/"running":1/' whole >"$(dir)/experiment.json"
	expect 0 driver run-experiment --exp specs/s.yaml --resume --quiet
	cmp whole "$(dir)/experiment.json"
}

@test "--limit goes on with what was never started before what failed" {
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\n! grep -q "^lr: 0.1" "$1"\n' >prog
	for round in 1 2 3 4; do
		driver run-experiment -q --exp specs/s.yaml --resume --limit 1 || :
	done
	test "$(tr '\n' ' ' <ran)" = "run_000 run_001 run_002 run_000 "
	jq -e '.counts == {pending: 0, running: 0, completed: 2, failed: 1}' "$(dir)/experiment.json"
	rm ran
	driver run-experiment -q --exp specs/s.yaml --limit 9 || :
	test "$(tr '\n' ' ' <ran)" = "run_000 run_001 run_002 "
}

@test "what is changed is saved as a patch that applies, whatever git is set to" {
	need git
	touch ok
	git init -q . && git config user.email a@b && git config user.name a
	printf 'a\n' >text && printf 'a\0b' >binary && echo 'text diff=broken' >.gitattributes
	git add specs text binary .gitattributes && git commit -qm one
	git config color.ui always
	git config diff.broken.textconv /nonexistent
	git config diff.external false
	printf 'b\n' >text && printf 'c\0d\0' >binary
	expect 0 driver run-experiment --exp specs/s.yaml
	git stash -q
	git apply --check "$(dir)/git.diff"
	git apply "$(dir)/git.diff"
	test "$(cat text)" = b
	test "$(od -c <binary)" = "$(printf 'c\0d\0' | od -c)"
	rm -r "$(dir)"
	printf '#!/bin/sh\nfor a; do test "$a" != --binary || exit 1; done\nexec %s "$@"\n' "$(command -v git)" >git
	chmod +x git
	expect 0 env PATH="$PWD:$PATH" ${SWEEP_SH:-sh} "$top/bin/run-experiment" --exp specs/s.yaml
	[[ $errors == *"the changes since the last commit cannot be saved in experiments/s_"* ]]
	test "$(find experiments -name '*diff*' | wc -l)" -eq 0
}

@test "values and logs are shown as text" {
	printf '#!/bin/sh\nprintf "10%%%%\\r99%%%%\\n\\033[31mred\\n"\nexit 1\n' >prog
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {lr: ["\\e]0;x\\a", "a\\tb", "\\u202ex"]}\n' >specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml
	test -z "$(tr -d '\n\040-\176' <<<"$output$errors")"
	[[ $output == *"99%"*"red"* ]]
	expect 0 driver run-experiment --exp specs/s.yaml --dry-run
	test -z "$(tr -d '\n\040-\176' <<<"$output$errors")"
}

@test "what cannot be run is refused before anything is written" {
	local words
	for words in "--timeout abc" "--retries x" "--grace 0" "--limit 99999999999999999999" "--jobs 0"; do
		# shellcheck disable=SC2086
		expect 2 driver run-experiment --exp specs/s.yaml $words
		test ! -e experiments
	done
	for words in --limit --dir --timeout --queue --mode; do
		expect 2 driver run-experiment --exp specs/s.yaml "$words" ''
		[[ $errors == "run-experiment: the value of option $words is empty" ]]
	done
	rm modes.yaml
	expect 2 driver run-experiment --exp specs/s.yaml
	[[ $errors == *"nothing says what to run"* ]]
	test -z "$(ls experiments 2>/dev/null)"
}

@test "it works without a usable TMPDIR or standard output, and through a link" {
	touch ok
	expect 0 env TMPDIR=/nonexistent ${SWEEP_SH:-sh} "$top/bin/run-experiment" --exp specs/s.yaml
	rm -r experiments
	ln -s "$top/bin/run-experiment" link
	expect 0 ${SWEEP_SH:-sh} ./link --exp specs/s.yaml
	rm -r experiments
	test -e /dev/full || skip "no /dev/full"
	${SWEEP_SH:-sh} "$top/bin/run-experiment" --exp specs/s.yaml >/dev/full 2>/dev/null || :
	jq -e '.status == "completed"' "$(dir)/experiment.json"
}

@test "Ctrl-C stops the run, records it, and ends with 130" {
	printf '#!/bin/sh\necho >up\nexec sleep 1000\n' >prog
	# a script's background job ignores SIGINT in the driver's shell: take TERM
	${SWEEP_SH:-sh} "$(command -v run-experiment)" --exp specs/s.yaml >out 2>err 3>&- &
	pid=$!
	wait_until test -e up
	kill -s TERM $pid
	code=0
	wait $pid || code=$?
	test "$code" -eq 143
	jq -e '.runs[0].status == "failed" and .runs[0].reason == "interrupted" and .counts.pending == 2' \
		"$(dir)/experiment.json"
	[[ $(cat out) == *"1 interrupted"* ]]
}

@test "the record says where, by whom and from what it was run" {
	need git
	touch ok
	git init -q . && git config user.email a@b && git config user.name a
	git add specs && git commit -qm one
	expect 0 driver run-experiment --exp specs/s.yaml
	jq -e --arg c "$(git rev-parse HEAD)" --arg cwd "$PWD" '.git_commit == $c and .git_dirty == false and
		.cwd == $cwd and .host and .user and .version and
		.sessions[0].command_line == "run-experiment --exp specs/s.yaml"' "$(dir)/experiment.json"
	test ! -e "$(dir)/git.diff"
	echo '# dirty' >>specs/s.yaml
	rm -r experiments
	expect 0 driver run-experiment --exp specs/s.yaml
	jq -e '.git_dirty == true and .git_diff == "git.diff"' "$(dir)/experiment.json"
	grep -q '^+# dirty' "$(dir)/git.diff"
}

# relied on: A mistake in a spec or on the command line is reported before anything is written or run.
@test "a bad spec is one line, and leaves nothing" {
	echo 'nmae: s' >specs/s.yaml
	expect 2 driver run-experiment --exp specs/s.yaml
	test "$(wc -l <<<"$errors")" -eq 1
	[[ $errors == "sweep-expand: specs/s.yaml:1:1: "* ]]
	test ! -e experiments/s_*
}

# relied on: A mistake in a spec or on the command line is reported before anything is written or run.
@test "what is wrong on the command line is one line" {
	local words
	for words in "" "--exp" "a b" "--limit x specs/s.yaml" "--resume=1 specs/s.yaml" "-z specs/s.yaml"; do
		# shellcheck disable=SC2086
		expect 2 driver run-experiment $words
		test "$(wc -l <<<"$errors")" -eq 1
		[[ $errors == "run-experiment: "* ]]
	done
}

@test "the same twice at the same time: one experiment, each run once" {
	touch ok
	for round in 1 2 3 4 5 6; do
		rm -rf experiments ran
		${SWEEP_SH:-sh} "$top/bin/run-experiment" -q --exp specs/s.yaml --resume 3>&- &
		one=$!
		${SWEEP_SH:-sh} "$top/bin/run-experiment" -q --exp specs/s.yaml --resume 3>&- &
		two=$!
		wait $one
		wait $two
		test "$(ls experiments | wc -l)" -eq 1
		test "$(sort ran | uniq -c | awk '{print $1}' | tr '\n' ' ')" = "1 1 1 "
	done
}

@test "the cron line, in cron's environment: first, while it runs, after a kill, and when all is done" {
	mkdir project
	cp -r configs specs modes.yaml prog project
	mkdir project/bin
	for program in sweep-expand run-one meta-merge sweep-lock; do ln -s "$bin/$program" project/bin; done
	cp "$top/bin/run-experiment" project/bin
	cp -r "$top/share" project
	cp specs/s.yaml project/spec.yaml
	cron() { env -i LOGNAME=x SHELL=/bin/sh PATH=/usr/bin:/bin ${SWEEP_SH:-sh} -c "cd project && bin/run-experiment --exp spec.yaml --resume --quiet" </dev/null 3>&-; }
	printf '#!/bin/sh\necho "$1" >>ran\ntest -e ok || { echo >up; exec sleep 1000; }\n' >project/prog
	cron &
	first=$!
	wait_until test -e project/up
	expect 0 cron
	test -z "$output$errors"
	# the machine goes down
	runner=$(find /proc -maxdepth 2 -name cwd -lname "$PWD/project" 2>/dev/null | while IFS=/ read -r _ _ pid _; do
		! grep -qs '^run-one$' "/proc/$pid/comm" || echo "$pid"; done) || :
	kill -9 "$runner"
	wait "$first" || :
	touch project/ok
	expect 0 cron
	test -z "$output$errors"
	test "$(wc -l <project/ran)" -eq 4
	expect 0 cron
	test -z "$output$errors"
	test "$(wc -l <project/ran)" -eq 4
	jq -e '.status == "completed" and .runs[0].attempt == 2' project/experiments/s_*/experiment.json
	test "$(ls project/experiments | wc -l)" -eq 1
}

@test "no environment variable's value is recorded" {
	touch ok
	expect 0 env SECRET_TOKEN=hunter2-in-the-clear "$top/bin/run-experiment" -q --exp specs/s.yaml
	run grep -r hunter2 experiments
	test "$status" -eq 1
}

@test "a log with lines of 20 kB, raw bytes and turned text is shown in lines that fit" {
	cat >prog <<-'EOF'
		#!/bin/sh
		head -c 20000 /dev/zero | tr '\0' x
		printf '\nnot UTF-8: \377\376\n'
		printf 'turned \342\200\256 around\n'
		printf '\033[1;31mred\033[0m\ttab\001\n'
		printf ' 10%%\r 99%%\r'
		exit 1
	EOF
	sed -i 's/\[0.1.*\]/[0.1]/' specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml
	local want
	want=$(printf '    %s...\n' "$(head -c 297 /dev/zero | tr '\0' x)"
		printf '    not UTF-8: \\xff\\xfe\n    turned \\u202e around\n    red    tab\\x01\n     99%%')
	[[ $output == *$'\nfailed: run_000 lr=0.1 (exit 1)\n'"$want"$'\nresults: '* ]]
	# and everywhere else, in the same words
	want=$(sed 's/^    //' <<<"$want")
	test "$(sweep-watch --log "$(dir)/logs/run_000.log")" = "$want"
	test "$(sweep-watch --failed s)" = "$(sed -n '/^failed/,/99%$/p' <<<"$output")"
	expect 0 driver sweep-report "$(dir)"
	test "$(sed -n '/^<script .*id="logs">/,/^<\/script>/ { s/^<script[^>]*>//; /^<\/script>/!p; }' "$(dir)/report.html" | jq -r .run_000)" = "$want"
	expect 74 sweep-watch --log nothing.log
	test "$errors" = "sweep-watch: nothing.log cannot be read: No such file or directory"
}

@test "a character that the window cuts in two is left out; a log without an end is shown" {
	printf '#!/bin/sh\nprintf %%050000d 0 | sed s/0/ä/g\nprintf x\nexit 1\n' >prog
	sed -i 's/\[0.1.*\]/[0.1]/' specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml
	[[ $output == *$'(exit 1)\n    ää'* ]]
	[[ $output == *$'ää...\nresults: '* ]]
}

@test "runs that failed for one reason are told once, with its traceback" {
	cat >prog <<-'EOF'
		#!/bin/sh
		case $RUN_ID in
		run_003) echo "out of memory" >&2 && exit 9 ;;
		run_004) exit 0 ;;
		run_005) kill -9 $$ ;;
		run_006) exit 1 ;;
		esac
		printf 'Traceback (most recent call last):\n  File "train.py", line 3\nKeyError: lr\n\n' >&2
		exit 1
	EOF
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {seed: "range(0, 13)"}\n' >specs/s.yaml
	sed -i 's/"range(0, 13)"/[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]/' specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml
	[[ $output == *"13 runs: 1 completed, 12 failed
failed: run_000, run_001, run_002 and 6 more (exit 1)
    Traceback (most recent call last):
      File \"train.py\", line 3
    KeyError: lr
failed: run_003 seed=3 (exit 9)
    out of memory
failed: run_005 seed=5 (SIGKILL)
failed: run_006 seed=6 (exit 1)
"* ]]
	# and the line of each says why
	[[ $errors == *"run_000 failed (exit 1) in "*"; KeyError: lr"$'\n'*"run_003 failed (exit 9) in "*"; out of memory"$'\n'* ]]
	test "$(grep -c '; KeyError: lr$' <<<"$errors")" -eq 9
	test "$(grep -cE 'run_006 failed \(exit 1\) in [0-9.]+s, about [^;]*$' <<<"$errors")" -eq 1
}

@test "ten kinds of failure are shown, and how many runs failed otherwise" {
	printf '#!/bin/sh\necho "$RUN_ID"\nexit 1\n' >prog
	printf 'name: s\nmode: simulation\nbase_config: configs/base.yaml\nsweep: {seed: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}\n' >specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml
	test "$(grep -c ^failed: <<<"$output")" -eq 10
	[[ $output == *$'failed: run_009 seed=9 (exit 1)\n    run_009\nand 3 more\nresults: '* ]]
}
