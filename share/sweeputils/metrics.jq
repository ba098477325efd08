# sweep-metrics: each line's metrics, which are what the file holds, as the expression makes
# them of that (`collect`); or metrics_error, which says why it does not.
include "sweep";
include "collect";

# What JSON has no form for jq would print as null, or as the greatest number.
def collected:
	[limit(1; collect)] | if length == 0 then error("it gives nothing") else .[0] end |
	if type != "object" then error("it gives \(type), not an object")
	elif all(.[]; . == null) then
		error("it gives " + if . == {} then "an empty object"
			else "null for " + (keys | join(", ")) end)
	elif depth > 100 then error("it gives an object nested deeper than 100 levels")
	else {metrics: walk(finite)} end;

if has("metrics") then
	(try (.metrics | collected)
		catch {metrics_error: "the jq expression of metrics: \(.)"}) as $result |
	del(.metrics) + $result
else . end
