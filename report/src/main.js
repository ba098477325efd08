// The page: sections from top to bottom, the answer first.

import { provenance, spec } from './about.js';
import { answer, header, progress } from './answer.js';
import { load, text } from './data.js';
import { clip, el } from './dom.js';
import { failures } from './failures.js';
import { missing } from './missing.js';
import { coordinates } from './parallel.js';
import { plots } from './plots.js';
import { runDialog } from './run.js';
import { runsTable } from './runs.js';
import { State } from './state.js';
import { times } from './timeline.js';
import { unread } from './unread.js';

function themeButton(state) {
	const root = document.documentElement;
	const system = matchMedia('(prefers-color-scheme: dark)');
	const button = el('button', {
		type: 'button',
		class: 'theme',
		onclick: () => {
			root.dataset.theme = isDark() ? 'light' : 'dark';
			show();
		},
	});
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

function start() {
	const page = document.getElementById('page');
	let data;
	try {
		data = load();
	} catch (problem) {
		page.replaceChildren(
			el('main', {}, el('h1', {}, 'This report is damaged'), el('p', {}, String(problem))),
		);
		return;
	}
	if (!data) {
		page.replaceChildren(
			el(
				'main',
				{},
				el('h1', {}, 'There is no data in this page'),
				el('p', {}, 'sweep-report DIR makes one that has.'),
			),
		);
		return;
	}
	document.title = `${clip(text(data.experiment.name) || 'sweep', 80)} – sweep report`;
	const state = new State(data);
	const dialog = runDialog(state);
	const open = dialog.openRun;
	const sections = [
		answer(state, open),
		progress(state),
		failures(state, open),
		plots(state, open),
		coordinates(state),
		runsTable(state, open),
		times(state, open),
		spec(state),
		provenance(state),
	].filter(Boolean);
	const links = sections.map((one) =>
		el('a', { href: `#${one.id}` }, one.querySelector('h2').textContent),
	);
	page.replaceChildren(
		el('a', { class: 'skip', href: '#runs' }, 'To the table of runs'),
		el('nav', { 'aria-label': 'Sections' }, ...links, themeButton(state)),
		el('main', {}, header(state), unread(state), missing(state, open), ...sections),
		el(
			'footer',
			{},
			'Made by sweep-report. The plots are drawn by Apache ECharts. ',
			el(
				'details',
				{},
				el('summary', {}, 'Licenses'),
				el('pre', { tabindex: 0 }, document.getElementById('licenses').textContent),
			),
		),
		dialog,
	);
	// for whom waits until the page is there
	document.documentElement.dataset.ready = 'true';
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
