# sweep-report: the logs whose ends are in the page, with the runs that they are of.
[.runs[] | select(.status == "failed" and (.log_path | type) == "string")] | .[:200][] |
(.log_path | sub(".*/"; "")) as $log | select($log | test("\\A[A-Za-z0-9._-]+\\z")) |
"\($log) \(.run | tojson)"
