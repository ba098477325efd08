// The line on top about records that could not be read when the document was made: what
// the page shows may lack results that are there.

import { text } from './data.js';
import { clip, el } from './dom.js';
import { plural } from './section.js';

const most = 20;

export function unread(state) {
	const errors = state.data.experiment.record_errors ?? [];
	if (!Array.isArray(errors) || !errors.length) return null;
	return el(
		'div',
		{ class: 'notice unread', role: 'note' },
		el(
			'p',
			{},
			`${plural(errors.length, 'record')} could not be read; this page may lack results that are there.`,
		),
		el('ul', {}, ...errors.slice(0, most).map((one) => el('li', {}, clip(text(one), 400)))),
		errors.length > most
			? el('p', { class: 'quiet' }, `And ${errors.length - most} more, in experiment.json.`)
			: null,
	);
}
