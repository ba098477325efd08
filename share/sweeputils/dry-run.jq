# The table of a dry run: the runs to start, with their commands, and how many are left.
# The input is the document of the experiment as it is, or would be.
include "sweep";

def command: (.command // ["(none: name one in modes.yaml)"] | join(" ")) + $flags;

.runs as $runs |
[$runs[] | select($force != "" or .status == "pending" or .status == "failed")] as $due |
# with a limit, what was never started comes first
(if $limit == "" then $due
	else $due | map(select(.status == "pending")) + map(select(.status != "pending")) |
		.[:$limit | tonumber] end) as $first |
def with_status($status): [([$runs[] | select(.status == $status)] | length), $status];
(if $first == [] then empty
	else ([["run", "parameters", "command"], ($first[] | [.run, swept, command])] |
		lines), "" end),
"\($runs | length | counted("run")): \($first | length) to start" +
	([[($due | length) - ($first | length), "left for later"],
		(select($force == "") | with_status("completed", "running")) |
		select(.[0] > 0) | ", \(.[0]) \(.[1])"] | join(""))
