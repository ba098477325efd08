load helper

# How the tests themselves are run: what ends a test program that hangs, what the
# matrix and ./bootstrap say and install.

prepare() { plain; }

program() { # NAME, from standard input
	{ echo '#!/bin/sh' && cat; } >"$1"
	chmod +x "$1"
}

@test "a test program that sleeps without a word is ended, all of it, and that is a failure" {
	program stuck <<-'EOF'
		echo 1..2
		echo ok 1
		setsid sh -c 'echo $$ >>children; exec sleep 1000' &
		env -i sh -c 'echo $$ >>children; exec sleep 1001' &
		exec sh -c 'echo $$ >>children; exec sleep 1002'
	EOF
	expect 124 env TEST_FILE_TIMEOUT=2 "$top/tests/run-test" ./stuck
	[[ $output == $'1..2\nok 1\nBail out! ./stuck hung: for 2 s it used no processor and printed nothing' ]]
	test "$(wc -l <children)" -eq 3
	for child in $(cat children); do is_gone "$child"; done
}

@test "a test program that takes long is not ended while it computes or prints" {
	# six limits long: three it only prints, three it only computes
	program slow <<-'EOF'
		for i in 1 2 3 4 5 6; do echo "# $i" && sleep 1; done
		end=$(($(date +%s) + 6))
		while test "$(date +%s)" -lt "$end"; do :; done
		echo 1..1
		echo ok 1
	EOF
	expect 0 env TEST_FILE_TIMEOUT=2 "$top/tests/run-test" ./slow
	[[ $output == *$'\nok 1' ]]
}

@test "what a test program leaves behind is ended with it, and its status is its own" {
	program leaves <<-'EOF'
		setsid sleep 1000 &
		echo $! >child
		exit 3
	EOF
	expect 3 "$top/tests/limit" 60 ./leaves
	is_gone "$(cat child)"
}

@test "Ctrl-C reaches what a test program runs: no signal is ignored that was not before" {
	program signals <<-'EOF'
		grep ^SigIgn: /proc/self/status
	EOF
	expect 0 ./signals
	before=$output
	expect 0 "$top/tests/limit" 60 ./signals
	[[ $output == "$before" ]]
}

@test "a line tells of each test file as it ends, where it is asked for" {
	program two <<-'EOF'
		printf '1..3\nok 1\nnot ok 2\nok 3\n'
		exit 1
	EOF
	expect 0 env SWEEP_PROGRESS=7 SWEEP_BUILD=gcc "$top/tests/run-test" ./two 7>told # the failure is in what it printed
	[[ $(cat told) =~ ^'gcc: two: 2 passed, 1 failed, '[0-9]+' s'$ ]]
	expect 0 "$top/tests/run-test" ./two 7>told
	test ! -s told
	program dies <<-'EOF'
		printf '1..3\nok 1\n'
		exit 1
	EOF
	expect 1 "$top/tests/run-test" ./dies # of which nothing printed tells
}

@test "the last lines say how long all took, and how many passed and failed" {
	mkdir -p build/tests
	printf ':test-result: PASS a\n:test-result: SKIP b\n:test-result: PASS c\n' >build/tests/a.trs
	printf 'ok 1 a\nok 2 b # skip chromium is missing\nok 3 c\n' >build/tests/a.log
	expect 0 env SWEEP_BEGAN="$(($(date +%s) - 615))" "$top/tests/tally" build
	[[ $output =~ ^'ok 2 b # skip chromium is missing'$'\n''1 skipped: '[^$'\n']*$'\n''it took 10 min '[0-9]+' s'$'\n''2 passed, 0 failed'$ ]]
	echo ':test-result: FAIL d' >>build/tests/a.trs
	printf 'not ok 4 d\n# why\n' >>build/tests/a.log
	printf 'ok 5 e # skip in the plain build\n' >>build/tests/a.log
	echo ':test-result: ERROR - exited with status 1' >build/tests/b.trs
	echo 'what it said last' >build/tests/b.log
	expect 1 "$top/tests/tally" build
	[[ $output == *$'a.log:\nnot ok 4 d\n# why\n'*$'\n2 passed, 2 failed' ]]
	[[ $output == *$'b.log:\nwhat it said last\n'* && $output != *took* && $output != *'ok 5'* ]]
}

@test "a tool that apt has no package of is skipped where CI is set, another one that is missing fails" {
	skip() { echo "skipped: $1" && exit 0; }
	expect 0 eval '(CI=true SWEEP_UNAVAILABLE=" no-such-tool other" need no-such-tool)'
	[[ $output == 'skipped: no-such-tool is missing' ]]
	expect 1 eval '(CI=true SWEEP_UNAVAILABLE=" other" need no-such-tool)'
	expect 0 eval '(CI= SWEEP_UNAVAILABLE= need no-such-tool)'
	[[ $output == 'skipped: no-such-tool is missing' ]]
}

# ---- ./bootstrap on a machine that lacks things ----

# release TOOL... - a root of which PATH knows these tools and the usual ones only, and
# an apt that has every package but those in the file `lacks`.
release() {
	local tool
	mkdir tools tree
	touch lacks
	for tool in sh bash sed cut grep sort tr head find test date dirname cat make getconf touch ln printf env "$@"; do
		ln -s "$(command -v "$tool")" "tools/$tool"
	done
	program tools/id <<<'echo 0'
	program tools/pkg-config <<<'exit 0'
	program tools/autoreconf <<<'exit 0'
	program tools/apt-cache <<-EOF
		if test "\$1" = depends; then printf 'clang\n  Depends: clang-19\n'; exit; fi
		version=1.0
		! grep -qx "\$2" "$PWD/lacks" || version='(none)'
		printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "\$2" "\$version"
	EOF
	program tools/apt-get <<-EOF
		echo "\$@" >>"$PWD/apt.log"
		simulate=''
		for word in "\$@"; do
			case \$word in
			update) exit 0 ;;
			-s) simulate=y ;;
			-* | install) ;;
			*) if grep -qx "\$word" "$PWD/lacks"; then echo "E: Unable to locate package \$word" >&2 && exit 100; fi ;;
			esac
			case \$simulate\$word in
			libclang-rt-19-dev) touch "$PWD/runtime" ;;
			clang) ln -s "$PWD/clang" "$PWD/tools/clang" ;;
			[a-z]*) test -n "\$simulate" || ln -sf /bin/true "$PWD/tools/\$word" ;;
			esac
		done
	EOF
	program clang <<-EOF
		case \$1 in
		-dumpversion) echo 19.1.7 ;;
		-print-file-name=*) echo "$PWD/runtime" ;;
		esac
	EOF
	cp "$top/bootstrap" tree
	touch tree/configure.ac tree/configure tree/config.status tree/Makefile.am tree/Makefile.in
	printf 'all:\ncheck-all:\n\t@echo "checked without:$$SWEEP_UNAVAILABLE"\n' >tree/Makefile
}

bootstrap() { env PATH="$PWD/tools" CI=true tree/bootstrap "$@"; }

# All that a test needs, but for those named.
all_but() {
	local tool
	for tool in gcc:cc automake jq setsid bats shellcheck mandoc clang clang-format busybox dash faketime parallel \
		tmux gnuplot ps git unshare flock strace slurmctld slurmd sbatch munged node npm chromium; do
		case " $* " in
		*" $tool "*) ;;
		*" clang "*) test "$tool" = clang || ln -sf /bin/true "tools/${tool#*:}" ;;
		*) ln -sf /bin/true "tools/${tool#*:}" ;;
		esac
	done
}

@test "./bootstrap check asks for the clang runtime of the release's own clang" {
	release
	all_but clang
	echo libclang-rt-14-dev >lacks
	expect 0 bootstrap check
	[[ $errors == *"bootstrap: installing"*"clang"*"libclang-rt-19-dev"* ]]
	[[ $output == 'checked without:' ]]
	test -e runtime
}

@test "./bootstrap check goes on without a tool that the release has no package of, and names it" {
	release
	all_but chromium clang
	echo chromium >lacks
	expect 0 bootstrap check
	[[ $errors == *"bootstrap: apt has no package chromium"* ]]
	[[ $errors == *"bootstrap: the tests that need these are left out: chromium"* ]]
	[[ $output == 'checked without: chromium' ]]
}

@test "./bootstrap without a package that the build needs ends, and names it" {
	release
	all_but jq
	echo jq >lacks
	expect 2 bootstrap
	[[ $errors == *"apt has no package jq"*"apt-get install jq"* ]]
	test -z "$output"
}
