/*
 * display - count columns by code point: none for combining marks, two for East Asian scripts
 * and emoji, one for all else. The ranges are coarse.
 */
#include "base/display.h"

#include "base/utf8.h"

enum { VALUE_COLUMNS = 100 };

void display_add(struct buf *out, const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len;
	char piece[UTF8_SHOWN];
	for (size_t taken; at < end; at += taken)
		buf_add(out, piece, utf8_shown(at, end, piece, &taken));
}

void display_value(struct buf *out, struct slice raw)
{
	if (json_is_string(raw))
		display_add(out, raw.data + 1, raw.len - 2);
	else if (raw.data)
		display_add(out, raw.data, raw.len);
}

/* Cut a value at VALUE_COLUMNS, so that the others stay in sight. */
static void cut_value(struct buf *out, size_t from)
{
	if (out->failed || out->len - from <= VALUE_COLUMNS)
		return;
	size_t fits = display_fit(out->data + from, out->len - from, VALUE_COLUMNS);
	if (from + fits == out->len)
		return;
	out->len = from + fits;
	buf_adds(out, "...");
}

void display_members(struct buf *out, struct slice object)
{
	struct slice key, value;
	size_t pos = 0;
	bool first = true;
	while (json_is_object(object) && json_next_member(object, &pos, &key, &value)) {
		if (!first)
			buf_addc(out, ' ');
		first = false;
		display_add(out, key.data, key.len);
		buf_addc(out, '=');
		size_t from = out->len;
		display_value(out, value);
		cut_value(out, from);
	}
}

void display_time(struct buf *out, double seconds)
{
	static const double most = 3.6e12;
	if (!(seconds > -most && seconds < most)) {
		buf_addc(out, '?');
		return;
	}
	long long whole = (long long)(seconds + 0.5);
	if (seconds < 59.95)
		buf_addf(out, "%.1fs", seconds);
	else if (whole < 3600)
		buf_addf(out, "%lldm%02llds", whole / 60, whole % 60);
	else
		buf_addf(out, "%lldh%02lldm", whole / 3600, whole % 3600 / 60);
}

static bool in(unsigned long code, const unsigned long (*range)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= range[i][0] && code <= range[i][1])
			return true;
	return false;
}

static size_t columns_of(unsigned long code)
{
	static const unsigned long none[][2] = {
		{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x64b, 0x65f},
		{0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
		{0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
	static const unsigned long wide[][2] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	if (in(code, none, sizeof none / sizeof *none))
		return 0;
	return in(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

/* Bytes and columns of text, up to a number of columns. */
static size_t measure_text(const char *text, size_t len, size_t columns, size_t *width)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len;
	*width = 0;
	while (at < end) {
		size_t n = utf8_length(at, end);
		size_t more = n ? columns_of(utf8_decode(at, n)) : 1;
		if (*width + more > columns)
			break;
		*width += more;
		at += n ? n : 1;
	}
	return (size_t)(at - (const unsigned char *)text);
}

size_t display_width(const char *text, size_t len)
{
	size_t width;
	measure_text(text, len, (size_t)-1, &width);
	return width;
}

size_t display_fit(const char *text, size_t len, size_t columns)
{
	size_t width;
	return measure_text(text, len, columns, &width);
}
