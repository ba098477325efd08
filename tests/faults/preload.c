/*
 * preload - stands between a program and the C library, to be used by LD_PRELOAD:
 *
 *   FAULT_PROGRAM=run-one   act in processes of that name only, and in what they vfork
 *                           until it has executed something (not in what they fork)
 *   FAULT_AT=k              the k-th of the calls below, from 1
 *   FAULT_DO=kill-before | kill-after | kill-child | kill-parent | stop-child | short |
 *           EIO | ENOSPC | EMFILE | EINTR
 *   FAULT_STICKY=1          that call and all that follow
 *   FAULT_FORK=1            vfork is fork, as under valgrind or an emulator
 *   FAULT_FIRED=FILE        gets a line when it happens
 *   FAULT_COUNT=FILE        gets the number of calls when the program exits
 *   FAULT_TRACE=FILE        gets a line per call that changes what is on disk, and
 *                           per write to a pipe on standard output
 *
 * Counted are open for writing, write (not to standard error), fsync, fdatasync, syncfs, rename,
 * unlink, ftruncate, mkdir, fork, vfork, execvp, execve, wait3, wait4 and waitid. What the C
 * library calls for itself (stdio, mkdtemp) is not seen; no durable path here uses those. Who dies
 * of kill-before and kill-after is the program, and with it at once what it vforked; kill-child and
 * kill-parent are for what it vforked, before a call of that, and for either alone;
 * stop-child is the terminal's ^Z there, before its setpgid: from that on it has a group of
 * its own. No other fault is counted at setpgid.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define REAL(name) real_##name
#define FIND(name) find((void **)&REAL(name), #name)

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_syncfs)(int);
static int (*real_renameat)(int, const char *, int, const char *);
static int (*real_unlink)(const char *);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_rmdir)(const char *);
static int (*real_ftruncate)(int, off_t);
static int (*real_mkdirat)(int, const char *, mode_t);
static char *(*real_mkdtemp)(char *);
static pid_t (*real_fork)(void);
static pid_t (*real_vfork)(void);
static int (*real_execvp)(const char *, char *const[]);
static int (*real_execve)(const char *, char *const[], char *const[]);
static pid_t (*real_wait3)(int *, int, struct rusage *);
static pid_t (*real_wait4)(pid_t, int *, int, struct rusage *);
static int (*real_waitid)(idtype_t, id_t, siginfo_t *, int);
static int (*real_setpgid)(pid_t, pid_t);

static void find(void **function, const char *name)
{
	if (!*function)
		*function = dlsym(RTLD_NEXT, name);
}

static pid_t owner; /* the process that is counted; 0: none */
static long calls, fault_at;
static const char *fault_do;
static int fault_errno;
static bool sticky, vforked, dying;
static char comm[32];

static void append(const char *file, const char *text, size_t len)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			      0666);
	if (fd >= 0) {
		syscall(SYS_write, fd, text, len);
		syscall(SYS_close, fd);
	}
}

__attribute__((constructor)) static void start(void)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE}, {"EINTR", EINTR}};
	const char *program = getenv("FAULT_PROGRAM"), *at = getenv("FAULT_AT");
	prctl(PR_GET_NAME, comm);
	if (!program || strncmp(program, comm, 15) != 0)
		return;
	owner = getpid();
	fault_at = at ? atol(at) : 0;
	fault_do = getenv("FAULT_DO");
	sticky = getenv("FAULT_STICKY") != NULL;
	for (size_t i = 0; fault_do && i < 4; i++)
		if (strcmp(fault_do, errors[i].name) == 0)
			fault_errno = errors[i].number;
}

__attribute__((destructor)) static void end(void)
{
	char text[64];
	const char *file = getenv("FAULT_COUNT");
	if (owner == getpid() && file)
		append(file, text, (size_t)snprintf(text, sizeof text, "%ld\n", calls));
}

static void fired(const char *what)
{
	char text[128];
	const char *file = getenv("FAULT_FIRED");
	if (file)
		append(file, text,
		       (size_t)snprintf(text, sizeof text, "%s %ld %s\n", comm, calls, what));
}

static void die(void)
{
	kill(owner, SIGKILL);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* In the program, or with its memory in what it vforked? */
static bool counts(void)
{
	pid_t pid = getpid();
	return owner != 0 && (pid == owner || (vforked && getppid() == owner));
}

static bool is(const char *what)
{
	return fault_do && strcmp(fault_do, what) == 0;
}

enum verdict { GO, FAIL, SHORTEN, DIE_AFTER };

/* Before a counted call. */
static enum verdict count(const char *what)
{
	bool only_vforked = is("kill-child") || is("kill-parent") || is("stop-child");
	if (!counts() || (only_vforked && getpid() == owner) ||
	    is("stop-child") != (strcmp(what, "setpgid") == 0))
		return GO;
	if (dying)
		die();
	calls++;
	if (fault_at == 0 || (sticky ? calls < fault_at : calls != fault_at))
		return GO;
	fired(what);
	if (is("kill-child") || is("kill-parent"))
		kill(is("kill-child") ? getpid() : owner, SIGKILL);
	if (is("stop-child"))
		kill(getpid(), SIGTSTP);
	if (is("kill-before"))
		die();
	if (is("kill-after"))
		return DIE_AFTER;
	if (is("short"))
		return SHORTEN;
	errno = fault_errno;
	return fault_errno ? FAIL : GO;
}

static void after(enum verdict v)
{
	if (v == DIE_AFTER)
		die();
}

/* ---- the trace ---- */

static bool fd_path(int fd, char *path)
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return true;
}

static void full_path(int dir, const char *name, char *path)
{
	char base[PATH_MAX] = "";
	if (*name == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return;
	}
	if (dir == AT_FDCWD ? !getcwd(base, sizeof base) : !fd_path(dir, base))
		base[0] = '\0';
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	snprintf(path, PATH_MAX, "%.2000s/%.2000s", base, name);
}

/* op, two arguments, and data in hex; one line, one write. */
static void trace(const char *op, const char *one, const char *two, const void *data, size_t len)
{
	const char *file = getenv("FAULT_TRACE");
	const unsigned char *bytes = data;
	int saved = errno;
	if (!file)
		return;
	char *line = malloc(2 * PATH_MAX + 2 * len + 64);
	size_t n = (size_t)sprintf(line, "%s\t%s\t%s\t%s\t", comm, op, one, two);
	for (size_t i = 0; i < len; i++)
		n += (size_t)sprintf(line + n, "%02x", bytes[i]);
	line[n++] = '\n';
	append(file, line, n);
	free(line);
	errno = saved;
}

static void trace_fd(const char *op, int fd, const char *two, const void *data, size_t len)
{
	char path[PATH_MAX];
	if (getenv("FAULT_TRACE") && fd_path(fd, path))
		trace(op, path, two, data, len);
}

static void trace_name(const char *op, int dir, const char *name)
{
	char path[PATH_MAX];
	if (!getenv("FAULT_TRACE"))
		return;
	full_path(dir, name, path);
	trace(op, path, "", "", 0);
}

/* ---- the calls ---- */

ssize_t write(int fd, const void *data, size_t len)
{
	FIND(write);
	if (fd == STDERR_FILENO) /* what a program says of a fault is to be seen */
		return real_write(fd, data, len);
	enum verdict v = count("write");
	if (v == FAIL)
		return -1;
	if (v == SHORTEN && len > 1)
		len /= 2;
	ssize_t n = real_write(fd, data, len);
	if (n > 0 && getenv("FAULT_TRACE")) {
		struct stat st;
		char offset[32];
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
			snprintf(offset, sizeof offset, "%lld",
				 (long long)lseek(fd, 0, SEEK_CUR) - n);
			trace_fd("write", fd, offset, data, (size_t)n);
		} else if (fd == 1) {
			trace("print", "", "", data, (size_t)n);
		}
	}
	after(v);
	return n;
}

static int traced_open(int fd, int dir, const char *name, int flags, bool was_there)
{
	if (fd >= 0 && flags & O_CREAT && !was_there)
		trace_name("create", dir, name);
	if (fd >= 0 && flags & O_TRUNC && was_there)
		trace_fd("truncate", fd, "0", "", 0);
	return fd;
}

static int open_any(int dir, const char *name, int flags, mode_t mode)
{
	FIND(openat);
	enum verdict v = flags & (O_WRONLY | O_RDWR | O_CREAT) ? count("open") : GO;
	struct stat st;
	if (v == FAIL)
		return -1;
	bool was_there = fstatat(dir, name, &st, 0) == 0;
	int fd = traced_open(real_openat(dir, name, flags, mode), dir, name, flags, was_there);
	after(v);
	return fd;
}

#define MODE(flags)                                                                                \
	mode_t mode = 0;                                                                           \
	if ((flags) & (O_CREAT | O_TMPFILE)) {                                                     \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		mode = va_arg(ap, mode_t);                                                         \
		va_end(ap);                                                                        \
	}

int open(const char *name, int flags, ...)
{
	MODE(flags)
	return open_any(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
	MODE(flags)
	return open_any(AT_FDCWD, name, flags, mode);
}

int openat(int dir, const char *name, int flags, ...)
{
	MODE(flags)
	return open_any(dir, name, flags, mode);
}

int openat64(int dir, const char *name, int flags, ...)
{
	MODE(flags)
	return open_any(dir, name, flags, mode);
}

int fsync(int fd)
{
	FIND(fsync);
	enum verdict v = count("fsync");
	if (v == FAIL)
		return -1;
	int rc = real_fsync(fd);
	if (rc == 0)
		trace_fd("sync", fd, "", "", 0);
	after(v);
	return rc;
}

int fdatasync(int fd)
{
	FIND(fdatasync);
	enum verdict v = count("fdatasync");
	if (v == FAIL)
		return -1;
	int rc = real_fdatasync(fd);
	if (rc == 0)
		trace_fd("sync", fd, "", "", 0);
	after(v);
	return rc;
}

int syncfs(int fd)
{
	FIND(syncfs);
	enum verdict v = count("syncfs");
	if (v == FAIL)
		return -1;
	int rc = real_syncfs(fd);
	if (rc == 0)
		trace_fd("syncfs", fd, "", "", 0);
	after(v);
	return rc;
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	FIND(renameat);
	char one[PATH_MAX], two[PATH_MAX];
	enum verdict v = count("rename");
	if (v == FAIL)
		return -1;
	full_path(from_dir, from, one);
	full_path(to_dir, to, two);
	int rc = real_renameat(from_dir, from, to_dir, to);
	if (rc == 0)
		trace("rename", one, two, "", 0);
	after(v);
	return rc;
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *name)
{
	FIND(unlink);
	enum verdict v = count("unlink");
	if (v == FAIL)
		return -1;
	int rc = real_unlink(name);
	if (rc == 0)
		trace_name("unlink", AT_FDCWD, name);
	after(v);
	return rc;
}

int unlinkat(int dir, const char *name, int flags)
{
	FIND(unlinkat);
	enum verdict v = count("unlink");
	if (v == FAIL)
		return -1;
	int rc = real_unlinkat(dir, name, flags);
	if (rc == 0)
		trace_name("unlink", dir, name);
	after(v);
	return rc;
}

int rmdir(const char *name)
{
	FIND(rmdir);
	int rc = real_rmdir(name);
	if (rc == 0)
		trace_name("unlink", AT_FDCWD, name);
	return rc;
}

static int truncate_any(int fd, off_t len)
{
	char size[32];
	FIND(ftruncate);
	enum verdict v = count("ftruncate");
	if (v == FAIL)
		return -1;
	int rc = real_ftruncate(fd, len);
	snprintf(size, sizeof size, "%lld", (long long)len);
	if (rc == 0)
		trace_fd("truncate", fd, size, "", 0);
	after(v);
	return rc;
}

int ftruncate(int fd, off_t len)
{
	return truncate_any(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	return truncate_any(fd, len);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
	FIND(mkdirat);
	enum verdict v = count("mkdir");
	if (v == FAIL)
		return -1;
	int rc = real_mkdirat(dir, name, mode);
	if (rc == 0)
		trace_name("mkdir", dir, name);
	after(v);
	return rc;
}

int mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

char *mkdtemp(char *name)
{
	FIND(mkdtemp);
	enum verdict v = count("mkdir");
	if (v == FAIL)
		return NULL;
	char *made = real_mkdtemp(name);
	if (made)
		trace_name("mkdir", AT_FDCWD, made);
	after(v);
	return made;
}

pid_t fork(void)
{
	FIND(fork);
	enum verdict v = count("fork");
	if (v == FAIL)
		return -1;
	pid_t pid = real_fork();
	if (pid != 0)
		after(v);
	else
		vforked = false;
	return pid;
}

/* The frame of a function cannot be shared with a vforked child: this one ends in a
 * jump (-O2), and kill-after falls to the next call. */
pid_t vfork(void)
{
	FIND(vfork);
	if (getenv("FAULT_FORK") || owner != getpid())
		return fork();
	vforked = true;
	enum verdict v = count("vfork");
	dying = v == DIE_AFTER;
	return v == FAIL ? -1 : real_vfork();
}

/* In the child, before it is another program: it counts as the parent's. */
int execvp(const char *file, char *const argv[])
{
	FIND(execvp);
	enum verdict v = count("execvp");
	return v == FAIL ? -1 : real_execvp(file, argv);
}

/* A shell's, when it becomes another program itself. */
int execve(const char *file, char *const argv[], char *const env[])
{
	FIND(execve);
	enum verdict v = count("execve");
	return v == FAIL ? -1 : real_execve(file, argv, env);
}

int setpgid(pid_t pid, pid_t group)
{
	FIND(setpgid);
	count("setpgid");
	return real_setpgid(pid, group);
}

/* Nothing but a signal makes it fail. */
pid_t wait3(int *status, int options, struct rusage *usage)
{
	FIND(wait3);
	enum verdict v = count("wait3");
	if (v == FAIL && errno == EINTR)
		return -1;
	pid_t got = real_wait3(status, options, usage);
	after(v);
	return got;
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	FIND(wait4);
	enum verdict v = count("wait4");
	if (v == FAIL)
		return -1;
	pid_t got = real_wait4(pid, status, options, usage);
	after(v);
	return got;
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	FIND(waitid);
	enum verdict v = count("waitid");
	if (v == FAIL)
		return -1;
	int rc = real_waitid(type, id, info, options);
	after(v);
	return rc;
}
