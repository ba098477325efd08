# The one line of a background run's plan; the command are the positional arguments.
{run: "sweep", index: 0, total: 1, experiment: $name, experiment_dir: $dir, status: "pending",
	params: {}, created_at: (now | strftime("%Y-%m-%dT%H:%M:%S.000Z")),
	command: $ARGS.positional, format: 1}
+ (if $sweep != "" then {sweep_dir: $sweep} else {} end)
+ (if $queue != "" then {queue: $queue} else {} end)
