# What the programs that show results have in common: an experiment as rows, its
# columns, and text for people. The documents come from `meta-merge --spelling`.

# ---- rows and columns ----

# {"a":1,"b":{"c":2}} as {"a":1,"b.c":2}
def flat:
	def members($before): to_entries[] | .value as $value | ($before + .key) as $name |
		if ($value | type) == "object" and $value != {} then $value | members($name + ".")
		else {($name): $value} end;
	if type == "object" then reduce members("") as $member ({}; . + $member) else {} end;

# jq 1.7 and later print a number of the input with the digits it was read with, so that
# tojson tells 2 from 2.0; jq 1.6 does not. Computed numbers are the same to all versions.
def computed: if type == "number" then . + 0
	elif type == "array" then map(computed)
	elif type == "object" then
		. as $all | reduce keys_unsorted[] as $key ({}; .[$key] = ($all[$key] | computed))
	else . end;

# The runs of a document, each as fields, params and metrics, by names without depth.
def rows: ((.experiment_dir // .name // "") | sub("/+$"; "") | sub(".*/"; "")) as $experiment |
	.runs[] | {
		params: (.params // {} | computed), metrics: (.metrics | flat | computed), spelling,
		fields: ({experiment: $experiment} +
			(del(.params, .metrics, .spelling, .experiment) | computed))};

def names($kind): reduce .[] as $row ({}; . + $row[$kind]) | keys_unsorted;

# All columns of an array of rows. A name that several kinds have is for a field of
# the run itself; params.NAME and metrics.NAME always say which.
def columns:
	names("fields") as $fields | names("params") as $params | names("metrics") as $metrics |
	($fields + $params + $metrics | group_by(.) |
		map(select(length > 1) | {(.[0]): true}) | add // {}) as $twice |
	def qualified($kind): "\($kind).\(.)" as $full |
		{$kind, key: ., $full, name: (if $twice[.] then $full else . end)};
	[($fields[] | {kind: "fields", key: ., name: ., full: .}),
		($params[] | qualified("params")), ($metrics[] | qualified("metrics"))];

# What a record of a run can hold, though no run here may have it.
def record_fields:
	"reason", "return_code", "signal", "error", "attempt", "metrics_error", "record_error",
	"started_at", "completed_at", "duration_s", "run_dir", "run_dir_candidates",
	"run_dir_error", "noted_at", "base_config", "log_path", "host", "pid", "user_s",
	"system_s", "max_rss_kb", "leftovers", "survivors", "config_changed", "gpu",
	"slurm_job_id", "slurm_array_job_id", "slurm_array_task_id", "node";

def unknown_column($name):
	"unknown column \($name); there are " + ([.[].name] | join(", ")) +
	(if any(.[]; .kind == "fields") and all(.[]; .kind != "metrics")
		then "; no run has metrics yet" else "" end) + "\n";

# One of some columns, by its name; a program says what it is called.
def column($name; $program): . as $known |
	(map(select(.name == $name or .full == $name))[0] //
		(if any(record_fields; . == $name) and ($known | any(.[]; .kind == "fields"))
			then {kind: "fields", key: $name, name: $name, full: $name}
		else "\($program): \($known | unknown_column($name))" | halt_error(2) end));

# A list of names, commas between; a name with commas in it can stand alone.
def column_list($names; $program):
	if any(.[]; .name == $names or .full == $names) then [column($names; $program)]
	else [column($names | split(",")[]; $program)] end;

# What a row has in a column: v, the value, and t, its text as it was spelled; null if
# it has nothing.
def cell($column): .[$column.kind] as $values |
	if $values | has($column.key) | not then null
	else $values[$column.key] as $v | {$v, t: (if $v | type == "string" then $v
		else .spelling[$column.kind][$column.key] // ($v | tojson) end)} end;

# What is the same of cells with the same value: 2 and 2.0 have it in common. Doubles do
# not tell integers beyond 2^53 apart, such as seeds; their digits do.
def key: if . == null then []
	elif (.v | type) == "number" and (.v | fabs) >= 9007199254740992 and
		(.t | test("^-?[0-9]+$")) then [.v, .t]
	else [.v] end;

def number($column): .[$column.kind][$column.key] | numbers;

# Do the configs that runs started from tell them apart, and not the parameters alone?
def has_configs: any(.[]; .params == {} and .fields.base_config != null) or
	([.[].fields.base_config | select(. != null)] | unique | length) > 1;

# ---- what is missing ----

# The first of some names, and how many more there are.
def some($most):
	(.[:$most] | join(", ")) + if length > $most then " and \(length - $most) more" else "" end;

# A run's name; the experiment's before it where there are several.
def run_name($many): if $many then "\(.fields.experiment)/\(.fields.run)" else .fields.run end;

def is_completed: .fields.status == "completed";

# Why a run has no number in some columns, in a few words, or nothing where it has all of them.
def lack($columns): . as $row |
	def without($c): cell($c) |
		if . == null then "without \($c.name)" else "with \($c.name) \(.t)" end;
	if is_completed | not then
		.fields |
		if .reason == "interrupted" then .reason else .status // "without status" end
	elif $columns == [] then if .metrics == {} then "without metrics" else empty end
	else [$columns[] | select(. as $c | [$row | number($c)] == [])] |
		if . == [] then empty
		elif $row.metrics == {} and all(.[]; .kind == "metrics") then "without metrics"
		else [.[] as $c | $row | without($c)] |
			if length > 2 then "\(.[0]) and \(length - 1) others" else join(" and ") end
		end
	end;

# Some words, and how often each is there: "2 failed, 1 without metrics".
def tally: group_by(.) | map("\(length) \(.[0])") | join(", ");
def lacks($columns): [.[] | lack($columns)] | tally;

def some_lines:
	.[:10][],
	(select(length > 10) | "and \(length - 10) more; sweep-table --csv names them all");

# Completed runs that lack what some columns show, a line each, and why.
def reasons($columns; $many):
	def lacking: . as $row |
		[$columns[] | select(. as $c | $row[$c.kind] | has($c.key) | not).name];
	[.[] | select(is_completed)] |
	([.[] | select(.fields.metrics_error != null) |
		"\(run_name($many)): no metrics: \(.fields.metrics_error)"] | some_lines),
	([.[] | select(.fields.metrics_error == null) |
			{name: run_name($many), none: (.metrics == {}), lacks: lacking} |
			select(.lacks != [])] | group_by(.none, .lacks)[] |
		"\(map(.name) | some(5)): no " +
			if .[0].none then "metrics, and no reason on record"
			else (.[0].lacks | some(5)) + " among the metrics" end);

# ---- numbers ----

def digits($n): if . == 0 or isinfinite or isnan then . else
	(fabs | log10 | floor) as $e |
	(if $e >= $n - 1 then pow(10; $e - $n + 1) else null end) as $up |
	if $up then (. / $up | round) * $up elif $e < -280 then .
	else pow(10; $n - 1 - $e) as $down | (. * $down | round) / $down end end;

# A number that JSON has no form for as the string that stands for it in metrics.
def finite: if type != "number" then . elif isnan then "NaN"
	elif isinfinite then (if . > 0 then "Infinity" else "-Infinity" end) else . end;

# Levels of objects and arrays.
def depth: if type == "object" or type == "array" then 1 + ([.[] | depth] | max // 0) else 0 end;

def mean: if length == 0 then null else add / length end;

# The standard deviation of a sample: n - 1 below the line.
def std: length as $n |
	if $n < 2 then null elif min == max then 0
	else mean as $m | map(. - $m | . * .) | add / ($n - 1) | sqrt end;

# ---- text for people ----

# Seconds as 1m33s.
def duration: (. + 0.5 | floor) |
	if . < 60 then "\(.)s" elif . < 3600 then "\(. / 60 | floor)m\(. % 60)s"
	else "\(. / 3600 | floor)h\(. % 3600 / 60 | floor)m" end;

# Parameters as lr=0.1 seed=0, in their spelling where that came along.
def assigned: .spelling.params as $spelled |
	def spelled: if .value | type == "string" then .value
		else $spelled[.key] // (.value | computed | tojson) end;
	[.params // {} | to_entries[] | "\(.key)=\(spelled)"] | join(" ");

# The same, or, of a run as its config is, the config's name.
def swept: if (.params // {}) == {} then .base_config // "" else assigned end;

# 1 run, 2 runs
def counted($what): "\(.) \($what)\(if . == 1 then "" else "s" end)";

def hex($n): . as $code | [range($n - 1; -1; -1) as $i | $code / pow(16; $i) | floor % 16 |
	"0123456789abcdef"[.:. + 1]] | join("");

# What a terminal would not just show is written out: controls, what turns the text
# around, and what is no character; utf8_is_plain of the C programs is the same set.
def special:
	"[\\x{00}-\\x{1f}\\x{7f}-\\x{9f}\\x{61c}\\x{200e}\\x{200f}" +
	"\\x{2028}-\\x{202e}\\x{2066}-\\x{206f}" +
	"\\x{fdd0}-\\x{fdef}\\x{feff}\\x{fff9}-\\x{fffb}\\x{fffe}-\\x{ffff}" +
	"\\x{1fffe}-\\x{1ffff}\\x{2fffe}-\\x{2ffff}\\x{3fffe}-\\x{3ffff}\\x{4fffe}-\\x{4ffff}" +
	"\\x{5fffe}-\\x{5ffff}\\x{6fffe}-\\x{6ffff}\\x{7fffe}-\\x{7ffff}\\x{8fffe}-\\x{8ffff}" +
	"\\x{9fffe}-\\x{9ffff}\\x{afffe}-\\x{affff}\\x{bfffe}-\\x{bffff}\\x{cfffe}-\\x{cffff}" +
	"\\x{dfffe}-\\x{dffff}\\x{efffe}-\\x{effff}" +
	"\\x{ffffe}-\\x{fffff}\\x{10fffe}-\\x{10ffff}]";
def shown_code: {"9": "\\t", "10": "\\n", "13": "\\r"}[tostring] // if . < 256 then "\\x" + hex(2)
	elif . < 65536 then "\\u" + hex(4) else "\\U" + hex(8) end;
# Of an array of codes: what f makes of each of those that there are, reckoned once.
def each_kind(f): unique | map({key: tostring, value: f}) | from_entries;
def plain:
	def shown: if [.] | implode | test(special) then shown_code | explode else [.] end;
	if type != "string" then tojson else . end |
	if test(special) then
		explode | each_kind(shown) as $shown | [.[] | $shown[tostring][]] | implode
	else . end;

# Columns on a terminal: two for East Asian wide characters and emoji, none for what
# combines with the character before it; one for all that is in none of these ranges.
def code_ranges:
	[[768, 879, 0], [4352, 4447, 2], [11904, 42191, 2], [44032, 55203, 2], [63744, 64255, 2],
	[65024, 65039, 0], [65040, 65135, 2], [65281, 65376, 2], [127744, 129791, 2],
	[131072, 262141, 2]];
def code_width: if . < 768 then 1 else . as $code |
	[code_ranges[] | select($code >= .[0] and $code <= .[1])[2]][0] // 1 end;
def other_widths: "[" + ([code_ranges[] | [.[0]], [45], [.[1]] | implode] | join("")) + "]";
def width: if utf8bytelength == length or (test(other_widths) | not) then length
	else explode | each_kind(code_width) as $widths | [.[] | $widths[tostring]] | add // 0 end;

def cut($most):
	def add_code($code): if .w > $most - 3 then . else
		.w += ($code | code_width) | if .w > $most - 3 then . else .text += [$code] end end;
	if width <= $most then . elif $most < 4 then .[:$most]
	else (reduce (.[:4 * $most] | explode[]) as $code ({w: 0, text: []}; add_code($code)) |
		.text | implode) + "..." end;

def spaces($n): if $n > 0 then " " * $n else "" end;

# The last cell of a row that is not empty; behind it nothing is padded. (To strip blanks
# by a regular expression takes time with their square.)
def last_cell: [range(length) as $i | select((.[$i] // "") != "") | $i] | max // 0;

# An array of arrays of strings as lines: columns as wide as they need be, but no wider
# than 60, and narrower where the terminal is; $right says which end on the right. The
# last one is not padded.
def layout($right; $most):
	map(map(plain)) | ([.[] | length] | max) as $n |
	def over: add + 2 * ($n - 1) - $most;
	def narrowed: over as $over | max as $max | .[index($max)] |= ([. - $over, 8] | max);
	(map(map(width)) | [range($n) as $i | [map(.[$i] // 0) | max, 60] | min] |
		until(over <= 0 or max <= 8; narrowed)) as $widths |
	.[] | . as $row | last_cell as $last |
	[range($last + 1) as $i | ($row[$i] // "") | cut($widths[$i]) |
		if $right[$i] then spaces($widths[$i] - width) + .
		elif $i == $last then . else . + spaces($widths[$i] - width) end]
	| join("  ") | cut($most);

# The same without a limit: what is copied from there has to be whole.
def lines: map(map(plain)) | ([.[] | length] | max) as $n |
	[range($n) as $i | map(.[$i] // "" | width) | max] as $widths |
	.[] | . as $row | last_cell as $last | [range($last + 1) as $i | ($row[$i] // "") |
		if $i == $last then . else . + spaces($widths[$i] - width) end]
	| join("  ");
