// What the reader has chosen: filters, order, the metric to judge by. Whoever shows
// runs is told when it changes, and asks for what is left.

import { isMissing, smallerIsBetter, time } from './data.js';

export class State {
	constructor(data) {
		this.data = data;
		this.listeners = [];
		this.search = '';
		this.statuses = new Set(); // none: all of them
		this.filters = new Map(); // column key -> what was typed
		this.ranges = new Map(); // column key -> intervals brushed on its axis
		this.smaller = new Map(data.metrics.map((c) => [c.key, smallerIsBetter(c.name)]));
		this.smaller.set(data.duration.key, true);
		this.metric = data.metrics[0] ?? null;
		this.sort = { key: 'run:run', descending: false };
		this.rows = data.runs.map((_, at) => at);
		this.apply();
	}

	subscribe(listener) {
		this.listeners.push(listener);
	}

	// Change something, and say what kind of thing: 'filter', 'brush', 'sort', 'metric' or 'theme'.
	change(kind, how) {
		how?.(this);
		if (kind !== 'theme') this.apply();
		for (const listener of this.listeners) listener(kind);
	}

	column(key) {
		return this.data.columns.find((c) => c.key === key);
	}

	apply() {
		const { runs, columns } = this.data;
		const word = this.search.toLowerCase();
		const tests = [...this.filters].map(([key, wanted]) => [
			this.column(key),
			matcher(this.column(key), wanted),
		]);
		this.passing = runs.map(
			(run, at) =>
				(!this.statuses.size || this.statuses.has(run.status)) &&
				tests.every(([, test]) => test(at)) &&
				(!word || columns.some((c) => c.texts[at].toLowerCase().includes(word))),
		);
		this.chosen = this.passing.map(
			(passes, at) =>
				passes &&
				[...this.ranges].every(([key, intervals]) => {
					const value = this.column(key).values[at];
					return intervals.some(([low, high]) => low <= value && value <= high);
				}),
		);
		this.rows = runs.map((_, at) => at).filter((at) => this.chosen[at]);
		const { key, descending } = this.sort;
		if (key !== 'run:run' || descending) {
			const c = this.column(key),
				sign = descending ? -1 : 1;
			this.rows.sort(
				(a, b) => isMissing(c, a) - isMissing(c, b) || sign * c.compare(a, b) || a - b,
			);
		}
	}

	get narrowed() {
		return (
			this.search !== '' || this.statuses.size > 0 || this.filters.size > 0 || this.ranges.size > 0
		);
	}

	clear() {
		this.change('filter', () => {
			this.search = '';
			this.statuses.clear();
			this.filters.clear();
			this.ranges.clear();
		});
	}

	isSmaller(c) {
		return this.smaller.get(c.key);
	}

	// Completed runs that have this metric, the best first.
	ranking(c) {
		const sign = this.isSmaller(c) ? 1 : -1;
		return this.data.runs
			.map((_, at) => at)
			.filter((at) => Number.isFinite(c.values[at]) && this.data.runs[at].status === 'completed')
			.sort((a, b) => sign * (c.values[a] - c.values[b]) || a - b);
	}
}

const comparisons = {
	'>': (a, b) => a > b,
	'<': (a, b) => a < b,
	'>=': (a, b) => a >= b,
	'<=': (a, b) => a <= b,
	'=': (a, b) => a === b,
};

// What may be typed below a column's name: for numbers >0.1, <=3, =2 and 0.1..0.5,
// anywhere a piece of the text, or =text for the whole of it.
function matcher(c, wanted) {
	const typed = wanted.trim();
	if (c.numeric) {
		const range = /^(\S+?)\s*\.\.\s*(\S+)$/.exec(typed);
		if (range && isNumber(range[1]) && isNumber(range[2]))
			return (at) => c.values[at] >= Number(range[1]) && c.values[at] <= Number(range[2]);
		const compared = /^(>=|<=|>|<|=)\s*(\S+)$/.exec(typed);
		if (compared && isNumber(compared[2]))
			return (at) => comparisons[compared[1]](c.values[at], Number(compared[2]));
		if (/^[<>]=?\s*[-+.\d]*e?[-+]?$/i.test(typed)) return () => true; // not yet typed to its end
	}
	if (typed.startsWith('=')) return (at) => c.texts[at] === typed.slice(1);
	const piece = typed.toLowerCase();
	return (at) => c.texts[at].toLowerCase().includes(piece);
}

const isNumber = (word) => word !== '' && !Number.isNaN(Number(word));

// An interval on a column's axis, in words.
export function intervalText(c, [low, high]) {
	if (!c.numeric) {
		const inside = c.categories.slice(Math.max(0, Math.ceil(low)), Math.floor(high) + 1);
		return inside.length > 3 ? `${inside.length} values` : inside.join(', ') || 'none';
	}
	return c.key === 'run:duration_s'
		? `${time(low)} – ${time(high)}`
		: `${round(low)} – ${round(high)}`;
}

export const round = (value) => String(Number(value.toPrecision(4)));
