// Parallel coordinates: a run is a line across the axes, and brushing an axis chooses runs.

import { axis, font, ink, label, place, tellRun, tooltip } from './chart.js';
import { clip, el } from './dom.js';
import { follow, section } from './section.js';
import { interval } from './tint.js';

// Between two colours, as #rrggbb.
function between(from, to, part) {
	const parse = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
	const a = parse(from),
		b = parse(to);
	return `rgb(${a.map((value, at) => Math.round(value + (b[at] - value) * part)).join()})`;
}

function parallel(state, axes) {
	const { data } = state;
	const brushed = new Set(); // the axes that the chart shows an interval on

	function lines(colors) {
		const ranking = state.metric ? state.ranking(state.metric) : [];
		const rank = new Map(
			ranking.map((at, n) => [at, ranking.length > 1 ? 1 - n / (ranking.length - 1) : 1]),
		);
		const many = data.runs.length;
		const opacity = many > 1000 ? 0.25 : many > 200 ? 0.4 : 0.75;
		const line = (at, style) => ({
			value: [...axes.map((c) => usable(c, at)), at],
			lineStyle: style,
		});
		// the best are drawn last
		const order = data.runs
			.map((_, at) => at)
			.sort((a, b) => (rank.get(a) ?? -1) - (rank.get(b) ?? -1));
		return {
			passing: order
				.filter((at) => state.passing[at])
				.map((at) =>
					line(
						at,
						rank.has(at)
							? {
									color: between(colors.worst, colors.best, rank.get(at)),
									width: rank.get(at) === 1 ? 3 : 1.5,
									opacity: rank.get(at) === 1 ? 1 : opacity,
								}
							: { color: colors.pending, width: 1, opacity: opacity / 2 },
					),
				),
			others: order
				.filter((at) => !state.passing[at])
				.map((at) => line(at, { color: colors.pending, width: 1, opacity: 0.08 })),
		};
	}

	const usable = (c, at) =>
		Number.isFinite(c.values[at]) && (!c.log || c.values[at] > 0) ? c.values[at] : NaN;

	function draw(on) {
		const colors = ink();
		const { passing, others } = lines(colors);
		on.setOption({
			animation: false,
			tooltip: tooltip(colors, ({ data: one }) =>
				one ? tellRun(state, one.value[axes.length], ...data.metrics) : null,
			),
			parallel: {
				left: 60,
				right: 70,
				top: 44,
				bottom: 24,
				parallelAxisDefault: { nameLocation: 'end', nameGap: 18 },
			},
			parallelAxis: axes.map((c, dim) => ({
				...axis(c, colors, true),
				id: c.key,
				dim,
				realtime: data.runs.length <= 300,
				name: label(c.label, 18),
				nameLocation: 'end',
				nameGap: 18,
				scale: true,
				nameTextStyle: {
					color: colors.text,
					fontFamily: font,
					fontSize: 12,
					fontWeight: c === state.metric ? 700 : 400,
				},
				axisLine: { show: true, lineStyle: { color: colors.quiet, width: 1 } },
				axisLabel: {
					...axis(c, colors).axisLabel,
					textBorderColor: colors.panel,
					textBorderWidth: 3,
				},
				axisTick: { show: true, length: 3, lineStyle: { color: colors.quiet } },
				areaSelectStyle: {
					width: 22,
					borderWidth: 2,
					borderColor: 'rgb(70, 130, 215)',
					color: interval,
					opacity: 1,
				},
			})),
			series: [
				{
					id: 'others',
					type: 'parallel',
					data: others,
					silent: true,
					inactiveOpacity: 0.04,
					progressive: 500,
				},
				{
					id: 'passing',
					type: 'parallel',
					data: passing,
					inactiveOpacity: 0.04,
					activeOpacity: 1,
					progressive: 500,
					emphasis: { lineStyle: { width: 3, opacity: 1 } },
				},
			],
		});
		for (const c of axes)
			if (state.ranges.has(c.key) && !brushed.has(c.key) && brushed.add(c.key))
				on.dispatchAction(
					{ type: 'axisAreaSelect', parallelAxisId: c.key, intervals: state.ranges.get(c.key) },
					{ silent: true },
				);
	}

	const self = place(draw, {
		class: 'chart parallel',
		style: `min-width: ${axes.length * 96}px`,
		'aria-label': clip(
			`Parallel coordinates of ${data.runs.length} runs over ${axes.map((c) => c.label).join(', ')}. ` +
				'The filters below the column names of the table do what brushing an axis does.',
			600,
		),
	});
	self.onready = (on) =>
		on.on('axisareaselected', (event) => {
			const key = event.parallelAxisId;
			state.change('brush', () => {
				if (event.intervals.length) {
					brushed.add(key);
					state.ranges.set(
						key,
						event.intervals.map(([a, b]) => (a < b ? [a, b] : [b, a])),
					);
				} else {
					brushed.delete(key);
					state.ranges.delete(key);
				}
			});
		});
	self.update = (kind) => {
		for (const key of brushed)
			if (!state.ranges.has(key) && brushed.delete(key))
				self.chart.dispatchAction(
					{ type: 'axisAreaSelect', parallelAxisId: key, intervals: [] },
					{ silent: true },
				);
		if (kind !== 'brush' && kind !== 'sort') self.draw();
	};
	return self;
}

export function coordinates(state) {
	const { data } = state;
	const possible = [
		...data.params,
		...(data.runs.some((run) => run.duration_s) ? [data.duration] : []),
		...data.metrics,
	];
	const title = 'Parameters and metrics together';
	if (possible.length < 2 || data.runs.length < 2)
		return section(
			'parallel',
			title,
			el('p', { class: 'empty' }, 'That takes two runs, and two parameters or metrics.'),
		);
	const usual = possible.filter((c) => c !== data.duration);
	const chosen = new Set((usual.length < 2 ? possible : usual).slice(0, 12));
	const holder = el('div', {
		class: 'scroll',
		tabindex: 0,
		role: 'region',
		'aria-label': 'Parallel coordinates',
	});
	let current = null;
	function fill() {
		current?.dispose();
		current = parallel(
			state,
			possible.filter((c) => chosen.has(c)),
		);
		holder.replaceChildren(current.holder);
	}
	const boxes = possible.map((c) =>
		el(
			'label',
			{},
			el('input', {
				type: 'checkbox',
				checked: chosen.has(c),
				onchange: (event) => {
					if (event.target.checked) chosen.add(c);
					else chosen.delete(c);
					state.change('brush', () => state.ranges.delete(c.key));
					fill();
				},
			}),
			` ${clip(c.label, 40)}`,
		),
	);
	const judge = el(
		'select',
		{
			id: 'judge',
			onchange: () =>
				state.change('metric', () => {
					state.metric = data.metrics[Number(judge.value)];
				}),
		},
		...data.metrics.map((c, at) => el('option', { value: String(at) }, clip(c.label, 60))),
	);
	follow(state, (kind) => {
		current.update(kind);
		if (kind === 'metric') judge.value = String(data.metrics.indexOf(state.metric));
	});
	fill();
	return section(
		'parallel',
		title,
		el(
			'div',
			{ class: 'tools' },
			data.metrics.length ? el('label', { for: 'judge' }, 'judged by ', judge) : null,
			data.metrics.length
				? el(
						'span',
						{ class: 'scale' },
						'worst ',
						el('span', { class: 'ramp', 'aria-hidden': 'true' }),
						' best',
					)
				: null,
			el(
				'span',
				{ class: 'quiet' },
				'Drag along an axis to choose runs; click the axis to let go.',
			),
		),
		holder,
		el(
			'details',
			{ class: 'axes' },
			el('summary', {}, `Axes (${chosen.size} of ${possible.length})`),
			el('div', { class: 'boxes' }, ...boxes),
		),
	);
}
