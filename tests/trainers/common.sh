# shellcheck shell=sh disable=SC2154,SC2034
# What the trainers share. `setting NAME` prints a value of the config $config.
setting() {
	sed -n "s/^$1: *\([^ #]*\).*/\1/p" "$config"
}

# A directory with a name that nobody else takes, as $dir.
make_stamped() {
	mkdir -p "$RUNS"
	until dir=$RUNS/$(date +%Y-%m-%d_%H-%M-%S-%N) && mkdir "$dir" 2>/dev/null; do :; done
}

# Where a test wants several to be at work together: wait for its word.
meet() {
	test -z "${MEET:-}" || { : >"$MEET/$$" && until test -e "$MEET/go"; do sleep 0.02; done; }
}
