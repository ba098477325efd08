# What every test file loads: a fresh directory, the built programs first in
# PATH, and the shell that the drivers are run with.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${SWEEP_BIN:-$top/bin}
PATH=$bin:$top/bin:$PATH
export PATH LC_ALL=C.UTF-8 SWEEP_BIN=$bin
# The last resort, by the clock: what hangs is ended by tests/limit.
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-1800}
unset CDPATH SWEEP_PROGRESS SWEEP_BEGAN MAKEFLAGS MFLAGS MAKELEVEL

# LeakSanitizer stops a process that exits by ptrace and waits until it has stopped. A
# SIGCONT takes that SIGSTOP back, and it waits for ever: files with tests that send signals,
# behind which drivers send SIGCONT, do without it.
if test -n "${SWEEP_SANITIZED:-}" && grep -qE 'kill -|--stop|scancel|timeout -s' "$BATS_TEST_FILENAME"; then
	export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
fi

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir configs specs
	if declare -F prepare >/dev/null; then prepare; fi
}

# Nothing of a test outlives it, however it ended: bats waits for what holds its
# output. What a file has to undo itself is its `clean`.
teardown() {
	local pid
	if declare -F clean >/dev/null; then clean; fi
	cd /
	for pid in $(find /proc -maxdepth 2 -name cwd \( -lname "$BATS_TEST_TMPDIR" -o -lname "$BATS_TEST_TMPDIR/*" \) 2>/dev/null | cut -d/ -f3); do
		test "$pid" != $$ || continue
		{ kill -s KILL "$pid" && wait "$pid"; } 2>/dev/null || :
	done
}

# driver NAME ARG... - run a shell driver of the project with $SWEEP_SH.
driver() {
	local name=$1
	shift
	${SWEEP_SH:-sh} "$top/bin/$name" "$@"
}

# A test that needs a tool says so; where CI is set its absence is a failure, but for
# what ./bootstrap could not find a package of.
need() {
	command -v "$1" >/dev/null 2>&1 && return
	case "${CI:+ci} ${SWEEP_UNAVAILABLE:-} " in
	ci*" $1 "*) ;;
	ci*) echo "$1 is missing" >&2 && return 1 ;;
	esac
	skip "$1 is missing"
}

# What no compiler changes is tested once, in the build without the sanitizers.
plain() {
	test -z "${SWEEP_SANITIZED:-}" || skip "in the plain build"
}

# expect STATUS COMMAND... - run it, keep $output (stdout) and $errors, and fail
# unless it ends with that status.
expect() {
	local want=$1 got=0
	shift
	"$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" || got=$?
	output=$(cat "$BATS_TEST_TMPDIR/.out")
	errors=$(cat "$BATS_TEST_TMPDIR/.err")
	test "$got" -eq "$want" && return
	printf 'status %s, expected %s: %s\nstdout: %s\nstderr: %s\n' "$got" "$want" "$*" \
		"$output" "$errors" >&2
	return 1
}

# wait_until COMMAND... - until it succeeds. It gives up after a minute in which it has
# looked often: where a process takes its time to start, so do those that we wait for.
wait_until() {
	local end=$((SECONDS + 60)) looks=0
	until "$@" 2>/dev/null; do
		looks=$((looks + 1))
		if test $SECONDS -ge $end && test $looks -ge 6000; then
			echo "never: $*" >&2
			return 1
		fi
		sleep 0.01
	done
}

# is_gone PID - has the process ended?
is_gone() {
	! kill -0 "$1" 2>/dev/null || grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

# main_of JOURNAL - the main process of the run whose journal it is, while its run-one is
# there: a holder of the lock whose parent is the run-one that made it.
main_of() {
	local pid parent holders
	holders=" $(find /proc/[0-9]*/fd -lname "$(readlink -f "$1")" 2>/dev/null | cut -d/ -f3 | sort -u | tr '\n' ' ')"
	for pid in $holders; do
		parent=$(ps -o ppid= -p "$pid" | tr -d ' ') || continue
		case $(ps -o comm= -p "$pid"):$(ps -o comm= -p "$parent") in
		run-one:*) ;;
		*:run-one)
			case $holders in
			*" $(ps -o ppid= -p "$parent" | tr -d ' ') "*) ;; # a run of a run
			*) echo "$pid" ;;
			esac
			;;
		esac
	done
}

# Sets preload to the library of faults, where its path has no blank: LD_PRELOAD takes none.
copy_preload() {
	preload=$BATS_TEST_TMPDIR/.preload.so
	cp "${SWEEP_FAULTS:-$top/tests/faults}/preload.so" "$preload"
}

# put_programs DIR - the programs and what they read, in one place as an installation has
# them; and none of them in PATH.
put_programs() {
	local program
	mkdir -p "$1/bin" "$1/share"
	for program in "$bin"/* "$top"/bin/*; do
		case ${program##*/} in *.o | .*) continue ;; esac
		test -e "$1/bin/${program##*/}" || cp "$program" "$1/bin"
	done
	cp -r "$top/share/sweeputils" "$1/share"
	cp "$top/report/report.html" "$1/share/sweeputils"
	PATH=$(printf '%s' "$PATH" | sed "s|^$bin:$top/bin:||")
}
