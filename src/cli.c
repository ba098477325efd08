/*
 * cli - cli_start gets the program's name and its table of options; getopt's strings, --help
 * and all messages are made from that table.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/display.h"
#include "base/utf8.h"
#include "base/wait.h"
#include "duration.h"

enum { MOST = 64, LONG = 256 }; /* options of a program; see struct tables */

static const struct cli_program *self;

static const struct cli_option *option_at(size_t i);

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

static bool (*divert)(const char *line, size_t len);

void cli_divert(bool (*to)(const char *line, size_t len))
{
	divert = to;
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
	if (!divert || !divert(line, len))
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

/* ---- help ---- */

static int print_all(struct buf *text)
{
	bool gone;
	bool good = !text->failed && (cli_print(text->data, text->len, &gone) || gone);
	if (text->failed)
		cli_note("out of memory");
	buf_free(text);
	return good ? EXIT_OK : EXIT_IO;
}

static void pad_to(struct buf *out, size_t from, size_t column)
{
	do
		buf_addc(out, ' ');
	while (!out->failed && out->len - from < column);
}

/* "  -d, --dir DIR  what it does", in each line from the column on. */
static void add_option(struct buf *out, const struct cli_option *o)
{
	const char *argument = o->argument ? o->argument : "";
	size_t from = out->len;
	if (!o->help)
		return;
	if (o->letter)
		buf_addf(out, "  -%c, ", o->letter);
	else
		buf_adds(out, "      ");
	buf_addf(out, "--%s%s%s", o->name, *argument && *argument != '[' ? " " : "", argument);
	if (out->len - from >= self->column)
		buf_addc(out, ' ');
	for (const char *line = o->help; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		pad_to(out, from, self->column);
		buf_add(out, line, strcspn(line, "\n"));
		buf_addc(out, '\n');
		from = out->len;
	}
}

static int print_help(const char *argument)
{
	struct buf text = BUF_INIT;
	(void)argument;
	buf_addf(&text, "usage: %s\n\n%s", self->usage, self->about);
	buf_addc(&text, '\n');
	for (size_t i = 0; option_at(i); i++)
		add_option(&text, option_at(i));
	if (self->after)
		buf_addf(&text, "\n%s", self->after);
	return print_all(&text);
}

static int print_version(const char *argument)
{
	struct buf text = BUF_INIT;
	(void)argument;
	buf_addf(&text, "%s (sweeputils) %s\n", self->name, PACKAGE_VERSION);
	return print_all(&text);
}

/* ---- options ---- */

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

static int next_option(int argc, char **argv, const char *letters, const struct option *options)
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

static int refuse_option(int option)
{
	if (option == ':')
		return cli_usage_error("option %s needs a value", offender);
	return cli_usage_error(has_value ? "option %s takes no value" : "unknown option %s",
			       offender);
}

/* The program's own, then those of all programs; NULL behind the last. */
static const struct cli_option *option_at(size_t i)
{
	static const struct cli_option common[] = {
		{'h', "help", NULL, "print this", .take = print_help},
		{'V', "version", NULL, "print the version", .take = print_version},
	};
	size_t own = 0;
	while (own < i && self->options[own].name)
		own++;
	if (self->options[own].name)
		return &self->options[own];
	return i - own < sizeof common / sizeof *common ? &common[i - own] : NULL;
}

/* getopt's tables: for a long name it returns LONG and the number of the option, for a
 * letter the letter. */
struct tables {
	struct option name[MOST + 1];
	char letters[2 + 3 * MOST + 1];
};

static void make_tables(struct tables *t)
{
	const struct cli_option *o;
	char *at = t->letters;
	*t = (struct tables){0};
	if (self->in_order)
		*at++ = '+';
	*at++ = ':';
	for (int i = 0; i < MOST && (o = option_at((size_t)i)); i++) {
		int has = !o->argument          ? no_argument
			  : *o->argument == '[' ? optional_argument
						: required_argument;
		t->name[i] = (struct option){o->name, has, NULL, LONG + i};
		if (!o->letter)
			continue;
		*at++ = o->letter;
		for (int colons = 0; colons < has; colons++)
			*at++ = ':';
	}
}

static const struct cli_option *find_option(int option)
{
	const struct cli_option *o = NULL;
	if (option >= LONG)
		return option_at((size_t)(option - LONG));
	for (size_t i = 0; option != '?' && option != ':' && (o = option_at(i)); i++)
		if (o->letter == option)
			break;
	return o;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;
	errno = 0;
	if (*text < '0' || *text > '9')
		return false;
	*number = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 && *number <= max;
}

static int take_argument(const struct cli_option *o, const char *argument)
{
	if (o->take)
		return o->take(argument);
	if (o->flag)
		*o->flag = true;
	if (o->text)
		*o->text = argument;
	if (o->number && !read_number(argument, o->max, o->number))
		return cli_usage_error("--%s takes a whole number, not %s", o->name, argument);
	if (o->time && !duration_parse(argument, o->time))
		return cli_usage_error("--%s takes a time such as 90, 90m or 1h30m, not %s",
				       o->name, argument);
	return -1;
}

int cli_read(int argc, char **argv)
{
	struct tables t;
	int option, status = -1;
	make_tables(&t);
	while (status < 0 && (option = next_option(argc, argv, t.letters, t.name)) != -1) {
		const struct cli_option *o = find_option(option);
		status = o ? take_argument(o, optarg) : refuse_option(option);
	}
	return status;
}

/* ---- standard output ---- */

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
