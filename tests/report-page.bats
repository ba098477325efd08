load helper
load report

# The page is opened in a headless Chromium and used as a reader would use it. That
# needs chromium, node and npm, and is done in the plain build only.

setup_file() {
	test -z "${SWEEP_SANITIZED:-}" || return 0
	command -v npm >/dev/null && command -v node >/dev/null || return 0
	mkdir "$BATS_FILE_TMPDIR/report"
	cd "$BATS_FILE_TMPDIR/report" || return 1
	cp -r "$pages/package.json" "$pages/package-lock.json" "$pages/build.js" "$pages/src" .
	chmod -R u+w .
	npm ci --no-audit --no-fund --ignore-scripts >"$BATS_FILE_TMPDIR/npm.log" 2>&1 || :
}

need_modules() {
	plain
	need node
	need npm
	test ! -e "$BATS_FILE_TMPDIR/report/node_modules/playwright-core" || return 0
	test -z "${CI:-}" || { cat "$BATS_FILE_TMPDIR/npm.log" >&2; return 1; }
	skip "npm cannot install what report/package.json names"
}

# on FILE [WIDTHxHEIGHT] <SCRIPT - see tests/report/drive.js
on() {
	CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
		need chromium
	need_modules
	CHROMIUM=$CHROMIUM MODULES=$BATS_FILE_TMPDIR/report/node_modules node "$top/tests/report/drive.js" "$@"
}

# made_up DIR N - the experiment.json of so many runs.
made_up() {
	mkdir -p "$1"
	jq -cn --argjson n "$2" '{format: 1, name: "made_up", status: "failed", experiment_dir: "made_up", runs: [range($n) as $i |
		($i * 7919 % 4999) as $a | ($i * 104729 % 5003) as $b |
		{run: "run_\("000\($i)"[-4:])", index: $i, status: (if $i % 50 == 7 then "failed" else "completed" end),
		params: {lr: ([0.0001, 0.001, 0.01, 0.1][$i % 4]), width: $a, scheduler: (["cosine", "step"][$i % 2])},
		started_at: ("2026-11-20T10:00:00Z" | fromdateiso8601 + $i | todateiso8601), duration_s: ($b / 1000)}
		+ (if $i % 50 == 7 then {reason: "exit", return_code: 1} else {metrics: {acc: ($a / 5000), loss: ($b / 100)}} end)]}' \
		>"$1/experiment.json"
}

@test "the page is what its sources build to" {
	need_modules
	cd "$BATS_FILE_TMPDIR/report"
	node build.js built.html
	cmp built.html "$pages/report.html"
}

@test "prettier has nothing to change in what the page is built from" {
	need_modules
	cd "$BATS_FILE_TMPDIR/report"
	cp "$top/tests/report/drive.js" .
	npx --offline prettier --check 'src/*.js' build.js drive.js
}

@test "the page loads nothing: its policy forbids it, and its lock names no server" {
	grep -q "Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-" "$pages/report.html"
	if grep -q '"resolved"' "$pages/package-lock.json"; then return 1; fi
	# nothing but text nodes
	! grep -n 'innerHTML\|outerHTML\|insertAdjacentHTML\|document\.write' "$pages"/src/*.js
}

@test "numbers are shown as experiment.json has them, in their own spelling" {
	sweep
	report "$dir"
	on "$dir/report.html" <<<'await table("run", "lr", "status", "acc", "loss", "big")' >table
	diff table - <<-'END'
		run_000	0.10	completed	0.10	2.50	12345678901234567890
		run_001	0.20	completed	0.80	1e-3	7
		run_002	0.30	failed	–	–	–
		run_003	0.40	completed	0.7500	0.50	-0.50
	END
}

@test "a real sweep of the example: the page's numbers are those of jq" {
	need jq
	local trainer=$bin/../examples/train
	test -x "$trainer" || { test -z "${CI:-}" || return 1; skip "examples/train is not built"; }
	sed 's/^dataset: .*/dataset: synthetic/; s/^epochs: .*/epochs: 1/; s/^train_size: .*/train_size: 500/' \
		"$top/configs/mlp/mlp_mnist.yaml" >configs/base.yaml
	cat >specs/demo.yaml <<-END
		name: demo
		mode: simulation
		base_config: configs/base.yaml
		sweep: {lr: [0.001, 0.1, 0.5], hidden: [8, 16]}
		command: ["$trainer", --config, "{config}"]
		run_dir: runs/{dataset}/{model}
	END
	expect 0 driver run-experiment --exp specs/demo.yaml -q
	report demo
	on "$output" <<-'END' >out
		await table('run', 'lr', 'hidden', 'status', 'seconds', 'accuracy', 'loss');
		say(await text('.card[data-metric="accuracy"] .value'));
		say(await text('.card[data-metric="accuracy"] .winner .run'));
		say(await text('.card[data-metric="loss"] .value'));
	END
	numbers='map(if test("^-?[0-9]") then tonumber else . end)'
	diff <(head -n 6 out | jq -cR "split(\"\t\") | $numbers") \
		<(jq -c '.runs[] | [.run, .params.lr, .params.hidden, .status, .duration_s, .metrics.accuracy, .metrics.loss]' experiments/demo_*/experiment.json)
	jq -c '([.runs[].metrics.accuracy] | max) as $most | $most, first(.runs[] | select(.metrics.accuracy == $most)).run,
		([.runs[].metrics.loss] | min)' experiments/demo_*/experiment.json >best
	diff <(tail -n 3 out | jq -cR 'if test("^[0-9]") then tonumber else . end') best
}

# Nested metrics, a run that has one of them alone, one whose file is broken, one that failed.
uneven() {
	printf 'lr: 0\n' >configs/base.yaml
	cat >train <<'END'
#!/bin/sh
mkdir -p "runs/$RUN_ID"
case $RUN_ID in
run_000) metrics='{"acc": 0.10, "val": {"acc": 0.90, "best": {"step": 7}}}' ;;
run_001) metrics='{"acc": 0.80' ;;
run_002) metrics='{"acc": 0.75, "val": {"acc": NaN}}' ;;
run_003) exit 3 ;;
run_004) metrics='{"acc": 0.60}' ;;
esac
echo "$metrics" >"runs/$RUN_ID/metrics.json"
END
	chmod +x train
	printf '%s\n' 'name: s' 'mode: training' 'base_config: configs/base.yaml' 'sweep: {lr: [0, 1, 2, 3, 4]}' \
		'command: [./train]' 'run_dir: runs' >specs/s.yaml
	expect 1 driver run-experiment --exp specs/s.yaml -q
	dir=$(echo experiments/s_*)
}

@test "nested metrics are columns, cards and plots, as in the table" {
	uneven
	report "$dir"
	on "$dir/report.html" <<-'END' >out
		await table('run', 'acc', 'val.acc', 'val.best.step');
		say(await text('.card[data-metric="val.acc"] .value'));
		say(await text('#plots figure:first-child figcaption'));
		await openRun('run_000');
		check((await text('dialog')).includes('val.best.step'), 'its name is in the record');
		check(!(await text('dialog dl >> nth=1')).includes('{'), 'without braces');
	END
	test "$(sed -n 6p out)" = 0.90
	test "$(sed -n 7p out)" = "acc by lr, 3 of 5 runs"
	diff <(head -n 5 out) - <<-'END'
		run_000	0.10	0.90	7
		run_001	–	–	–
		run_002	0.75	NaN	–
		run_003	–	–	–
		run_004	0.60	–	–
	END
}

@test "records that could not be read are told on top, and are why their runs have no metrics" {
	uneven
	echo '{"run":"run_001","status":"nothing that there is"}' >>"$dir/records/run_001.jsonl"
	rm "$dir/experiment.json"
	expect 2 driver sweep-report -o page.html "$dir"
	error=$(jq -r '.record_errors[]' "$dir/experiment.json")
	test -n "$error"
	on page.html <<-'END' >out
		say((await text('.notice.unread')).replace(/\s+/g, ' '));
		await openRun('run_001');
		say(await text('dialog .none'));
	END
	diff out - <<-END
		1 record could not be read; this page may lack results that are there. $error
		None: $error
	END
	made_up e 4
	report e
	on e/report.html <<<'check(await count(".notice.unread") === 0, "nothing to say")'
}

@test "a run without metrics says why: in a line on top, in the table and in its record" {
	uneven
	report "$dir"
	error=$(jq -r '.runs[1].metrics_error' "$dir/experiment.json")
	[[ $error == *"it is cut off in line 1" ]]
	on "$dir/report.html" <<-'END' >out
		say((await text('.notice')).replace(/\s+/g, ' '));
		await table('run', 'no metrics because');
		const titles = await page.locator('td.missing[title]').evaluateAll((all) => all.map((one) => one.title));
		say(titles.join('; '));
		say(await text('[data-metric="acc"] .best > .quiet'));
		await openRun('run_001');
		say(await text('dialog .none'));
		await page.keyboard.press('Escape');
		await openRun('run_003');
		say(await text('dialog .none'));
	END
	diff out - <<-END
		1 of 4 completed runs has no metrics. run_001 $error
		run_000	–
		run_001	$error
		run_002	–
		run_003	–
		run_004	–
		$error; $error; $error; not among its metrics; exit 3; exit 3; exit 3; not among its metrics; not among its metrics
		3 of 4 completed runs have a number
		None: $error
		None: exit 3
	END
	made_up e 4
	report e
	on e/report.html <<<'check(await count(".notice") === 0, "nothing to say")'
}

@test "a run that was stopped by hand is no failure" {
	printf 'lr: 0\n' >configs/base.yaml
	printf '#!/bin/sh\ntest "$1" = 0 && exit\necho >>ran\nexec sleep 60\n' >train
	chmod +x train
	printf '%s\n' 'name: s' 'mode: training' 'base_config: configs/base.yaml' 'sweep: {lr: [0, 1, 2]}' \
		'command: [./train, "{lr}"]' >specs/s.yaml
	sweep-expand -q -d e specs/s.yaml >/dev/null
	run-one -q <e/plan.jsonl >events &
	pid=$!
	wait_until test -s ran
	kill -s TERM $pid
	wait $pid || :
	meta-merge e
	report e
	on e/report.html <<-'END' >out
		await table('run', 'status');
		say(await text('.title .status'));
		say(await text('[aria-label="Filter by status"]'));
		check(await count('#failures') === 0, 'no failures');
		await openRun('run_001');
		check((await text('dialog h2')).includes('interrupted'), 'its record says so');
	END
	test "$(tr '\n' ' ' <out)" = $'run_000\tcompleted run_001\tinterrupted run_002\tpending pending 1 completed 1 interrupted 1 pending '
}

@test "the best run of each metric comes first, by the direction of its name, and that can be switched" {
	sweep
	report "$dir"
	on "$dir/report.html" <<-'END'
		const best = async (name) => `${await text(`[data-metric="${name}"] .value`)} ${await text(`[data-metric="${name}"] .winner .run`)}`;
		check(await best('acc') === '0.80 run_001', 'the largest acc');
		check(await best('loss') === '1e-3 run_001', 'the smallest loss');
		check((await text('[data-metric="loss"] .direction')).includes('smaller'), 'it says so');
		await page.locator('[data-metric="loss"] .direction').click();
		check(await best('loss') === '2.50 run_000', 'the largest loss');
		await page.locator('[data-metric="acc"] .direction').click();
		check(await best('acc') === '0.10 run_000', 'the smallest acc');
	END
}

@test "columns sort, both ways, by value" {
	sweep
	report "$dir"
	on "$dir/report.html" <<-'END'
		const order = async () => (await rows('run')).map(([one]) => one.slice(-1)).join('');
		check(await sort('loss') === 'ascending', 'a loss: the smallest first');
		check(await order() === '1302', 'by loss');
		check(await sort('loss') === 'descending', 'again: the other way');
		check(await order() === '0312', 'by loss, and what has none last');
		check(await sort('acc') === 'descending', 'an accuracy: the largest first');
		check(await order() === '1302', 'by acc');
		check(await count('th[aria-sort="descending"]') === 1 && await count('th[aria-sort="ascending"]') === 0, 'one column is sorted');
	END
}

@test "filters narrow the table, alone and together" {
	sweep
	report "$dir"
	on "$dir/report.html" <<-'END'
		const left = async () => (await rows('run')).map(([one]) => one.slice(-1)).join('');
		const cases = [['acc', '>0.5', '13'], ['acc', '<= 0.75', '03'], ['acc', '=0.1', '0'], ['acc', '0.7..0.8', '13'],
			['lr', '0.3', '2'], ['status', 'fail', '2'], ['status', '=completed', '013'], ['run', 'nothing', '']];
		for (const [name, typed, wanted] of cases) {
			await filter(name, typed);
			check(await left() === wanted, `${name} ${typed} leaves ${wanted}, not ${await left()}`);
			await filter(name, '');
		}
		check(await left() === '0123', 'without filters all are there');
		await filter('acc', '>0.5');
		await page.locator('#search').fill('1E-3');
		check(await left() === '1' && await text('.count') === '1 of 4 runs', 'both filters');
		await page.getByRole('button', { name: 'Show all', exact: true }).click();
		check(await left() === '0123' && await text('.count') === '4 runs', 'all again');
		await status('failed');
		check(await left() === '2', 'the failed one');
		await status('completed');
		check(await left() === '0123', 'either status');
	END
}

@test "brushing an axis filters the table, and letting go shows all again" {
	made_up e 40
	report e
	on e/report.html <<-'END' >out
		// lr, width, scheduler, acc, loss
		await brush(3, 5, .5, 1.02);
		say(await text('#runs .chips'));
		await table('run');
		await brush(4, 5, -.02, .5);
		say(await text('#runs .chips'));
		await table('run');
		await page.locator('#runs .chip').first().click();
		await page.locator('#runs .chip').first().click();
		await settle();
		check(await text('.count') === '40 runs', 'all again');
	END
	# the intervals are what the page says they are, to four digits, and no value lies so near
	acc=$(sed -n '1s/^acc \([0-9.]*\) .*/\1/p' out)
	loss=$(sed -n '/loss/s/.*– \([0-9.]*\) ✕$/\1/p' out)
	test -n "$acc" && test -n "$loss"
	one=$(jq -r --argjson acc "$acc" '.runs[] | select(.metrics and .metrics.acc >= $acc) | .run' e/experiment.json)
	both=$(jq -r --argjson acc "$acc" --argjson loss "$loss" \
		'.runs[] | select(.metrics and .metrics.acc >= $acc and .metrics.loss <= $loss) | .run' e/experiment.json)
	test "$(grep -o 'run_[0-9]*' out)" = "$one
$both"
	test "$(wc -l <<<"$one")" -lt 35
	test "$(wc -l <<<"$both")" -lt "$(wc -l <<<"$one")"
}

@test "each metric is plotted against each parameter; the ring is around the best run" {
	made_up e 40
	report e
	on e/report.html <<-'END' >out
		check(await count('#plots figure') === 6, 'two metrics by three parameters');
		for (const figure of await page.locator('#plots figure').all()) {
			await figure.scrollIntoViewIfNeeded();
			await figure.locator('canvas').waitFor();
			await settle();
			// the middle of what has the ring's colour
			const [x, y] = await figure.locator('canvas').evaluate((canvas) => {
				const mark = getComputedStyle(document.documentElement).getPropertyValue('--mark').trim();
				const wanted = [1, 3, 5].map((at) => parseInt(mark.slice(at, at + 2), 16));
				const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
				const found = [];
				for (let at = 0; at < data.length; at += 4)
					if (wanted.every((one, n) => Math.abs(one - data[at + n]) < 12) && data[at + 3] > 200)
						found.push([at / 4 % width, Math.floor(at / 4 / width)]);
				const scale = canvas.width / canvas.clientWidth;
				return [0, 1].map((n) => found.reduce((sum, one) => sum + one[n], 0) / found.length / scale);
			});
			const [metric, param] = await figure.locator('strong').allInnerTexts();
			await figure.locator('canvas').click({ position: { x, y } });
			say(`${metric} ${param} ${(await text('dialog h2')).split(' ')[0]}`);
			await page.keyboard.press('Escape');
		}
	END
	best=$(jq -r '[.runs[] | select(.status == "completed")] | max_by(.metrics.acc).run, min_by(.metrics.loss).run' e/experiment.json)
	# shellcheck disable=SC2086
	set -- $best
	diff out - <<-END
		acc lr $1
		acc width $1
		acc scheduler $1
		loss lr $2
		loss width $2
		loss scheduler $2
	END
}

@test "light and dark: as the system has it, and by the button" {
	sweep
	report "$dir"
	on "$dir/report.html" <<-'END'
		const light = () => page.evaluate(() => {
			const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
			return r + g + b > 380;
		});
		check(await light(), 'light by itself');
		await page.emulateMedia({ colorScheme: 'dark' });
		check(!await light(), 'dark as the system is');
		await page.locator('.theme').click();
		check(await light(), 'light by the button');
		await page.locator('.theme').click();
		check(!await light(), 'dark by the button');
		await page.emulateMedia({ colorScheme: 'light' });
		check(!await light(), 'the button wins');
	END
}

@test "the keyboard reaches everything: sort, rows, a run, and back" {
	made_up e 200
	report e
	on e/report.html <<-'END'
		await page.locator('.runs .sort').first().focus();
		await page.keyboard.press('Enter');
		check(await page.locator('.runs th').first().getAttribute('aria-sort') === 'descending', 'Enter sorts');
		await page.locator('.runs tbody tr[tabindex="0"]').focus();
		const at = () => page.evaluate(() => document.activeElement.querySelector('th')?.textContent);
		check(await at() === 'run_0199', 'the first row');
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		check(await at() === 'run_0197', 'two rows down');
		await page.keyboard.press('End');
		check(await at() === 'run_0000', 'the last row, which was not in the document');
		await page.keyboard.press('PageUp');
		await page.keyboard.press('Home');
		check(await at() === 'run_0199', 'the first row again');
		await page.keyboard.press('Enter');
		check(await page.getByRole('dialog').isVisible() && (await text('dialog h2')).startsWith('run_0199'), 'the run is shown');
		await page.keyboard.press('Escape');
		check(await count('dialog[open]') === 0 && await at() === 'run_0199', 'back in its row');
	END
}

@test "the accessibility checker has nothing to say: light, dark, a run, a narrow window" {
	sweep
	report "$dir"
	for size in 1280x900 400x800; do
		on "$dir/report.html" $size <<-'END'
			await axes();
			const clean = async (when) => { for (const one of await accessible()) check(false, `${when}: ${one}`); };
			await clean('light');
			await page.locator('.theme').click();
			await clean('dark');
			await page.locator('.runs [data-run]').first().click();
			await clean('a run');
			check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is as wide as the window');
		END
	done
}

@test "failures come with their reason and the end of their log" {
	sweep
	for n in $(seq 1 100); do printf 'line %s\r\033[31mover\033[0m %s\n' "$n" "$n"; done >>"$dir/logs/run_002.log"
	report "$dir"
	on "$dir/report.html" <<-'END'
		const shown = await text('#failures');
		check(shown.includes('1 failure') && shown.includes('exit 3') && shown.includes('lr 0.30'), 'what failed');
		check(shown.includes('over 100\n') || shown.includes('over 100'), 'the last line, as a terminal shows it');
		check(!shown.includes('line 100') && !shown.includes('over 70\n'), 'nothing that was written over, and not all of it');
	END
}

@test "the commands of a run do what they say" {
	sweep
	report "$dir"
	on "$dir/report.html" <<-'END' >commands
		await page.locator('.runs [data-run]', { hasText: 'run_001' }).click();
		const blocks = await page.locator('dialog pre').allTextContents();
		say([blocks.find((one) => one.includes('./train')), blocks.find((one) => one.includes('meta-merge'))]);
	END
	jq -r '.[0]' commands >itself
	jq -r '.[1]' commands >again
	test "$(tail -n 1 itself)" = "./train --config $dir/configs/run_001.yaml --say 'it'\\''s 0.20'"
	cd /
	expect 0 env RUN_ID=run_001 sh "$OLDPWD/itself"
	test "$output" = 'trained run_001'
	expect 0 sh "$OLDPWD/again"
	cd "$OLDPWD"
	test "$(jq -c '[.runs[] | .attempt]' "$dir/experiment.json")" = '[1,2,1,1]'
}

@test "spec and provenance are there, as text" {
	command -v git >/dev/null && git init -q . && git -c user.name=n -c user.email=e commit -q --allow-empty -m one
	sweep
	expect 1 driver run-experiment --exp specs/s.yaml --resume -q
	report "$dir"
	on "$dir/report.html" <<-'END' >out
		say(await page.locator('#spec pre').textContent());
		say(await text('#provenance'));
		check(await count('#provenance tbody tr') === 2, 'both sessions');
	END
	grep -qxF '# which <rate> is best?' out
	for field in experiment_dir command_line cwd host user git_commit version; do
		grep -qF -e "$(jq -r ".$field" "$dir/experiment.json")" out || { echo "$field"; return 1; }
	done
}

@test "hostile names and values are text, everywhere" {
	mkdir -p e/logs
	jq -n '
		("x" * 10000) as $long | "</script><script>parent.pwned=1;alert(1)</script>" as $stop |
		"<img src=x onerror=alert(1)>" as $img |
		[$stop, "<!-- <script>", "=cmd|calc!A1", $long, "na\u00efve \ud83d\udc69\u200d\ud83d\udd2c \u6f22\u5b57 \u202eevil", "it\u0027s \"q\" `x` $(touch pwned) &amp; {a|b}"] as $values |
		{name: $img, mode: "<b>m</b>", status: "<i>", experiment_dir: "e", command_line: $stop, host: $img, updated_at: $img, created_at: $stop,
		sessions: [{host: $img, user: $stop, command_line: $img}, {}],
		runs: ([range(6) as $i | {run: (if $i == 4 then $img else "run_00\($i)" end), index: $i, status: (["completed", "failed"][$i % 2]),
			params: {"<script>alert(2)</script>": $values[$i], "__proto__": $i, constructor: "a\($i)", ($img): $img},
			metrics: {"<b>acc</b>": ($i / 10), "=1+1": $i, toString: -$i, nan: "NaN"}, reason: $img, error: $stop,
			command: ["prog", $values[$i]], log_path: "logs/run_00\($i).log", started_at: "2026-11-20T10:00:0\($i).000Z",
			completed_at: "2026-11-20T10:00:0\($i + 1).000Z", duration_s: 1, "<u>": {"<u>": [$img]}}] + [{}, {run: null, params: null, metrics: null}])}' >e/experiment.json
	printf '</script><script>alert(3)</script>\n' | tee e/spec.yaml >e/logs/run_001.log
	report e
	on e/report.html <<-'END' >out
		await axes();
		await page.mouse.move(600, 400);
		for (const name of ['run', '<script>alert(2)</script>', '__proto__', '<b>acc</b>'])
			await sort(name);
		await filter('<script>alert(2)</script>', '<script');
		await settle();
		await filter('<script>alert(2)</script>', '');
		await sort('__proto__');
		say((await rows('<script>alert(2)</script>')).map(([one]) => one));
		for (const row of await page.locator('.runs [data-run]').all()) {
			await row.click();
			await page.locator('dialog').getByRole('button', { name: 'Close' }).click();
		}
		for (const chart of await page.locator('.chart').all())
			await chart.hover();
		await page.locator('.theme').click();
		check(await count('#page script, #page img, #page iframe, #page b u, #page i') === 0, 'no element was made of a value');
		check(await page.evaluate(() => !('pwned' in globalThis)), 'no script ran');
		check(await page.title() === '<img src=x onerror=alert(1)> – sweep report', 'the title is text');
	END
	# what would turn the line around is shown as its number
	grep -qF '"</script><script>parent.pwned=1;alert(1)</script>"' out
	grep -qF '\\u202eevil' out
	test ! -e pwned
}

@test "sweeps of every shape: nothing run, half-way, failures only, no metrics, lists, configs" {
	sweep
	cp "$dir/experiment.json" whole.json
	mkdir none empty half failed bare lists configs_only wide
	jq '.runs[] |= (del(.metrics, .started_at, .completed_at, .duration_s) | .status = "pending")' whole.json >none/experiment.json
	jq '.runs = [] | .total = 0' whole.json >empty/experiment.json
	jq '.status = "running" | .runs[2] |= (.status = "running" | del(.completed_at, .duration_s)) |
		.runs[3] |= (.status = "pending" | del(.metrics, .started_at, .completed_at, .duration_s))' whole.json >half/experiment.json
	jq '.runs[] |= (del(.metrics) | .status = "failed" | .reason = "timeout")' whole.json >failed/experiment.json
	jq '{runs: [.runs[] | {run, status}]}' whole.json >bare/experiment.json
	jq '.runs |= (to_entries | map(.value + {params: {betas: [0.9, (.key * 0.01)], flag: (.key < 2), map: {a: null}}}))' whole.json >lists/experiment.json
	jq '.runs |= (to_entries | map(.value + {params: {}, base_config: "configs/\(.key).yaml"}))' whole.json >configs_only/experiment.json
	jq '.runs |= (to_entries | map(.value + {params: ([range(20) as $n | {key: "p\($n)", value: (.key * $n)}] | from_entries)}))' whole.json >wide/experiment.json
	for shape in none empty half failed bare lists configs_only wide; do
		report "$shape"
		on "$shape/report.html" <<-END
			const shape = '$shape';
			const best = await text('#best'), progress = await text('#progress');
			for (const chart of await page.locator('.chart').all())
				await chart.scrollIntoViewIfNeeded();
			if (shape === 'none')
				check(best.includes('No run has completed') && progress.includes('0 of 4 runs ended') && (await text('#timeline')).includes('No run has started'), 'nothing has run');
			if (shape === 'empty')
				check(progress.includes('There are no runs') && await text('.count') === '0 runs', 'there is nothing');
			if (shape === 'half')
				check(best.includes('0.8') && progress.includes('1 running') && progress.includes('left'), 'what there is so far');
			if (shape === 'failed')
				check((await text('#failures')).includes('4 × timeout') && best.includes('No run has completed'), 'all failed');
			if (shape === 'bare')
				check(best.includes('metrics.json') && (await text('#plots')).includes('no metrics'), 'no metrics: it says what makes some');
			if (shape === 'lists')
				check((await rows('betas', 'map')).map(String).join() === '[0.9, 0],{"a": null},[0.9, 0.01],{"a": null},[0.9, 0.02],{"a": null},[0.9, 0.03],{"a": null}'
					&& await count('#plots figure') === 6, 'lists are values');
			if (shape === 'wide') {
				check(await count('#plots figure') === 12, 'twelve plots to begin with');
				await page.getByRole('button', { name: 'Show all 19 plots' }).click();
				check(await count('#plots figure') === 19, 'all plots: one parameter has one value only');
			}
			if (shape === 'configs_only')
				check((await rows('config')).join() === 'configs/0.yaml,configs/1.yaml,configs/2.yaml,configs/3.yaml', 'configs are the parameter');
		END
	done
}

@test "5000 runs: a short document, the right order and the right filter" {
	made_up e 5000
	report e
	on e/report.html <<-'END' >out
		check(await count('.runs tbody tr') < 120, 'only the rows in sight are in the document');
		check(await count('*') < 3000, 'the document is short');
		await axes();
		await filter('acc', '>=0.9');
		await sort('loss');
		await table('run', 'acc', 'loss');
		await brush(2, 5, .6, 1.02);
		say(await text('.count'));
	END
	diff <(sed '$d' out) <(jq -r '[.runs[] | select(.metrics and .metrics.acc >= 0.9)] | sort_by([.metrics.loss, .index])[] |
		[.run, .metrics.acc, .metrics.loss] | @tsv' e/experiment.json)
	test "$(tail -n 1 out)" = "$(jq '[.runs[] | select(.metrics and .metrics.acc >= 0.9 and .params.scheduler == "step")] | length' e/experiment.json) of 5000 runs"
}
