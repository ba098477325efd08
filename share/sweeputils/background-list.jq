# run-background --list: the objects of --json as a table. On a narrow terminal the current
# run is cut short first, then the line.
include "sweep";

def stamp: try (sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601) catch null;
def bar:
	([[10 * .completed / ([.total, 1] | max) | floor, 0] | max, 10] | min) as $n |
	"[" + ("#" * $n // "") + ("." * (10 - $n) // "") + "] \(.completed)/\(.total)";
def current: if .current then .current | "\(.run) \(try assigned catch "")" else "-" end;
def others: if .at_once > 1 then " and \(.at_once - 1) more" else "" end;
def elapsed:
	(.started_at | stamp) as $from | (if .ended_at then .ended_at | stamp else now end) as $to |
	if $from and $to then $to - $from | duration else "-" end;
def left:
	if .state == "running" and .mean_s
	then .mean_s * (.total - .completed - .failed) / ([.at_once, 1] | max) | duration
	else "-" end;

[["NAME", "STATE", "PROGRESS", "FAILED", "CURRENT", "ELAPSED", "LEFT", "DIRECTORY"],
	(.[] | [.label, .state, bar, .failed, current + others, elapsed, left, .directory] |
		map(tostring))] |
map(map(plain)) as $rows | [range(8) as $i | $rows | map(.[$i] | width) | max] as $wide |
(($wide | add) + 2 * 7 - $width) as $over |
([$wide[4], ([$wide[4] - $over, 12] | max)] | min) as $narrow |
$rows | map(.[4] |= cut($narrow)) | lines | cut($width)
