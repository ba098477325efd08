// The line on top about completed runs that have no metrics, and why.

import { lack, text } from './data.js';
import { clip, el } from './dom.js';
import { plural } from './section.js';

export function missing(state, openRun) {
	const { runs } = state.data;
	const expected = runs.some((run) => run.metrics !== undefined || run.metrics_error !== undefined);
	const completed = runs.map((_, at) => at).filter((at) => runs[at].status === 'completed');
	const without = completed.filter((at) => !Object.keys(runs[at].metrics ?? {}).length);
	if (!expected || !without.length) return null;
	const one = (at) =>
		el(
			'li',
			{},
			el(
				'button',
				{ type: 'button', class: 'run', onclick: () => openRun(at) },
				clip(text(runs[at].run), 40),
			),
			` ${clip(lack(runs[at]), 400)}`,
		);
	return el(
		'div',
		{ class: 'notice', role: 'note' },
		el(
			'p',
			{},
			`${without.length} of ${plural(completed.length, 'completed run')} ${without.length === 1 ? 'has' : 'have'} no metrics.`,
		),
		el('ul', {}, ...without.slice(0, 5).map(one)),
		without.length > 5
			? el('p', { class: 'quiet' }, `And ${without.length - 5} more; the table says why.`)
			: null,
	);
}
