#!/bin/sh
# bg_experiment.sh SPEC [simulation|training] - start a sweep detached from the
# terminal. Look at it with bin/run-background --list.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
case $#:${2:-} in
1: | 2:) mode='' ;;
2:simulation | 2:training) mode=--$2 ;;
*)
	echo 'usage: bg_experiment.sh SPEC [simulation|training]' >&2
	exit 2
	;;
esac
exec "$here/bin/run-background" --experiment "$1" ${mode:+"$mode"}
