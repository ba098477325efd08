// Each metric against each parameter.

import { axis, ink, label, place, tellRun, tooltip } from './chart.js';
import { clip, el } from './dom.js';
import { follow, section } from './section.js';

function spreadOf(c, points) {
	if (c.distinct > 12 || points < 15 * c.distinct) return 0;
	const sorted = [
		...new Set(c.values.filter((value) => Number.isFinite(value) && (!c.log || value > 0))),
	]
		.map((value) => (c.log ? Math.log(value) : value))
		.sort((a, b) => a - b);
	return (
		0.6 *
		sorted.slice(1).reduce((least, value, at) => Math.min(least, value - sorted[at]), Infinity)
	);
}

function scatter(state, metric, param, openRun) {
	const { data } = state;
	const points = data.runs
		.map((_, at) => at)
		.filter(
			(at) =>
				Number.isFinite(metric.values[at]) &&
				Number.isFinite(param.values[at]) &&
				(!metric.log || metric.values[at] > 0) &&
				(!param.log || param.values[at] > 0),
		);
	const best = () => state.ranking(metric)[0];

	// Where many runs share few values they lie beside each other, not on each other:
	// moved by less than half the way to the next value, the same way each time.
	const spread = spreadOf(param, points.length);
	const x = (at) => {
		const value = param.values[at],
			part = (((at * 0.618034) % 1) - 0.5) * spread;
		return param.log ? value * Math.exp(part) : value + part;
	};

	function means(chosen) {
		if (!param.numeric || param.distinct < 3 || param.distinct > 60) return [];
		const groups = new Map();
		for (const at of chosen) {
			const group = groups.get(param.values[at]) ?? [];
			group.push(metric.values[at]);
			groups.set(param.values[at], group);
		}
		return [...groups]
			.sort((a, b) => a[0] - b[0])
			.map(([x, all]) => [x, all.reduce((a, b) => a + b) / all.length]);
	}

	function draw(chart) {
		const colors = ink();
		const chosen = points.filter((at) => state.chosen[at]),
			others = points.filter((at) => !state.chosen[at]);
		const series = (id, of, style) => ({
			id,
			type: 'scatter',
			data: of.map((at) => [x(at), metric.values[at], at]),
			symbolSize: points.length > 1000 ? 5 : points.length > 200 ? 7 : 9,
			animation: false,
			...style,
		});
		chart.setOption({
			animation: false,
			grid: { left: 12, right: 20, top: 16, bottom: 32, containLabel: true },
			tooltip: tooltip(colors, ({ data: point }) =>
				point?.[2] === undefined ? null : tellRun(state, point[2], metric),
			),
			xAxis: {
				...axis(param, colors, true),
				splitLine: { show: false },
				...(param.numeric
					? {}
					: {
							type: 'value',
							data: undefined,
							min: -0.5,
							max: param.categories.length - 0.5,
							axisLabel: {
								...axis(param, colors).axisLabel,
								customValues: param.categories.map((_, n) => n),
								formatter: (n) => label(param.categories[n] ?? '', 14),
							},
						}),
			},
			yAxis: axis(metric, colors, false),
			series: [
				{
					id: 'mean',
					type: 'line',
					data: means(chosen),
					symbol: 'none',
					silent: true,
					animation: false,
					z: spread ? 4 : 1,
					lineStyle: {
						color: spread ? colors.text : colors.accent,
						width: 1.5,
						opacity: spread ? 0.8 : 0.45,
					},
				},
				series('others', others, {
					itemStyle: { color: colors.pending, opacity: 0.25 },
					silent: true,
				}),
				series('chosen', chosen, {
					itemStyle: { color: colors.accent, opacity: points.length > 1000 ? 0.5 : 0.8 },
				}),
				series('best', points.includes(best()) ? [best()] : [], {
					symbolSize: 15,
					silent: true,
					z: 5,
					itemStyle: { color: 'transparent', borderColor: colors.mark, borderWidth: 2.5 },
				}),
			],
		});
	}

	function summary() {
		const at = best();
		return (
			`${metric.label} by ${param.label}: ${points.length} runs` +
			(at === undefined
				? ''
				: `; the best is ${metric.texts[at]} at ${param.label} ${param.texts[at]}`)
		);
	}

	const self = place(draw, { class: 'chart', 'aria-label': clip(summary(), 300) });
	self.onready = (chart) =>
		chart.on('click', ({ data: point }) => point?.[2] !== undefined && openRun(point[2]));
	self.figure = el(
		'figure',
		{},
		el(
			'figcaption',
			{},
			el('strong', {}, clip(metric.label, 40)),
			' by ',
			el('strong', {}, clip(param.label, 40)),
			points.length < data.runs.length
				? el('span', { class: 'quiet' }, `, ${points.length} of ${data.runs.length} runs`)
				: null,
		),
		self.holder,
	);
	return self;
}

export function plots(state, openRun) {
	const { data } = state;
	const metrics = data.metrics,
		params = data.params;
	if (!metrics.length || !params.length)
		return section(
			'plots',
			'Metrics against parameters',
			el(
				'p',
				{ class: 'empty' },
				!metrics.length ? 'There are no metrics to plot.' : 'No parameter has more than one value.',
			),
		);
	const every = metrics.length * params.length <= 6;
	const holder = el('div', { class: 'plots' });
	const select = el(
		'select',
		{ id: 'plotted', onchange: () => fill() },
		el('option', { value: '', selected: every }, `all ${metrics.length}`),
		...metrics.map((c, at) =>
			el('option', { value: String(at), selected: !every && at === 0 }, clip(c.label, 60)),
		),
	);
	const more = el('button', { type: 'button', class: 'more', onclick: () => fill(Infinity) });
	let shown = [];
	function fill(most = 12) {
		shown.forEach((one) => one.dispose());
		const wanted = select.value === '' ? metrics : [metrics[Number(select.value)]];
		const pairs = wanted.flatMap((metric) => params.map((param) => [metric, param]));
		shown = pairs.slice(0, most).map(([metric, param]) => scatter(state, metric, param, openRun));
		holder.replaceChildren(...shown.map((one) => one.figure));
		more.hidden = pairs.length <= most;
		more.textContent = `Show all ${pairs.length} plots`;
	}
	fill();
	follow(state, (kind) => kind !== 'sort' && shown.forEach((one) => one.draw()));
	return section(
		'plots',
		'Metrics against parameters',
		el(
			'div',
			{ class: 'tools' },
			metrics.length > 1 ? el('label', { for: 'plotted' }, 'metric ', select) : null,
			el(
				'span',
				{ class: 'quiet' },
				el('span', { class: 'ring', 'aria-hidden': 'true' }),
				' the best run; a line joins the means',
			),
		),
		holder,
		more,
	);
}
