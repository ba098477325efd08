// When each run ran.

import { font, ink, label, place, tooltip } from './chart.js';
import { clock, time } from './data.js';
import { el } from './dom.js';
import { section } from './section.js';

function timeline(state, openRun) {
	const { runs, experiment } = state.data;
	const stamp = (string) => (typeof string === 'string' ? Date.parse(string) : NaN);
	const started = runs
		.map((_, at) => at)
		.filter((at) => Number.isFinite(stamp(runs[at].started_at)))
		.sort((a, b) => stamp(runs[a].started_at) - stamp(runs[b].started_at));
	const now = started.reduce(
		(most, at) => Math.max(most, stamp(runs[at].completed_at) || 0, stamp(runs[at].started_at)),
		stamp(experiment.updated_at) || 0,
	);
	const end = (at) =>
		Number.isFinite(stamp(runs[at].completed_at)) ? stamp(runs[at].completed_at) : now;
	const few = started.length <= 30;
	const height = Math.min(Math.max(started.length * 18 + 50, 120), 420);

	function draw(chart) {
		const colors = ink();
		chart.setOption({
			animation: false,
			grid: { left: 12, right: 24, top: 8, bottom: 8, containLabel: true },
			tooltip: tooltip(colors, ({ value }) => {
				const run = runs[value[3]];
				return [
					`${run.run}  ${run.status}`,
					`from ${clock(run.started_at)}`,
					run.completed_at ? `to ${clock(run.completed_at)}` : 'not ended',
					time((value[1] - value[0]) / 1000),
				];
			}),
			xAxis: {
				type: 'time',
				axisLine: { lineStyle: { color: colors.line } },
				splitLine: { show: true, lineStyle: { color: colors.faint } },
				axisLabel: { color: colors.quiet, fontFamily: font, fontSize: 11, hideOverlap: true },
				axisTick: { show: false },
			},
			yAxis: {
				type: 'category',
				inverse: true,
				data: started.map((at) => label(String(runs[at].run), 20)),
				axisLine: { show: false },
				axisTick: { show: false },
				axisLabel: { show: few, color: colors.quiet, fontFamily: font, fontSize: 11, interval: 0 },
			},
			series: [
				{
					type: 'custom',
					encode: { x: [0, 1], y: 2 },
					clip: true,
					progressive: 0,
					data: started.map((at, row) => [stamp(runs[at].started_at), end(at), row, at]),
					renderItem: (params, api) => {
						const from = api.coord([api.value(0), api.value(2)]),
							to = api.coord([api.value(1), api.value(2)]);
						const tall = Math.min(Math.max(api.size([0, 1])[1] * 0.7, 1), 14);
						return {
							type: 'rect',
							style: { fill: colors[runs[api.value(3)].status] ?? colors.pending },
							shape: {
								x: from[0],
								y: from[1] - tall / 2,
								width: Math.max(to[0] - from[0], 1.5),
								height: tall,
								r: tall > 6 ? 2 : 0,
							},
						};
					},
				},
			],
		});
	}

	const self = place(draw, {
		class: 'chart',
		style: `height: ${height}px`,
		'aria-label': `Timeline of ${started.length} runs`,
	});
	self.onready = (chart) => chart.on('click', ({ value }) => openRun(value[3]));
	self.started = started.length;
	return self;
}

export function times(state, openRun) {
	const chart = timeline(state, openRun);
	state.subscribe((kind) => kind === 'theme' && chart.draw());
	return section(
		'timeline',
		'Timeline',
		chart.started ? chart.holder : el('p', { class: 'empty' }, 'No run has started yet.'),
	);
}
