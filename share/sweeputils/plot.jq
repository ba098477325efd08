# sweep-plot: gnuplot's commands for a metric over a column, or over two of them; a heatmap in
# the terminal is the text itself. `given` is the user's --where; the options are variables.
#
# Numbers stand in the commands as numbers; names and values are strings that gnuplot does
# not look into (`literal`).
include "sweep";
include "where";
include "given";

def refuse: "sweep-plot: \(.)\n" | halt_error(2);

def is_text: $terminal | startswith("dumb");

# ---- strings, values, points ----

# A string of gnuplot. What stands in single quotes is not looked into, but two doubled
# quotes, or one at the beginning, end it (5.4); in double quotes \ ` and " do something.
def literal($most):
	def escaped: gsub("\\\\"; "\\134") | gsub("\""; "\\042") | gsub("`"; "\\140");
	plain | cut($most) |
	if contains("'") then escaped | "\"" + . + "\"" else "'" + . + "'" end + " noenhanced";
def literal: literal(60);
def tick: gsub("%"; "%%") | literal | sub(" noenhanced$"; "");
def ticks: [to_entries[] | "\(.value.t | cut(24) | tick) \(.key)"] | join(", ");

# The steps from one number to the next differ more than their ratios.
def is_log_spaced:
	length as $n |
	def steps: [range(1; $n) as $i | .[$i] - .[$i - 1]];
	def ratios: [range(1; $n) as $i | .[$i] / .[$i - 1] | log];
	$n > 2 and .[0] > 0 and .[$n - 1] / .[0] >= 10 and
	(steps | max / min) > (ratios | max / min);

# What some paths begin with alike, as a length.
def shared_folder:
	map(.t | sub("[^/]*$"; "")) | unique | if length == 1 then .[0] | length else 0 end;

# The values of a column, each once, in order; of paths what they do not all begin with.
def values($column):
	map(cell($column)) | unique_by(key) |
	if $column.key != "base_config" or length < 2 then .
	else shared_folder as $n | map(.t |= .[$n:]) end;
def place_of: reduce to_entries[] as $each ({}; .[$each.value | key | tojson] = $each.key);

# The runs that are equal in two columns (the second may be null) as one point.
def points($y; $one; $two):
	group_by([(cell($one) | key), (if $two then cell($two) | key else null end)])[] |
	{one: (.[0] | cell($one)), two: (if $two then .[0] | cell($two) else null end)} +
	([.[] | number($y)] | {n: length, mean: mean, std: std});

# ---- what both kinds of plot begin with ----

# Colours that the colour-blind can tell apart (Okabe and Ito), a shape for each.
def line_types:
	[["0072b2", 7], ["d55e00", 5], ["009e73", 9], ["cc79a7", 13], ["e69f00", 11],
	["56b4e9", 6], ["000000", 4], ["999999", 8]] | to_entries[] |
	"set linetype \(.key + 1) lc rgb '#\(.value[0])' pt \(.value[1])";
def look:
	"set terminal \($terminal)", "set encoding utf8", "set datafile missing '?'",
	"set border 3 lc rgb '#555555'", "set tics nomirror out",
	(if is_text then empty else line_types, "set linetype cycle 8" end);

# Few values, far enough from each other, are the ticks themselves.
def value_ticks(place):
	[.[].v | place] as $at | ($at[-1] - $at[0]) as $range |
	def too_close: [range(1; length) as $i | $at[$i] - $at[$i - 1]] | min < $range * 0.06;
	if is_text or length < 2 or length > 12 or too_close then empty
	else "set xtics (" + ([.[] | "\(.t | cut(24) | tick) \(.v)"] | join(", ")) + ")" end;

def slanted: if ([.[].t | width] | add) > 70 then "set xtics rotate by -30" else empty end;

# A title, and below it what is not in the plot.
def title($missing):
	literal | if $missing == "" then "set title \(.)"
	else "set title \(sub(" noenhanced$"; "")).\"\\n\"." +
		($missing | literal(if is_text then $width else 110 end)) end;

def repeats:
	[.[].n | select(. > 0)] | if max < 2 then "" else ", mean ± std of " +
		(if min == max then "\(max)" else "\(min) to \(max)" end) + " runs" end;

# ---- lines ----

def logs_y: $log | . == "y" or . == "xy";

def x_axis($xs; $is_number; $log_x):
	if $is_number | not then
		($xs | "set xtics (\(ticks))", slanted), "set xrange [-0.5:\(($xs | length) - 0.5)]"
	elif $log_x then
		"set logscale x", "set format x '%g'", ($xs | value_ticks(log)),
		"set xrange [\($xs[0].v / 1.25):\($xs[-1].v * 1.25)]"
	else
		(($xs[-1].v - $xs[0].v) * 0.04 | if . == 0 then 1 else . end) as $room |
		($xs | value_ticks(.)), "set xrange [\($xs[0].v - $room):\($xs[-1].v + $room)]"
	end;

# The points of each line, as a block of data; where x is text, beside those of the others.
def line_data($points; $series; $is_number):
	($series | length) as $n | range($n) as $i | ($series[$i] | key) as $s |
	(if $is_number then 0 else ([0.12, 0.8 / $n] | min) * ($i - ($n - 1) / 2) end) as $beside |
	"$line\($i) << END",
	($points[] | select(.two | key == $s) | "\(.at + $beside) \(.mean) \(.std // "?")"),
	"END";

def line_styles($series; $is_number; $by):
	[range($series | length) as $i |
		(if is_text then empty
		else "$line\($i) using 1:2:3 with yerrorbars lt \($i + 1) pt -2 notitle" end),
		"$line\($i) using 1:2 with \(if $is_number then "linespoints" else "points" end)" +
		" lt \($i + 1) ps 0.9 title " +
		if $by then $series[$i] | (.t // "") | cut(30) | literal else "''" end] |
	"plot " + join(", ");

# $every: the runs that have a place, with a point there or not
def line_plot($name; $missing; $every; $x; $y; $by):
	($every | values($x)) as $places | all($places[]; .v | type == "number") as $is_number |
	(if $is_number then values($x) else $places end) as $xs | ($xs | place_of) as $place |
	(if $by then values($by) else [null] end) as $series |
	[points($y; $x; $by) |
		.at = if $is_number then .one.v else $place[.one | key | tojson] end] as $points |
	($log | . == "x" or . == "xy" or
		(. == "auto" and $is_number and ([$xs[].v] | is_log_spaced))) as $log_x |
	if ($series | length) > 40 then
		"\($by.name) has \($series | length) values; --by takes 40 at the most" | refuse
	elif $log_x and ($is_number | not) then
		"\($x.name) is not a number in all runs: no logarithmic axis" | refuse
	elif $log_x and $xs[0].v <= 0 then
		"--log x needs values of \($x.name) above zero" | refuse
	elif logs_y and ([$points[].mean] | min) <= 0 then
		"--log y needs values of \($y.name) above zero" | refuse
	else
		look, ($name | title($missing)), "set xlabel \($x.name | literal)",
		"set ylabel \($y.name | cut(40) + ($points | repeats) | literal)",
		(if is_text then empty else "set grid back lt 1 lc rgb '#dddddd' lw 0.6" end),
		(if $by then "set key outside right top Left reverse title \($by.name | literal)"
		else "unset key" end),
		(if logs_y then "set logscale y"
		else "set offsets 0, 0, graph 0.05, graph 0.05" end),
		x_axis($xs; $is_number; $log_x),
		line_data($points; $series; $is_number),
		line_styles($series; $is_number; $by)
	end;

# ---- colours ----

def palette:
	"set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')";

def text_map($name; $missing; $xs; $ys; $cells; $corner):
	def shown: if .n > 0 then .mean | digits(4) | finite | tostring else "-" end;
	([$name, $missing][] | select(. != "") | plain | cut($width)), "",
	([[$corner] + [$xs[].t]] +
		[range($ys | length) as $i | [$ys[$i].t] + [$cells[$i][] | shown]] |
		layout([range($xs | length + 1) | . > 0]; $width));

# The colours, and a number in each field: dark ones have white numbers.
def map_data($xs; $ys; $cells; $dark):
	def fields: range($ys | length) as $j | range($xs | length) as $i |
		$cells[$j][$i] + {at: "\($i) \($j)"};
	"$cells << END", (fields | "\(.at) \(.mean // "NaN")"), "END",
	"$labels << END",
	(fields | (if .mean < $dark then 16777215 else 0 end) as $colour |
		if .n == 0 then "\(.at) - 8421504"
		else "\(.at) \(.mean | digits(3)) \($colour)" end),
	"END";

def heatmap($name; $missing; $every; $x; $y; $z):
	($every | values($x)) as $xs | ($every | values($y)) as $ys |
	[points($z; $x; $y)] as $points |
	(reduce $points[] as $p ({}; .[[$p.one, $p.two | key] | tojson] = $p)) as $known |
	[$ys[] as $b | [$xs[] as $a | $known[[$a, $b | key] | tojson] // {n: 0}]] as $cells |
	([$points[].mean] | min) as $least | ([$points[].mean] | max) as $most |
	if is_text then text_map($name; $missing; $xs; $ys; $cells; "\($y.name) / \($x.name)")
	else
		look, palette, ($name | title($missing)),
		"set xlabel \($x.name | literal)", "set ylabel \($y.name | literal)",
		"set cblabel " +
			($z.name | cut(40) + ($points | repeats) | sub(" ± std"; "") | literal),
		"unset key", "set tics scale 0", "unset border",
		($xs | "set xtics (\(ticks))", slanted), "set ytics (\($ys | ticks))",
		"set xrange [-0.5:\(($xs | length) - 0.5)]",
		"set yrange [-0.5:\(($ys | length) - 0.5)]",
		(if $least == $most then "set cbrange [\($least) - 0.5:\($most) + 0.5]"
		else "set cbrange [\($least):\($most)]" end),
		map_data($xs; $ys; $cells; $least + ($most - $least) * 0.6),
		"plot $cells using 1:2:3 with image pixels" +
			if ($points | length) > 200 then ""
			else ", $labels using 1:2:3:4 with labels tc rgb variable font ',10'" end
	end;

# ---- which columns, and which runs are in the plot ----

# -x, or the first parameter, or config, that differs between the runs.
def x_column($columns):
	. as $rows |
	if $x != "" then $columns | column($x; "sweep-plot")
	else [($columns[] | select(.kind == "params")),
			($columns[] | select(.kind == "fields" and .key == "base_config"))] |
		(map(select(. as $c | $rows | values($c) | length > 1)) + .)[0] //
		("nothing was swept here; name a column with -x" | refuse) end;

# -y, or the first metric that is a number in some completed run.
def y_column($columns; $given):
	. as $rows |
	if $y != "" then $columns | column($y; "sweep-plot")
	else [$columns[] | select(.kind == "metrics") |
			select(. as $c | any($rows[]; [number($c)] != []))][0] //
		("no completed run has a metric that is a number" +
			([($given | lacks([])), first($given | reasons([]; false))] |
				map(select(. != "") | ": " + plain) | add) | refuse) end;

# Why runs are not in the plot, in a few words.
def why_missing($places; $y):
	[.[] | . as $row |
		if is_completed and any(cell($places[]); . == null)
		then [$places[] | select(. as $c | $row | cell($c) == null).name] |
			"without \(join(", "))"
		else lack([$y]) end] | tally;

[rows] as $all_rows | ($all_rows | columns) as $columns |
($where | check_names($columns; "sweep-plot")), (
[$all_rows[] | select($where == "true" or (seen | given))] as $given |
[$given[] | select(is_completed)] as $rows |
($rows | x_column($columns)) as $x | ($rows | y_column($columns; $given)) as $y |
(if $second == "" then null else $columns | column($second; "sweep-plot") end) as $other |
[$x, $other | select(.)] as $places |
[$given[] | select(all(cell($places[]); . != null))] as $every |
[$every[] | select(is_completed and [number($y)] != [])] as $shown |
($given | why_missing($places; $y)) as $why |
($given | length | counted("run")) as $all |
(if $why == "" then "" else "\($shown | length) of \($all) shown; \($why)" end) as $missing |
$shown |
if length == 0 then "no completed run has both \($x.name) and a number as \($y.name)" +
	(if $why == "" then "" else ": \($why)" end) | refuse else . end |
(if $title != "" then $title
	else "\(.[0].fields.experiment): \($y.name) over \($x.name)" +
		if $second == "" then "" else " and \($second)" end end) as $name |
(if $second != "" then heatmap($name; $missing; $every; $x; $other; $y)
	else line_plot($name; $missing; $every; $x; $y;
		if $by == "" then null else $columns | column($by; "sweep-plot") end) end),
([select($missing != "") | $missing, ($given | reasons([$y]; false)),
		($given | told_lacking($where))] |
	select(. != []) | map("sweep-plot: \(plain)\n") | add | halt_error(0)))
