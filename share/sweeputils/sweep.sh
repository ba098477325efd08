# What the drivers that show results have in common. They set `program`
# and read this file.
# shellcheck shell=sh disable=SC2154

complain() {
	printf '%s: %s\n' "$program" "$*" >&2
}

die() {
	complain "$2"
	exit "$1"
}

need_value() {
	test "$2" -ge 2 || die 2 "option $1 needs a value; see $program --help"
}

version() {
	meta-merge --version | sed "s/^[^ ]*/$program/"
}

# Sets room, which is gone when the driver ends.
make_room() {
	room=$(mktemp -d "${TMPDIR:-/tmp}/$program.XXXXXX") || exit 74
	trap 'rm -rf "$room"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# ---- which experiment ----

# The newest NAME_YYYYmmdd_HHMMSS[_N] below experiments, as run-experiment has it.
newest_of_name() {
	for dir in "experiments/$1"_*; do
		test ! -e "$dir/plan.jsonl" || printf '%s\n' "${dir#"experiments/$1"_}"
	done | grep -E '^[0-9]{8}_[0-9]{6}(_[0-9]+)?$' | sort -t_ -k1,1 -k2,2 -k3,3n |
		sed -n "\$s,^,experiments/${1}_,p"
}

newest_of_all() {
	for dir in experiments/*/; do
		dir=${dir%/}
		test ! -e "$dir/plan.jsonl" || printf '%s\n' "$dir"
	done | {
		newest=''
		while IFS= read -r dir; do
			if test -z "$newest" || test -n "$(find "$dir/plan.jsonl" -newer "$newest/plan.jsonl")"; then
				newest=$dir
			fi
		done
		printf '%s\n' "$newest"
	}
}

# Sets found: the experiment directory that a word stands for - a path, or a name
# of which there is a newest one below experiments; without a word the newest of all.
find_experiment() {
	found=${1%/}
	case $found in
	'') found=$(newest_of_all) ;;
	*/experiment.json) found=${found%/experiment.json} ;;
	esac
	test -n "$found" || die 2 "no experiment below experiments/; name a directory"
	is_experiment "$found" && return
	case $found in
	*/* | [.-]*) ;;
	*)
		word=$found
		found=experiments/$word
		is_experiment "$found" && return
		found=$(newest_of_name "$word")
		test -z "$found" || return 0
		;;
	esac
	die 2 "$1 is neither an experiment directory nor the name of one below experiments/"
}

is_experiment() {
	test -e "$1/plan.jsonl" || test -e "$1/experiment.json" || test -d "$1/records"
}

# ---- what it holds ----

# The experiment as what lies there says at this moment, numbers in their spelling;
# of an experiment.json that came alone, that.
print_experiment() {
	if test -e "$1/plan.jsonl" || test -d "$1/records"; then
		meta-merge -o - --spelling "$1"
	else
		# shellcheck disable=SC2015
		jq -c '.runs[]' "$1/experiment.json" >"$room/lines" 2>/dev/null && meta-merge -o - --spelling <"$room/lines" ||
			die 2 "$1/experiment.json cannot be read"
	fi
}

# ---- the terminal ----

# Sets width: $COLUMNS, or the terminal's; what is no terminal has no end.
find_width() {
	width=${COLUMNS:-}
	if test -z "$width" && test -t 1; then
		width=$(stty size 2>/dev/null </dev/tty | cut -d' ' -f2) || width=''
	fi
	case $width in
	'' | 0 | *[!0-9]*) width=100000 ;;
	esac
}

# jq with the functions of sweep.jq.
jq_sweep() {
	jq -L "$here/../share/sweeputils" "$@"
}

# jq failed: `explain STATUS WHAT` ends with what it said in $room/error. A reader that
# has gone is no failure.
explain() {
	test "$1" != 141 || exit 0
	! grep -q 'writing output failed' "$room/error" || die 74 "standard output cannot be written"
	sed "s/^jq: error ([^)]*): /$program: $2/" "$room/error" >&2
	exit 2
}

# An expression of the user's: `check_expression --where EXPRESSION`.
check_expression() {
	jq -n "def given: $2
		; empty | given" >/dev/null 2>"$room/error" ||
		die 2 "$1: jq cannot read $2: $(sed 's/^jq: error: //;1q' "$room/error")"
}
