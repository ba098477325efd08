// The plots. ECharts draws them on canvas, and of its parts only these are built in:
// it is the one well-kept library that has brushed parallel coordinates beside
// scatter plots, and stays fluid with thousands of runs.

import { interval } from './tint.js';
import { CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, ParallelComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { clock, time } from './data.js';
import { clip, el } from './dom.js';
import { round } from './state.js';

use([CustomChart, LineChart, ParallelChart, ScatterChart, GridComponent, ParallelComponent, TooltipComponent, CanvasRenderer]);

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

// The colours are the page's own.
export function ink() {
	const style = getComputedStyle(document.documentElement);
	const of = (name) => style.getPropertyValue(`--${name}`).trim();
	return {
		text: of('text'), quiet: of('quiet'), line: of('line'), faint: of('faint'), accent: of('accent'), panel: of('panel'),
		best: of('best'), worst: of('worst'), mark: of('mark'),
		completed: of('completed'), failed: of('failed'), running: of('running'), pending: of('pending'),
	};
}

// Text for the canvas. ECharts keeps widths of texts in plain objects, by text: one that
// every object has a property of, such as __proto__, gets a space of no width behind it.
function label(string, length) {
	const shown = clip(string, length);
	return shown in {} ? `${shown}\u200b` : shown;
}

const font = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

// A place for a chart, which is made when it is first seen. One that is out of sight
// is drawn again when it comes into sight.
function place(draw, attributes) {
	const holder = el('div', { role: 'img', ...attributes });
	const self = { holder, chart: null };
	let seen = false, stale = false;
	function show() {
		stale = false;
		if (!self.chart) {
			self.chart = init(holder, null, { renderer: 'canvas' });
			self.onready?.(self.chart);
			resizes.observe(holder);
		}
		draw(self.chart);
	}
	self.draw = () => {
		stale = true;
		if (seen && self.chart)
			show();
	};
	const sight = new IntersectionObserver((entries) => {
		seen = entries[entries.length - 1].isIntersecting;
		if (seen && (stale || !self.chart))
			show();
	}, { rootMargin: '150px' });
	const resizes = new ResizeObserver(() => self.chart.resize());
	sight.observe(holder);
	self.dispose = () => {
		sight.disconnect();
		resizes.disconnect();
		self.chart?.dispose();
	};
	return self;
}

const short = (value) => {
	const size = Math.abs(value);
	return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential().replace('e+', 'e') : round(value);
};

// A tooltip is made of text nodes; a string would be taken for HTML.
function tooltip(colors, of) {
	return {
		trigger: 'item', confine: true, backgroundColor: colors.panel, borderColor: colors.line, padding: [8, 12],
		textStyle: { color: colors.text, fontFamily: font, fontSize: 12 },
		formatter: (params) => {
			const lines = of(params);
			return lines ? el('div', { class: 'tip' }, ...lines.map((line, at) => el(at ? 'div' : 'strong', {}, clip(line, 60)))) : '';
		},
	};
}

function axis(c, colors, labelled) {
	return {
		type: c.numeric ? (c.log ? 'log' : 'value') : 'category',
		logBase: c.log || undefined,
		data: c.numeric ? undefined : c.categories.map((one) => label(one, 40)),
		scale: true,
		name: labelled ? label(c.label, 40) : undefined,
		nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: colors.quiet, fontFamily: font, fontSize: 12 },
		axisLine: { show: true, onZero: false, lineStyle: { color: colors.line } },
		axisTick: { show: false },
		axisLabel: {
			color: colors.quiet, fontFamily: font, fontSize: 11, hideOverlap: true,
			formatter: c.numeric ? short : (one) => label(one, 14),
		},
		splitLine: { show: c.numeric, lineStyle: { color: colors.faint } },
		minorSplitLine: { show: false },
	};
}

function tellRun(state, at, ...more) {
	const { data } = state;
	return [data.runs[at].run ?? '', ...[...data.params, ...more].slice(0, 14).map((c) => `${c.label} ${c.texts[at]}`)];
}

// ---- a metric against a parameter ----

function spreadOf(c, points) {
	if (c.distinct > 12 || points < 15 * c.distinct)
		return 0;
	const sorted = [...new Set(c.values.filter((value) => Number.isFinite(value) && (!c.log || value > 0)))]
		.map((value) => (c.log ? Math.log(value) : value)).sort((a, b) => a - b);
	return .6 * sorted.slice(1).reduce((least, value, at) => Math.min(least, value - sorted[at]), Infinity);
}

export function scatter(state, metric, param, openRun) {
	const { data } = state;
	const points = data.runs.map((_, at) => at)
		.filter((at) => Number.isFinite(metric.values[at]) && Number.isFinite(param.values[at])
			&& (!metric.log || metric.values[at] > 0) && (!param.log || param.values[at] > 0));
	const best = () => state.ranking(metric)[0];

	// Where many runs share few values they lie beside each other, not on each other:
	// moved by less than half the way to the next value, the same way each time.
	const spread = spreadOf(param, points.length);
	const x = (at) => {
		const value = param.values[at], part = ((at * 0.618034) % 1 - .5) * spread;
		return param.log ? value * Math.exp(part) : value + part;
	};

	function means(chosen) {
		if (!param.numeric || param.distinct < 3 || param.distinct > 60)
			return [];
		const groups = new Map();
		for (const at of chosen) {
			const group = groups.get(param.values[at]) ?? [];
			group.push(metric.values[at]);
			groups.set(param.values[at], group);
		}
		return [...groups].sort((a, b) => a[0] - b[0]).map(([x, all]) => [x, all.reduce((a, b) => a + b) / all.length]);
	}

	function draw(chart) {
		const colors = ink();
		const chosen = points.filter((at) => state.chosen[at]), others = points.filter((at) => !state.chosen[at]);
		const series = (id, of, style) => ({
			id, type: 'scatter', data: of.map((at) => [x(at), metric.values[at], at]),
			symbolSize: points.length > 1000 ? 5 : points.length > 200 ? 7 : 9, animation: false, ...style,
		});
		chart.setOption({
			animation: false,
			grid: { left: 12, right: 20, top: 16, bottom: 32, containLabel: true },
			tooltip: tooltip(colors, ({ data: point }) => (point?.[2] === undefined ? null : tellRun(state, point[2], metric))),
			xAxis: {
				...axis(param, colors, true), splitLine: { show: false },
				...(param.numeric ? {} : {
					type: 'value', data: undefined, min: -.5, max: param.categories.length - .5,
					axisLabel: {
						...axis(param, colors).axisLabel, customValues: param.categories.map((_, n) => n),
						formatter: (n) => label(param.categories[n] ?? '', 14),
					},
				}),
			},
			yAxis: axis(metric, colors, false),
			series: [
				{
					id: 'mean', type: 'line', data: means(chosen), symbol: 'none', silent: true, animation: false, z: spread ? 4 : 1,
					lineStyle: { color: spread ? colors.text : colors.accent, width: 1.5, opacity: spread ? .8 : .45 },
				},
				series('others', others, { itemStyle: { color: colors.pending, opacity: .25 }, silent: true }),
				series('chosen', chosen, { itemStyle: { color: colors.accent, opacity: points.length > 1000 ? .5 : .8 } }),
				series('best', points.includes(best()) ? [best()] : [], {
					symbolSize: 15, silent: true, z: 5, itemStyle: { color: 'transparent', borderColor: colors.mark, borderWidth: 2.5 },
				}),
			],
		});
	}

	function summary() {
		const at = best();
		return `${metric.label} by ${param.label}: ${points.length} runs`
			+ (at === undefined ? '' : `; the best is ${metric.texts[at]} at ${param.label} ${param.texts[at]}`);
	}

	const self = place(draw, { class: 'chart', 'aria-label': clip(summary(), 300) });
	self.onready = (chart) => chart.on('click', ({ data: point }) => point?.[2] !== undefined && openRun(point[2]));
	self.figure = el('figure', {},
		el('figcaption', {}, el('strong', {}, clip(metric.label, 40)), ' by ', el('strong', {}, clip(param.label, 40))), self.holder);
	return self;
}

// ---- parallel coordinates ----

// Between two colours, as #rrggbb.
function between(from, to, part) {
	const parse = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
	const a = parse(from), b = parse(to);
	return `rgb(${a.map((value, at) => Math.round(value + (b[at] - value) * part)).join()})`;
}

export function parallel(state, axes) {
	const { data } = state;
	const brushed = new Set();	// the axes that the chart shows an interval on

	function lines(colors) {
		const ranking = state.metric ? state.ranking(state.metric) : [];
		const rank = new Map(ranking.map((at, n) => [at, ranking.length > 1 ? 1 - n / (ranking.length - 1) : 1]));
		const many = data.runs.length;
		const opacity = many > 1000 ? .25 : many > 200 ? .4 : .75;
		const line = (at, style) => ({ value: [...axes.map((c) => usable(c, at)), at], lineStyle: style });
		// the best are drawn last
		const order = data.runs.map((_, at) => at).sort((a, b) => (rank.get(a) ?? -1) - (rank.get(b) ?? -1));
		return {
			passing: order.filter((at) => state.passing[at]).map((at) => line(at, rank.has(at)
				? { color: between(colors.worst, colors.best, rank.get(at)), width: rank.get(at) === 1 ? 3 : 1.5, opacity: rank.get(at) === 1 ? 1 : opacity }
				: { color: colors.pending, width: 1, opacity: opacity / 2 })),
			others: order.filter((at) => !state.passing[at]).map((at) => line(at, { color: colors.pending, width: 1, opacity: .08 })),
		};
	}

	const usable = (c, at) => (Number.isFinite(c.values[at]) && (!c.log || c.values[at] > 0) ? c.values[at] : NaN);

	function draw(on) {
		const colors = ink();
		const { passing, others } = lines(colors);
		on.setOption({
			animation: false,
			tooltip: tooltip(colors, ({ data: one }) => (one ? tellRun(state, one.value[axes.length], ...data.metrics) : null)),
			parallel: {
				left: 60, right: 70, top: 44, bottom: 24,
				parallelAxisDefault: { nameLocation: 'end', nameGap: 18 },
			},
			parallelAxis: axes.map((c, dim) => ({
				...axis(c, colors, true), id: c.key, dim, realtime: data.runs.length <= 300, name: label(c.label, 18), nameLocation: 'end', nameGap: 18, scale: true,
				nameTextStyle: { color: colors.text, fontFamily: font, fontSize: 12, fontWeight: c === state.metric ? 700 : 400 },
				axisLine: { show: true, lineStyle: { color: colors.quiet, width: 1 } },
				axisLabel: { ...axis(c, colors).axisLabel, textBorderColor: colors.panel, textBorderWidth: 3 },
				axisTick: { show: true, length: 3, lineStyle: { color: colors.quiet } },
				areaSelectStyle: { width: 22, borderWidth: 2, borderColor: 'rgb(70, 130, 215)', color: interval, opacity: 1 },
			})),
			series: [
				{ id: 'others', type: 'parallel', data: others, silent: true, inactiveOpacity: .04, progressive: 500 },
				{ id: 'passing', type: 'parallel', data: passing, inactiveOpacity: .04, activeOpacity: 1, progressive: 500, smooth: false,
					emphasis: { lineStyle: { width: 3, opacity: 1 } } },
			],
		});
		for (const c of axes)
			if (state.ranges.has(c.key) && !brushed.has(c.key) && brushed.add(c.key))
				on.dispatchAction({ type: 'axisAreaSelect', parallelAxisId: c.key, intervals: state.ranges.get(c.key) }, { silent: true });
	}

	const self = place(draw, {
		class: 'chart parallel', style: `min-width: ${axes.length * 96}px`,
		'aria-label': clip(`Parallel coordinates of ${data.runs.length} runs over ${axes.map((c) => c.label).join(', ')}. `
			+ 'The filters below the column names of the table do what brushing an axis does.', 600),
	});
	self.onready = (on) => on.on('axisareaselected', (event) => {
		const key = event.parallelAxisId;
		state.change('brush', () => {
			if (event.intervals.length) {
				brushed.add(key);
				state.ranges.set(key, event.intervals.map(([a, b]) => (a < b ? [a, b] : [b, a])));
			} else {
				brushed.delete(key);
				state.ranges.delete(key);
			}
		});
	});
	self.update = (kind) => {
		for (const key of brushed)
			if (!state.ranges.has(key) && brushed.delete(key))
				self.chart.dispatchAction({ type: 'axisAreaSelect', parallelAxisId: key, intervals: [] }, { silent: true });
		if (kind !== 'brush' && kind !== 'sort')
			self.draw();
	};
	return self;
}

// ---- the timeline ----

export function timeline(state, openRun) {
	const { runs, experiment } = state.data;
	const stamp = (string) => (typeof string === 'string' ? Date.parse(string) : NaN);
	const started = runs.map((_, at) => at).filter((at) => Number.isFinite(stamp(runs[at].started_at)))
		.sort((a, b) => stamp(runs[a].started_at) - stamp(runs[b].started_at));
	const now = started.reduce((most, at) => Math.max(most, stamp(runs[at].completed_at) || 0, stamp(runs[at].started_at)),
		stamp(experiment.updated_at) || 0);
	const end = (at) => (Number.isFinite(stamp(runs[at].completed_at)) ? stamp(runs[at].completed_at) : now);
	const few = started.length <= 30;
	const height = Math.min(Math.max(started.length * 18 + 50, 120), 420);

	function draw(chart) {
		const colors = ink();
		chart.setOption({
			animation: false,
			grid: { left: 12, right: 24, top: 8, bottom: 8, containLabel: true },
			tooltip: tooltip(colors, ({ value }) => {
				const run = runs[value[3]];
				return [`${run.run}  ${run.status}`, `from ${clock(run.started_at)}`,
					run.completed_at ? `to ${clock(run.completed_at)}` : 'not ended', time((value[1] - value[0]) / 1000)];
			}),
			xAxis: {
				type: 'time', axisLine: { lineStyle: { color: colors.line } }, splitLine: { show: true, lineStyle: { color: colors.faint } },
				axisLabel: { color: colors.quiet, fontFamily: font, fontSize: 11, hideOverlap: true }, axisTick: { show: false },
			},
			yAxis: {
				type: 'category', inverse: true, data: started.map((at) => label(String(runs[at].run), 20)),
				axisLine: { show: false }, axisTick: { show: false },
				axisLabel: { show: few, color: colors.quiet, fontFamily: font, fontSize: 11, interval: 0 },
			},
			series: [{
				type: 'custom', encode: { x: [0, 1], y: 2 }, clip: true, progressive: 0,
				data: started.map((at, row) => [stamp(runs[at].started_at), end(at), row, at]),
				renderItem: (params, api) => {
					const from = api.coord([api.value(0), api.value(2)]), to = api.coord([api.value(1), api.value(2)]);
					const tall = Math.min(Math.max(api.size([0, 1])[1] * .7, 1), 14);
					return {
						type: 'rect', style: { fill: colors[runs[api.value(3)].status] ?? colors.pending },
						shape: { x: from[0], y: from[1] - tall / 2, width: Math.max(to[0] - from[0], 1.5), height: tall, r: tall > 6 ? 2 : 0 },
					};
				},
			}],
		});
	}

	const self = place(draw, {
		class: 'chart', style: `height: ${height}px`, 'aria-label': `Timeline of ${started.length} runs`,
	});
	self.onready = (chart) => chart.on('click', ({ value }) => openRun(value[3]));
	self.started = started.length;
	return self;
}
