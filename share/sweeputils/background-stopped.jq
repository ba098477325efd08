# run-background --stop: what became of the runs that were at work, whose names are lines.
include "sweep";

($runs | split("\n")) as $was | .runs[] | select(.run | IN($was[])) |
"\(.run): " +
	if .reason == "interrupted" then .reason
	else "\(.status)\(if .reason then " (\(.reason))" else "" end)" end | plain
