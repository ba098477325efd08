# What the programs that show results have in common: an experiment as rows, its
# columns, and text for people. The documents come from `meta-merge --spelling`.

# ---- rows and columns ----

# {"a":1,"b":{"c":2}} as {"a":1,"b.c":2}
def flat:
	def members($before): to_entries[] | .value as $value | ($before + .key) as $name |
		if ($value | type) == "object" and $value != {} then $value | members($name + ".")
		else {($name): $value} end;
	if type == "object" then reduce members("") as $member ({}; . + $member) else {} end;

# The runs of a document, each as fields, params and metrics, by names without depth.
def rows: ((.experiment_dir // .name // "") | sub("/+$"; "") | sub(".*/"; "")) as $experiment |
	.runs[] | {
		params: (.params // {}), metrics: (.metrics | flat), spelling,
		fields: ({experiment: $experiment} + del(.params, .metrics, .spelling, .experiment))};

def names($kind): reduce .[] as $row ({}; . + $row[$kind]) | keys_unsorted;

# All columns of an array of rows. A name that several kinds have is for a field of
# the run itself; params.NAME and metrics.NAME always say which.
def columns: names("fields") as $fields | names("params") as $params | names("metrics") as $metrics |
	($fields + $params + $metrics | group_by(.) | map(select(length > 1) | {(.[0]): true}) | add // {}) as $twice |
	[($fields[] | {kind: "fields", key: ., name: ., full: .}),
	($params[] | {kind: "params", key: ., full: "params.\(.)", name: (if $twice[.] then "params.\(.)" else . end)}),
	($metrics[] | {kind: "metrics", key: ., full: "metrics.\(.)", name: (if $twice[.] then "metrics.\(.)" else . end)})];

# One of some columns, by its name; a program says what it is called.
def column($name; $program): . as $known |
	(map(select(.name == $name or .full == $name))[0] // ("\($program): unknown column \($name); there are " +
		([$known[] | .name] | join(", ")) + "\n" | halt_error(2)));

# A list of names, commas between; a name with commas in it can stand alone.
def column_list($names; $program): if any(.[]; .name == $names or .full == $names) then [column($names; $program)]
	else [column($names | split(",")[]; $program)] end;

# What a row has in a column: v, the value, and t, its text as it was spelled; null if
# it has nothing.
def cell($column): .[$column.kind] as $values |
	if $values | has($column.key) | not then null
	else $values[$column.key] as $v | {$v, t: (if $v | type == "string" then $v
		else .spelling[$column.kind][$column.key] // ($v | tojson) end)} end;

def number($column): .[$column.kind][$column.key] | numbers;

# ---- numbers ----

def digits($n): if . == 0 or isinfinite or isnan then . else
	(fabs | log10 | floor) as $e | (if $e >= $n - 1 then pow(10; $e - $n + 1) else null end) as $up |
	if $up then (. / $up | round) * $up elif $e < -280 then .
	else pow(10; $n - 1 - $e) as $down | (. * $down | round) / $down end end;

def mean: if length == 0 then null else add / length end;

# The standard deviation of a sample: n - 1 below the line.
def std: length as $n | if $n < 2 then null elif min == max then 0 else mean as $m | map(. - $m | . * .) | add / ($n - 1) | sqrt end;

# ---- text for people ----

# Seconds as 1m33s.
def duration: (. + 0.5 | floor) | if . < 60 then "\(.)s" elif . < 3600 then "\(. / 60 | floor)m\(. % 60)s"
	else "\(. / 3600 | floor)h\(. % 3600 / 60 | floor)m" end;

# Parameters as lr=0.1 seed=0, in their spelling where that came along.
def assigned: .spelling.params as $spelled | [.params // {} | to_entries[] |
	"\(.key)=\(if .value | type == "string" then .value else $spelled[.key] // (.value | tojson) end)"] | join(" ");

# The same, or, of a run as its config is, the config's name.
def swept: if (.params // {}) == {} then .base_config // "" else assigned end;

# 1 run, 2 runs
def counted($what): "\(.) \($what)\(if . == 1 then "" else "s" end)";

def hex4: def digit: . as $d | "0123456789abcdef"[$d:$d + 1];
	[. / 4096, . / 256 % 16, . / 16 % 16, . % 16] | map(floor | digit) | join("");

# Characters that would do something to a terminal, or turn the text around, are shown
# as what they are.
def plain: if test("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]") then
		(explode | map([.] | implode | if test("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]") then
			if . == "\n" then "\\n" elif . == "\t" then "\\t" elif . == "\r" then "\\r"
			else explode[0] | if . > 65535 then "\\u{\(.)}" else "\\u" + hex4 end end
		else . end) | join(""))
	else . end;

# Columns on a terminal: two for East Asian wide characters and emoji.
def code_width: if . < 768 then 1 elif . < 880 then 0
	elif (. >= 4352 and . <= 4447) or (. >= 11904 and . <= 42191) or (. >= 44032 and . <= 55203) or
		(. >= 63744 and . <= 64255) or (. >= 65040 and . <= 65135) or (. >= 65281 and . <= 65376) or
		(. >= 127744 and . <= 129791) or (. >= 131072 and . <= 262141) then 2
	elif . >= 65024 and . <= 65039 then 0 else 1 end;
def width: if utf8bytelength == length then length else [explode[] | code_width] | add // 0 end;

def cut($most): if width <= $most then . elif $most < 4 then .[:$most]
	else (reduce explode[] as $code ({w: 0, text: []};
		if .w > $most - 3 then . else .w += ($code | code_width) | if .w > $most - 3 then . else .text += [$code] end end)
		| .text | implode) + "..." end;

def spaces($n): if $n > 0 then " " * $n else "" end;

# The last cell of a row that is not empty; behind it nothing is padded. (To strip blanks
# by a regular expression takes time with their square.)
def last_cell: [range(length) as $i | select((.[$i] // "") != "") | $i] | max // 0;

# An array of arrays of strings as lines: columns as wide as they need be, but no wider
# than 60, and narrower where the terminal is; $right says which end on the right. The
# last one is not padded.
def layout($right; $most):
	map(map(plain)) | ([.[] | length] | max) as $n |
	(map(map(width)) | [range($n) as $i | map(.[$i] // 0) | max | if . > 60 then 60 else . end]) as $wanted |
	($wanted | until(((add + 2 * ($n - 1)) <= $most) or max <= 8;
		(add + 2 * ($n - 1) - $most) as $over | max as $max | .[index($max)] |= ([. - $over, 8] | max))) as $widths |
	.[] | . as $row | last_cell as $last | [range($last + 1) as $i | ($row[$i] // "") | cut($widths[$i]) |
		if $right[$i] then spaces($widths[$i] - width) + .
		elif $i == $last then . else . + spaces($widths[$i] - width) end]
	| join("  ") | cut($most);

# The same without a limit: what is copied from there has to be whole.
def lines: map(map(plain)) | ([.[] | length] | max) as $n |
	[range($n) as $i | map(.[$i] // "" | width) | max] as $widths |
	.[] | . as $row | last_cell as $last | [range($last + 1) as $i | ($row[$i] // "") |
		if $i == $last then . else . + spaces($widths[$i] - width) end]
	| join("  ");
