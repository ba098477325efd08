// Build report.html, the page that bin/sweep-report puts the data behind:
//
//     npm ci && npm run build
//
// Everything is in the one file. Its policy lets run the one script whose hash is
// named, and nothing be loaded, whatever stands in the data.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const here = new URL('.', import.meta.url).pathname;
const read = (name) => readFileSync(here + name, 'utf8');

const bundle = async (entry) => {
	const result = await build({
		entryPoints: [here + entry],
		absWorkingDir: here,
		bundle: true,
		minify: true,
		write: false,
		format: 'iife',
		target: 'es2022',
		charset: 'ascii',
		legalComments: 'none',
	});
	return result.outputFiles[0].text.trim();
};

const script = (await bundle('src/main.js')).replace(/<(?=\/script|!--|script)/gi, '\\x3c');
const style = await bundle('src/style.css');
const hash = createHash('sha256').update(script).digest('base64');
const licenses = [
	'echarts/NOTICE',
	'echarts/LICENSE',
	'echarts/licenses/LICENSE-d3',
	'zrender/LICENSE',
	'tslib/LICENSE.txt',
]
	.map((name) => `---- ${name} ----\n\n${read(`node_modules/${name}`).trim()}\n`)
	.join('\n');

const parts = {
	csp:
		`default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; ` +
		`base-uri 'none'; form-action 'none'`,
	style,
	licenses,
	script,
};
writeFileSync(
	process.argv[2] ?? here + 'report.html',
	read('src/page.html').replace(/@(csp|style|licenses|script)@/g, (_, name) => parts[name]),
);
