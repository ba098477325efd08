// What the sections of the page share.

import { text } from './data.js';
import { clip, el } from './dom.js';

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
export const statuses = ['completed', 'failed', 'interrupted', 'running', 'pending'];

export function section(id, title, ...children) {
	return el(
		'section',
		{ id, 'aria-labelledby': `${id}-title` },
		el('h2', { id: `${id}-title` }, title),
		...children,
	);
}

// The swept values of a run, in one line.
export function point(data, at) {
	const params = data.params.length ? data.params : data.columns.filter((c) => c.group === 'param');
	return params
		.filter((c) => c.texts[at] !== '')
		.map((c) => `${c.label} ${clip(c.texts[at], 24)}`)
		.join(', ');
}

export const statusClass = (status) => (statuses.includes(status) ? status : 'pending');

export function facts(pairs) {
	return el(
		'dl',
		{},
		...pairs
			.filter(([, value]) => value !== undefined && value !== null && value !== '')
			.map(([name, value]) =>
				el('div', {}, el('dt', {}, clip(name, 60)), el('dd', {}, clip(text(value), 2000))),
			),
	);
}

// What takes long to draw follows the typing of a filter when it pauses.
export function follow(state, update) {
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
