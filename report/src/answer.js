// The top of the page: what it is about, the best runs, and how far the sweep is.

import { clock, text, time } from './data.js';
import { clip, el } from './dom.js';
import { plural, point, section, statusClass, statuses } from './section.js';

export function header(state) {
	const { experiment: e, made } = state.data;
	const facts = [
		e.mode,
		e.created_at && `begun ${clock(e.created_at)}`,
		e.updated_at && `last event ${clock(e.updated_at)}`,
		e.host && `on ${text(e.host)}`,
	];
	return el(
		'header',
		{},
		el(
			'div',
			{ class: 'title' },
			el('h1', {}, clip(text(e.name) || text(made.dir) || 'experiment', 200)),
			el('span', { class: `status ${statusClass(e.status)}` }, text(e.status)),
		),
		el('p', { class: 'facts' }, clip(facts.filter(Boolean).map(text).join('  ·  '), 400)),
	);
}

export function answer(state, openRun) {
	const { data } = state;
	const completed = data.runs.filter((run) => run.status === 'completed').length;
	const cards = data.metrics.map((c) => card(c));
	const holder = el('div', { class: 'cards' });
	const more = el('button', {
		type: 'button',
		class: 'more',
		onclick: () => {
			all = true;
			update();
		},
	});
	let all = false;

	function card(c) {
		const body = el('div', { class: 'best' });
		const direction = el('button', {
			type: 'button',
			class: 'direction',
			onclick: () => state.change('metric', () => state.smaller.set(c.key, !state.isSmaller(c))),
		});
		const choose = el(
			'button',
			{
				type: 'button',
				class: 'choose',
				onclick: () =>
					state.change('metric', () => {
						state.metric = c;
					}),
			},
			clip(c.label, 40),
		);
		const element = el(
			'article',
			{ class: 'card', 'data-metric': c.name, 'aria-label': `Best ${clip(c.label, 60)}` },
			el('div', { class: 'top' }, el('h3', {}, choose), direction),
			body,
		);
		function update() {
			const ranking = state.ranking(c);
			element.classList.toggle('judged', state.metric === c);
			choose.setAttribute('aria-pressed', state.metric === c);
			direction.textContent = state.isSmaller(c) ? '↓ smaller is better' : '↑ larger is better';
			direction.setAttribute(
				'aria-label',
				`${clip(c.label, 60)}: ${state.isSmaller(c) ? 'smaller' : 'larger'} is better; switch`,
			);
			if (!ranking.length) {
				body.replaceChildren(el('p', { class: 'empty' }, 'No completed run has it yet.'));
				return;
			}
			const first = ranking[0];
			const tied = ranking.filter((at) => c.values[at] === c.values[first]).length - 1;
			body.replaceChildren(
				el(
					'p',
					{ class: `value ${c.texts[first].length > 12 ? 'long' : ''}` },
					clip(c.texts[first], 60),
				),
				el(
					'p',
					{ class: 'winner' },
					runButton(first),
					' ',
					el('span', {}, clip(point(data, first), 160)),
					tied ? el('span', { class: 'quiet' }, ` and ${plural(tied, 'other')} alike`) : null,
				),
				completed > ranking.length
					? el(
							'p',
							{ class: 'quiet' },
							`${ranking.length} of ${plural(completed, 'completed run')} have a number`,
						)
					: '',
				el(
					'ol',
					{ start: 2, 'aria-label': 'next best' },
					...ranking
						.slice(1, 4)
						.map((at) =>
							el(
								'li',
								{},
								el('span', { class: 'figure' }, clip(c.texts[at], 24)),
								' ',
								runButton(at),
								' ',
								el('span', { class: 'quiet' }, clip(point(data, at), 80)),
							),
						),
				),
			);
		}
		return { c, element, update };
	}

	const runButton = (at) =>
		el(
			'button',
			{ type: 'button', class: 'run', onclick: () => openRun(at) },
			clip(text(data.runs[at].run), 40),
		);

	function update() {
		const shown = all ? cards : cards.slice(0, 6);
		shown.forEach((one) => one.update());
		holder.replaceChildren(...shown.map((one) => one.element));
		more.hidden = all || cards.length <= 6;
		more.textContent = `Show all ${cards.length} metrics`;
	}

	if (!cards.length)
		return section(
			'best',
			'Best runs',
			el(
				'p',
				{ class: 'empty' },
				data.runs.some((run) => run.status === 'completed')
					? 'No run has numbers to judge it by. A program that writes metrics.json into its run directory gets them here.'
					: 'No run has completed.',
			),
		);
	state.subscribe((kind) => kind === 'metric' && update());
	update();
	return section('best', 'Best runs', holder, more);
}

export function progress(state) {
	const { experiment: e, runs, duration } = state.data;
	const counts = Object.fromEntries(
		statuses.map((status) => [status, runs.filter((run) => run.status === status).length]),
	);
	const total = runs.length;
	const ended = counts.completed + counts.failed;
	const took = runs.map((_, at) => duration.values[at]).filter(Number.isFinite);
	const sum = took.reduce((a, b) => a + b, 0);
	const left = counts.interrupted + counts.running + counts.pending;
	const facts = [
		total ? `${ended} of ${plural(total, 'run')} ended` : 'There are no runs.',
		took.length ? `${time(sum)} of running, ${time(sum / took.length)} a run` : null,
		left && took.length
			? `about ${time((sum / took.length) * left)} left, one run at a time`
			: null,
		counts.running ? `as of ${clock(e.updated_at)}` : null,
	];
	const bar = el(
		'div',
		{
			class: 'bar',
			role: 'img',
			'aria-label':
				statuses
					.filter((s) => counts[s])
					.map((s) => `${counts[s]} ${s}`)
					.join(', ') || 'no runs',
		},
		...statuses
			.filter((s) => counts[s])
			.map((s) => el('span', { class: s, style: `flex-grow: ${counts[s]}` })),
	);
	const chips = statuses
		.filter((s) => counts[s])
		.map((s) =>
			el(
				'button',
				{
					type: 'button',
					class: `chip ${s}`,
					'aria-pressed': 'false',
					'data-status': s,
					title: `Show only what is ${s} in the table`,
					onclick: () =>
						state.change('filter', () =>
							state.statuses.has(s) ? state.statuses.delete(s) : state.statuses.add(s),
						),
				},
				el('b', {}, String(counts[s])),
				` ${s}`,
			),
		);
	state.subscribe(
		(kind) =>
			kind === 'filter' &&
			chips.forEach((chip) =>
				chip.setAttribute('aria-pressed', state.statuses.has(chip.dataset.status)),
			),
	);
	return section(
		'progress',
		'Progress',
		bar,
		el('div', { class: 'chips', role: 'group', 'aria-label': 'Filter by status' }, ...chips),
		el('p', { class: 'facts' }, facts.filter(Boolean).join('  ·  ')),
	);
}
