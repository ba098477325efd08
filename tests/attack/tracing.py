"""Calls counted, and made to fail or to kill, from outside by strace.

strace runs as a grandchild (-D), so the program keeps its number, its parent and its
signals, and it lets go of what a program executes (-b execve): the run's own program is
never touched. A fault is PROGRAM#I:CALL:N:KIND - the N-th CALL of a process of the I-th
start of PROGRAM. Each process that the program forks is counted by itself.
"""
import collections
import os
import re
import shlex

KINDS = ["SIGKILL", "EIO", "ENOSPC", "EDQUOT", "EFBIG", "ENOMEM", "EINTR"]
STRACE = ["strace", "-DDD", "-f", "-b", "execve", "-qq"]
DEATH = "DEATH"  # the run that is the fault's `call` kills run-one
# These cannot fail; where strace lets one, it is not made at all, as no kernel does: a
# close that fails has closed. They only kill.
NEVER_FAIL = set("""exit exit_group rt_sigreturn restart_syscall close getpid getppid gettid getuid
    geteuid getgid getegid getpgrp umask sched_yield rt_sigaction rt_sigprocmask sigaltstack arch_prctl
    set_tid_address set_robust_list rseq clock_gettime gettimeofday time brk""".split())
MANY = 80
ONLY = {"wait4": ["EINTR"], "waitid": ["EINTR"]}

Fault = collections.namedtuple("Fault", "program call n kind")


def fault_from(text):
    program, call, n, kind = text.split(":")
    return Fault(program, call, int(n), kind)


def fault_text(fault):
    return ":".join(map(str, fault))


def strace_options(fault):
    what = f"signal={fault.kind}" if fault.kind.startswith("SIG") else f"error={fault.kind}"
    return ["-e", f"trace={fault.call}", "-e", f"inject={fault.call}:{what}:when={fault.n}"]


def put_wrapper(path, real):
    """At `path`, the program `real` with what ATTACK_... says done to it. Untraced, it has
    the wrapper's name, so that the workers it starts by that are wrapped, too."""
    name = os.path.basename(path)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"""#!/bin/bash
case ${{ATTACK_PROGRAM:-}} in
all | {name}\#*)
	i=1
	until (set -C && : >"$ATTACK_COUNT/{name}#$i") 2>/dev/null; do ((i++)); done
	case $ATTACK_PROGRAM in
	all | "{name}#$i")
		exec {' '.join(STRACE)} -o "$ATTACK_COUNT/{name}#$i" $ATTACK_OPTIONS -- {shlex.quote(real)} "$@"
		;;
	esac
	;;
esac
exec -a "$0" {shlex.quote(real)} "$@"
""")
    os.chmod(path, 0o755)


def environment(count, fault, program):
    """What the wrappers read: a fault, or None, which is to count the calls of a program,
    or of all."""
    if fault and fault.kind == DEATH:
        return {}
    return {"ATTACK_PROGRAM": fault.program if fault else program, "ATTACK_COUNT": count,
            "ATTACK_OPTIONS": " ".join(strace_options(fault)) if fault else ""}


def driver_command(name, count, fault, command):
    """A shell driver, which is not wrapped: `command`, traced if the fault is in it."""
    if fault and fault.program != name + "#1":
        return command
    return STRACE + ["-o", f"{count}/{name}#1"] + (strace_options(fault) if fault else []) + ["--"] + command


def fired(count, fault):
    try:
        with open(f"{count}/{fault.program}", encoding="utf-8", errors="replace") as f:
            text = f.read()
    except OSError:
        return False
    return "(INJECTED)" in text or "killed by SIGKILL" in text


def calls_of(count):
    """{program#i: {call: most of it in one process}} from the traces below `count`."""
    found = {}
    for name in sorted(os.listdir(count)):
        with open(f"{count}/{name}", encoding="utf-8", errors="replace") as f:
            made = collections.Counter(re.findall(r"^(\d+) +([a-z_0-9]+)\(", f.read(), re.M))
        most = {}
        for (_, call), n in made.items():
            most[call] = max(most.get(call, 0), n)
        if most:
            found[name] = most
    return found


def can_fail(program, call, kind):
    # dash does not look at what dup2 answers, and takes a failed read for the end of a script
    shell = "-experiment#" in program or "-background#" in program
    return kind in ONLY.get(call, KINDS) and call not in NEVER_FAIL and not (
        shell and call in ("dup2", "read"))


def numbers(most):
    """Of very many like calls, as a look at each process of the machine makes, those at both
    ends."""
    return [n for n in range(1, most + 1) if n <= MANY // 2 or n > most - MANY // 2]


def faults_of(calls, kinds):
    """Every fault there is."""
    return [Fault(program, call, n, kind) for program, counts in calls.items()
            for call, most in sorted(counts.items()) for kind in kinds
            if kind == "SIGKILL" or can_fail(program, call, kind) for n in numbers(most)]
