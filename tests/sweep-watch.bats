load helper
load background
load results

# sweep-watch: lines into a pipe, a screen on a terminal, one look.

@test "sweep-watch: plain lines into a pipe, a screen on a terminal, q leaves" {
	prepare_background
	touch go
	expect 0 background --experiment specs/s.yaml
	wait_until is_state s completed
	expect 0 sweep-watch experiments/s_*
	test "$(wc -l <<<"$output")" -eq 3
	expect 0 sweep-watch --once experiments/s_*
	[[ $output == "s   completed"*"3/3"*"run_002  completed  n=2"* ]]
	expect 2 sweep-watch nowhere
	need tmux
	rm go
	expect 0 background --experiment specs/s.yaml --resume --name again --force
	wait_until is_state again running
	tmux -L "watch$$" -f /dev/null new-session -d -x 100 -y 30 \
		"export PATH='$PATH'; sweep-watch experiments/s_*; touch left; cat" 3>&-
	screen() { tmux -L "watch$$" capture-pane -p | grep -q "$1"; }
	wait_until screen 'q quits'
	wait_until screen 'run_000  running'
	[[ $(tmux -L "watch$$" capture-pane -p | sed -n 1p) == "s   running" ]]
	[[ $(tmux -L "watch$$" capture-pane -p | grep . | tail -n 1) == "q quits" ]]
	tmux -L "watch$$" send-keys q
	wait_until test -e left
	tmux -L "watch$$" kill-server
}

@test "sweep-watch shows what programs print as text, and what a progress bar says last" {
	prepare_background
	need tmux
	printf '#!/bin/sh\nprintf "10%%%%\\r50%%%%\\r99%%%%\\n\\033]0;title\\007 wide \\343\\201\\202\\n"\necho >>ran\nuntil test -e go; do sleep 0.02; done\n' >prog
	expect 0 background --experiment specs/s.yaml
	wait_until test -s ran
	tmux -L "log$$" -f /dev/null new-session -d -x 60 -y 20 \
		"export PATH='$PATH' LC_ALL=C.UTF-8; sweep-watch experiments/s_*; touch left; cat" 3>&-
	screen() { tmux -L "log$$" capture-pane -p | grep -q -e "$1"; }
	wait_until screen '^99%$'
	wait_until screen '^.x1b]0;title.x07 wide'
	[[ $(tmux -L "log$$" capture-pane -p | sed -n 1p) == "s   running" ]]
	tmux -L "log$$" send-keys q
	wait_until test -e left
	tmux -L "log$$" kill-server
}

@test "sweep-watch shows nested metrics and what is no number, and why a run has none" {
	prepare_results
	uneven
	expect 0 sweep-watch --once e/x
	grep -qE '^run_000 +completed +lr=1 seed=0 +[0-9.]+s +acc=0\.5 val\.loss=0\.25$' <<<"$output"
	grep -qE '^run_002 +completed +lr=1 seed=2 +[0-9.]+s +no metrics: runs/run_002/metrics.json: it is cut off in line 1$' <<<"$output"
	grep -qE '^run_005 +completed +lr=2 seed=2 +[0-9.]+s +acc=NaN val\.loss=1\.5$' <<<"$output"
	expect 0 sweep-watch e/x
	grep -qE '^run_002 completed lr=1 seed=2 [0-9.]+s no metrics: runs/run_002/metrics.json: it is cut off in line 1$' <<<"$output"
}
