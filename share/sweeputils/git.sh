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

# Are the submodules that are there those of the commit? One that was added or removed since
# cannot be in a patch.
same_submodules() {
	theirs=$(submodules HEAD | sed 's/^[^ ]* //' | sort)
	ours=$(plain_git ls-files -s -z | tr '\0\n' '\n\0' | sed -n 's/^160000 [0-9a-f]* [0-9]	//p' | sort)
	test "$theirs" = "$ours"
}

# The changes since a commit in this directory's tree and its submodules, as one patch
# against what `git submodule update` makes of that commit. In a subshell, since it
# changes the directory.
patch() ( # TREE PREFIX OPTION...
	from=$1 below=$2
	shift 2
	diff_tree "$from" "$below" "$@" || exit
	test -n "$has_submodules" || exit 0
	submodules "$from" | while IFS= read -r line; do
		commit=${line%% *} path=${line#* }
		test -e "$path/.git" || continue
		(
			# what names the outer repository is not for the inner one
			# shellcheck disable=SC2046  # names of variables
			unset $(git rev-parse --local-env-vars)
			CDPATH='' cd -- "$path" && patch "$commit" "$below$path/" "$@"
		) || exit
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
	while test -e "$dir/$saved" || test -L "$dir/$saved"; do
		! is_file "$dir/$saved" || ! cmp -s "$new" "$dir/$saved" || return 0
		number=$((number + 1))
		saved=git_$number.diff
	done
}

# Save the changes in $dir; or say why not, in diff_error.
save_patch() {
	# mktemp gives it to us alone, and never what is there; then as the umask has it
	if ! new=$(mktemp -- "$dir/.git.diff.XXXXXX" 2>/dev/null) || ! chmod '=rw' "$new"; then
		diff_error="the changes since the last commit cannot be saved in $dir"
		complain "$diff_error"
		return 0
	fi
	bytes=$(binary_bytes 2>/dev/null) || bytes=0
	if test -n "$has_submodules" && ! (CDPATH='' cd -- "$top" && same_submodules); then
		diff_error="a submodule was added or removed, which a patch cannot hold; commit that to have it recorded"
	elif test "$bytes" -gt "$most_bytes"; then
		diff_error="binary files of $((bytes / 1048576)) MiB have changed, more than the 16 MiB that are saved; commit them to have them recorded"
	elif ! said=$({ patch_top --binary --full-index >"$new"; } 2>&1); then
		diff_error="the changes since the last commit cannot be saved in $dir: $(printf '%s\n' "$said" | sed 's/^fatal: //;1q')"
	elif test "$(wc -c <"$new")" -gt "$most_bytes"; then
		diff_error="the changes since the last commit are $(($(wc -c <"$new") / 1048576)) MiB, more than the 16 MiB that are saved; commit them to have them recorded"
	else
		name_patch
		mv -- "$new" "$dir/$saved" || saved='' diff_error="the changes since the last commit cannot be saved in $dir"
	fi
	rm -f -- "$new"
	test -z "$diff_error" || complain "$diff_error"
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
	saved='' diff_error='' has_submodules=''
	command -v git >/dev/null 2>&1 || return 0
	if ! top=$(LC_ALL=C git rev-parse --show-toplevel 2>&1); then
		case $top in *'not a git repository (or any'*) return 0 ;; esac
		git_error=$(printf '%s\n' "$top" | sed -n '1s/^fatal: //p')
		complain "git: $git_error; the commit is not recorded$(printf '%s\n' "$top" | sed -n 's/^[[:blank:]]*\(git config .*\)/; if the tree is yours: \1/p')"
		return 0
	fi
	if ! git_commit=$(git rev-parse -q --verify HEAD 2>/dev/null); then
		git_error='there is no commit yet'
		return 0
	fi
	# as the commit has them, or as they are by now
	if test -e "$top/.gitmodules" || git cat-file -e HEAD:.gitmodules 2>/dev/null; then
		has_submodules=y git_submodules=true
	fi
	git_dirty=false
	patch_top --quiet >/dev/null 2>&1 || git_dirty=true
	test -z "$has_submodules" || (CDPATH='' cd -- "$top" && same_submodules) || git_dirty=true
	test "$git_dirty" = false || save_patch
	git_diff=$saved git_diff_error=$diff_error
}
