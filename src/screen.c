/*
 * screen - a page is written when it differs from the last one, in one write, over what is
 * there: the terminal does not flicker.
 */
#include "screen.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/display.h"
#include "base/signals.h"
#include "base/wait.h"

enum { LOG_LINES = 5, OTHER_LINES = 13 };

static struct termios saved;

static void on_resize(int number)
{
	(void)number;
}

static void put(const char *s)
{
	wait_write(STDOUT_FILENO, s, strlen(s));
}

/* Ctrl-Z is off: it would leave the terminal in this mode. */
void screen_enter(void)
{
	tcgetattr(STDIN_FILENO, &saved);
	struct termios raw = saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	signal(SIGWINCH, on_resize);
	put("\033[?1049h\033[?25l");
}

void screen_leave(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	put("\033[?25h\033[?1049l");
}

static void measure(size_t *rows, size_t *columns)
{
	struct winsize size = {0};
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}

/* The page's lines, each cut to the width, at most as many as there are rows. */
static void add_screen(struct buf *out, const struct buf *page, size_t rows, size_t columns)
{
	size_t from = 0;
	buf_adds(out, "\033[H");
	for (size_t row = 0; row < rows && from < page->len; row++) {
		const char *line = page->data + from, *lf = memchr(line, '\n', page->len - from);
		size_t len = lf ? (size_t)(lf - line) : page->len - from;
		buf_adds(out, row ? "\r\n" : "");
		buf_add(out, line, display_fit(line, len, columns));
		buf_adds(out, "\033[K");
		from += len + 1;
	}
	buf_adds(out, "\033[J");
}

void screen_draw(const struct view *view, struct buf *last)
{
	struct buf page = BUF_INIT, screen = BUF_INIT;
	size_t rows, columns;
	measure(&rows, &columns);
	view_page(view, rows > OTHER_LINES + 5 ? rows - OTHER_LINES : 5, &page);
	view_log(view, LOG_LINES, &page);
	buf_adds(&page, "\nq quits");
	if (!page.failed)
		add_screen(&screen, &page, rows, columns);
	if (!screen.failed &&
	    (screen.len != last->len || memcmp(screen.data, last->data, screen.len) != 0)) {
		wait_write(STDOUT_FILENO, screen.data, screen.len);
		buf_clear(last);
		buf_add(last, screen.data, screen.len);
	}
	buf_free(&page);
	buf_free(&screen);
}

bool screen_left(double seconds)
{
	char key = 0;
	if (!signals_wait_readable(STDIN_FILENO, seconds))
		return false;
	return read(STDIN_FILENO, &key, 1) != 1 || key == 'q';
}
