load helper

# tests/bad holds one bad spec a file, and `expected` what is said of each.

prepare() {
	printf 'lr: 0.1\nhidden: [1, 2]\n' >configs/base.yaml
	printf -- '- a\n' >configs/list.yaml
	printf 'a: [1\n' >configs/broken.yaml
	printf 'a: 1\na: 2\n' >configs/duplicate.yaml
	printf '\376\377\0a\0:\0 \0001\0\n' >configs/utf16.yaml
}

# What may be used: 256 MiB and 10 s. The sanitizers need address space of their own.
limited() {
	test -n "${SWEEP_SANITIZED:-}" || ulimit -v 262144
	timeout 10 "$@"
}

@test "every bad spec is one line that says where, what and what to write instead" {
	local count=0 name message
	while IFS=$'\t' read -r name message; do
		cp "$BATS_TEST_DIRNAME/bad/$name.yaml" spec.yaml
		expect 2 limited sweep-expand -p e spec.yaml
		test -z "$output"
		if test "$errors" != "$message"; then
			printf '%s: got  %s\n%s: want %s\n' "$name" "$errors" "$name" "$message"
			return 1
		fi
		[[ $message =~ ^sweep-expand:\ (spec|configs/[a-z0-9]+)\.yaml:[0-9]+:[0-9]+:\ .*\;\  || ${#message} -gt 200 ]] || {
			echo "no place or no advice: $message"
			return 1
		}
		test ! -e e
		count=$((count + 1))
	done <"$BATS_TEST_DIRNAME/bad/expected"
	test "$count" -ge 80
}

@test "there is an expectation for every file, and a file for every expectation" {
	diff <(cd "$BATS_TEST_DIRNAME/bad" && ls ./*.yaml | sed 's,^\./,,; s,\.yaml$,,' | sort) \
		<(cut -f1 "$BATS_TEST_DIRNAME/bad/expected" | sort)
}

@test "a spec that is not there, a directory, a device and a pipe" {
	expect 2 sweep-expand -p e nowhere.yaml
	[[ $errors == "sweep-expand: nowhere.yaml"*"No such file"* ]]
	expect 2 sweep-expand -p e configs
	[[ $errors == "sweep-expand: configs"*"directory"* ]]
	expect 2 sweep-expand -p e /dev/null
	mkfifo pipe
	expect 2 timeout 10 sweep-expand -p e pipe
	test ! -e e
}

@test "a spec saved by Windows is read as it is" {
	printf '\357\273\277name: x\r\nmode: training\r\nbase_config: configs/base.yaml\r\nsweep:\r\n  lr: [1, 2]\r\n' >spec.yaml
	expect 0 sweep-expand spec.yaml
	test "$(jq -c .params <<<"$output")" = $'{"lr":1}\n{"lr":2}'
}

# tests/bad/mended has, for each bad spec in which one thing is wrong, what its message says
# to write instead, as a sed script.
@test "what the message says to write instead is taken" {
	local count=0 name script
	while IFS=$'\t' read -r name script; do
		test -e "$BATS_TEST_DIRNAME/bad/$name.yaml" || continue
		LC_ALL=C sed -e "$script" "$BATS_TEST_DIRNAME/bad/$name.yaml" >spec.yaml
		expect 0 sweep-expand --check spec.yaml || { echo "$name: $script"; cat spec.yaml; return 1; }
		count=$((count + 1))
	done <"$BATS_TEST_DIRNAME/bad/mended"
	test "$count" -ge 65
}
