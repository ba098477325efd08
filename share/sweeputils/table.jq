# sweep-table's rows: runs, or groups of runs that are equal in some columns. `given` is the
# user's --where; the options are variables.
include "sweep";
include "where";
include "given";

# ---- which columns and rows ----

# Text has notes below it in place of the column metrics_error.
def usual($many):
	has_configs as $configs | any(.[]; .fields.metrics_error != null) as $errors |
	(columns) as $all |
	def place:
		if .kind == "params" then 3 elif .kind == "metrics" then 6
		elif .key == "experiment" and $many then 0
		elif .key == "base_config" and $configs then 2
		elif .key == "metrics_error" and $errors and $format != "text" then 7
		else {run: 1, status: 4, duration_s: 5}[.key] end;
	[range(8) as $place | $all[] | select(place == $place)];

def run_table($shown; $known): {$shown, $known, items: map({row: .})};

def aggregate($how):
	{mean: mean, std: std, min: min, max: max, n: length}[$how] |
	if . == null then null
	else digits(6) | finite | {v: ., t: (if type == "string" then . else tojson end)} end;

# What --group-by measures: --columns, or the metrics that are numbers in some completed run.
def measured_columns($all):
	. as $rows |
	if $columns != "" then $all | column_list($columns; "sweep-table")
	else [$all[] | select(.kind == "metrics") |
		select(. as $c | any($rows[]; is_completed and [number($c)] != []))] end;

# A row for what is equal in some columns. Where a mean is of fewer runs than there
# are, the last column says what the others are.
def group_table($all):
	. as $rows | ($all | column_list($group; "sweep-table")) as $keys |
	measured_columns($all) as $measured | ($agg | split(",")) as $hows |
	[$rows | group_by([cell($keys[]) | key])[] | . as $group | map(select(is_completed)) |
		{missing: ($group | lacks($measured)), cells: [($group[0] | cell($keys[])),
			($measured[] as $c | [.[] | number($c)] | aggregate($hows[]))]}] as $items |
	any($items[]; .missing != "") as $lacking |
	($keys + [$measured[] as $c | $hows[] as $how | {name: "\($c.name)_\($how)"}] +
		[select($lacking) | {name: "missing"}] | to_entries |
		map(.value + {kind: "cells", index: .key, full: .value.name})) as $made |
	def missing: .missing | if . == "" then null else {v: ., t: .} end;
	{shown: $made, known: $made, items: [$items[] |
		if $lacking then .cells += [missing] else . end]};

def cell_of($column):
	if $column.kind == "cells" then .cells[$column.index] else .row | cell($column) end;

# Numbers, then text; what is missing or not a number comes last both ways.
def sort_key:
	if . == null or .v == null or .v == "NaN" then null
	elif .v == "Infinity" then [0, infinite] elif .v == "-Infinity" then [0, -infinite]
	elif .v | type == "number" then [0] + key else [1, .v] end;

def sorted($known):
	reduce ($sort | split(",") | reverse[]) as $word (.;
		($word | ltrimstr("-")) as $name |
		($known | column($name; "sweep-table")) as $column |
		map({item: ., key: (cell_of($column) | sort_key)}) |
		([.[] | select(.key != null)] | group_by(.key) |
			if $word | startswith("-") then reverse else . end | add // [])
		+ [.[] | select(.key == null)] | map(.item));

# ---- how they are written ----

def texts: map(map(if . == null then "" else .t end));
# for a reader no cell is empty
def shown_texts: map(map(if . == null then "-" elif .t == "" then "\"\"" else .t end));
def is_numeric:
	all(.[] | select(. != null) | .v;
		type == "number" or . == "NaN" or . == "Infinity" or . == "-Infinity");

# A spreadsheet takes what begins so for a formula; a quote in front makes it text.
def defused:
	def is_number: test("^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?\\z");
	if test("^[=+@\t\r\n-]") and (is_number | not) then "'" + . else . end;
def quoted: if test("[\",;\r\n]|^ | $") then "\"" + gsub("\""; "\"\"") + "\"" else . end;
def escaped:
	gsub("(?<c>[\\\\`*\\[\\]|~])"; "\\\(.c)") | gsub("&"; "&amp;") | gsub("<"; "&lt;") |
	gsub(">"; "&gt;") | gsub("\r\n|\r|\n"; "<br>") | plain;

def as_markdown($names; $right):
	([$names] + shown_texts | map(map(escaped))) as $lines |
	($lines[0], ($right | map(if . then "---:" else "---" end)), $lines[1:][]) |
	"| " + join(" | ") + " |";

def as_json($names):
	def member($i): ($names[$i] | tojson) + ":" +
		if .v | type == "string" then .v | tojson else .t end;
	.[] | [range($names | length) as $i | .[$i] | select(. != null) | member($i)] |
	"{" + join(",") + "}";

def written($names; $right):
	if $format == "csv" then ([$names] + texts)[] | map(defused | quoted) | join(",") + "\r"
	elif $format == "tsv" then ([$names] + texts)[] | map(defused) | @tsv
	elif $format == "markdown" then as_markdown($names; $right)
	elif $format == "json" then as_json($names)
	else [$names] + shown_texts | layout($right; $width) end;

# What is missing in the rows of a table and is not said in a column of it.
def notes($shown; $many):
	[$shown[] | select(.kind == "metrics")] as $metrics |
	def shows($key): any($shown[]; .kind == "fields" and .key == $key);
	def has_no_metric: . as $row | any($metrics[]; . as $c | $row | cell($c) == null);
	(map(.row | select(. != null)) |
		if $metrics == [] and $columns != "" then empty
		elif shows("metrics_error") then map(select(.fields.metrics_error == null))
		else . end | reasons($metrics; $many)),
	(if shows("status") or $metrics == [] then empty else
		[.[].row | select(. != null and (is_completed | not)) | select(has_no_metric)] |
		select(. != []) | lacks([]) + ": no \([$metrics[].name] | some(5))" end);

# The rows to show, by --group-by, --columns, --sort and --top.
def table($all; $rows; $many):
	(if $group != "" then group_table($all)
	elif $columns == "" then run_table($rows | usual($many); $all)
	else run_table($all | column_list($columns; "sweep-table"); $all) end) |
	. as $table | .items |= (if $sort == "" then . else sorted($table.known) end |
		if $top == "" then . else .[:$top | tonumber] end);

[inputs] as $documents | ($documents | length > 1) as $many |
[$documents[] | rows] as $rows | ($rows | columns) as $all |
($where | check_names($all; "sweep-table")), (
[$rows[] | select($where == "true" or (seen | given))] as $given |
($given | table($all; $rows; $many)) as {$shown, $items} |
($items | map([cell_of($shown[])])) as $cells |
[range($shown | length) as $i | $cells | map(.[$i]) | is_numeric] as $right |
($cells | written($shown | map(.name); $right)),
([(if $group != "" then $given | reasons([]; $many) else $items | notes($shown; $many) end),
	($given | told_lacking($where))] |
	select(. != []) | map("sweep-table: \(plain)\n") | add | halt_error(0)))
