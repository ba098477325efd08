// What failed, and the ends of the logs.

import { failure, text } from './data.js';
import { block, clip, el } from './dom.js';
import { plural, point, section } from './section.js';

export function failures(state, openRun) {
	const { data } = state;
	const failed = data.runs.map((_, at) => at).filter((at) => data.runs[at].status === 'failed');
	if (!failed.length) return null;
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
	const one = (at, open) =>
		el(
			'details',
			{ open },
			el(
				'summary',
				{},
				el('b', {}, clip(text(data.runs[at].run), 40)),
				' ',
				el('span', { class: 'status failed' }, clip(failure(data.runs[at]), 60)),
				' ',
				el('span', { class: 'quiet' }, clip(point(data, at), 120)),
			),
			...log(data, data.runs[at]),
			el('p', {}, el('button', { type: 'button', onclick: () => openRun(at) }, 'Show this run')),
		);
	show(8);
	return section(
		'failures',
		plural(failed.length, 'failure'),
		el(
			'p',
			{ class: 'facts' },
			clip(
				[...kinds]
					.sort((a, b) => b[1] - a[1])
					.map(([kind, n]) => `${n} × ${kind}`)
					.join('  ·  '),
				400,
			),
		),
		list,
		more,
	);
}

// The end of a log as a terminal would show it: no colours, and of a line that was
// written over again and again the last state.
function plain(tail) {
	return tail
		.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
		.split('\n')
		.map((line) => line.replace(/\r+$/, '').split('\r').pop())
		.join('\n');
}

export function log(data, run) {
	const tail = data.logs[run.run];
	return [
		run.error ? el('p', { class: 'error' }, clip(text(run.error), 2000)) : null,
		tail
			? block(plain(tail), `the end of the log of ${text(run.run)}`)
			: el(
					'p',
					{ class: 'quiet' },
					tail === '' ? 'It printed nothing.' : 'Its log is not in this page.',
				),
		run.log_path ? el('p', { class: 'quiet path' }, clip(text(run.log_path), 400)) : null,
	].filter(Boolean);
}
