load ../helper

# The short form, a minute; `make check-fuzz` takes an hour.

BATS_TEST_TIMEOUT=$((2 * ${FUZZ_SECONDS:-60} + 900))

@test "what reads specs and base configs survives what a fuzzer makes of them" {
	test -z "${SWEEP_SANITIZED:-}" || skip "once is enough"
	need clang
	run "$top/tests/fuzz/run" "$top" "${FUZZ_SECONDS:-60}"
	printf '# %s\n' "${lines[@]: -2}" >&3
	test "$status" -eq 0 || { printf '%s\n' "$output"; return 1; }
	[[ $output == *"spec: "*" inputs"*"base: "*" inputs"* ]]
}
