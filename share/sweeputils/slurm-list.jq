# slurm-experiment --list: the objects of --json as a table.
include "sweep";

[["NAME", "STATE", "COMPLETED", "FAILED", "TASKS QUEUED", "RUNNING", "JOBS"],
	(.[] | [.name, .state, "\(.completed)/\(.total)", .failed, .slurm.queued, .slurm.running,
		(.slurm.jobs | join(","))] | map(tostring))] | lines
