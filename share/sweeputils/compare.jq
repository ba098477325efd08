# sweep-compare: what changed between two runs, or between two experiments, of the two
# documents that are the input; the options are variables.
include "sweep";

def refuse: "sweep-compare: \(.)\n" | halt_error(2);
def text: if . == null then "" elif type == "string" then . else tojson end;

# From one number to another, in four digits, and in percent.
def signed: if . > 0 then "+" else "" end + (finite | text);
def change($a; $b):
	if ($a | type) == "number" and ($b | type) == "number" and $a != $b then
		($b - $a | digits(4) | signed) + if $a == 0 then ""
			else " (\(($b - $a) / ($a | fabs) * 100 | digits(3) | signed)%)" end
	else "changed" end;

# What a side lacks is a dash.
def shown: if . == null then "-" elif .t == "" then "\"\"" else .t end;
def differ($a; $b): ($a | key) != ($b | key);

# One line of what two sides have under a name.
def line($name; $a; $b):
	[$name, ($a | shown), ($b | shown), if differ($a; $b) then change($a.v; $b.v) else "" end];
def cells($column; $a; $b): line($column.key; $a | cell($column); $b | cell($column));
def as_cell: if . == null then null else {v: computed, t: text} end;
def fields($key; $a; $b): line($key; $a[$key] | as_cell; $b[$key] | as_cell);
def worth_showing: select($all != "" or .[3] != "");

# The session that was at work when a run began; without a run the last one.
def session($run):
	($run.fields.started_at // "~") as $began |
	[(.sessions // [])[] | select(.session_started_at <= $began or $run == null)][-1] // {};
def provenance($a; $b):
	fields("git_commit", "git_dirty", "git_diff", "version", "host", "user", "cwd"; $a; $b);

def heading:
	"A  \($one)\(if $run_one != "" then "/\($run_one)" else "" end)",
	"B  \($two)\(if $run_two != "" then "/\($run_two)" else "" end)" | plain | cut($width);
def section($title):
	map(worth_showing) | if . == [] then empty else
		"", ([[$title, "A", "B", "change"]] + . | layout([]; $width))
	end;

# ---- two runs ----

def sides($a; $b; $kind):
	[$a, $b | .[$kind] | keys_unsorted[]] |
	reduce .[] as $k ([]; if index([$k]) then . else . + [$k] end) |
	[.[] as $key | cells({$kind, $key}; $a; $b)];

def run_of($rows; $name; $dir):
	[$rows[] | select(.fields.run == $name)][0] // ("\($dir) has no run \($name)" | refuse);

def two_runs($a; $b; $doc_a; $doc_b):
	def program($run; $doc):
		($doc | session($run)) as $s | $s + {host: ($run.fields.host // $s.host)};
	heading,
	(sides($a; $b; "params") | section("params")),
	(sides($a; $b; "metrics") | section("metrics")),
	([("status", "reason", "return_code", "attempt", "base_config", "metrics_error",
		"duration_s") as $key | cells({kind: "fields", $key}; $a; $b)] | section("run")),
	([provenance(program($a; $doc_a); program($b; $doc_b))] | section("program"));

# ---- two experiments ----

# The same of runs with equal parameters, and, where configs tell runs apart, of
# equal ones; of those the first, the second, ... each.
def identity($configs):
	. as $row |
	[.params | keys[] as $k | [$k, ($row | cell({kind: "params", key: $k}) | key)]] +
	(if $configs then [.fields.base_config] else [] end) |
	if . == [] or . == [null] then [$row.fields.run] else . end | tojson;
def identified($configs):
	[to_entries[] | .id = (.value | identity($configs))] | group_by(.id) |
	map(to_entries[] | .key as $n | .value | {at: .key, row: (.value + {id: "\(.id) \($n)"})}) |
	sort_by(.at) | map(.row);

def told:
	. as $row | "\(.fields.run) " +
	if .params == {} then .fields.base_config // ""
	else [.params | keys_unsorted[] as $k |
		"\($k)=\($row | cell({kind: "params", key: $k}).t)"] | join(" ") end;
def told($configs):
	told + if $configs and .params != {} and .fields.base_config
		then " \(.fields.base_config)" else "" end;
def alone($name; $configs):
	if . == [] then empty else
		"", "only in \($name): \(length | counted("run"))",
		(.[:10][] | "  " + (told($configs) | plain | cut($width - 2))),
		(if length > 10 then "  and \(length - 10) more" else empty end)
	end;

# Why the runs of a table have no number where others have one.
def lacks_of($metrics; $name):
	map(select(lack($metrics))) | select(. != []) |
	"no value in \($name): \(lacks($metrics))", ("  " + reasons($metrics; false));

# The pairs in which a metric differs, or all, beside their parameters ($told).
def pair_table($metrics; $told):
	([["A", "B"] + [$told[].name] + [$metrics[].name | "\(.) A", "\(.) B", "change"]] +
		[.[] | .a as $a | .b as $b | [$a.fields.run, $b.fields.run] +
			[$told[] as $c | $a | cell($c) | shown] +
			[$metrics[] as $c | cells($c; $a; $b)[1:][]]] |
		layout([("A", "B", $told[]) | false] + [$metrics[] | true, true, false]; $width)),
	([(map(.a) | lacks_of($metrics; "A")), (map(.b) | lacks_of($metrics; "B"))] |
		if . == [] then empty else "", .[] end | plain | cut($width));

def metric_table($pairs; $configs):
	def differs($c): differ(.a | cell($c); .b | cell($c));
	($pairs | map(.a) + map(.b) | columns) as $columns |
	[$columns[] | select(.kind == "metrics") | . as $c |
		select($all != "" or any($pairs[]; differs($c)))] as $metrics |
	[$columns[] | select(.kind == "params" or
		($configs and .kind == "fields" and .key == "base_config"))] as $told |
	[$pairs[] | select(any(differs($metrics[]); .))] as $changed |
	($pairs | length | counted("run")) as $equal |
	if $pairs == [] then
		"", "no run of A has the parameters of a run of B"
	elif $metrics == [] then
		"", "\($equal) with equal parameters, " +
			if any($columns[]; .kind == "metrics") then "their metrics are equal"
			else "none of them with metrics" end
	else
		"",
		"\($equal) with equal parameters, \($changed | length) with different metrics", "",
		(if $all != "" then $pairs else $changed end | pair_table($metrics; $told))
	end;

def summary: {status, runs: .total, completed: .counts.completed, failed: .counts.failed};

def two_experiments($a; $b; $doc_a; $doc_b):
	any($a, $b; has_configs) as $configs |
	($a | identified($configs)) as $a | ($b | identified($configs)) as $b |
	(reduce $a[] as $row ({}; .[$row.id] = $row)) as $in_a |
	(reduce $b[] as $row ({}; .[$row.id] = $row)) as $in_b |
	($doc_a | summary) as $x | ($doc_b | summary) as $y |
	($doc_a | session(null)) as $s | ($doc_b | session(null)) as $t |
	heading,
	([fields($x | keys_unsorted[]; $x; $y), provenance($s; $t)] | section("experiment")),
	metric_table([$a[] | {a: ., b: $in_b[.id]} | select(.b)]; $configs),
	([$a[] | select($in_b[.id] | not)] | alone("A"; $configs)),
	([$b[] | select($in_a[.id] | not)] | alone("B"; $configs));

input as $doc_a | input as $doc_b | [$doc_a | rows] as $a | [$doc_b | rows] as $b |
if $run_one != "" then
	two_runs(run_of($a; $run_one; $one); run_of($b; $run_two; $two); $doc_a; $doc_b)
else two_experiments($a; $b; $doc_a; $doc_b) end
