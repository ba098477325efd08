load ../helper

# Runs on other machines: an ssh that runs its command in a copy of the project.

prepare() {
	printf 'n: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\nsweep: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}\ncommand: [./prog, "{config}"]\nrun_dir: runs\n' >specs/s.yaml
	printf '#!/bin/sh\necho "$RUN_ID" >>ran\nmkdir -p "runs/$RUN_ID"\n' >prog
	chmod +x prog
	sweep-expand -d experiments/x specs/s.yaml >/dev/null
	mkdir -p box/project path
	cp -r configs specs prog experiments box/project
	printf '#!/bin/sh\n# ssh HOST COMMAND\ntest "$1" = box && cd box && exec sh -c "$2"\n' >path/ssh
	chmod +x path/ssh
	PATH=$PWD/path:$PATH
}

status_of() { jq -r ".runs[$1] | \"\(.status) \(.run_dir)\"" experiments/x/experiment.json; }

@test "sed -n 5p plan.jsonl | ssh box 'cd project && run-one' | meta-merge" {
	expect 0 sh -c "sed -n 5p experiments/x/plan.jsonl | ssh box 'cd project && run-one' | meta-merge"
	test "$(cat box/project/ran)" = run_004
	test ! -e ran
	test "$(status_of 4)" = "completed runs/run_004"
	jq -e '.counts.completed == 1 and .counts.pending == 9' experiments/x/experiment.json
	test ! -e experiments/x/records/run_004.jsonl
}

@test "a journal that was fetched is as good as one's own: it is folded, and the run is not done again" {
	sed -n 5p experiments/x/plan.jsonl | ssh box 'cd project && run-one' | meta-merge >/dev/null
	ssh box 'cat project/experiments/x/records/run_004.jsonl' >experiments/x/records/run_004.jsonl
	meta-merge experiments/x
	test "$(status_of 4)" = "completed runs/run_004"
	run-one <experiments/x/plan.jsonl | meta-merge >/dev/null
	test "$(wc -l <ran)" -eq 9
	run grep run_004 ran
	test "$status" -eq 1
	jq -e '.status == "completed"' experiments/x/experiment.json
}

@test "half of the runs here, half of them there, at the same time, and one document of both" {
	sed -n '1,5p' experiments/x/plan.jsonl | run-one >/dev/null 3>&- &
	sed -n '6,$p' experiments/x/plan.jsonl | ssh box 'cd project && run-one' >box.jsonl
	wait $!
	cat experiments/x/plan.jsonl experiments/x/records/*.jsonl box.jsonl | meta-merge -o all.json
	jq -e '.status == "completed" and .total == 10 and (.runs | length) == 10' all.json
	test "$(cat ran box/project/ran | sort | uniq -c | awk '$1 == 1' | wc -l)" -eq 10
	# in another order, and twice, it is the same document
	cat box.jsonl experiments/x/records/*.jsonl experiments/x/plan.jsonl box.jsonl | meta-merge -o again.json
	cmp all.json again.json
}

@test "two copies that both ran everything: one document, one record each, and nothing to do" {
	run-one <experiments/x/plan.jsonl >/dev/null
	ssh box 'cd project && run-one <experiments/x/plan.jsonl' >/dev/null
	for journal in box/project/experiments/x/records/*.jsonl; do
		cat "$journal" >>"experiments/x/records/$(basename "$journal")"
	done
	meta-merge experiments/x
	jq -e '.status == "completed" and .counts.completed == 10' experiments/x/experiment.json
	expect 0 run-one <experiments/x/plan.jsonl
	test -z "$output"
	test "$(wc -l <ran)" -eq 10
}

@test "what runs on another machine is believed to run, until its end comes in" {
	sed -n 5p experiments/x/plan.jsonl | ssh box 'cd project && run-one' | jq -c '.host |= (values | "box")' >events
	head -n 1 events | meta-merge >/dev/null
	jq -e '.runs[4].status == "running" and .runs[4].host == "box" and .status == "running"' experiments/x/experiment.json
	meta-merge <events >/dev/null
	jq -e '.runs[4].status == "completed"' experiments/x/experiment.json
}

# relied on: Several machines that work on one directory rely on the locks of its file system.
@test "two machines that see one directory: with --shared each run is done once" {
	printf '#!/bin/sh\nexec sh -c "$2"\n' >path/ssh
	sed -i 's/^mkdir/sleep 0.05\nmkdir/' prog
	run-one --shared <experiments/x/plan.jsonl >/dev/null 2>&1 3>&- &
	tac experiments/x/plan.jsonl | ssh box 'run-one --shared' >/dev/null 2>&1
	wait $!
	meta-merge experiments/x
	jq -e '.status == "completed"' experiments/x/experiment.json
	test "$(sort ran | uniq -c | awk '$1 == 1' | wc -l)" -eq 10
}

@test "a machine without the experiment's directory says so" {
	rm -r box/project/experiments
	expect 2 sh -c "sed -n 5p experiments/x/plan.jsonl | ssh box 'cd project && run-one'"
	[[ $errors == "run-one: experiment directory experiments/x cannot be read: No such file or directory"* ]]
}
