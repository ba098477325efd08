# The names that an expression of the user's looks up in a run. To jq a name that is not
# there is null, and null is less than any number: `.lrr < 1` would be true of all runs.
#
# Only what is looked up in the run itself is told: `.` is something else behind a pipe
# and in most arguments of functions, and what is not certain is not told.

include "sweep";

def tokens: [match("(?<comment>#[^\n]*)" +
	"|(?<string>\"(?:[^\"\\\\]|\\\\[^(]" +
	"|\\\\(?<in>\\((?:[^()\"]|\\g<string>|\\g<in>)*\\)))*\")" +
	"|(?<number>(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][-+]?[0-9]+)?)" +
	"|(?<field>[.][A-Za-z_][A-Za-z0-9_]*)" +
	"|(?<variable>[$][A-Za-z_:][A-Za-z0-9_:]*)" +
	"|(?<word>[A-Za-z_][A-Za-z0-9_:]*)" +
	"|(?<sign>[.][.]|[<>=!]=|[|]=|[?]//|//|\\S)"; "g") |
	{t: .string, kind: [.captures[] | select(.string != null and .name != "in") | .name][0]} |
	select(.kind != "comment")];

def is_keyword:
	IN("and", "or", "if", "then", "elif", "else", "try", "catch", "as", "def", "reduce",
		"foreach", "label", "import", "include", "__loc__");

# Is this token the end of a value, so that a name behind it is looked up in that?
def ends_value: .kind == "field" or .kind == "string" or .kind == "number" or .kind == "variable" or
	(.kind == "word" and (.t | is_keyword | not)) or
	(.kind == "sign" and (.t | IN(")", "]", "}", ".", "..", "?")));

# A key in quotes, if it can be read without running it.
def quoted_key: if .kind == "string" then .t | try fromjson catch null else null end;

# The path that begins at a token, as .a."b c"["d"]: its names and where it ends.
def path_at($all; $from):
	def bracketed($i): # the key of ["key"], or null
		if $all[$i].t == "[" and $all[$i + 2].t == "]" then $all[$i + 1] | quoted_key
		else null end;
	def longer: .at as $i | $all[$i] as $one |
		($all[$i + 1] | quoted_key) as $quoted | bracketed($i) as $key |
		if $one.kind == "field" then .names += [$one.t[1:]] | .at += 1
		elif $one.t == "?" and .names != [] then .at += 1
		elif $one.t == "." and $quoted != null then .names += [$quoted] | .at += 2
		elif (.names != [] or $all[$i - 1].t == ".") and $key != null then
			.names += [$key] | .at += 3
		elif .names == [] and $one.t == "." and bracketed($i + 1) != null then .at += 1
		else .more = false end;
	{names: [], at: $from, more: true} | until(.more | not; longer) | select(.names != []);

def open($kind; $row): .levels += [{$kind, $row, begin: $row, as: false}];
def close: .levels |= if length > 1 then .[:-1] else . end;

# One token, in a state of levels: of each, whether `.` is the run.
def step($all; $i):
	$all[$i] as $one | (if $i > 0 then $all[$i - 1] else {t: ""} end) as $before |
	.levels[-1] as $level |
	def is_less($path):
		($all[$path.at].t // "" | IN("<", "<=")) or ($before.t | IN(">", ">="));
	def keeps_row: IN("select", "isempty", "not", "fmin", "fmax", "pow");
	if $one.kind == "field" or $one.t == "." then
		[path_at($all; $i)][0] as $path |
		if $level.row and $path and ($before | ends_value | not) then
			.names += [{names: $path.names, less: is_less($path)}] | .skip = $path.at
		else . end
	elif $one.t == "(" then
		if $before.kind == "variable" then .levels[-1].as = false | open("("; false)
		elif $before.kind == "word" and ($before.t | is_keyword | not) then
			open("("; $level.row and ($before.t | keeps_row))
		else open("("; $level.row) end
	elif $one.t | IN("[", "{") then open($one.t; $level.row)
	elif $one.t | IN(")", "]", "}") then close
	elif $one.t == ";" then
		if $level.kind == "def" then close else .levels[-1].row = $level.begin end
	elif $one.t == "|" then
		if $level.as then .levels[-1].as = false else .levels[-1].row = false end
	elif $one.kind != "word" then .
	elif $one.t | IN("as", "label") then .levels[-1].as = true
	elif $one.t == "if" then open("if"; $level.row)
	elif $one.t | IN("then", "elif", "else") then .levels[-1].row = $level.begin
	elif $one.t == "end" then close
	elif $one.t == "catch" then .levels[-1].row = false
	elif $one.t == "def" then open("def"; false)
	else . end;

# [{names: ["params", "lr"], less: true}]; less: it is asked to be less than something.
def looked_up: tokens as $all |
	reduce range($all | length) as $i ({levels: [], names: [], skip: 0} | open("("; true);
		if $i < .skip then . else step($all; $i) end) | .names;

def starts_with($path): .[:($path | length)] == $path;

# The first name in an expression that none of the columns has, or nothing.
def unknown_name($columns):
	def ways: .key as $key | ($key | split(".")) as $deep |
		if .kind == "fields" then [$key]
		else [$key], $deep, [.kind, $key], [.kind] + $deep end;
	[["experiment"], ([record_fields] | map([.])[]), ($columns[] | ways)] as $known |
	def is_known: . as $path | any($known[]; . as $one |
		($one | starts_with($path)) or ($path | starts_with($one)));
	first(looked_up[].names | select(. != ["params"] and . != ["metrics"]) |
		select(is_known | not));

# {"a.b":1} as {"a":{"b":1},"a.b":1}: a name with dots in it can be written both ways.
def deep: . as $flat | reduce (keys_unsorted[] | select(contains("."))) as $name ($flat;
	. as $was | try setpath($name | split("."); $flat[$name]) catch $was);

# A row as the expression sees it.
def seen: (.params | deep) as $params | (.metrics | deep) as $metrics |
	$metrics * $params * .fields + {params: $params, metrics: $metrics};

# Complain about a name that nothing has; the input is the expression.
def check_names($columns; $program): unknown_name($columns) as $path |
	"\($program): --where: \($columns | unknown_column($path | join(".")))" | halt_error(2);

def as_expression:
	reduce .[] as $name (""; . + if $name | test("^[A-Za-z_][A-Za-z0-9_]*$") then ".\($name)"
		else (if . == "" then "." else "" end) + "[\($name | tojson)]" end);

# What to say of rows that pass an expression because they lack what it wants to be less
# than something: to jq null is less than any number. Nothing where none does.
def told_lacking($expression):
	. as $rows |
	def lacks_it($path): seen | try getpath($path) catch null | . == null;
	def told: "\(.n) \(if .n == 1 then "has" else "have" end) no \(.name[1:])";
	[[$expression | looked_up[] | select(.less) | .names] | unique[] | . as $path |
		([$rows[] | select(lacks_it($path))] | length) as $n |
		select($n > 0) | {name: as_expression, $n}] |
	select(. != []) |
	"--where: of the runs that pass, " + (map(told) | join(" and ")) +
	", which jq counts as less than any number; write " +
	(map("\(.name) != null and ") | add) + "(\($expression))";
