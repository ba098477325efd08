# What Slurm is asked, and how a plan is divided into its tasks. Read by slurm-experiment;
# sweep.sh has been read before.
# shellcheck shell=sh disable=SC2154,SC2034

# What a job that we are called in, or a profile, tells Slurm's clients is not for the
# sweep's tasks. Options of sbatch are named, since somebody may miss them.
forget_slurm() {
	ignored=''
	for name in $(env | sed -n -e 's/^\(S[A-Z]*_[A-Z0-9_]*\)=.*/\1/p'); do
		case $name in
		SLURM_CONF) ;;
		SBATCH_*) ignored="$ignored, $name" && unset "$name" ;;
		SLURM_* | SRUN_* | SALLOC_* | SQUEUE_* | SCANCEL_* | SINFO_* | SACCT_*) unset "$name" ;;
		esac
	done
}

# ---- what Slurm says ----

# Sets config, what the cluster is configured to.
ask_cluster() {
	for client in sbatch squeue scancel scontrol; do
		command -v "$client" >/dev/null 2>&1 ||
			die 2 "$client is missing; run this on the cluster's login node, or install the package slurm-client"
	done
	command -v flock >/dev/null 2>&1 || die 2 "flock is missing; install the package util-linux"
	config=$(scontrol show config 2>&1) || die 74 "the cluster does not answer: $config"
}

setting() {
	printf '%s\n' "$config" | sed -n "s/^$1 *= *\([0-9]*\).*/\1/p"
}

# The arrays of the experiment $1: job, first share, chunk, the latest last.
recorded_arrays() {
	sessions=$("$bin/meta-merge" -o - -- "$1") || { code=$? && test -n "$sessions" || return "$code"; }
	printf '%s\n' "$sessions" | jq_task slurm-arrays -r
}

# The tasks of the arrays $2 of the experiment $1 that Slurm has: share, chunk, state,
# job, and why it waits. Slurm may give the number of a job that it has lost to
# another one: then either the name is another one, or we have recorded it again.
active_tasks() {
	test -n "$2" || return 0
	jobs=$(printf '%s\n' "$2" | cut -f 1 | tr '\n' ,)
	# one number alone would be an error if it is not known any more
	tasks=$(squeue -h -r -j "$jobs${jobs%,}" -o '%F|%K|%T|%r|%j' 2>&1) || {
		complain "squeue failed: $tasks"
		return 74
	}
	printf '%s\n' "$2" '' "$tasks" | NAME=$(job_name "$1") awk '
		$0 == "" { asked = 1; FS = "|"; next }
		!asked { first[$1] = $2; chunk[$1] = $3; next }
		!($1 in first) { next }
		substr($0, length($1 $2 $3 $4) + 5) == ENVIRON["NAME"] {
			print first[$1] + $2, chunk[$1], $3, $1, $4
		}'
}

job_name() {
	basename -- "$1"
}

# One JSON object for an experiment that was submitted, with the fields that
# run-background --list has.
entry() {
	arrays=$(recorded_arrays "$1") || return 0
	test -n "$arrays" || return 0
	known=true
	active=$(active_tasks "$1" "$arrays") || known=false
	"$bin/meta-merge" -o - -- "$1" |
		jq_task slurm-entry -c --arg dir "$1" --arg active "$active" --argjson known $known
}

# ---- dividing ----

# The tasks to submit, from the indices of runs on standard input: a line for each
# array, with its first share, the numbers of its tasks as sbatch takes them, how
# many tasks and how many runs. A share that is active is left out. No number
# may reach MaxArraySize, and no list may be too long for a command line.
divide() {
	printf '%s\n' "$active" '' | cat - "$1" | awk -v chunk="$chunk" -v most="$(setting MaxArraySize)" '
		function close_range() {
			if (tasks) list = list (list == "" ? "" : ",") (from == to ? from : from "-" to)
		}
		function close_array() {
			close_range()
			if (tasks) print first "\t" list "\t" tasks "\t" runs
			list = ""; tasks = runs = 0
		}
		$0 == "" { listed = 1; share = -1; next }
		!listed { active[$1] = 1; next }
		{
			now = int($1 / chunk)
			if (now in active) next
			if (now != share) {
				if (tasks && (now >= first + most || length(list) > 60000)) close_array()
				if (!tasks) first = now - now % most
				task = now - first
				if (!tasks) from = task
				else if (task != to + 1) { close_range(); from = task }
				to = task; tasks++; share = now
			}
			runs++
		}
		END { close_array() }'
}
