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

# ---- the rules of the C files ----
#
# Each function prints what breaks its rule below the current directory, a line for each
# place. The last test of them breaks every rule on purpose.

# Files that do not keep all rules yet. None is added; one that keeps them leaves the list.
not_yet=(
	# until the calls that it breaks are split by kind
	tests/faults/preload.c
)

# The files that there are, but for those.
held() {
	local file
	for file in "$@"; do
		test -e "$file" || continue
		[[ " ${not_yet[*]} " == *" $file "* ]] || printf '%s\n' "$file"
	done
}

# FILE MODULE NAME static|extern for each function, and each variable that a header declares.
# clang-format has put the name of a function and its parenthesis in a line that begins at
# the left.
names_in() {
	awk 'FNR == 1 { module = FILENAME; gsub(/.*\/|\.[ch]$/, "", module) }
		/^[a-z][A-Za-z0-9_ *]*[ *][a-z_0-9]+\(/ && !/^typedef/ {
			name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
			print FILENAME, module, name, /^static/ ? "static" : "extern"
		}
		/^extern [^(]*;/ {
			name = $0; sub(/[[;].*/, "", name); sub(/.*[ *]/, "", name)
			print FILENAME, module, name, "extern"
		}' $(held "$@")
}

# What other files see of a file begins with its name: file_read of file.c. environ is the C
# library's.
foreign_names() {
	names_in lib/*/*.[ch] src/*.[ch] |
		awk '$4 == "extern" && $3 != $2 && index($3, $2 "_") != 1 && $3 !~ /^(main|environ)$/ {
			print $1 ": " $3 }' | sort -u
}

# So do structs, unions, enums and typedefs; a module with a plural name may have the
# singular. But for: yaml_id and the like, which stand in every line that has to do with a
# document; a run's status, which is one of several; and what resolve.h makes, which the
# modules below it have to know.
foreign_types() {
	awk 'FNR == 1 { module = FILENAME; gsub(/.*\/|\.h$/, "", module); one = module; sub(/(ices|s)$/, "", one) }
		/^(struct|union|enum) [a-z_0-9]+ \{/ { name = $2 }
		/^typedef/ { name = $0; sub(/\(.*|;.*/, "", name); sub(/.*[ *]/, "", name) }
		name != "" && index(name, one) != 1 && module ":" name !~ \
			/^(yamldoc:yaml_.*|status:run_status|sweep:resolve(_base)?)$/ { print FILENAME ": " name }
		{ name = "" }' $(held lib/*/*.h src/*.h)
}

# A static function has a name that no other file gives one, so that the name alone is
# enough to find it, in a backtrace too.
static_names_twice() {
	names_in lib/*/*.c src/*.c | awk '$4 == "static" { print $3, $1 }' | sort -u |
		awk '$1 == name { print name ": " file " " $2 } { name = $1; file = $2 }'
}

# A file can be read in one sitting.
long_files() {
	local file lines
	held $(find lib src examples bench tests -name '*.[ch]') | while read -r file; do
		lines=$(wc -l <"$file")
		test "$lines" -le 400 || echo "$file: $lines lines"
	done
}

long_functions() {
	awk 'FNR == 1 { start = 0 }
		/^{/ { start = FNR }
		/^}/ { if (start && FNR - start > 64) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' \
		lib/*/*.c src/*.c examples/*.c
}

# lib returns, and says why in a struct problem; the program prints and exits. _exit is what
# a child does that could not start its program.
loud_lib() {
	grep -nE '\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|v?(err|warn)x?|psignal|exit|quick_exit|abort|getopt(_long)?)\(' lib/*/*.[ch]
	return 0
}

# The modules of lib, as ROOM/MODULE, in the order of Makefile.am.
modules() {
	sed -n '/^lib_libsweep_a_SOURCES/,/[^\\]$/p' Makefile.am |
		grep -oE 'lib/[a-z]+/[a-z0-9_]+\.c' | sed 's,lib/,,; s,\.c,,'
}

# What a module of lib includes of lib, alike.
included() { cat "lib/$1.c" "lib/$1.h" 2>/dev/null | sed -n 's,^#include "\(.*\)\.h"$,\1,p' | sort -u; }

# A module includes only those before it in the list; all are in the list.
late_includes() {
	local name other
	local -A place
	while read -r name; do place[$name]=${#place[@]}; done < <(modules)
	for name in lib/*/*.c; do
		name=${name#lib/} name=${name%.c}
		test "${place[$name]}" || echo "lib/$name.c is not in Makefile.am"
		while read -r other; do
			test "$other" != "$name" -a "${place[$other]}" || continue
			test "${place[$other]}" -lt "${place[$name]:-0}" || echo "lib/$name includes $other.h, which comes later"
		done < <(included "$name")
	done
}

# base <- exp <- run, base <- spec. A spec becomes an experiment in publish; names are those
# of its files, and a line of its plan has the status of a run that has not begun.
wrong_rooms() {
	local file name other
	for file in lib/*/*.h; do
		name=${file#lib/} name=${name%.h}
		while read -r other; do
			case $name:$other in
			*:base/* | exp/*:exp/* | spec/*:spec/* | run/*:exp/* | run/*:run/*) ;;
			spec/publish:exp/* | spec/*:exp/layout | spec/planline:exp/status) ;;
			*) echo "lib/$name includes $other.h" ;;
			esac
		done < <(included "$name")
	done
}

# Run a rule on the tree.
keep() {
	local broken
	broken=$("$1")
	test -z "$broken" || { echo "$broken"; return 1; }
}

@test "what other files see of a file begins with its name" {
	keep foreign_names
	keep foreign_types
}

@test "no two files name a static function alike" { keep static_names_twice; }

@test "no C file has more than 400 lines" { keep long_files; }

@test "functions fit on a screen" { keep long_functions; }

@test "nothing in lib prints, exits or reads an option" { keep loud_lib; }

@test "a module of lib knows only those before it in the list" {
	test "$(modules | wc -l)" -gt 20
	keep late_includes
}

@test "a room of lib knows only the rooms below it" { keep wrong_rooms; }

@test "each of these rules finds what breaks it" {
	local i
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/base lib/exp src examples bench tests
	printf '%s\n' 'lib_libsweep_a_SOURCES = \' '	lib/base/one.c lib/base/one.h \' '	lib/exp/two.c' >Makefile.am
	printf '%s\n' 'struct ones {' '	int n;' '};' 'struct other {' '	int n;' '};' \
		'extern const char two_text[];' 'int one_add(int n);' 'int three(void);' >lib/base/one.h
	printf '%s\n' '#include "base/one.h"' '#include "exp/two.h"' 'static void help(' '	int n)' '{' '	printf("");' '}' \
		'struct ones *add_one(void)' '{' '	help(1);' '}' >lib/base/one.c
	{
		printf '%s\n' 'static int *help(void);' 'static int *help(void)' '{'
		for ((i = 0; i < 65; i++)); do printf '\t;\n'; done
		printf '}\n'
	} >lib/exp/two.c
	cp lib/exp/two.c examples/long.c
	printf '\n%.0s' {1..400} >src/fits.c
	printf '\n%.0s' {1..401} >src/long.h
	local not_yet=(src/later.c)
	printf '\n%.0s' {1..401} >src/later.c
	printf 'exit(1);\n' >lib/exp/left.c
	diff <(foreign_names) - <<-'END'
		lib/base/one.c: add_one
		lib/base/one.h: three
		lib/base/one.h: two_text
	END
	test "$(foreign_types)" = "lib/base/one.h: other"
	test "$(static_names_twice)" = "help: lib/base/one.c lib/exp/two.c"
	test "$(long_files)" = "src/long.h: 401 lines"
	diff <(long_functions) - <<-'END'
		lib/exp/two.c:3: 66 lines
		examples/long.c:3: 66 lines
	END
	diff <(loud_lib) - <<-'END'
		lib/base/one.c:6:	printf("");
		lib/exp/left.c:1:exit(1);
	END
	diff <(late_includes) - <<-'END'
		lib/base/one includes exp/two.h, which comes later
		lib/exp/left.c is not in Makefile.am
	END
	test "$(wrong_rooms)" = "lib/base/one includes exp/two.h"
}

# File names of sweeputils-format(5) that stand in string literals of these files, as
# FILE: LITERAL. "configs" alone is a key of specs, too.
layout_literals() {
	local name='[a-z]*\.jsonl|experiment\.json|spec\.yaml|\.log|\.run_dir|\.publishing|experiments'
	local dir='records|logs|slurm|lock|\.lock'
	for file; do
		grep -vE '^[[:blank:]]*(/?\*|#include)' "$file" | grep -oE '"([^"\\]|\\.)*"' |
			grep -E "^\"($name|$dir|configs/?)(/[^\"]*)?\"\$|/($name|$dir|configs)[^a-z_]|[%} ](plan|experiment|notes)\.jsonl?\b|\.jsonl\"" |
			sed "s,^,$file: ,"
	done
}

@test "the names of an experiment's files stand in layout alone" {
	local file
	for file in lib/*/*.[ch] src/*.[ch]; do
		case $file in
		lib/exp/layout.h | lib/exp/layout.c) ;;
		*) layout_literals "$file" ;;
		esac
	done >"$BATS_TEST_TMPDIR/literals"
	# a key of specs, files that are no settings, and a base config
	diff <(grep -vE '^lib/spec/(spec|lacking|planline)\.c: "configs"$|^lib/exp/settings\.c: "\.log"$|^src/gpu\.c: "/run/lock"$|^lib/spec/spec\.c: .*configs/base\.yaml' "$BATS_TEST_TMPDIR/literals") /dev/null
	# and it is seen where one does
	local try
	for try in '"%s/plan.jsonl", dir' 'open("lock", 0)' '"records/"' 'x = "a/logs/%s.log"' '"%s.jsonl"' '"experiments"' '"/configs/%s"'; do
		echo "	f($try);" >"$BATS_TEST_TMPDIR/try.c"
		test -n "$(layout_literals "$BATS_TEST_TMPDIR/try.c")" || { echo "not seen: $try"; return 1; }
	done
}

@test "every header can be included alone, as C" {
	local header
	for header in lib/*/*.h src/*.h; do
		printf '#include "%s"\nint nothing;\n' "${header#*/}" |
			${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -Ilib -Isrc -fsyntax-only -x c -
	done
}

# ---- the rules of the scripts ----
#
# As above; the last test breaks them.

# The drivers and what they read, but for the programs that are built beside them.
driver_files() { scripts | grep -E '^(bin|share)/'; }

long_scripts() {
	wc -l $(driver_files) share/sweeputils/*.jq | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }'
}

wide_jq() {
	local file
	for file in share/sweeputils/*.jq; do
		expand "$file" | awk -v file="$file" 'length > 100 { print file ":" NR ": " length " columns" }'
	done
}

# JSON is read by jq, or by one of our programs: no text tool looks for a key, or looks into
# a document. To take lines out of a file of lines is no such look (sed 1q).
json_by_text_tools() {
	grep -nHE '\b(sed|awk|grep|cut|tail|tr)\b[^|]*("[a-z_]+\\?":|\.json\b)' $(driver_files)
	return 0
}

# A program of more than a line is a file of its own.
jq_in_shell() {
	awk '/(^|[|( \t])jq(_sweep)? -/ && !/^[ \t]*#/ { line = $0; if (gsub(/'"'"'/, "") % 2) print FILENAME ":" FNR ": " line }' $(driver_files)
}

@test "no driver, and nothing that it reads, has more than 400 lines" { keep long_scripts; }

@test "the lines of jq programs are at most 100 columns wide" { keep wide_jq; }

@test "no driver reads JSON by text tools" { keep json_by_text_tools; }

@test "a jq program of several lines is a file" { keep jq_in_shell; }

@test "each of these rules finds what breaks it, too" {
	local i
	cd "$BATS_TEST_TMPDIR"
	mkdir -p bin share/sweeputils
	{
		printf '%s\n' '#!/bin/sh' 'sed 1q plan.jsonl | jq .run' "jq -r '.a | .b'" \
			"sed -n '/\"counts\":/p' x" 'awk 1 e/experiment.json | cat' "echo x | jq -r --arg x y '" '.a' "'"
		printf ':\n%.0s' {1..400}
	} >bin/long
	printf '\t\t%084d\n' 1 2 >share/sweeputils/fits.jq
	printf '.\n\t\t%085d\n' 1 >share/sweeputils/wide.jq
	test "$(long_scripts)" = "bin/long: 408 lines"
	test "$(wide_jq)" = "share/sweeputils/wide.jq:2: 101 columns"
	test "$(json_by_text_tools | cut -d : -f 1,2 | tr '\n' ' ')" = "bin/long:4 bin/long:5 "
	test "$(jq_in_shell)" = "bin/long:6: echo x | jq -r --arg x y '"
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

# A word in backticks that begins with a folder is a file, or a file and a function in it.
@test "HACKING.md is two pages, and the files and functions that it names are there" {
	local word file count=0
	test "$(wc -l <HACKING.md)" -le 150
	while read -r word; do
		file=${word%%:*}
		test -e "$file" || { echo "no $file" && return 1; }
		test "$word" = "$file" || grep -qE "^[a-z].*[ *]${word#*:}\(" "$file" || { echo "no $word" && return 1; }
		count=$((count + 1))
	done < <(grep -oE '`(lib|src|tests|man|bin|share|report)/[^` ]+`' HACKING.md | tr -d '`' | grep -v NAME | sort -u)
	test "$count" -gt 50
}
