// What all plots share. ECharts draws them on canvas, and of its parts only these are built
// in: it is the one well-kept library that has brushed parallel coordinates beside scatter
// plots, and stays fluid with thousands of runs.

import './tint.js';
import { CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, ParallelComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { clip, el } from './dom.js';
import { round } from './state.js';

use([
	CustomChart,
	LineChart,
	ParallelChart,
	ScatterChart,
	GridComponent,
	ParallelComponent,
	TooltipComponent,
	CanvasRenderer,
]);

// The colours are the page's own.
export function ink() {
	const style = getComputedStyle(document.documentElement);
	const of = (name) => style.getPropertyValue(`--${name}`).trim();
	return {
		text: of('text'),
		quiet: of('quiet'),
		line: of('line'),
		faint: of('faint'),
		accent: of('accent'),
		panel: of('panel'),
		best: of('best'),
		worst: of('worst'),
		mark: of('mark'),
		completed: of('completed'),
		failed: of('failed'),
		interrupted: of('running'),
		running: of('running'),
		pending: of('pending'),
	};
}

// Text for the canvas. ECharts keeps widths of texts in plain objects, by text: one that
// every object has a property of, such as __proto__, gets a space of no width behind it.
export function label(string, length) {
	const shown = clip(string, length);
	return shown in {} ? `${shown}\u200b` : shown;
}

export const font = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

// A place for a chart, which is made when it is first seen. One that is out of sight
// is drawn again when it comes into sight.
export function place(draw, attributes) {
	const holder = el('div', { role: 'img', ...attributes });
	const self = { holder, chart: null };
	let seen = false,
		stale = false;
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
		if (seen && self.chart) show();
	};
	const sight = new IntersectionObserver(
		(entries) => {
			seen = entries[entries.length - 1].isIntersecting;
			if (seen && (stale || !self.chart)) show();
		},
		{ rootMargin: '150px' },
	);
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
	return size !== 0 && (size < 1e-3 || size >= 1e6)
		? value.toExponential().replace('e+', 'e')
		: round(value);
};

// A tooltip is made of text nodes; a string would be taken for HTML.
export function tooltip(colors, of) {
	return {
		trigger: 'item',
		confine: true,
		backgroundColor: colors.panel,
		borderColor: colors.line,
		padding: [8, 12],
		textStyle: { color: colors.text, fontFamily: font, fontSize: 12 },
		formatter: (params) => {
			const lines = of(params);
			return lines
				? el(
						'div',
						{ class: 'tip' },
						...lines.map((line, at) => el(at ? 'div' : 'strong', {}, clip(line, 60))),
					)
				: '';
		},
	};
}

export function axis(c, colors, labelled) {
	return {
		type: c.numeric ? (c.log ? 'log' : 'value') : 'category',
		logBase: c.log || undefined,
		data: c.numeric ? undefined : c.categories.map((one) => label(one, 40)),
		scale: true,
		name: labelled ? label(c.label, 40) : undefined,
		nameLocation: 'middle',
		nameGap: 28,
		nameTextStyle: { color: colors.quiet, fontFamily: font, fontSize: 12 },
		axisLine: { show: true, onZero: false, lineStyle: { color: colors.line } },
		axisTick: { show: false },
		axisLabel: {
			color: colors.quiet,
			fontFamily: font,
			fontSize: 11,
			hideOverlap: true,
			formatter: c.numeric ? short : (one) => label(one, 14),
		},
		splitLine: { show: c.numeric, lineStyle: { color: colors.faint } },
		minorSplitLine: { show: false },
	};
}

export function tellRun(state, at, ...more) {
	const { data } = state;
	return [
		data.runs[at].run ?? '',
		...[...data.params, ...more].slice(0, 14).map((c) => `${c.label} ${c.texts[at]}`),
	];
}
