// The page: sections from top to bottom, the answer first.

import * as charts from './charts.js';
import { clock, failure, json, load, quote, sessionOf, text, time } from './data.js';
import { block, clip, el } from './dom.js';
import { intervalText, State } from './state.js';
import { statusClass, table } from './table.js';

const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const statuses = ['completed', 'failed', 'running', 'pending'];

function section(id, title, ...children) {
	return el('section', { id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), ...children);
}

// The swept values of a run, in one line.
function point(data, at) {
	const params = data.params.length ? data.params : data.columns.filter((c) => c.group === 'param');
	return params.filter((c) => c.texts[at] !== '').map((c) => `${c.label} ${clip(c.texts[at], 24)}`).join(', ');
}

// ---- light and dark ----

function themeButton(state) {
	const root = document.documentElement;
	const system = matchMedia('(prefers-color-scheme: dark)');
	const button = el('button', { type: 'button', class: 'theme', onclick: () => {
		root.dataset.theme = isDark() ? 'light' : 'dark';
		show();
	} });
	const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : system.matches);
	function show() {
		button.textContent = isDark() ? 'Light' : 'Dark';
		button.setAttribute('aria-label', `Show the page ${isDark() ? 'light' : 'dark'}`);
		state.change('theme');
	}
	system.addEventListener('change', show);
	show();
	return button;
}

// ---- head ----

function header(state) {
	const { experiment: e, made } = state.data;
	const facts = [e.mode, e.created_at && `begun ${clock(e.created_at)}`, e.updated_at && `last event ${clock(e.updated_at)}`, e.host && `on ${text(e.host)}`];
	return el('header', {},
		el('div', { class: 'title' },
			el('h1', {}, clip(text(e.name) || text(made.dir) || 'experiment', 200)),
			el('span', { class: `status ${statusClass(e.status)}` }, text(e.status))),
		el('p', { class: 'facts' }, clip(facts.filter(Boolean).map(text).join('  ·  '), 400)));
}

// ---- the answer ----

function answer(state, openRun) {
	const { data } = state;
	const cards = data.metrics.map((c) => card(c));
	const holder = el('div', { class: 'cards' });
	const more = el('button', { type: 'button', class: 'more', onclick: () => { all = true; update(); } });
	let all = false;

	function card(c) {
		const body = el('div', { class: 'best' });
		const direction = el('button', { type: 'button', class: 'direction', onclick: () =>
			state.change('metric', () => state.smaller.set(c.key, !state.isSmaller(c))) });
		const choose = el('button', { type: 'button', class: 'choose', onclick: () => state.change('metric', () => { state.metric = c; }) },
			clip(c.label, 40));
		const element = el('article', { class: 'card', 'data-metric': c.name, 'aria-label': `Best ${clip(c.label, 60)}` },
			el('div', { class: 'top' }, el('h3', {}, choose), direction), body);
		function update() {
			const ranking = state.ranking(c);
			element.classList.toggle('judged', state.metric === c);
			choose.setAttribute('aria-pressed', state.metric === c);
			direction.textContent = state.isSmaller(c) ? '↓ smaller is better' : '↑ larger is better';
			direction.setAttribute('aria-label', `${clip(c.label, 60)}: ${state.isSmaller(c) ? 'smaller' : 'larger'} is better; switch`);
			if (!ranking.length) {
				body.replaceChildren(el('p', { class: 'empty' }, 'No completed run has it yet.'));
				return;
			}
			const first = ranking[0];
			const tied = ranking.filter((at) => c.values[at] === c.values[first]).length - 1;
			body.replaceChildren(
				el('p', { class: `value ${c.texts[first].length > 12 ? 'long' : ''}` }, clip(c.texts[first], 60)),
				el('p', { class: 'winner' }, runButton(first), ' ', el('span', {}, clip(point(data, first), 160)),
					tied ? el('span', { class: 'quiet' }, ` and ${plural(tied, 'other')} alike`) : null),
				el('ol', { start: 2, 'aria-label': 'next best' }, ...ranking.slice(1, 4).map((at) => el('li', {},
					el('span', { class: 'figure' }, clip(c.texts[at], 24)), ' ', runButton(at), ' ', el('span', { class: 'quiet' }, clip(point(data, at), 80))))));
		}
		return { c, element, update };
	}

	const runButton = (at) => el('button', { type: 'button', class: 'run', onclick: () => openRun(at) }, clip(text(data.runs[at].run), 40));

	function update() {
		const shown = all ? cards : cards.slice(0, 6);
		shown.forEach((one) => one.update());
		holder.replaceChildren(...shown.map((one) => one.element));
		more.hidden = all || cards.length <= 6;
		more.textContent = `Show all ${cards.length} metrics`;
	}

	if (!cards.length)
		return section('best', 'Best runs', el('p', { class: 'empty' }, data.runs.some((run) => run.status === 'completed')
			? 'No run has numbers to judge it by. A program that writes metrics.json into its run directory gets them here.'
			: 'No run has completed.'));
	state.subscribe((kind) => kind === 'metric' && update());
	update();
	return section('best', 'Best runs', holder, more);
}

// ---- progress ----

function progress(state) {
	const { experiment: e, runs, duration } = state.data;
	const counts = Object.fromEntries(statuses.map((status) => [status, runs.filter((run) => run.status === status).length]));
	const total = runs.length;
	const ended = counts.completed + counts.failed;
	const took = runs.map((_, at) => duration.values[at]).filter(Number.isFinite);
	const sum = took.reduce((a, b) => a + b, 0);
	const left = counts.running + counts.pending;
	const facts = [
		total ? `${ended} of ${plural(total, 'run')} ended` : 'There are no runs.',
		took.length ? `${time(sum)} of running, ${time(sum / took.length)} a run` : null,
		left && took.length ? `about ${time(sum / took.length * left)} left, one run at a time` : null,
		counts.running ? `as of ${clock(e.updated_at)}` : null,
	];
	const bar = el('div', { class: 'bar', role: 'img', 'aria-label': statuses.filter((s) => counts[s]).map((s) => `${counts[s]} ${s}`).join(', ') || 'no runs' },
		...statuses.filter((s) => counts[s]).map((s) => el('span', { class: s, style: `flex-grow: ${counts[s]}` })));
	const chips = statuses.filter((s) => counts[s]).map((s) => el('button', {
		type: 'button', class: `chip ${s}`, 'aria-pressed': 'false', 'data-status': s, title: `Show only what is ${s} in the table`,
		onclick: () => state.change('filter', () => (state.statuses.has(s) ? state.statuses.delete(s) : state.statuses.add(s))),
	}, el('b', {}, String(counts[s])), ` ${s}`));
	state.subscribe((kind) => kind === 'filter' && chips.forEach((chip) =>
		chip.setAttribute('aria-pressed', state.statuses.has(chip.dataset.status))));
	return section('progress', 'Progress', bar, el('div', { class: 'chips', role: 'group', 'aria-label': 'Filter by status' }, ...chips),
		el('p', { class: 'facts' }, facts.filter(Boolean).join('  ·  ')));
}

// ---- failures ----

function failures(state, openRun) {
	const { data } = state;
	const failed = data.runs.map((_, at) => at).filter((at) => data.runs[at].status === 'failed');
	if (!failed.length)
		return null;
	const kinds = new Map();
	for (const at of failed)
		kinds.set(failure(data.runs[at]), (kinds.get(failure(data.runs[at])) ?? 0) + 1);
	const list = el('div', { class: 'failures' });
	const more = el('button', { type: 'button', onclick: () => show(50) });
	let shown = 0;
	function show(count) {
		list.append(...failed.slice(shown, shown + count).map((at, n) => one(at, shown + n < 2)));
		shown = Math.min(shown + count, failed.length);
		more.hidden = shown === failed.length;
		more.textContent = `Show ${Math.min(50, failed.length - shown)} more`;
	}
	const one = (at, open) => el('details', { open },
		el('summary', {}, el('b', {}, clip(text(data.runs[at].run), 40)), ' ',
			el('span', { class: 'status failed' }, clip(failure(data.runs[at]), 60)), ' ', el('span', { class: 'quiet' }, clip(point(data, at), 120))),
		...log(data, data.runs[at]),
		el('p', {}, el('button', { type: 'button', onclick: () => openRun(at) }, 'Show this run')));
	show(8);
	return section('failures', plural(failed.length, 'failure'),
		el('p', { class: 'facts' }, clip([...kinds].sort((a, b) => b[1] - a[1]).map(([kind, n]) => `${n} × ${kind}`).join('  ·  '), 400)),
		list, more);
}

// The end of a log as a terminal would show it: no colours, and of a line that was
// written over again and again the last state.
function plain(tail) {
	return tail.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').split('\n')
		.map((line) => line.replace(/\r+$/, '').split('\r').pop()).join('\n');
}

function log(data, run) {
	const tail = data.logs[run.run];
	return [
		run.error ? el('p', { class: 'error' }, clip(text(run.error), 2000)) : null,
		tail ? block(plain(tail), `the end of the log of ${text(run.run)}`)
			: el('p', { class: 'quiet' }, tail === '' ? 'It printed nothing.' : 'Its log is not in this page.'),
		run.log_path ? el('p', { class: 'quiet path' }, clip(text(run.log_path), 400)) : null,
	].filter(Boolean);
}

// ---- plots ----

// What takes long to draw follows the typing of a filter when it pauses.
function follow(state, update) {
	let timer = 0;
	state.subscribe((kind) => {
		if (kind !== 'filter') {
			update(kind);
			return;
		}
		clearTimeout(timer);
		timer = setTimeout(update, 150, kind);
	});
}

function plots(state, openRun) {
	const { data } = state;
	const metrics = data.metrics, params = data.params;
	if (!metrics.length || !params.length)
		return section('plots', 'Metrics against parameters', el('p', { class: 'empty' },
			!metrics.length ? 'There are no metrics to plot.' : 'No parameter has more than one value.'));
	const every = metrics.length * params.length <= 6;
	const holder = el('div', { class: 'plots' });
	const select = el('select', { id: 'plotted', onchange: () => fill() },
		el('option', { value: '', selected: every }, `all ${metrics.length}`),
		...metrics.map((c, at) => el('option', { value: String(at), selected: !every && at === 0 }, clip(c.label, 60))));
	const more = el('button', { type: 'button', class: 'more', onclick: () => fill(Infinity) });
	let shown = [];
	function fill(most = 12) {
		shown.forEach((one) => one.dispose());
		const wanted = select.value === '' ? metrics : [metrics[Number(select.value)]];
		const pairs = wanted.flatMap((metric) => params.map((param) => [metric, param]));
		shown = pairs.slice(0, most).map(([metric, param]) => charts.scatter(state, metric, param, openRun));
		holder.replaceChildren(...shown.map((one) => one.figure));
		more.hidden = pairs.length <= most;
		more.textContent = `Show all ${pairs.length} plots`;
	}
	fill();
	follow(state, (kind) => kind !== 'sort' && shown.forEach((one) => one.draw()));
	return section('plots', 'Metrics against parameters',
		el('div', { class: 'tools' },
			metrics.length > 1 ? el('label', { for: 'plotted' }, 'metric ', select) : null,
			el('span', { class: 'quiet' }, el('span', { class: 'ring', 'aria-hidden': 'true' }), ' the best run; a line joins the means')),
		holder, more);
}

// ---- parallel coordinates ----

function coordinates(state) {
	const { data } = state;
	const possible = [...data.params, ...(data.runs.some((run) => run.duration_s) ? [data.duration] : []), ...data.metrics];
	const title = 'Parameters and metrics together';
	if (possible.length < 2 || data.runs.length < 2)
		return section('parallel', title, el('p', { class: 'empty' }, 'That takes two runs, and two parameters or metrics.'));
	const usual = possible.filter((c) => c !== data.duration);
	const chosen = new Set((usual.length < 2 ? possible : usual).slice(0, 12));
	const holder = el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Parallel coordinates' });
	let current = null;
	function fill() {
		current?.dispose();
		current = charts.parallel(state, possible.filter((c) => chosen.has(c)));
		holder.replaceChildren(current.holder);
	}
	const boxes = possible.map((c) => el('label', {}, el('input', {
		type: 'checkbox', checked: chosen.has(c), onchange: (event) => {
			if (event.target.checked)
				chosen.add(c);
			else
				chosen.delete(c);
			state.change('brush', () => state.ranges.delete(c.key));
			fill();
		},
	}), ` ${clip(c.label, 40)}`));
	const judge = el('select', { id: 'judge', onchange: () => state.change('metric', () => {
		state.metric = data.metrics[Number(judge.value)];
	}) }, ...data.metrics.map((c, at) => el('option', { value: String(at) }, clip(c.label, 60))));
	follow(state, (kind) => {
		current.update(kind);
		if (kind === 'metric')
			judge.value = String(data.metrics.indexOf(state.metric));
	});
	fill();
	return section('parallel', title,
		el('div', { class: 'tools' },
			data.metrics.length ? el('label', { for: 'judge' }, 'judged by ', judge) : null,
			data.metrics.length ? el('span', { class: 'scale' }, 'worst ', el('span', { class: 'ramp', 'aria-hidden': 'true' }), ' best') : null,
			el('span', { class: 'quiet' }, 'Drag along an axis to choose runs; click the axis to let go.')),
		holder,
		el('details', { class: 'axes' }, el('summary', {}, `Axes (${chosen.size} of ${possible.length})`), el('div', { class: 'boxes' }, ...boxes)));
}

// ---- the table ----

function runsTable(state, openRun) {
	const count = el('p', { class: 'count', role: 'status' });
	const brushed = el('div', { class: 'chips' });
	const search = el('input', { type: 'search', id: 'search', placeholder: 'in all columns', autocomplete: 'off', spellcheck: 'false',
		oninput: () => state.change('filter', () => { state.search = search.value; }) });
	const clear = el('button', { type: 'button', onclick: () => state.clear() }, 'Show all');
	function update(kind) {
		if (kind === 'theme')
			return;
		count.textContent = state.narrowed ? `${state.rows.length} of ${plural(state.data.runs.length, 'run')}` : plural(state.data.runs.length, 'run');
		clear.hidden = !state.narrowed;
		if (document.activeElement !== search)
			search.value = state.search;
		brushed.replaceChildren(...[...state.ranges].map(([key, intervals]) => {
			const c = state.column(key);
			const words = clip(`${c.label} ${intervals.map((one) => intervalText(c, one)).join(' or ')}`, 80);
			return el('button', { type: 'button', class: 'chip', 'aria-label': `Let go of ${words}`,
				onclick: () => state.change('brush', () => state.ranges.delete(key)) }, words, ' ✕');
		}));
	}
	state.subscribe(update);
	update();
	return section('runs', 'Runs',
		el('div', { class: 'tools' }, el('label', { for: 'search' }, 'find ', search), brushed, count, clear), table(state, openRun));
}

// ---- the timeline ----

function times(state, openRun) {
	const chart = charts.timeline(state, openRun);
	state.subscribe((kind) => kind === 'theme' && chart.draw());
	return section('timeline', 'Timeline', chart.started ? chart.holder : el('p', { class: 'empty' }, 'No run has started yet.'));
}

// ---- spec and provenance ----

function spec(state) {
	const { spec: content } = state.data;
	return section('spec', 'Spec', content ? block(content, 'the spec') : el('p', { class: 'empty' }, 'The spec is not there.'),
		state.data.experiment.spec_path ? el('p', { class: 'quiet path' }, clip(text(state.data.experiment.spec_path), 400)) : null);
}

function facts(pairs) {
	return el('dl', {}, ...pairs.filter(([, value]) => value !== undefined && value !== null && value !== '')
		.map(([name, value]) => el('div', {}, el('dt', {}, clip(name, 60)), el('dd', {}, clip(text(value), 2000)))));
}

const gitState = (s) => (s.git_commit ? `${text(s.git_commit)}${s.git_dirty ? ' with changes' : ''}` : undefined);

function provenance(state) {
	const { experiment: e, made } = state.data;
	const sessions = e.sessions ?? [];
	return section('provenance', 'Provenance',
		facts([
			['experiment', e.experiment_dir], ['command', e.command_line], ['directory', e.cwd], ['host', e.host], ['user', e.user],
			['git commit', gitState(e)], ['changes saved in', e.git_diff], ['sweeputils', e.version], ['report made', made.at && clock(made.at)],
			['times are in', Intl.DateTimeFormat().resolvedOptions().timeZone],
		]),
		sessions.length > 1 ? el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sessions' }, el('table', {},
			el('caption', {}, plural(sessions.length, 'session')),
			el('thead', {}, el('tr', {}, ...['begun', 'host', 'user', 'git commit', 'command'].map((name) => el('th', { scope: 'col' }, name)))),
			el('tbody', {}, ...sessions.slice(0, 200).map((s) => el('tr', {},
				el('td', {}, clock(s.session_started_at)), el('td', {}, clip(text(s.host), 60)), el('td', {}, clip(text(s.user), 60)),
				el('td', { title: text(s.git_commit) }, s.git_commit ? `${text(s.git_commit).slice(0, 10)}${s.git_dirty ? ' with changes' : ''}` : ''),
				el('td', {}, clip(text(s.command_line), 200))))))) : null);
}

// ---- one run ----

function again(data, run) {
	const e = data.experiment;
	const session = sessionOf(e, run);
	const dir = text(e.experiment_dir ?? run.experiment_dir ?? data.made.dir);
	const go = session.cwd ? `cd ${quote(text(session.cwd))}\n` : '';
	const parts = [];
	if (Array.isArray(run.command))
		parts.push(el('h3', {}, 'The command itself'), block(`${go}${run.command.map((word) => quote(text(word))).join(' ')}`, 'the command'));
	if (dir)
		parts.push(el('h3', {}, 'Again, as a further attempt in the experiment'),
			block(`${go}jq -c ${quote(`.runs[] | select(.run == ${JSON.stringify(run.run)})`)} ${quote(`${dir}/experiment.json`)} | run-one -f | meta-merge`,
				'the pipe that runs it again'));
	if (session.git_commit)
		parts.push(el('h3', {}, 'The code it ran'),
			block(`git checkout ${quote(text(session.git_commit))}${session.git_dirty && session.git_diff
				? `\ngit apply ${quote(`${dir}/${text(session.git_diff)}`)}` : ''}`, 'the commands that bring back the code'),
			session.git_dirty && !session.git_diff ? el('p', { class: 'quiet' }, 'The tree had changes, which are not saved.') : null);
	return parts.filter(Boolean);
}

function runDialog(state) {
	const { data } = state;
	const body = el('div', { class: 'body' });
	const title = el('h2', { id: 'run-title' });
	const dialog = el('dialog', { 'aria-labelledby': 'run-title', onclick: (event) => event.target === dialog && dialog.close() },
		el('div', { class: 'top' }, title, el('button', { type: 'button', onclick: () => dialog.close() }, 'Close')), body);
	const known = new Set(['run', 'params', 'metrics', 'status', 'command', 'index', 'total', 'experiment', 'format']);
	dialog.openRun = (at) => {
		const run = data.runs[at];
		title.replaceChildren(clip(text(run.run), 60), ' ', el('span', { class: `status ${statusClass(run.status)}` },
			clip(text(run.status), 40) + (failure(run) ? `: ${clip(failure(run), 60)}` : '')));
		const list = (name, values) => (values && Object.keys(values).length ? [el('h3', {}, name), facts(Object.entries(values).map(([key, value]) => [key, text(value)]))] : []);
		body.replaceChildren(
			...list('Parameters', run.params), ...list('Metrics', run.metrics),
			...(run.status === 'failed' ? [el('h3', {}, 'Log'), ...log(data, run)] : []),
			...again(data, run),
			el('h3', {}, 'Record'),
			facts(Object.entries(run).filter(([name]) => !known.has(name)).map(([name, value]) => [name, typeof value === 'string' ? value : json(value)])));
		dialog.showModal();
		body.scrollTop = 0;
	};
	return dialog;
}

// ---- all of it ----

function start() {
	const page = document.getElementById('page');
	let data;
	try {
		data = load();
	} catch (problem) {
		page.replaceChildren(el('main', {}, el('h1', {}, 'This report is damaged'), el('p', {}, String(problem))));
		return;
	}
	if (!data) {
		page.replaceChildren(el('main', {}, el('h1', {}, 'There is no data in this page'), el('p', {}, 'sweep-report DIR makes one that has.')));
		return;
	}
	document.title = `${clip(text(data.experiment.name) || 'sweep', 80)} – sweep report`;
	const state = new State(data);
	const dialog = runDialog(state);
	const open = dialog.openRun;
	const sections = [
		answer(state, open), progress(state), failures(state, open), plots(state, open), coordinates(state),
		runsTable(state, open), times(state, open), spec(state), provenance(state),
	].filter(Boolean);
	const links = sections.map((one) => el('a', { href: `#${one.id}` }, one.querySelector('h2').textContent));
	page.replaceChildren(
		el('a', { class: 'skip', href: '#runs' }, 'To the table of runs'),
		el('nav', { 'aria-label': 'Sections' }, ...links, themeButton(state)),
		el('main', {}, header(state), ...sections),
		el('footer', {}, 'Made by sweep-report. The plots are drawn by Apache ECharts. ',
			el('details', {}, el('summary', {}, 'Licenses'), el('pre', { tabindex: 0 }, document.getElementById('licenses').textContent))),
		dialog);
	// for whom waits until the page is there
	document.documentElement.dataset.ready = 'true';
}

if (document.readyState === 'loading')
	document.addEventListener('DOMContentLoaded', start);
else
	start();
