# The state of the source tree that runs were started from. Read by the drivers that start
# some; sweep.sh has been read before.
# shellcheck shell=sh disable=SC2154,SC2034

most_bytes=16777216 # of a patch that is saved

# git without what the user has set of how differences are shown, so that a patch is one
# that git apply takes.
plain_git() {
	env -u GIT_DIFF_OPTS -u GIT_EXTERNAL_DIFF LC_ALL=C git -c core.quotePath=true \
		-c diff.suppressBlankEmpty=false -c diff.wsErrorHighlight=none "$@"
}

# diff_tree TREE PREFIX OPTION... - what differs from a commit in this directory's tree,
# submodules left out, by names from the top.
diff_tree() {
	from=$1 below=$2
	shift 2
	plain_git diff --no-color --no-ext-diff --no-textconv --no-relative --no-renames -O/dev/null --unified=3 \
		--inter-hunk-context=0 --diff-algorithm=default --ignore-submodules=all \
		--src-prefix="a/$below" --dst-prefix="b/$below" "$@" "$from" --
}

# The submodules of a commit of this tree, one a line: the commit it names, and the path.
submodules() {
	plain_git ls-tree -r -z "$1" | tr '\0\n' '\n\0' | sed -n 's/^160000 commit \([0-9a-f]*\)	/\1 /p'
}

# The changes since a commit in this directory's tree and its submodules, as one patch
# against what `git submodule update` makes of that commit. In a subshell, since it
# changes the directory.
patch() ( # TREE PREFIX OPTION...
	from=$1 below=$2
	shift 2
	diff_tree "$from" "$below" "$@" || exit
	test -e .gitmodules || exit 0
	submodules "$from" | while read -r commit path; do
		test -e "$path/.git" || continue
		(CDPATH='' cd -- "$path" && patch "$commit" "$below$path/" "$@") || exit
	done
)

# The patch of all that is below $top.
patch_top() ( # OPTION...
	CDPATH='' cd -- "$top" && patch HEAD '' "$@"
)

# How many bytes of binary files have changed: all of them would be in the patch.
binary_bytes() {
	patch_top --stat | awk '/\| Bin [0-9]+ -> [0-9]+ bytes$/ { sum += $(NF - 1) + $(NF - 3) }
		END { printf "%.0f\n", sum }'
}

# Sets saved to the name that the patch $new has in $dir: an earlier session's, if that one
# saved the same.
name_patch() {
	number=1 saved=git.diff
	while test -e "$dir/$saved" && ! cmp -s "$new" "$dir/$saved"; do
		number=$((number + 1))
		saved=git_$number.diff
	done
}

# Save the changes in $dir; or say why not, in diff_error.
save_patch() {
	new=$dir/.git.diff.$$
	bytes=$(binary_bytes 2>/dev/null) || bytes=0
	if test "$bytes" -gt "$most_bytes"; then
		diff_error="binary files of $((bytes / 1048576)) MiB have changed, more than the 16 MiB that are saved"
	elif ! patch_top --binary --full-index >"$new" 2>/dev/null; then
		diff_error="the changes since the last commit cannot be saved in $dir"
	elif test "$(wc -c <"$new")" -gt "$most_bytes"; then
		diff_error="the changes since the last commit are $(($(wc -c <"$new") / 1048576)) MiB, more than the 16 MiB that are saved"
	else
		name_patch
		mv -- "$new" "$dir/$saved" || saved='' diff_error="the changes since the last commit cannot be saved in $dir"
	fi
	rm -f -- "$new"
	test -z "$diff_error" || complain "$diff_error; commit them to have them on record"
}

# The session's fields of the source tree, for run-one: a KEY=VALUE for each that there is,
# quoted for eval.
git_fields() {
	for field in git_commit git_dirty git_diff git_diff_error git_error git_submodules; do
		eval "value=\$$field"
		test -z "$value" || printf ' --session %s' "$(quote "$field=$value")"
	done
}

# Look at the tree that this directory is in, and save its changes in $dir.
look_at_git() {
	git_commit='' git_dirty='' git_diff='' git_diff_error='' git_error='' git_submodules=''
	saved='' diff_error=''
	command -v git >/dev/null 2>&1 || return 0
	if ! top=$(LC_ALL=C git rev-parse --show-toplevel 2>&1); then
		case $top in *'not a git repository'*) return 0 ;; esac
		git_error=$(printf '%s\n' "$top" | sed -n '1s/^fatal: //p')
		complain "git: $git_error; the commit is not on record$(printf '%s\n' "$top" | sed -n 's/^[[:blank:]]*\(git config .*\)/; if the tree is yours: \1/p')"
		return 0
	fi
	if ! git_commit=$(git rev-parse -q --verify HEAD 2>/dev/null); then
		git_error='there is no commit yet'
		return 0
	fi
	test ! -e "$top/.gitmodules" || git_submodules=true
	git_dirty=false
	patch_top --quiet >/dev/null 2>&1 || git_dirty=true
	test "$git_dirty" = false || save_patch
	git_diff=$saved git_diff_error=$diff_error
}
