load helper

# The project's own house rules, looked at in the source tree.

setup() { cd "$top" || return 1; }

# Those that say so in their first line, wherever they are, and those that are sourced.
scripts() {
	find bootstrap bg_experiment.sh bin examples share tests bench -type f 2>/dev/null |
		while read -r file; do
			case $file:$(head -c 9 "$file" | tr -d '\0') in
			*:'#!/bin/sh' | *.sh:*) printf '%s\n' "$file" ;;
			esac
		done
}

# Those that have a manual page.
programs() { for page in man/*.1; do basename "$page" .1; done; }

@test "shellcheck has nothing to say about the scripts" {
	need shellcheck
	scripts | xargs shellcheck -x -s sh
}

@test "clang-format has nothing to change" {
	need clang-format
	# another version wants other lines
	local version=14
	[[ $(clang-format --version) == *" version $version."* ]] ||
		skip "not looked at: .clang-format is for clang-format $version, this is $(clang-format --version)"
	clang-format --dry-run -Werror lib/*/*.[ch] src/*.[ch] examples/*.[ch] tests/unit/*.[ch] tests/faults/*.c tests/yaml/*.c tests/fuzz/*.c bench/*.c
}

@test "mandoc has nothing to say about the manual pages" {
	need mandoc
	test "$(mandoc -T lint -W warning man/*.[157] | grep -v 'referenced manual not found')" = ""
	# a long option has two dashes, and only options are words of Fl
	run grep -nE '^\.Fl [a-z]{2,}|\b[A-Z][a-z] Fl [a-z]{2,}' man/*.[157]
	test "$(grep -vE ':\.Op Fl [a-z]+$' <<<"$output")" = ""
}

@test "nothing in lib prints, exits or reads an option" {
	run grep -nE '\b(printf|fprintf|puts|fputs|perror|exit|getopt_long|vprintf)\(' lib/*/*.c
	test "$status" -eq 1
}

# What a file of lib includes of lib, as ROOM/MODULE lines.
included() { cat "lib/$1.c" "lib/$1.h" 2>/dev/null | sed -n 's,^#include "\(.*\)\.h"$,\1,p' | sort -u; }

@test "a module of lib knows only those before it in the list" {
	local order=() name other
	while read -r name; do order+=("$name"); done < <(
		sed -n '/^lib_libsweep_a_SOURCES/,/[^\\]$/p' Makefile.am | grep -oE 'lib/[a-z]+/[a-z0-9_]+\.c' | sed 's,lib/,,; s,\.c,,')
	local -A place
	for name in "${!order[@]}"; do place[${order[$name]}]=$name; done
	test "${#order[@]}" -gt 20
	test "${#order[@]}" -eq "$(find lib -name '*.c' | wc -l)"
	for name in "${order[@]}"; do
		while read -r other; do
			test "$other" = "$name" && continue
			test -e "lib/$other.c" || continue
			if test "${place[$other]}" -gt "${place[$name]}"; then
				echo "lib/$name includes $other.h, which comes later"
				return 1
			fi
		done < <(included "$name")
	done
}

# base <- exp <- run, base <- spec. A spec becomes an experiment in publish; names are those
# of its files, and a line of its plan has the status of a run that has not begun.
@test "a room of lib knows only the rooms below it" {
	local file name other
	for file in lib/*/*.h; do
		name=${file#lib/} name=${name%.h}
		while read -r other; do
			case $name:$other in
			*:base/* | exp/*:exp/* | spec/*:spec/* | run/*:exp/* | run/*:run/*) ;;
			spec/publish:exp/* | spec/*:exp/layout | spec/planline:exp/status) ;;
			*) echo "lib/$name includes $other.h" && return 1 ;;
			esac
		done < <(included "$name")
	done
}

@test "every header can be included alone, as C" {
	local header
	for header in lib/*/*.h src/*.h; do
		printf '#include "%s"\nint nothing;\n' "${header#*/}" |
			${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib -Isrc -fsyntax-only -x c -
	done
}

@test "functions fit on a screen" {
	local long
	long=$(awk 'FNR == 1 { start = 0 }
		/^{/ { start = FNR }
		/^}/ { if (start && FNR - start > 64) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' \
		lib/*/*.c src/*.c examples/*.c)
	test -z "$long" || { echo "$long"; return 1; }
}

@test "every program explains itself alike" {
	local program
	for program in $(programs); do
		expect 0 "$program" --help
		[[ $output == "usage: $program "* ]]
		expect 0 "$program" -h
		expect 0 "$program" --version
		[[ $output =~ ^$program\ \(sweeputils\)\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
		expect 2 "$program" --no-such-option </dev/null
		[[ $errors == "$program: "* ]]
		test "$(wc -l <<<"$errors")" -eq 1
	done
}

synopsis() {
	mandoc -T ascii -O width=1000 "man/$1.1" | sed 's/.\x08//g; s/COMMAND \.\.\./COMMAND.../' |
		awk '/^SYNOPSIS/ { on = 1; next } /^[A-Z]/ { on = 0 } on' | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'
}

@test "the manual's synopsis is the usage, and names every option" {
	need mandoc
	local program option
	for program in $(programs); do
		test "$(synopsis "$program")" = "$("$program" --help | sed -n '1s/^usage: //p')" || {
			echo "manual: $(synopsis "$program")"
			echo "usage:  $("$program" --help | sed -n '1s/^usage: //p')"
			return 1
		}
		mandoc -T ascii "man/$program.1" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/page"
		for option in $("$program" --help | grep -oE '^ +(-[a-zA-Z], +)?--[a-z_-]+' | grep -oE -- '--[a-z_-]+'); do
			grep -q -e "$option" "$BATS_TEST_TMPDIR/page" || { echo "$program: $option"; return 1; }
		done
	done
}

@test "the tests that are there are the tests that are run" {
	diff <(ls tests/*.bats tests/promises/*.bats | sort) <(grep -oE 'tests/[a-z/-]+\.bats' Makefile.am | sort -u)
	local program
	for program in $(programs); do test -e "tests/$program.bats"; done
	diff <(ls tests/unit/test_*.c) <(grep -oE 'tests/unit/test_[a-z]+\.c' Makefile.am | sort -u)
}

@test "no test holds a ! command that cannot fail: bats looks at it only as the last one" {
	run awk 'FNR == 1 { at = "" }
		/^\t! / { at = FILENAME ":" FNR ": " $0; next }
		at != "" && $0 != "}" && at !~ /\|$/ { print at }
		{ at = "" }' tests/*.bats tests/promises/*.bats
	test "$output" = ""
}

# What the section of sweeputils(7) says, a sentence a line.
relied_on() {
	mandoc -T ascii -O width=900 man/sweeputils.7 | sed 's/.\x08//g' |
		awk '/^   What can be relied on/ { on = 1; next } /^ ? ? ?[^ ]/ { on = 0 } on && /^           /' |
		sed 's/^ *//; s/\.  /.\n/g'
}

@test "each sentence on what can be relied on has its test, which names it" {
	need mandoc
	test "$(relied_on | wc -l)" -gt 20
	diff <(relied_on | sort -u) <(sed -n 's/^# relied on: //p' tests/*.bats tests/promises/*.bats | sort -u)
	# the comment stands above a test
	run awk '/^# relied on: / { at = FILENAME ":" FNR; next } at != "" && !/^@test/ { print at } { at = "" }' tests/*.bats tests/promises/*.bats
	test "$output" = ""
}
