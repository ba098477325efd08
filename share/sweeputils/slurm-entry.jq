# A submitted experiment as an object of slurm-experiment --list --json, with the fields that
# those of run-background have. $active are the lines of active_tasks; $known says whether
# Slurm could be asked.
([$active | splits("\n") | select(. != "") | split(" ")[2] == "PENDING"]) as $pending |
($pending | map(select(.)) | length) as $queued | (($pending | length) - $queued) as $running |
def is_left: .status == "pending" or .reason == "interrupted" or .reason == "abandoned";
def state:
	if $running > 0 then "running" elif $queued > 0 then "queued"
	elif .status == "completed" or .status == "running" then .status
	elif $known | not then "unknown"
	elif any(.runs[]; is_left) then "interrupted" else "failed" end;
{name: ($dir | sub(".*/"; "")), label: (.name // "-"), at_once: $running,
	state: state,
	total, completed: .counts.completed, failed: .counts.failed,
	current: ([.runs[] | select(.status == "running")][0] // null |
		if . then {run, params} else null end),
	started_at: ([.sessions[].session_started_at] | min),
	ended_at: (if $pending == [] then .updated_at else null end),
	mean_s: null, directory: $dir, experiment_dir, queue: null,
	slurm: {queued: $queued, running: $running,
		jobs: [.sessions[] | .slurm_array // empty | sub("_.*"; "")]}}
