/*
 * common - the program's name is kept here, so that messages all look alike.
 */
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static const struct program_text *self;

static void leave(int number)
{
	_exit(EXIT_SIGNAL + number);
}

/* As process 1, the entry point of a container, a signal that is not handled is lost. Who
 * has more to do than to end handles it later (stop.h). */
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
			common_note("descriptor %d is closed, and /dev/null cannot be opened: %s",
				    number, strerror(why));
			_exit(EXIT_IO);
		}
}

void common_start(const struct program_text *program)
{
	self = program;
	if (getpid() == 1)
		hear_signals();
	fill_standard();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int common_complain(const struct problem *p)
{
	fprintf(stderr, "%s: %s\n", self->name, p->text);
	return p->status;
}

void common_note(const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: %s\n", self->name, line);
}

int common_usage_error(const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: %s; see %s --help\n", self->name, line, self->name);
	return EXIT_BAD_INPUT;
}

static int print_all(const char *text)
{
	bool gone;
	return common_print(text, strlen(text), &gone) || gone ? EXIT_OK : EXIT_IO;
}

int common_help(void)
{
	char text[8192];
	snprintf(text, sizeof text, "usage: %s\n\n%s", self->usage, self->help);
	return print_all(text);
}

int common_version(void)
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

int common_getopt(int argc, char **argv, const char *letters, const struct option *options)
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

const char *common_option(void)
{
	return offender;
}

int common_other_option(int option)
{
	switch (option) {
	case 'h':
		return common_help();
	case 'V':
		return common_version();
	case ':':
		return common_usage_error("option %s needs a value", common_option());
	default:
		return common_usage_error(has_value ? "option %s takes no value"
						    : "unknown option %s",
					  common_option());
	}
}

bool common_print(const void *data, size_t len, bool *gone)
{
	*gone = false;
	if (file_write_all(STDOUT_FILENO, data, len) == 0)
		return true;
	*gone = errno == EPIPE;
	if (!*gone)
		common_note("standard output cannot be written: %s", strerror(errno));
	return false;
}
