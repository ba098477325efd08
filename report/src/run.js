// One run: its values, its record, and the commands that run it again.

import { failure, flat, json, lack, quote, sessionOf, text } from './data.js';
import { block, clip, el } from './dom.js';
import { log } from './failures.js';
import { facts, statusClass } from './section.js';

function again(data, run) {
	const e = data.experiment;
	const session = sessionOf(e, run);
	const dir = text(e.experiment_dir ?? run.experiment_dir ?? data.made.dir);
	const go = session.cwd ? `cd ${quote(text(session.cwd))}\n` : '';
	const parts = [];
	if (Array.isArray(run.command))
		parts.push(
			el('h3', {}, 'The command itself'),
			block(`${go}${run.command.map((word) => quote(text(word))).join(' ')}`, 'the command'),
		);
	if (dir)
		parts.push(
			el('h3', {}, 'Again, as a further attempt in the experiment'),
			block(
				`${go}jq -c ${quote(`.runs[] | select(.run == ${JSON.stringify(run.run)})`)} ${quote(`${dir}/experiment.json`)} | run-one -f | meta-merge`,
				'the pipe that runs it again',
			),
		);
	if (session.git_commit)
		parts.push(
			el('h3', {}, 'The code it ran'),
			block(
				[
					`${go}git checkout ${quote(text(session.git_commit))}`,
					...(session.git_submodules ? ['git submodule update --init --recursive'] : []),
					...(session.git_dirty && session.git_diff
						? [
								`(cd "$(git rev-parse --show-toplevel)" && git apply) <${quote(`${dir}/${text(session.git_diff)}`)}`,
							]
						: []),
				].join('\n'),
				'the commands that bring back the code',
			),
			session.git_dirty && !session.git_diff
				? el(
						'p',
						{ class: 'quiet' },
						`The tree had changes, which are not saved${session.git_diff_error ? `: ${text(session.git_diff_error)}` : ''}.`,
					)
				: null,
		);
	return parts.filter(Boolean);
}

export function runDialog(state) {
	const { data } = state;
	const body = el('div', { class: 'body' });
	const title = el('h2', { id: 'run-title' });
	const dialog = el(
		'dialog',
		{
			'aria-labelledby': 'run-title',
			onclick: (event) => event.target === dialog && dialog.close(),
		},
		el(
			'div',
			{ class: 'top' },
			title,
			el('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
		),
		body,
	);
	const known = new Set([
		'run',
		'params',
		'metrics',
		'status',
		'command',
		'index',
		'total',
		'experiment',
		'format',
	]);
	dialog.openRun = (at) => {
		const run = data.runs[at];
		title.replaceChildren(
			clip(text(run.run), 60),
			' ',
			el(
				'span',
				{ class: `status ${statusClass(run.status)}` },
				clip(text(run.status), 40) + (failure(run) ? `: ${clip(failure(run), 60)}` : ''),
			),
		);
		const list = (name, values) =>
			values && Object.keys(values).length
				? [
						el('h3', {}, name),
						facts(Object.entries(values).map(([key, value]) => [key, text(value)])),
					]
				: [];
		const metrics = (run) =>
			Object.keys(run.metrics ?? {}).length
				? list('Metrics', flat(run.metrics))
				: data.columns.some((c) => c.group === 'metric') || run.metrics_error !== undefined
					? [el('h3', {}, 'Metrics'), el('p', { class: 'none' }, clip(`None: ${lack(run)}`, 2000))]
					: [];
		body.replaceChildren(
			...list('Parameters', run.params),
			...metrics(run),
			...(['failed', 'interrupted'].includes(run.status)
				? [el('h3', {}, 'Log'), ...log(data, run)]
				: []),
			...again(data, run),
			el('h3', {}, 'Record'),
			facts(
				Object.entries(run)
					.filter(([name]) => !known.has(name))
					.map(([name, value]) => [name, typeof value === 'string' ? value : json(value)]),
			),
		);
		dialog.showModal();
		body.scrollTop = 0;
	};
	return dialog;
}
