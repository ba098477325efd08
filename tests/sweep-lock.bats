load helper
load locks

# sweep-lock: its answers and its options. Whom it finds and signals is in promises/locks.bats
# and promises/leftovers.bats.

@test "sweep-lock says who is at work and stops them; run-one's old options do the same" {
	local program
	sweep-expand -q -d e specs/s.yaml >plan
	for program in sweep-lock run-one; do
		rm -f started.s
		expect 1 "$program" --held e
		expect 1 "$program" --held nowhere
		expect 74 "$program" --stop nowhere
		test "$errors" = "$program: nowhere/lock cannot be accessed: No such file or directory"
		run-one <plan >/dev/null 2>&1 3>&- &
		wait_until test -e started.s
		expect 0 "$program" --held e
		expect 0 "$program" --held e --force --timeout 0.1
		expect 0 "$program" --stop e --grace 1h
		test "$errors$output" = ""
		wait $! || test $? -eq 143
		expect 1 "$program" --held e
		expect 0 "$program" --stop e
		test "$errors" = "$program: nobody is at work on e"
	done
}

@test "sweep-lock takes one experiment, and what goes with it" {
	expect 2 sweep-lock
	[[ $errors == "sweep-lock: name an experiment: --held DIR or --stop DIR"* ]]
	expect 2 sweep-lock e
	[[ $errors == "sweep-lock: unexpected argument e"* ]]
	expect 2 sweep-lock --held e --stop e
	expect 2 sweep-lock --stop e --force
	[[ $errors == "sweep-lock: --force goes with --held"* ]]
	expect 2 sweep-lock --stop e --timeout 1
	expect 2 sweep-lock --stop e --process $$
	[[ $errors == "sweep-lock: --process goes with --held"* ]]
	expect 2 sweep-lock --held e --process $$ --timeout 1
	expect 2 sweep-lock --held e --grace 1
	[[ $errors == "sweep-lock: --grace goes with --stop"* ]]
	expect 2 sweep-lock --held e --timeout soon
	[[ $errors == "sweep-lock: --timeout takes a time such as 90, 90m or 1h30m, not soon"* ]]
}

@test "--process waits until the process that was started is at work, or has ended" {
	sweep-expand -q -d e specs/s.yaml >plan
	mkfifo lines
	run-one <lines >/dev/null 2>&1 3>&- &
	local runner=$! asker code=0
	sweep-lock --held e --process $runner 3>&- &
	asker=$!
	exec 4>lines
	test "$(is_gone $asker || echo waits)" = waits
	cat plan >&4
	wait $asker
	wait_until test -e started.s
	touch go.s
	exec 4>&-
	wait $runner
	# one that is gone, and one that ends while it is waited for, with nobody to look at it
	expect 1 sweep-lock --held e --process $runner
	expect 1 sh -c 'sleep 0.1 & exec sweep-lock --held e --process $!'
	# a signal ends the wait
	sweep-lock --held e --process $$ 3>&- &
	asker=$!
	wait_until grep -q '^SigBlk:.*4003$' /proc/$asker/status
	kill $asker
	wait $asker || code=$?
	test $code -eq 1
}
