// What stands behind the page: the text of experiment.json as it is, and beside it
// the spec, the tails of logs, and where all that came from.

// A number keeps the spelling that it has in the file: 0.10 is shown as 0.10.
class Num {
	constructor(value, source) {
		this.value = value;
		this.source = source;
	}
}

function embedded(id) {
	const element = document.getElementById(id);
	if (!element) return null;
	return JSON.parse(element.textContent, (key, value, context) =>
		typeof value === 'number' ? new Num(value, context?.source ?? String(value)) : value,
	);
}

export const number = (value) => (value instanceof Num ? value.value : NaN);

// A value as a person reads it: a string bare, all else as JSON.
export function text(value) {
	if (value === undefined) return '';
	return typeof value === 'string' && value !== '' ? value : json(value);
}

export function json(value) {
	if (value instanceof Num) return value.source;
	if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
	if (value && typeof value === 'object')
		return `{${Object.entries(value)
			.map(([name, one]) => `${JSON.stringify(name)}: ${json(one)}`)
			.join(', ')}}`;
	return JSON.stringify(value);
}

const notFinite = /^[-+]?\.?(nan|inf|infinity)$/i;
const orderOfKinds = { number: 0, string: 1, boolean: 2, object: 3 };

// One column of the table, one axis of a plot. `of` gives a run's value. A column is
// numeric if every value in it is a number, or one of those that JSON has no form for.
function column(group, name, label, runs, of) {
	const c = { key: `${group}:${name}`, group, name, label, of };
	const values = runs.map(of);
	const there = values.filter((value) => value !== undefined && value !== null);
	const numbers = there.filter((value) => value instanceof Num);
	c.numeric =
		numbers.length > 0 &&
		there.every(
			(value) => value instanceof Num || (typeof value === 'string' && notFinite.test(value)),
		);
	c.texts = values.map(text);
	c.distinct = new Set(c.texts.filter((_, at) => values[at] !== undefined)).size;
	c.values = c.numeric ? values.map(number) : [];
	const finite = c.values.filter(Number.isFinite);
	c.min = finite.reduce((a, b) => Math.min(a, b), Infinity);
	c.max = finite.reduce((a, b) => Math.max(a, b), -Infinity);
	c.log = c.numeric ? logBase([...new Set(finite)].sort((a, b) => a - b)) : 0; // 0: linear
	if (!c.numeric) {
		c.categories = [...new Set(c.texts.filter((_, at) => values[at] !== undefined))];
		const place = new Map(c.categories.map((one, at) => [one, at]));
		c.values = c.texts.map((one, at) => (values[at] === undefined ? NaN : place.get(one)));
	}
	c.compare = (a, b) => compare(values[a], values[b]);
	return c;
}

// The base of the axis where the values are log-spaced: a factor of 8 or more apart, and
// the middle is nearer to the geometric mean of the ends than to the arithmetic one.
function logBase(sorted) {
	const low = sorted[0],
		high = sorted[sorted.length - 1];
	if (sorted.length < 3 || low <= 0 || high / low < 8) return 0;
	const middle = Math.sqrt(
		sorted[Math.floor((sorted.length - 1) / 2)] * sorted[Math.ceil((sorted.length - 1) / 2)],
	);
	const isLog =
		Math.abs(Math.log(middle / Math.sqrt(low * high))) <
		Math.abs(Math.log(middle / ((low + high) / 2)));
	return isLog ? (high / low < 50 ? 2 : 10) : 0;
}

// Numbers by their value, then what is no number, by its text; what is missing last.
function compare(a, b) {
	const x = number(a),
		y = number(b);
	if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
	const kind = (value) => (value instanceof Num ? 0 : (orderOfKinds[typeof value] ?? 4));
	return kind(a) - kind(b) || (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}

export const isMissing = (c, at) => c.texts[at] === '';

const own = (object, name) => (object && Object.hasOwn(object, name) ? object[name] : undefined);

function names(objects) {
	const found = new Set();
	for (const object of objects) for (const name of Object.keys(object ?? {})) found.add(name);
	return [...found];
}

// {a: 1, b: {c: 2}} as {a: 1, 'b.c': 2}, as sweep-table has it.
export function flat(object, before = '', into = Object.create(null)) {
	for (const [name, value] of Object.entries(object ?? {})) {
		const inside = value && typeof value === 'object' && !(value instanceof Num);
		if (inside && !Array.isArray(value) && Object.keys(value).length)
			flat(value, `${before}${name}.`, into);
		else into[before + name] = value;
	}
	return into;
}

// Why a run has no metrics, or not one that others have.
export function lack(run) {
	if (run.record_error !== undefined) return text(run.record_error);
	if (run.status !== 'completed') return failure(run) || text(run.status);
	if (run.metrics_error !== undefined) return text(run.metrics_error);
	return Object.keys(run.metrics ?? {}).length
		? 'not among its metrics'
		: 'no metrics, and no reason on record';
}

const lowerWords = new Set(
	(
		'loss losses err error errors mse rmse mae mape nll bce ce perplexity ppl time duration latency ' +
		'seconds secs ms s memory mem rss bytes cost regret fid wer cer ber kl divergence distance fpr fnr misses ' +
		'bpc bpb energy violations'
	).split(' '),
);

// Is a smaller value of this metric the better one? Judged by the words of its name.
export function smallerIsBetter(name) {
	const words = name
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.toLowerCase()
		.split(/[^a-z]+/);
	return words.some((word) => lowerWords.has(word) || /(loss|error|perplexity)$/.test(word));
}

// A run that was stopped by hand is no failure of the program's.
function setApart(experiment, runs) {
	for (const run of runs)
		if (run.status === 'failed' && run.reason === 'interrupted') run.status = 'interrupted';
	if (experiment.status === 'failed' && runs.every((run) => run.status !== 'failed'))
		experiment.status = runs.some((run) => run.status === 'interrupted') ? 'interrupted' : 'failed';
}

export function load() {
	const experiment = embedded('experiment');
	if (!experiment) return null;
	const runs = experiment.runs ?? [];
	setApart(experiment, runs);
	const data = {
		experiment,
		runs,
		spec: embedded('spec'),
		logs: embedded('logs') ?? {},
		made: embedded('made') ?? {},
		columns: [],
		params: [],
		metrics: [],
	};
	const params = names(runs.map((run) => run.params)).map((name) =>
		column('param', name, name, runs, (run) => own(run.params, name)),
	);
	const bases = new Set(runs.map((run) => run.base_config).filter(Boolean));
	if (
		bases.size > 1 ||
		runs.some((run) => !Object.keys(run.params ?? {}).length && run.base_config)
	)
		params.unshift(column('param', '', 'config', runs, (run) => run.base_config));
	const measured = new Map(runs.map((run) => [run, flat(run.metrics)]));
	const metrics = names(measured.values()).map((name) =>
		column('metric', name, name, runs, (run) => own(measured.get(run), name)),
	);
	const error = column('run', 'metrics_error', 'no metrics because', runs, (run) =>
		run.status === 'completed' ? run.metrics_error : undefined,
	);
	const duration = column('run', 'duration_s', 'seconds', runs, (run) => run.duration_s);
	data.columns = [
		column('run', 'run', 'run', runs, (run) => run.run),
		...params,
		column('run', 'status', 'status', runs, (run) => run.status),
		...metrics,
		...(error.distinct ? [error] : []),
		duration,
	];
	data.params = params.filter((c) => c.distinct > 1);
	data.metrics = metrics.filter((c) => c.numeric);
	data.duration = duration;
	return data;
}

// How a run failed, in a few words.
export function failure(run) {
	if (run.status !== 'failed') return '';
	switch (run.reason) {
		case 'exit':
			return `exit ${text(run.return_code)}`;
		case 'signal':
			return text(run.signal) || 'signal';
		case undefined:
			return 'failed';
		default:
			return text(run.reason).replace(/_/g, ' ');
	}
}

// A word as the shell reads it back.
export function quote(word) {
	return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}

// The session that a run was started in: the last one that began before it on its host.
export function sessionOf(experiment, run) {
	const began = (experiment.sessions ?? []).filter(
		(s) =>
			(!run.host || s.host === run.host) &&
			run.started_at &&
			s.session_started_at <= run.started_at,
	);
	return began[began.length - 1] ?? experiment;
}

export function time(seconds) {
	if (!Number.isFinite(seconds)) return '';
	if (seconds < 10) return `${+seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	const minutes = Math.round(whole / 60);
	if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
	return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

// A time of the file, as the reader's clock has it.
export function clock(stamp) {
	const at = new Date(stamp);
	if (!stamp || Number.isNaN(at.getTime())) return text(stamp);
	const two = (n) => String(n).padStart(2, '0');
	return (
		`${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
		`${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
	);
}
