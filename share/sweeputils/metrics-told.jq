# sweep-metrics: how many runs have metrics now, and why the others have none.
include "sweep";

"\($dir | plain): metrics of \(map(select(.metrics)) | length) of " +
	($runs | counted("completed run")),
(.[] | select(.metrics_error) | "\(.run): \(.metrics_error)" | plain)
