// The foot of the page: the spec, and where all of it came from.

import { clock, text } from './data.js';
import { block, clip, el } from './dom.js';
import { facts, plural, section } from './section.js';

export function spec(state) {
	const { spec: content } = state.data;
	return section(
		'spec',
		'Spec',
		content ? block(content, 'the spec') : el('p', { class: 'empty' }, 'The spec is not there.'),
		state.data.experiment.spec_path
			? el('p', { class: 'quiet path' }, clip(text(state.data.experiment.spec_path), 400))
			: null,
	);
}

const gitState = (s) =>
	s.git_commit ? `${text(s.git_commit)}${s.git_dirty ? ' with changes' : ''}` : undefined;

export function provenance(state) {
	const { experiment: e, made } = state.data;
	const sessions = e.sessions ?? [];
	return section(
		'provenance',
		'Provenance',
		facts([
			['experiment', e.experiment_dir],
			['command', e.command_line],
			['directory', e.cwd],
			['host', e.host],
			['user', e.user],
			['git commit', gitState(e)],
			['changes saved in', e.git_diff],
			['changes not saved', e.git_diff_error],
			['git', e.git_error],
			['sweeputils', e.version],
			['report made', made.at && clock(made.at)],
			['times are in', Intl.DateTimeFormat().resolvedOptions().timeZone],
		]),
		sessions.length > 1
			? el(
					'div',
					{ class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sessions' },
					el(
						'table',
						{},
						el('caption', {}, plural(sessions.length, 'session')),
						el(
							'thead',
							{},
							el(
								'tr',
								{},
								...['begun', 'host', 'user', 'git commit', 'command'].map((name) =>
									el('th', { scope: 'col' }, name),
								),
							),
						),
						el(
							'tbody',
							{},
							...sessions
								.slice(0, 200)
								.map((s) =>
									el(
										'tr',
										{},
										el('td', {}, clock(s.session_started_at)),
										el('td', {}, clip(text(s.host), 60)),
										el('td', {}, clip(text(s.user), 60)),
										el(
											'td',
											{ title: text(s.git_commit) },
											s.git_commit
												? `${text(s.git_commit).slice(0, 10)}${s.git_dirty ? ' with changes' : ''}`
												: '',
										),
										el('td', {}, clip(text(s.command_line), 200)),
									),
								),
						),
					),
				)
			: null,
	);
}
