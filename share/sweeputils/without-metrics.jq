# The runs of a document that completed, should have metrics and have none.
include "sweep";

[.runs[] | select(.status == "completed" and .metrics_error)] | select(length > 0) |
"without metrics: \(length) completed; \($how | plain) looks for them again",
(.[:3][] | "    \(.run | plain): \(.metrics_error | tostring | plain)"),
(select(length > 3) | "    and \(length - 3) more")
