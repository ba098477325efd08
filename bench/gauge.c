/*
 * gauge - the bench's stop-watch, and the loops that it compares with: what the
 * bare system needs for the same processes, writes and syncs.
 *
 * Each form prints one line: seconds, CPU seconds (user and system, of all that
 * was waited for), KiB of the largest process, and bytes that came out.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* wait4 */
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"gauge run [-o FILE] [-r TIMES] [-s STAMP] [-t] COMMAND...  run it; -t: its output passes\n"
	"                               through, else it is read from a pipe and counted; -r: the\n"
	"                               mean of so many; -s: until STAMP was written\n"
	"gauge stamp FILE               write the time into FILE\n"
	"gauge spawn TIMES COMMAND...   start it and wait for it\n"
	"gauge files FROM TO each|once|none   copy a directory's files: a sync for each, one of\n"
	"                               the file system, none\n"
	"gauge runs DIR TIMES sync|none [COMMAND...]  the files and syncs of so many runs;\n"
	"                               without a command nothing else\n"
	"gauge journals DIR             divide run-one's events into journals\n";

enum { AHEAD = 64 };

extern char **environ;

static void die(const char *what)
{
	fprintf(stderr, "gauge: %s: %s\n", what, strerror(errno));
	exit(74);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static void report(const char *file, double seconds, double cpu, long kib, long long bytes)
{
	FILE *out = file ? fopen(file, "a") : stdout;
	if (!out || fprintf(out, "%.6f %.6f %ld %lld\n", seconds, cpu, kib, bytes) < 0 ||
	    fflush(out) != 0)
		die("report");
}

static void report_self(double seconds)
{
	struct rusage own, children;
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	report(NULL, seconds, cpu_of(&own) + cpu_of(&children), own.ru_maxrss, 0);
}

static void write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n <= 0)
			die("write");
		data += n;
		len -= (size_t)n;
	}
}

/* ---- run ---- */

static void spawn(char **command, pid_t *pid)
{
	errno = posix_spawnp(pid, command[0], NULL, NULL, command, environ);
	if (errno)
		die(command[0]);
}

static long long drain(int fd)
{
	static char chunk[1 << 20];
	long long bytes = 0;
	ssize_t n;
	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		bytes += n;
	return bytes;
}

/* One run of it; its exit status. */
static int run_once(char **command, bool through, struct rusage *usage, long long *bytes)
{
	int ends[2] = {-1, -1}, status;
	posix_spawn_file_actions_t actions;
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	if (!through) {
		if (pipe(ends) != 0)
			die("pipe");
		posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		posix_spawn_file_actions_addclose(&actions, ends[0]);
		posix_spawn_file_actions_addclose(&actions, ends[1]);
	}
	errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	if (errno)
		die(command[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (!through) {
		close(ends[1]);
		*bytes = drain(ends[0]);
		close(ends[0]);
	}
	if (wait4(pid, &status, 0, usage) != pid)
		die("wait4");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static double read_stamp(const char *file)
{
	double seconds = 0;
	FILE *in = fopen(file, "r");
	if (!in || fscanf(in, "%lf", &seconds) != 1)
		die(file);
	fclose(in);
	return seconds;
}

static int run(int argc, char **argv)
{
	const char *file = NULL, *stamp = NULL;
	int option, times = 1, status = 0;
	bool through = false;
	struct rusage usage;
	double cpu = 0, started = 0, ended = 0;
	long long bytes = 0;
	while ((option = getopt(argc, argv, "+o:r:s:t")) != -1) {
		if (option == 'o')
			file = optarg;
		else if (option == 'r')
			times = atoi(optarg);
		else if (option == 's')
			stamp = optarg;
		else if (option == 't')
			through = true;
		else
			return -1;
	}
	if (optind == argc || times < 1)
		return -1;
	started = now();
	for (int i = 0; i < times && status == 0; i++) {
		status = run_once(argv + optind, through, &usage, &bytes);
		cpu += cpu_of(&usage);
	}
	ended = stamp ? read_stamp(stamp) : now();
	report(file, (ended - started) / times, cpu / times, usage.ru_maxrss, bytes);
	return status;
}

/* ---- loops ---- */

static void wait_well(pid_t pid)
{
	int status;
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("the command");
}

static void spawn_loop(int times, char **command)
{
	double started = now();
	pid_t pid;
	for (int i = 0; i < times; i++) {
		spawn(command, &pid);
		wait_well(pid);
	}
	report_self(now() - started);
}

struct file {
	char name[256];
	char *data;
	size_t len;
};

static struct file *read_files(const char *from, size_t *count)
{
	struct file *list = NULL;
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(from);
	*count = 0;
	if (!dir)
		die(from);
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
		if (fd < 0 || fstat(fd, &st) != 0)
			die(entry->d_name);
		if (S_ISREG(st.st_mode)) {
			if ((*count & (*count - 1)) == 0)
				list = realloc(list, (*count ? *count * 2 : 1) * sizeof *list);
			struct file *f = list ? &list[(*count)++] : NULL;
			if (!f || !(f->data = malloc((size_t)st.st_size + 1)))
				die("memory");
			snprintf(f->name, sizeof f->name, "%s", entry->d_name);
			f->len = (size_t)st.st_size;
			if (read(fd, f->data, f->len) != (ssize_t)f->len)
				die(f->name);
		}
		close(fd);
	}
	closedir(dir);
	return list;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		die(path);
	return fd;
}

static void sync_fd(int fd)
{
	if (fsync(fd) != 0)
		die("fsync");
}

static void file_loop(const char *from, const char *to, const char *sync)
{
	size_t count;
	struct file *list = read_files(from, &count);
	double started = now();
	if (mkdir(to, 0777) != 0)
		die(to);
	int dir = open_dir(to);
	for (size_t i = 0; i < count; i++) {
		int fd = openat(dir, list[i].name, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd < 0)
			die(list[i].name);
		write_all(fd, list[i].data, list[i].len);
		if (strcmp(sync, "each") == 0)
			sync_fd(fd);
		close(fd);
	}
#ifdef __linux__
	if (strcmp(sync, "once") == 0 && syncfs(dir) != 0)
		die("syncfs");
#endif
	if (strcmp(sync, "none") != 0)
		sync_fd(dir);
	report_self(now() - started);
}

/* The journals of runs to come, their names synced together. */
static void make_journals(int dir, int from, int to, bool sync)
{
	char name[64];
	for (int i = from; i < to; i++) {
		snprintf(name, sizeof name, "run_%06d.jsonl", i);
		int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0)
			die(name);
		close(fd);
	}
	if (sync)
		sync_fd(dir);
}

/* What run-one does on disk for a run: a journal whose name is synced, a log, a
 * line before and a line after, each of them synced. */
static void run_loop(const char *where, int times, bool sync, char **command)
{
	char line[256], name[64];
	double started = now();
	pid_t pid;
	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	int dir = open_dir(where);
	for (int i = 0; i < times; i++) {
		if (i % AHEAD == 0)
			make_journals(dir, i, i + AHEAD < times ? i + AHEAD : times, sync);
		snprintf(name, sizeof name, "run_%06d.jsonl", i);
		int journal = openat(dir, name, O_WRONLY | O_APPEND | O_CLOEXEC);
		snprintf(name, sizeof name, "run_%06d.log", i);
		int log = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (journal < 0 || log < 0)
			die(name);
		write_all(journal, line, sizeof line);
		if (sync && fdatasync(journal) != 0)
			die("fdatasync");
		if (*command) {
			spawn(command, &pid);
			wait_well(pid);
		}
		write_all(journal, line, sizeof line);
		if (sync && fdatasync(journal) != 0)
			die("fdatasync");
		close(journal);
		close(log);
	}
	report_self(now() - started);
}

/* ---- files for the others ---- */

static void stamp(const char *file)
{
	char text[64];
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		die(file);
	write_all(fd, text, (size_t)snprintf(text, sizeof text, "%.9f\n", now()));
}

/* Lines that begin with {"run":"NAME", those of a run one after another. */
static void divide(const char *to)
{
	static const char begin[] = "{\"run\":\"";
	char *line = NULL, open_name[256] = "", name[256];
	size_t cap = 0;
	ssize_t len;
	int dir = open_dir(to), fd = -1;
	while ((len = getline(&line, &cap, stdin)) > 0) {
		char *run = line + sizeof begin - 1, *end = strchr(run, '"');
		if (strncmp(line, begin, sizeof begin - 1) != 0 || !end)
			continue;
		snprintf(name, sizeof name, "%.*s.jsonl", (int)(end - run), run);
		if (strcmp(name, open_name) != 0) {
			if (fd >= 0)
				close(fd);
			fd = openat(dir, name, O_WRONLY | O_CREAT | O_APPEND, 0666);
			if (fd < 0)
				die(name);
			strcpy(open_name, name);
		}
		write_all(fd, line, (size_t)len);
	}
	free(line);
}

int main(int argc, char **argv)
{
	const char *form = argc > 1 ? argv[1] : "";
	if (strcmp(form, "run") == 0) {
		int status = run(argc - 1, argv + 1);
		if (status >= 0)
			return status;
		form = "";
	}
	if (strcmp(form, "stamp") == 0 && argc >= 3)
		stamp(argv[2]);
	else if (strcmp(form, "spawn") == 0 && argc > 3)
		spawn_loop(atoi(argv[2]), argv + 3);
	else if (strcmp(form, "files") == 0 && argc == 5)
		file_loop(argv[2], argv[3], argv[4]);
	else if (strcmp(form, "runs") == 0 && argc > 4)
		run_loop(argv[2], atoi(argv[3]), strcmp(argv[4], "sync") == 0, argv + 5);
	else if (strcmp(form, "journals") == 0 && argc == 3)
		divide(argv[2]);
	else {
		fputs(help, stderr);
		return 2;
	}
	return 0;
}
