/*
 * cli - the program's name is kept here, so that messages all look alike.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/display.h"
#include "base/utf8.h"
#include "base/wait.h"

static const struct cli_program *self;

static void leave(int number)
{
	_exit(EXIT_SIGNAL + number);
}

/* As process 1, the entry point of a container, a signal that is not handled is lost. Who
 * has more to do than to end handles it later (signals.h). */
static void hear_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	struct sigaction act = {.sa_handler = leave};
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaction(numbers[i], &act, NULL);
}

/* A closed descriptor would become the next file that is opened, such as a journal. */
static void fill_standard(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	int why = errno;
	for (int number = 0; fd < 0 && number <= 2; number++)
		if (fcntl(number, F_GETFD) < 0) {
			cli_note("descriptor %d is closed, and /dev/null cannot be opened: %s",
				 number, strerror(why));
			_exit(EXIT_IO);
		}
}

static void say_wait(const char *text)
{
	cli_note("%s", text);
}

void cli_start(const struct cli_program *program)
{
	self = program;
	wait_init(say_wait);
	if (getpid() == 1)
		hear_signals();
	fill_standard();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* One line, whatever the text has in it, and in one write: others print there, too. It
 * has to come out also where there is no memory left. */
static void say(const char *text)
{
	static const char cut[] = "...\n";
	char line[4096], piece[UTF8_SHOWN];
	const unsigned char *at = (const unsigned char *)text, *end = at + strlen(text);
	size_t len = (size_t)snprintf(line, sizeof line, "%s: ", self->name);
	for (size_t taken; at < end; at += taken) {
		size_t n = utf8_shown(at, end, piece, &taken);
		if (len + n + sizeof cut > sizeof line) {
			memcpy(line + len, cut, sizeof cut - 2);
			len += sizeof cut - 2;
			break;
		}
		memcpy(line + len, piece, n);
		len += n;
	}
	line[len++] = '\n';
	wait_write(STDERR_FILENO, line, len);
}

int cli_complain(const struct problem *p)
{
	say(p->text);
	return p->status;
}

void cli_note(const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	say(line);
}

int cli_usage_error(const char *fmt, ...)
{
	char line[1024], help[64];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line - sizeof help, fmt, ap);
	va_end(ap);
	snprintf(help, sizeof help, "; see %s --help", self->name);
	strcat(line, help);
	say(line);
	return EXIT_BAD_INPUT;
}

static int print_all(const char *text)
{
	bool gone;
	return cli_print(text, strlen(text), &gone) || gone ? EXIT_OK : EXIT_IO;
}

int cli_help(void)
{
	char text[8192];
	snprintf(text, sizeof text, "usage: %s\n\n%s", self->usage, self->help);
	return print_all(text);
}

int cli_version(void)
{
	char text[256];
	snprintf(text, sizeof text, "%s (sweeputils) %s\n", self->name, PACKAGE_VERSION);
	return print_all(text);
}

static char offender[256];
static bool has_value; /* but takes none */

/* Is the word a long option that getopt has just refused? It stands before optind, also
 * where words that are no options were passed over; of a short one only the letter is
 * known. */
static bool is_refused(const char *word, const struct option *options)
{
	size_t len = strcspn(word, "=");
	if (strncmp(word, "--", 2) != 0)
		return false;
	for (; optopt && options->name; options++)
		if (options->val == optopt && strncmp(word + 2, options->name, len - 2) == 0)
			return true;
	return optopt == 0;
}

int cli_getopt(int argc, char **argv, const char *letters, const struct option *options)
{
	opterr = 0;
	int option = getopt_long(argc, argv, letters, options, NULL);
	if (option == ':' || option == '?') {
		const char *word = argv[optind - 1];
		if (is_refused(word, options))
			snprintf(offender, sizeof offender, "%.*s", (int)strcspn(word, "="), word);
		else
			snprintf(offender, sizeof offender, "-%c", optopt);
		has_value = option == '?' && optopt != 0 && strncmp(offender, "--", 2) == 0;
	}
	return option;
}

const char *cli_option(void)
{
	return offender;
}

int cli_other_option(int option)
{
	switch (option) {
	case 'h':
		return cli_help();
	case 'V':
		return cli_version();
	case ':':
		return cli_usage_error("option %s needs a value", cli_option());
	default:
		return cli_usage_error(has_value ? "option %s takes no value" : "unknown option %s",
				       cli_option());
	}
}

bool cli_print(const void *data, size_t len, bool *gone)
{
	*gone = false;
	int rc = wait_write(STDOUT_FILENO, data, len);
	if (rc == 0)
		return true;
	*gone = rc > 0 || errno == EPIPE;
	if (!*gone)
		cli_note("standard output cannot be written: %s", strerror(errno));
	return false;
}

bool cli_print_name(const char *name, bool *gone)
{
	struct buf line = BUF_INIT;
	*gone = false;
	if (isatty(STDOUT_FILENO))
		display_add(&line, name, strlen(name));
	else
		buf_adds(&line, name);
	buf_addc(&line, '\n');
	bool ok = !line.failed && cli_print(line.data, line.len, gone);
	if (line.failed)
		cli_note("out of memory");
	buf_free(&line);
	return ok;
}
