// drive FILE [WIDTHxHEIGHT] <SCRIPT - open a page in a headless Chromium and do what
// the script on standard input says; it may await, and has the words below. That
// the page logs an error, asks the network for anything, or opens a dialog fails.
// Environment: CHROMIUM, the program; MODULES, where the node modules are.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const require = createRequire(`${process.env.MODULES}/`);
const { chromium } = require('playwright-core');

const [file, size = '1280x900'] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const profile = mkdtempSync(join(tmpdir(), 'drive.'));
const context = await chromium.launchPersistentContext(profile, {
	executablePath: process.env.CHROMIUM,
	headless: true,
	viewport: { width, height },
	reducedMotion: 'reduce',
	timeout: 60000,
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-quic',
		'--no-first-run',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
});
const page = context.pages()[0];
page.setDefaultTimeout(30000);

const complaints = [];
page.on(
	'console',
	(message) =>
		['error', 'warning'].includes(message.type()) && complaints.push(`console: ${message.text()}`),
);
page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
page.on('dialog', (dialog) => {
	complaints.push(`dialog: ${dialog.message()}`);
	dialog.dismiss();
});
let opened = 0;
page.on('request', (request) => {
	const isPage = request.url().startsWith('file:') && request.isNavigationRequest();
	if (isPage) opened++;
	else if (!request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
});

// ---- the words ----

const say = (value) =>
	process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);

function check(truth, what) {
	if (!truth) throw new Error(`not so: ${what}`);
}

// Two frames later whatever was to be drawn is drawn.
const settle = () =>
	page.evaluate(
		() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
	);

const headers = () =>
	page
		.locator('.runs thead tr:first-child th')
		.allInnerTexts()
		.then((all) => all.map((one) => one.replace(/[\s↕↑↓]+$/, '')));

async function place(name) {
	const at = (await headers()).indexOf(name);
	check(at >= 0, `there is a column ${name}`);
	return at;
}

// The cells of the named columns, of every row from the first to the last.
async function rows(...names) {
	const places = await Promise.all(names.map(place));
	return page.evaluate(async (columns) => {
		const frame = document.querySelector('.frame');
		const found = new Map();
		const frames = () =>
			new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
		for (let top = 0; ; top += frame.clientHeight - 100) {
			frame.scrollTop = top;
			await frames();
			for (const row of frame.querySelectorAll('[data-run]'))
				found.set(
					Number(row.dataset.place),
					columns.map((at) => row.children[at].textContent),
				);
			if (top + frame.clientHeight >= frame.scrollHeight) break;
		}
		frame.scrollTop = 0;
		await frames();
		return [...found].sort((a, b) => a[0] - b[0]).map(([, cells]) => cells);
	}, places);
}

const table = async (...names) =>
	say((await rows(...names)).map((row) => row.join('\t')).join('\n'));

async function openRun(name) {
	await page.locator('.runs [data-run] th', { hasText: name }).click();
	check(await page.getByRole('dialog').isVisible(), `${name} is shown`);
}

async function sort(name) {
	await page
		.locator('.runs thead .sort')
		.nth(await place(name))
		.click();
	return page
		.locator('.runs thead tr:first-child th')
		.nth(await place(name))
		.getAttribute('aria-sort');
}

async function filter(name, text) {
	await page
		.locator('.runs thead input')
		.nth(await place(name))
		.fill(text);
}

const status = (name) => page.locator(`.chip[data-status="${name}"]`).click();

// The chart of parallel coordinates, once it is drawn.
async function axes() {
	const holder = page.locator('.chart.parallel');
	await holder.scrollIntoViewIfNeeded();
	await holder.locator('canvas').first().waitFor();
	await settle();
	return holder;
}

// Drag along the axis at this place of so many, from one part of its height to another.
async function brush(at, of, from, to) {
	const box = await (await axes()).boundingBox();
	const x = box.x + 60 + ((box.width - 130) * at) / (of - 1);
	const y = (part) => box.y + 44 + (box.height - 68) * (1 - part);
	await page.mouse.move(x, y(from));
	await page.mouse.down();
	await page.mouse.move(x, y((from + to) / 2), { steps: 4 });
	await page.mouse.move(x, y(to), { steps: 4 });
	await page.mouse.up();
	await settle();
}

const text = (selector) => page.locator(selector).innerText();
const count = (selector) => page.locator(selector).count();

// What the accessibility checker has to say about the page as it is now.
async function accessible() {
	if (!(await page.evaluate(() => 'axe' in globalThis)))
		await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
	const { violations } = await page.evaluate(() => globalThis.axe.run(document));
	return violations.flatMap((one) =>
		one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`),
	);
}

const words = {
	page,
	say,
	check,
	settle,
	headers,
	rows,
	table,
	openRun,
	sort,
	filter,
	status,
	axes,
	brush,
	text,
	count,
	accessible,
};

// ---- go ----

let failed = false;
try {
	const script = readFileSync(0, 'utf8');
	await page.goto(`file://${resolve(file)}`);
	await page.locator('html[data-ready]').waitFor();
	const Script = Object.getPrototypeOf(async () => {}).constructor;
	await new Script(...Object.keys(words), script)(...Object.values(words));
	await settle();
	check(opened > 0, 'the page was asked for');
	check(
		(await page.evaluate(() => {
			for (const name in {}) return name;
		})) === undefined,
		'Object.prototype is as it was',
	);
} catch (error) {
	complaints.push(error.stack);
} finally {
	for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
	failed = complaints.length > 0;
	await context.close();
	rmSync(profile, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
