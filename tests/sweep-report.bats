load helper
load report

# sweep-report: the file that it writes. The page itself is opened in report-page.bats.

@test "the page is written beside the experiment, by its directory or its name" {
	sweep
	report "$dir"
	test "$output" = "$dir/report.html"
	test -s "$dir/report.html"
	rm "$dir/report.html"
	report "$dir/"
	test -s "$dir/report.html"
	# of two timestamps the later one, of two numbers the greater
	cp -r "$dir" experiments/s_20991231_235959_9
	cp -r "$dir" experiments/s_20991231_235959_10
	cp -r "$dir" experiments/s_t_20991231_235959
	mkdir experiments/s_20991231_235959_11
	report s
	test "$output" = experiments/s_20991231_235959_10/report.html
	cp -r "$dir" ./-odd
	report -- -odd
	test -s ./-odd/report.html
	report s -o there.html
	test "$output" = there.html
	cmp <(sed 1,/id=.experiment/d there.html | grep '"run":') <(grep '"run":' "$dir/experiment.json" | sed 's/</\\u003c/g')
}

@test "experiment.json is made again if it is not there, or says something else than the records" {
	sweep
	rm "$dir/experiment.json"
	report "$dir"
	grep -q '"run":"run_003"' "$dir/report.html"
	sed -i 's/"acc":0.80/"acc":0.99/' "$dir/experiment.json"
	grep -q '"acc":0.99' "$dir/experiment.json"
	report "$dir"
	grep -q '"acc":0.80' "$dir/report.html"
}

@test "-o - is standard output, and a full disk is an error" {
	sweep
	driver sweep-report -o - "$dir" >page.html
	test "$(head -n 1 page.html)" = '<!DOCTYPE html>'
	test ! -e "$dir/report.html"
	full() { driver sweep-report -o - "$dir" >/dev/full; }
	expect 74 full
}

@test "the page appears whole, with the mode that the umask gives" {
	sweep
	echo old >out.html
	chmod 444 out.html
	(umask 027 && report --output=out.html "$dir")
	test "$(stat -c %a out.html)" = 640
	# where it does not fit, the old one stays
	echo old >out.html
	no_room() { (ulimit -f 100 && driver sweep-report -o out.html "$dir"); }
	expect 74 no_room
	test "$(cat out.html)" = old
	test "$(find . -maxdepth 1 -name '.sweep-report*')" = ""
	expect 2 driver sweep-report -o nowhere/x.html "$dir"
	expect 2 driver sweep-report -o configs "$dir"
	expect 2 driver sweep-report -o /dev/null "$dir"
	test -c /dev/null
}

@test "what is no experiment is refused in one line" {
	local words
	mkdir -p odd e
	echo '{"runs":' >odd/experiment.json
	for words in '' nothing configs experiments/none odd 'odd odd' '--output= odd' '-o'; do
		# shellcheck disable=SC2086
		expect 2 driver sweep-report $words
		[[ $errors == "sweep-report: "* ]]
		test "$(wc -l <<<"$errors")" -eq 1
	done
	test ! -e odd/report.html
}

@test "no text in the data can end its script" {
	mkdir -p e/logs
	jq -n '{runs: [{run: "a", status: "failed", params: {"</script>": "<!-- <script>"}, log_path: "e/logs/a.log"}]}' >e/experiment.json
	printf '</script><script>alert(1)</script>\0\377\n' >e/logs/a.log
	printf '# </script><!--\n' >e/spec.yaml
	report e
	# the page's own, and one for each of experiment, spec, logs and made
	test "$(grep -o '<script' e/report.html | wc -l)" -eq "$(($(grep -o '<script' "$pages/report.html" | wc -l) + 4))"
	test "$(grep -o '</script' e/report.html | wc -l)" -eq "$(($(grep -o '</script' "$pages/report.html" | wc -l) + 4))"
	test "$(grep -o '<!--' e/report.html | wc -l)" -eq "$(grep -o '<!--' "$pages/report.html" | wc -l)"
}

@test "a log is found in the experiment only, whatever its path says" {
	echo secret >outside
	mkdir -p e/logs
	jq -n '{runs: [["../../outside", "/etc/hostname", "logs/../../outside", "a b", "", null, 7][] |
		{run: "r", status: "failed", log_path: .}]}' >e/experiment.json
	report e
	grep -qxF '<script type="application/json" id="logs">{}' e/report.html
}

@test "installed, it finds its page" {
	sweep
	mkdir -p prefix/bin prefix/share/sweeputils
	cp "$top/bin/sweep-report" prefix/bin
	cp "$top"/share/sweeputils/* prefix/share/sweeputils
	expect 74 prefix/bin/sweep-report "$dir"
	cp "$pages/report.html" prefix/share/sweeputils
	expect 0 prefix/bin/sweep-report "$dir"
}
