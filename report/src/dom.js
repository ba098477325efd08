// The only way into the document: every value becomes a text node.

// el('td', {class: 'number'}, 'text', child...) - listeners are functions named onclick and so on.
export function el(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === null || value === false) continue;
		if (typeof value === 'function') element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

// Control and bidirectional characters would hide what stands there.
function visible(string) {
	return string.replace(
		/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
		(c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

export function clip(string, length) {
	const shown = visible(string.length > 4 * length ? string.slice(0, 4 * length) : string);
	return shown.length > length
		? `${shown.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
		: shown;
}

// A block of text that can be copied, by the button or by hand.
export function block(content, label) {
	const pre = el('pre', { tabindex: 0, role: 'region', 'aria-label': label }, visible(content));
	const button = el(
		'button',
		{ class: 'copy', type: 'button', 'aria-label': `Copy ${label}`, onclick: copy },
		'Copy',
	);
	async function copy() {
		getSelection().selectAllChildren(pre);
		try {
			await navigator.clipboard.writeText(content);
			button.textContent = 'Copied';
		} catch {
			button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
		}
		setTimeout(() => {
			button.textContent = 'Copy';
		}, 1500);
	}
	return el('div', { class: 'block' }, pre, button);
}
