# A background run as an object of run-background --list --json: of its own document, and of
# its sweep's ($sweep), which may have been changed by hand.
def count: if type == "number" then . else 0 end;
def mean: if length > 0 then add / length else null end;

.runs[0] as $r | ($sweep[0] // {}) as $s |
def with_status($status): $s.runs[]? | select(.status == $status);
def state:
	if $held then (if $r.status == "pending" then "queued" else "running" end)
	elif $r.status == "completed" then "completed"
	elif $r.status == "pending" and $r.stopped then "stopped"
	elif $r.reason == "interrupted" or ($r.return_code | . == 143 or . == 130) then "stopped"
	elif $r.status == "failed" and $r.reason != "abandoned" then "failed"
	else "interrupted" end;
[select($held) | with_status("running")] as $running |
{name: ($dir | sub(".*/"; "")), label: ($r.experiment // "-"),
	state: state,
	total: ($s.total // 1 | count),
	completed: ($s.counts.completed // (if $r.status == "completed" then 1 else 0 end) | count),
	failed: (($s.counts.failed | count) -
		([$s.runs[]? | select(.reason == "interrupted")] | length)),
	current: ($running[0] // null | if . then {run, params} else null end),
	at_once: ($running | length),
	started_at: ($r.started_at // null), ended_at: ($r.completed_at // null),
	mean_s: ([with_status("completed") | .duration_s | numbers] | mean),
	directory: $dir, experiment_dir: ($s.experiment_dir // null), queue: ($r.queue // null)}
