// The table of runs. Only the rows in sight are in the document, so that it scrolls
// alike with ten runs and with ten thousand.

import { isMissing, lack } from './data.js';
import { clip, el } from './dom.js';
import { statusClass } from './section.js';

const rowHeight = 30,
	overscan = 12,
	widest = 34,
	charWidth = 0.6,
	boldWidth = 0.68; // pixels, rows, characters, em

export function table(state, openRun) {
	const { data } = state;
	const columns = data.columns;
	const shapes = columns.map(shape);
	const total = shapes.reduce((sum, one) => sum + one.width, 0);

	const headers = columns.map((c, at) => {
		const button = el(
			'button',
			{ type: 'button', class: 'sort', onclick: () => sortBy(c) },
			clip(c.label, 60),
		);
		return el(
			'th',
			{
				scope: 'col',
				class: shapes[at].number ? 'number' : null,
				title: c.label.length > 20 ? clip(c.label, 300) : null,
			},
			button,
		);
	});
	const inputs = columns.map((c) =>
		el('input', {
			type: 'text',
			'aria-label': `Filter ${clip(c.label, 60)}`,
			autocomplete: 'off',
			spellcheck: 'false',
			placeholder: c.numeric ? '>, a..b' : 'filter',
			title: c.numeric
				? 'Write >0.1, <=3, =2, 0.1..0.5, or a piece of the text'
				: 'Write a piece of the text, or =text for all of it',
			oninput: (event) =>
				state.change('filter', () => {
					if (event.target.value.trim()) state.filters.set(c.key, event.target.value);
					else state.filters.delete(c.key);
				}),
		}),
	);
	const head = el(
		'thead',
		{},
		el('tr', { 'aria-rowindex': 1 }, ...headers),
		el(
			'tr',
			{ 'aria-rowindex': 2, class: 'filters' },
			...inputs.map((input) => el('td', {}, input)),
		),
	);
	const above = el(
		'tr',
		{ class: 'space', 'aria-hidden': 'true' },
		el('td', { colspan: columns.length }),
	);
	const below = above.cloneNode(true);
	const body = el('tbody', { onclick: clicked, onkeydown: pressed });
	const grid = el(
		'table',
		{
			class: 'runs',
			style: `width: ${total + columns.length * 1.6}em`,
			'aria-colcount': columns.length,
		},
		el(
			'caption',
			{ class: 'unseen' },
			'The runs of this experiment. Arrow keys go from row to row, Enter shows a run.',
		),
		el('colgroup', {}, ...shapes.map((one) => el('col', { style: `width: ${one.width + 1.6}em` }))),
		head,
		body,
	);
	const empty = el(
		'p',
		{ class: 'empty', hidden: true },
		'No run passes these filters. ',
		el('button', { type: 'button', onclick: () => state.clear() }, 'Show all runs'),
	);
	const frame = el(
		'div',
		{ class: 'frame', onscroll: () => requestAnimationFrame(draw) },
		grid,
		empty,
	);

	let current = 0,
		first = -1,
		last = -1;

	function shape(c) {
		const lengths = c.texts.map((one) => Math.min(one.length, widest));
		const most = lengths.reduce((a, b) => Math.max(a, b), Math.min(c.label.length + 3, widest));
		const one = {
			width:
				Math.max(most, 7) * (c.key === 'run:run' || c.key === 'run:status' ? boldWidth : charWidth),
			number: c.numeric,
		};
		// decimal points below each other, where no exponent stands behind the digits
		const fractions = c.texts.map((each) => /^-?\d+(\.\d+)?$/.exec(each)?.[1]?.length ?? 0);
		one.fraction =
			c.numeric && !c.texts.some((each) => /e/i.test(each))
				? Math.max(0, ...fractions.slice(0, 100000))
				: 0;
		if (one.fraction > 12) one.fraction = 0;
		one.fractions = fractions;
		if (one.fraction) {
			const whole = c.texts.reduce((a, each, at) => Math.max(a, each.length - fractions[at]), 0);
			one.width = Math.max(one.width, Math.min(whole + one.fraction, widest) * charWidth);
		}
		return one;
	}

	function sortBy(c) {
		state.change('sort', () => {
			const same = state.sort.key === c.key;
			// the best of a metric first
			const begin = state.smaller.has(c.key) && !state.isSmaller(c);
			state.sort = { key: c.key, descending: same ? !state.sort.descending : begin };
		});
		frame.scrollTop = 0;
	}

	function cell(c, shapeOf, at) {
		const content = c.texts[at];
		if (c.key === 'run:run') return el('th', { scope: 'row' }, clip(content, 60));
		if (c.key === 'run:status')
			return el(
				'td',
				{},
				el('span', { class: `status ${statusClass(content)}` }, clip(content, 60)),
			);
		if (isMissing(c, at))
			return el(
				'td',
				{
					class: shapeOf.number ? 'number missing' : 'missing',
					title: c.group === 'metric' ? clip(lack(data.runs[at]), 1000) : null,
				},
				'–',
			);
		const padding = shapeOf.fraction - shapeOf.fractions[at];
		return el(
			'td',
			{
				class: shapeOf.number ? 'number' : null,
				style: shapeOf.fraction && padding ? `padding-right: calc(.8em + ${padding}ch)` : null,
				title: content.length > 30 ? clip(content, 1000) : null,
			},
			clip(content, 120),
		);
	}

	function draw(always) {
		const rows = state.rows;
		const from = Math.max(0, Math.floor(frame.scrollTop / rowHeight) - overscan);
		const to = Math.min(
			rows.length,
			Math.ceil((frame.scrollTop + frame.clientHeight) / rowHeight) + overscan,
		);
		if (always !== true && from === first && to === last) return;
		first = from;
		last = to;
		const focused = body.contains(document.activeElement);
		const trs = [];
		for (let place = from; place < to; place++) {
			const at = rows[place];
			trs.push(
				el(
					'tr',
					{
						'aria-rowindex': place + 3,
						'data-place': place,
						'data-run': at,
						tabindex: place === current ? 0 : -1,
						class: place % 2 ? 'odd' : null,
					},
					...columns.map((c, n) => cell(c, shapes[n], at)),
				),
			);
		}
		above.firstChild.style.height = `${from * rowHeight}px`;
		below.firstChild.style.height = `${(rows.length - to) * rowHeight}px`;
		body.replaceChildren(...(from ? [above] : []), ...trs, ...(to < rows.length ? [below] : []));
		if (trs.length && (current < from || current >= to)) trs[0].tabIndex = 0;
		if (focused) body.querySelector(`[data-place="${current}"]`)?.focus({ preventScroll: true });
	}

	function clicked(event) {
		const row = event.target.closest('[data-run]');
		if (!row || String(getSelection())) return;
		current = Number(row.dataset.place);
		openRun(Number(row.dataset.run));
	}

	function pressed(event) {
		const row = event.target.closest('[data-run]');
		if (!row) return;
		const place = Number(row.dataset.place);
		const page = Math.max(1, Math.floor(frame.clientHeight / rowHeight) - 3);
		const to = {
			ArrowDown: place + 1,
			ArrowUp: place - 1,
			PageDown: place + page,
			PageUp: place - page,
			Home: 0,
			End: state.rows.length - 1,
		}[event.key];
		if (event.key === 'Enter') {
			// or it would press the button of the dialog, too
			event.preventDefault();
			current = place;
			openRun(Number(row.dataset.run));
		} else if (to !== undefined) {
			event.preventDefault();
			current = Math.min(Math.max(to, 0), state.rows.length - 1);
			const top = current * rowHeight,
				room = frame.clientHeight - head.offsetHeight - rowHeight;
			if (top < frame.scrollTop) frame.scrollTop = top;
			else if (top > frame.scrollTop + room) frame.scrollTop = top - room;
			draw(true);
			body.querySelector(`[data-place="${current}"]`)?.focus({ preventScroll: true });
		}
	}

	function update(kind) {
		if (kind === 'theme') return;
		columns.forEach((c, at) => {
			const sorted = state.sort.key === c.key;
			headers[at].setAttribute(
				'aria-sort',
				!sorted ? 'none' : state.sort.descending ? 'descending' : 'ascending',
			);
			if (document.activeElement !== inputs[at]) inputs[at].value = state.filters.get(c.key) ?? '';
			inputs[at].classList.toggle('set', state.filters.has(c.key));
		});
		grid.setAttribute('aria-rowcount', state.rows.length + 2);
		current = Math.min(current, Math.max(0, state.rows.length - 1));
		empty.hidden = state.rows.length > 0;
		draw(true);
	}

	state.subscribe(update);
	new ResizeObserver(() => draw(true)).observe(frame);
	update();
	return frame;
}
