# sweep-report: the ends of logs, each behind a record separator and a line with its run, as
# one object.
[split("\u001e")[1:][] | split("\n") | {(.[0] | fromjson | tostring): (.[1:] | join("\n"))}] |
add // {}
