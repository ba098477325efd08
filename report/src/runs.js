// The table with what is above it: search, chips, how many runs are left.

import { clip, el } from './dom.js';
import { plural, section } from './section.js';
import { intervalText } from './state.js';
import { table } from './table.js';

export function runsTable(state, openRun) {
	const count = el('p', { class: 'count', role: 'status' });
	const brushed = el('div', { class: 'chips' });
	const search = el('input', {
		type: 'search',
		id: 'search',
		placeholder: 'in all columns',
		autocomplete: 'off',
		spellcheck: 'false',
		oninput: () =>
			state.change('filter', () => {
				state.search = search.value;
			}),
	});
	const clear = el('button', { type: 'button', onclick: () => state.clear() }, 'Show all');
	function update(kind) {
		if (kind === 'theme') return;
		count.textContent = state.narrowed
			? `${state.rows.length} of ${plural(state.data.runs.length, 'run')}`
			: plural(state.data.runs.length, 'run');
		clear.hidden = !state.narrowed;
		if (document.activeElement !== search) search.value = state.search;
		brushed.replaceChildren(
			...[...state.ranges].map(([key, intervals]) => {
				const c = state.column(key);
				const words = clip(
					`${c.label} ${intervals.map((one) => intervalText(c, one)).join(' or ')}`,
					80,
				);
				return el(
					'button',
					{
						type: 'button',
						class: 'chip',
						'aria-label': `Let go of ${words}`,
						onclick: () => state.change('brush', () => state.ranges.delete(key)),
					},
					words,
					' ✕',
				);
			}),
		);
	}
	state.subscribe(update);
	update();
	return section(
		'runs',
		'Runs',
		el(
			'div',
			{ class: 'tools' },
			el('label', { for: 'search' }, 'find ', search),
			brushed,
			count,
			clear,
		),
		table(state, openRun),
	);
}
