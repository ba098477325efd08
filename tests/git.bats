load helper

# The changes to the source tree are on record as a patch that brings them back, whatever
# git is set to.

prepare() {
	need git
	export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
	git config --global user.email a@b
	git config --global user.name a
	git config --global protocol.file.allow always
	git config --global init.defaultBranch main
	printf 'lr: 0\n' >configs/base.yaml
	mkdir repo
	cd repo || return
	git init -q .
}

# A project in this directory, committed, and then changed in many ways.
project() {
	mkdir -p specs configs lib "with space"
	printf 'lr: 0\n' >configs/base.yaml
	printf 'name: s\nmode: training\nbase_config: configs/base.yaml\ncommand: ["true"]\nsweep: {lr: [1]}\n' >specs/s.yaml
	seq 100 >lib/a.py
	printf 'x\0y' >lib/data.bin
	printf 'one\n' >"with space/ü.txt"
	printf 'old\n' >gone
	printf '#!/bin/sh\n' >script
	printf 'experiments/\n' >.gitignore
}

change() {
	sed -i 's/^50$/fifty/' lib/a.py
	printf 'z\0' >lib/data.bin
	printf 'two' >"with space/ü.txt"
	rm gone
	chmod +x script
	printf 'new\n' >added && git add added
	printf 'renamed\n' >.tmp && mv .tmp lib/b.py && git add -N lib/b.py
}

commit() { git add -A "$(git rev-parse --show-toplevel)" && git commit -qm one; }

sweep() { driver run-experiment -q specs/s.yaml; }

dir() { echo experiments/s_*; }

field() { jq -r ".$1" "$(dir)/experiment.json"; }

# The commit and the patch on record, in a fresh clone of $1 into $2, by the commands that
# the report shows.
restore() {
	git clone -q "$1" "$2"
	local from=$PWD
	(
		cd "$2/${3:-}"
		git checkout -q "$(cd "$from" && field git_commit)"
		test ! -e "$(git rev-parse --show-toplevel)/.gitmodules" || git submodule -q update --init --recursive
		(cd "$(git rev-parse --show-toplevel)" && git apply) <"$from/$(cd "$from" && dir)/$(cd "$from" && field git_diff)"
	)
}

same_tree() { diff -r -x .git -x experiments "$1" "$2" && test "$(stat -c %a "$1/script")" = "$(stat -c %a "$2/script")"; }

@test "the saved patch brings back text, binary, added, removed and executable files" {
	project && commit && change
	expect 0 sweep
	test "$(field git_dirty)" = true
	restore . ../clone
	same_tree . ../clone
}

each_setting() {
	cat <<-'EOF'
		diff.noprefix true
		diff.mnemonicPrefix true
		diff.srcPrefix x/
		diff.dstPrefix y/
		diff.context 0
		diff.interHunkContext 50
		diff.relative true
		diff.ignoreSubmodules all
		diff.submodule log
		diff.renames copies
		diff.algorithm patience
		diff.external false
		diff.orderFile order
		diff.suppressBlankEmpty true
		diff.wsErrorHighlight all
		diff.colorMoved zebra
		diff.wordRegex .
		diff.statGraphWidth 3
		diff.noIndex true
		color.ui always
		color.diff always
		core.quotePath false
		core.pager false
		pager.diff true
		core.abbrev 4
		apply.whitespace error
	EOF
}

@test "... whatever the user has set, each setting alone and all together" {
	project && commit && change
	printf 'lib/b.py\n' >../order
	expect 0 sweep
	cp "$(dir)/git.diff" ../expected
	rm -r experiments
	while read -r name value; do
		git config --global "$name" "$value"
		expect 0 sweep
		cmp "$(dir)/git.diff" ../expected || { echo "$name $value"; return 1; }
		rm -r experiments
		git config --global --unset "$name"
	done < <(each_setting | sed 's/^diff.orderFile order/diff.orderFile ..\/order/')
	each_setting | grep -v orderFile | while read -r name value; do git config --global "$name" "$value"; done
	export GIT_DIFF_OPTS=-u0 GIT_EXTERNAL_DIFF=false GIT_PAGER=false
	expect 0 sweep
	cmp "$(dir)/git.diff" ../expected
}

@test "of a project in a subdirectory all of the repository is on record, and brought back from there" {
	mkdir -p project other
	echo 1 >other/file
	cd project
	project && commit && change
	echo 2 >../other/file
	expect 0 sweep
	test "$(grep -c '^diff --git a/other/file ' "$(dir)/git.diff")" -eq 1
	restore .. ../../clone project
	same_tree . ../../clone/project
	test "$(cat ../../clone/other/file)" = 2
}

@test "the report shows commands that bring it back from there" {
	mkdir -p project other
	echo 1 >other/file
	cd project
	project && commit && change
	echo 2 >../other/file
	expect 0 sweep
	grep -qF 'cd "$(git rev-parse --show-toplevel)" && git apply' "$top/report/report.html"
	grep -q 'git submodule update --init --recursive' "$top/report/report.html"
}

@test "changes in a submodule, committed there or not, are on record" {
	mkdir ../sub
	(cd ../sub && git init -q . && seq 10 >code.py && echo 1 >untouched && commit)
	project
	git submodule --quiet add "$PWD/../sub" "deps/my sub"
	commit
	expect 0 sweep
	test "$(field git_dirty)" = false
	rm -r experiments
	sed -i 's/^5$/five/' "deps/my sub/code.py"
	(cd "deps/my sub" && git commit -qam two)
	sed -i 's/^7$/seven/' "deps/my sub/code.py"
	git config --global diff.ignoreSubmodules all
	expect 0 sweep
	test "$(field git_dirty)" = true
	test "$(field git_submodules)" = true
	restore . ../clone
	same_tree . ../clone
}

@test "a repository that git refuses is said, with what to do, and no commit is made up" {
	project && commit
	# what git does where the directory is another user's
	expect 0 env GIT_TEST_ASSUME_DIFFERENT_OWNER=1 ${SWEEP_SH:-sh} "$top/bin/run-experiment" -q specs/s.yaml
	[[ $errors == "run-experiment: git: detected dubious ownership in repository at '$PWD'; the commit is not recorded; if the tree is yours: git config --global --add safe.directory $PWD" ]]
	test "$(field git_commit)" = null
	[[ $(field git_error) == "detected dubious ownership"* ]]
	# the remedy
	eval "${errors##*yours: }"
	rm -r experiments
	expect 0 env GIT_TEST_ASSUME_DIFFERENT_OWNER=1 ${SWEEP_SH:-sh} "$top/bin/run-experiment" -q specs/s.yaml
	test -z "$errors"
	test "$(field git_commit)" = "$(git rev-parse HEAD)"
}

@test "a large binary change is not saved, and that is said in the record" {
	project
	printf 'x\0' >big
	commit
	head -c 20000000 /dev/zero >big
	expect 0 sweep
	[[ $errors == "run-experiment: binary files of 19 MiB have changed, more than the 16 MiB that are saved; commit them to have them recorded" ]]
	test "$(field git_dirty)" = true
	test "$(field git_diff)" = null
	[[ $(field git_diff_error) == "binary files of 19 MiB"* ]]
	test "$(find experiments -name '*git*' | wc -l)" -eq 0
}

@test "... neither is a large text, nor is anything left where it cannot be saved" {
	project
	seq 10 >big
	commit
	seq 3000000 >big
	expect 0 sweep
	[[ $(field git_diff_error) == "the changes since the last commit are "*" MiB, more than the 16 MiB that are saved; commit them to have them recorded" ]]
	test "$(find experiments -name '*git*' | wc -l)" -eq 0
}

@test "without a commit, a repository or git there is nothing to say, but for the record" {
	project
	expect 0 sweep
	test "$errors" = ""
	test "$(field git_error)" = 'there is no commit yet'
	rm -rf experiments .git
	expect 0 sweep
	test "$errors" = ""
	test "$(field git_error)" = null
}

@test "a submodule that was added or removed since the commit is said: a patch cannot hold it" {
	mkdir ../sub
	(cd ../sub && git init -q . && seq 10 >code.py && commit)
	project && commit
	git submodule --quiet add "$PWD/../sub" lib2
	echo six >>lib2/code.py
	expect 0 sweep
	[[ $errors == "run-experiment: a submodule was added or removed, which a patch cannot hold; commit that to have it recorded" ]]
	test "$(field git_dirty) $(field git_diff)" = "true null"
	[[ $(field git_diff_error) == "a submodule was added or removed"* ]]
	# the remedy
	(cd lib2 && git checkout -q .)
	commit
	rm -r experiments
	expect 0 sweep
	test "$errors$(field git_dirty)" = false
	git rm -qf lib2
	rm -r experiments
	expect 0 sweep
	[[ $(field git_diff_error) == "a submodule was added or removed"* ]]
}

@test "submodules are found though the variables of a repository are set" {
	mkdir ../sub
	(cd ../sub && git init -q . && seq 10 >code.py && commit)
	project
	git submodule --quiet add "$PWD/../sub" lib2
	commit
	echo six >>lib2/code.py
	export GIT_DIR=$PWD/.git GIT_WORK_TREE=$PWD
	expect 0 sweep
	unset GIT_DIR GIT_WORK_TREE
	test -z "$errors"
	grep -qx '+six' "$(dir)/git.diff"
}

@test "a repository that is broken is no directory without one" {
	project && commit
	git worktree add -q ../linked
	cd ../linked
	rm -r ../repo/.git/worktrees/linked
	expect 0 sweep
	[[ $errors == "run-experiment: git: not a git repository: "*"; the commit is not recorded" ]]
	[[ $(field git_error) == "not a git repository: "* ]]
}
