# What the drivers have in common. They set `program`, and `here`, the directory that
# they are in, and read this file.
# shellcheck shell=sh disable=SC2154

# Text is never a pattern, a number or a command here: it is quoted wherever it is used, and
# globbing is off (set -f) except where files are listed.
set -f

# Text of a file, or a name, as one line that a terminal can show.
plain() {
	case $1 in
	*[!A-Za-z0-9\ _./:=@%+,\;\'\"\(\)-]*) ;;
	*) printf '%s' "$1" && return ;;
	esac
	# for messages while our programs are not found yet
	"${bin:-$here}/sweep-watch" --plain "$1" 2>/dev/null || printf '%s' "$1" | LC_ALL=C tr -c ' -~' '?'
}

# At the limit of a file's size (ulimit -f) a command fails with a message instead of SIGXFSZ;
# runs get the original disposition.
trap '' XFSZ

newline='
'

complain() {
	printf '%s: %s\n' "$program" "$(plain "$*")" >&2
}

die() {
	complain "$2"
	exit "$1"
}

# counted 1 run: 1 run; counted 2 run: 2 runs
counted() {
	test "$1" != 1 || { printf '1 %s' "$2" && return; }
	printf '%s %ss' "$1" "$2"
}

# Sets bin, where the programs are: beside the driver, or, of a build in a directory of its
# own, where PATH finds them. PATH itself stays as it is: the runs inherit it.
find_programs() {
	bin=$here
	test ! -x "$bin/run-one" || return 0
	bin=$(command -v run-one) || die 2 "run-one is not in $here; build it with make, or install it beside $program"
	bin=${bin%/*}
	case $("$bin/run-one" --version 2>/dev/null) in
	*'(sweeputils)'*) ;;
	*) die 2 "$bin/run-one is another program of that name; install run-one beside $program in $here" ;;
	esac
}

find_programs

# need_value OPTION [VALUE [WORD...]]
need_value() {
	test $# -ge 2 || die 2 "option $1 needs a value; see $program --help"
	test -n "$2" || die 2 "the value of option $1 is empty"
}

# An option with =VALUE that takes none, or is none.
refuse_value() {
	! help | grep -qF -e " $1 " || die 2 "option $1 takes no value; see $program --help"
	die 2 "unknown option $1; see $program --help"
}

# In a directory that was removed, relative names do not work.
need_current_directory() {
	test -n "$(pwd -P 2>/dev/null)" || die 2 "the current directory is gone; cd to one that exists"
}

# Is it a regular file, and no symbolic link or FIFO?
is_file() {
	test -f "$1" && test ! -L "$1"
}

# need_file FILE: it may be missing, but nothing else may stand there.
need_file() {
	is_file "$1" || { test ! -e "$1" && test ! -L "$1"; } ||
		die 2 "$1 is not a regular file; remove it"
}

# ---- a spec and what belongs to it, for those that start sweeps ----

# Sets spec. `behind` is the option before the word, if we do not know it: then the word
# may have been meant as its value, which check_flags has to say.
take_spec() {
	test -n "$1" || die 2 "the spec's name is empty"
	if test -z "$spec"; then
		spec=$1 spec_behind=$behind
	elif test -n "$behind"; then
		stray=$behind
	elif test -n "$spec_behind"; then
		stray=$spec_behind spec=$1 spec_behind=''
	else
		die 2 "one spec at a time: $spec or $1"
	fi
}

# An unexpected word.
refuse_word() {
	test -z "$behind" || die 2 "unexpected argument $1; $behind takes no value, or is no option; see $program --help"
	die 2 "unexpected argument $1; see $program --help"
}

# Sets known: the flags of the mode.
find_flags() {
	if test -n "${spec_behind:-}" && test ! -e "$spec"; then
		die 2 "$spec is not a file, and $spec_behind is not an option that takes a value; see $program --help"
	fi
	known=$("$bin/sweep-expand" -q ${mode:+-m "$mode"} --mode-flags -- "$spec") || exit
}

# Other options must be flags of the mode.
refuse_flag() {
	test -n "$known" || die 2 "unknown option $1, and the mode takes no flags; see $program --help"
	die 2 "$1 is neither an option nor a flag of the mode, which has $(printf '%s\n' "$known" | paste -sd ' ' -)"
}

# Flags hold no blanks.
check_flags() {
	test -n "$flags" || return 0
	find_flags
	for flag in $flags; do
		printf '%s\n' "$known" | grep -qxF -e "$flag" || refuse_flag "$flag"
	done
	test -z "$stray" || die 2 "option $stray takes no value"
}

# run-one checks its options, and its message gets our name.
check_run_options() {
	said=$("$bin/run-one" "$@" 2>&1 </dev/null) && return
	status=$?
	printf '%s\n' "$said" | sed "s/^run-one: /$program: /; s/see run-one --help/see $program --help/" >&2
	exit "$status"
}

version() {
	"$bin/meta-merge" --version | sed "s/^[^ ]*/$program/"
}

# Sets room, which is gone when the driver ends.
make_room() {
	room=$(mktemp -d -- "${TMPDIR:-/tmp}/$program.XXXXXX") || exit 74
	case $room in /*) ;; *) room=$PWD/$room ;; esac # jq looks for modules beside its program
	trap 'rm -rf "$room"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# ---- which experiment ----

# Sets found: the experiment directory for a word, which is a path, or a name with a newest
# experiment below experiments; without a word the newest of all.
find_experiment() {
	case $1 in
	*"$newline"*) die 2 "the name of an experiment has no line break" ;;
	/*) ;;
	*) need_current_directory ;;
	esac
	found=$("$bin/sweep-expand" --which "$1" 2>&1) && return
	code=$?
	printf '%s\n' "$found" | sed "s/^sweep-expand: /$program: /" >&2
	exit $code
}

# ---- what it holds ----

# meta-merge with these arguments, into the file $1; it goes on where some of the records
# cannot be read, which it has said. Then $unread is the status to end with.
unread=0
merge_into() {
	into=$1 code=0
	shift
	"$bin/meta-merge" "$@" >"$into" || code=$?
	test $code = 0 || test -s "$into" || exit $code
	# shellcheck disable=SC2034  # of those who read this file
	test $code = 0 || unread=$code
}

# Sets what meta-merge counts in a directory, or as its experiment.json says: runs, and of
# them pending, running, completed (of these without_metrics), failed (of these interrupted);
# unreadable files. All of them are '' where it cannot say.
# shellcheck disable=SC2034  # of those who read this file
count_runs() {
	runs='' pending='' running='' completed='' failed='' interrupted='' without_metrics='' unreadable=''
	# shellcheck disable=SC2046  # words and numbers
	set -- $("$bin/meta-merge" --counts -- "$1" 2>/dev/null)
	while test $# -gt 1; do
		case $1 in
		total) runs=$2 ;;
		pending | running | completed | failed | interrupted | without_metrics | unreadable) eval "$1=\$2" ;;
		esac
		shift 2
	done
}

# "3 runs: 1 interrupted, 2 completed", as count_runs has set them.
tell_counts() {
	told=''
	for word in interrupted pending running completed failed; do
		eval "number=\$$word"
		test "$word" != failed || number=$((failed - interrupted))
		test "$number" = 0 || told="$told, $number $word"
	done
	printf '%s: %s\n' "$(counted "$runs" run)" "${told#, }"
}

# The experiment as what lies there says at this moment, numbers in their spelling;
# of an experiment.json that came alone, that.
print_experiment() {
	merge_into "$room/folded" -o - --spelling -- "$1"
	cat "$room/folded"
}

# ---- the terminal ----

# Sets width: $COLUMNS, or the terminal's; what is no terminal has no end.
find_width() {
	width=${COLUMNS:-}
	if test -z "$width" && test -t 1; then
		width=$(stty size 2>/dev/null </dev/tty | cut -d' ' -f2) || width=''
	fi
	case $width in
	'' | 0* | *[!0-9]* | ??????*) width=100000 ;; # of a size to reckon with
	esac
}

# jq with the functions of sweep.jq.
jq_sweep() {
	jq -L "$here/../share/sweeputils" "$@"
}

# jq_task TASK OPTION... [FILE...] - jq with the program in TASK.jq.
jq_task() {
	task=$1
	shift
	jq_sweep -f "$here/../share/sweeputils/$task.jq" "$@"
}

# jq failed: `explain STATUS WHAT` ends with what it said in $room/error. A reader that
# has gone is no failure.
explain() {
	test "$1" != 141 || exit 0
	! grep -q 'writing output failed' "$room/error" || die 74 "standard output cannot be written"
	sed "s/^jq: error ([^)]*): /$program: $2/" "$room/error" | "$bin/sweep-watch" --plain - >&2
	exit 2
}

# take_expression NAME EXPRESSION - make the user's expression a function, in a module of that
# name in $room. 1: jq cannot read it; $room/error says why.
take_expression() {
	jq -n "def $1: $2
		; empty | $1" >/dev/null 2>"$room/error" || return 1
	printf 'def %s: %s\n;\n' "$1" "$2" >"$room/$1.jq"
}

take_where() {
	take_expression given "$where" ||
		die 2 "--where: jq cannot read $where: $(sed 's/^jq: error: //;1q' "$room/error")"
}

# ---- words ----

# One word, quoted so that the shell reads it back as it was.
quote() {
	case $1 in
	'' | *[!A-Za-z0-9_./:=@%+,-]*)
		printf "'"
		printf '%s' "$1" | sed "s/'/'\\\\''/g"
		printf "'"
		;;
	*) printf '%s' "$1" ;;
	esac
}

# A program of ours, as it can be typed from here.
typed_as() {
	path=$here/$1
	test -x "$path" || path=$bin/$1
	if test "$(command -v "$1")" = "$path"; then
		printf '%s' "$1"
	else
		quote "${path#"$PWD"/}"
	fi
}

remember_command_line() {
	command_line=$program
	for word in "$@"; do
		command_line="$command_line $(quote "$word")"
	done
}
