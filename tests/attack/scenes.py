"""The scenes: what is prepared, the command that is attacked, the one that goes on after
it, and what has to hold after each."""
import collections
import glob
import json
import os
import re

import tracing

# Keeps a ledger of its own, and a lock of its own for as long as it lives. It kills who
# started it where the file `die` names it.
RUN = """#!/bin/sh
exec 9>>"locks/$RUN_ID"
flock -n 9 || { echo "twice $RUN_ID" >>ledger; exit 9; }
echo "start $RUN_ID" >>ledger
if test -e die && grep -q "$RUN_ID" die; then
	rm die
	kill -KILL "${RUNNER:-$PPID}"
fi
mkdir -p "out/$RUN_ID"
echo "out/$RUN_ID" >"$RUN_DIR_FILE"
echo '{"accuracy": 0.5}' >"out/$RUN_ID/metrics.json"
if test "$RUN_ID" = run_001 && test ! -e failed; then
	: >failed
	echo "failed $RUN_ID" >>ledger
	exit 3
fi
echo "end $RUN_ID" >>ledger
"""
# Starts a worker that has nothing of ours open, as Python's subprocess does, and waits.
LAUNCHER = """#!/usr/bin/python3 -ISE
import os, subprocess, sys
os.environ["RUNNER"] = str(os.getppid())
sys.exit(subprocess.run(["./worker"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode)
"""
SPEC = """name: s
mode: training
base_config: base.yaml
sweep: {n: [%s]}
command: [./prog, "{config}"]
"""


class Broken(Exception):
    """A promise that was not kept: its kind, and how."""

    def __init__(self, kind, what):
        super().__init__(what)
        self.kind = kind


def need(good, kind, what):
    if not good:
        raise Broken(kind, what)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def document(directory):
    """experiment.json, or None; never half of one."""
    text = read(directory + "/experiment.json")
    if not text and not os.path.exists(directory + "/experiment.json"):
        return None
    try:
        return json.loads(text)
    except ValueError as e:
        raise Broken("broken", f"experiment.json: {e}") from e


def put(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


class Scene:
    """One program on files that are there; run in `room`."""

    directory = "e"
    stdin = None
    driver = None  # the name of a shell driver, which is what `command` runs
    runs = 2
    cost = 1  # of a trial: of one that costs more, fewer are taken as a sample
    counted = ["all"]  # programs of which calls are counted, a pass each
    sessions = False  # are there runs, to be resumed?
    tries = 1

    def __init__(self, name, command, again=None, stdin=None):
        self.name, self.command, self.again, self.stdin = name, command, again or command, stdin
        self.reference = None

    def prepare(self, room, call):
        """Files for a room; call(command, stdin) runs a program in it."""
        for directory in ("locks", "out", "tmp"):
            os.mkdir(f"{room}/{directory}")
        put(room + "/prog", RUN, 0o755)
        put(room + "/base.yaml", "n: 0\n")
        put(room + "/spec.yaml", SPEC % ", ".join(map(str, range(self.runs))))

    def deaths(self):
        return []

    def first(self):
        """Faults that come before each one, which meets what they leave."""
        return []

    def after(self, room, status, out, fault):
        """What holds after the attacked command."""
        document(f"{room}/{self.directory}")
        if status == 0:
            self.check_whole(room, out)

    def end(self, room, out):
        """What holds after the one that went on."""
        self.check_whole(room, out)

    def check_whole(self, room, out):
        pass

    def state(self, _room):
        return None


class Expand(Scene):
    def check_experiment(self, room, kind):
        there = room + "/e"
        plan = read(there + "/plan.jsonl").splitlines()
        need(len(plan) == self.runs, kind, f"the plan has {len(plan)} lines")
        for line in plan:
            config = room + "/" + json.loads(line)["config_path"]
            need(read(config), kind, f"{config} is empty")
        need(read(there + "/spec.yaml") == read(room + "/spec.yaml"), kind, "spec.yaml is another")

    def after(self, room, status, out, fault):
        if os.path.exists(room + "/e"):
            self.check_experiment(room, "broken")
        super().after(room, status, out, fault)

    def check_whole(self, room, out):
        self.check_experiment(room, "lost")
        lines = [json.loads(line) for line in out.splitlines()]
        need([line["run"] for line in lines] == ["run_000", "run_001"], "lost", f"status 0, and printed: {out}")


class Again(Expand):
    """A second sweep-expand on an experiment that is there."""

    def prepare(self, room, call):
        super().prepare(room, call)
        call(["sweep-expand", "-q", "-d", "e", "spec.yaml"])


class Recorded(Again):
    """On an experiment that has run; folded again, and read."""

    def prepare(self, room, call):
        super().prepare(room, call)
        put(room + "/since", "")
        call(["run-one", "-q"], room + "/e/plan.jsonl", room + "/events", 1)
        call(["meta-merge", "e"])
        put(room + "/notes", "".join(
            json.dumps({"experiment_dir": "e", "run": f"run_00{i}", "metrics": {"late": i}}) + "\n" for i in (0, 1)))

    def after(self, room, status, out, fault):
        document(room + "/e")
        if status == 0:
            self.check_whole(room, out)

    def check_whole(self, room, out):
        pass


class Fold(Recorded):
    def prepare(self, room, call):
        super().prepare(room, call)
        os.unlink(room + "/e/experiment.json")

    def check_whole(self, room, out):
        doc = document(room + "/e")
        need(doc and [run["status"] for run in doc["runs"]] == ["completed", "failed"], "lost",
             f"status 0, and folded: {doc and doc['counts']}")
        need(not self.stdin or out == read(room + "/events"), "lost", "status 0, and not all was passed on")


class Notes(Recorded):
    def check_whole(self, room, out):
        doc = document(room + "/e")
        need([run.get("metrics", {}).get("late") for run in doc["runs"]] == [0, 1], "lost",
             f"status 0, and noted: {[run.get('metrics') for run in doc['runs']]}")
        kept = [json.loads(line) for line in read(room + "/e/records/notes.jsonl").splitlines()]
        need({note["run"] for note in kept} >= {"run_000", "run_001"}, "lost", f"notes kept: {kept}")


class Shown(Recorded):
    """Prints, and that is all. What could not be read is named there."""

    def check_whole(self, room, out):
        if self.reference is None:
            need(out, "lost", "it prints nothing")
            self.reference = out
        named = "cannot be read" in out or "the limit" in out
        need(named or self.steady(out) == self.steady(self.reference), "lost", f"status 0, and printed: {out}")

    @staticmethod
    def steady(text):
        return re.sub(r"\d+(\.\d+)? ?m?s\b", "T", text)


class Runs(Again):
    """A sweep. Of each run the ledger has what it did itself."""

    sessions = True
    tries = 12

    def ledger(self, room):
        words = collections.defaultdict(list)
        for line in read(room + "/ledger").splitlines():
            word, run = line.split()
            words[word].append(run)
        return words

    def experiment(self, room):
        return room + "/e"

    def recorded(self, room):
        """The runs whose journal has an end that is well."""
        done = set()
        for path in glob.glob(self.experiment(room) + "/records/run_*.jsonl"):
            text = read(path)
            for line in text[:text.rfind("\n") + 1].splitlines():
                try:
                    event = json.loads(line)
                except ValueError as e:
                    raise Broken("broken", f"{path}: {line}: {e}") from e
                if event["status"] == "completed":
                    done.add(event["run"])
        return done

    def state(self, room):
        return self.recorded(room), collections.Counter(self.ledger(room)["start"])

    def check_since(self, room, before):
        """Nothing was started of what was on record, and nothing was alive twice."""
        recorded, starts = before
        ledger = self.ledger(room)
        need(not ledger["twice"], "alive twice", f"alive twice: {ledger['twice']}")
        again = [run for run in recorded if ledger["start"].count(run) > starts[run]]
        need(not again, "lost", f"started again after its record: {again}")
        gone = recorded - self.recorded(room)
        need(not gone, "lost", f"the record is gone: {gone}")

    def after(self, room, status, out, fault):
        if self.experiment(room):
            document(self.experiment(room))
        if status == 0:
            need(len(self.recorded(room)) == self.runs, "lost", f"status 0, and recorded: {self.recorded(room)}")

    def end(self, room, out):
        runs = {f"run_00{i}" for i in range(self.runs)}
        need(self.recorded(room) == runs, "lost", f"recorded: {self.recorded(room)}")
        need(set(self.ledger(room)["end"]) == runs, "lost", f"the ledger ends: {self.ledger(room)['end']}")
        for run in runs:
            text = read(f"{self.experiment(room)}/records/{run}.jsonl")
            states = [json.loads(line)["status"] for line in text.splitlines()]
            need(states[-1] == "completed" and states.count("completed") == 1, "lost", f"{run}: {states}")

    def deaths(self):
        """What kills run-one while a run is at work."""
        return [tracing.Fault("run-one#1", f"run_00{i}", 1, tracing.DEATH) for i in range(self.runs)]

    def doubled(self, room):
        """Runs done twice, but for those that are due to what came first."""
        ends = self.ledger(room)["end"]
        return max(len(ends) - len(set(ends)) - len(self.first()), 0)


class Launched(Runs):
    """Its program is a launcher, whose worker inherits nothing."""

    def prepare(self, room, call):
        super().prepare(room, call)
        put(room + "/prog", LAUNCHER, 0o755)
        put(room + "/worker", RUN.replace('echo "end', 'sleep 0.1\necho "end'), 0o755)


class Survived(Launched):
    """run-one is killed, and another one attacked while a worker of the run lives on, which
    it does until the file `go` is there."""

    def prepare(self, room, call):
        super().prepare(room, call)
        put(room + "/worker", RUN.replace('echo "end', 'until test -e go; do sleep 0.02; done\necho "end'), 0o755)

    def deaths(self):
        return []

    def first(self):
        return super().deaths()[:1]


class Jobs(Runs):
    """Many at once, in one run-one."""

    cost = 2


class Sweep(Runs):
    """A driver does all of it."""

    runs = 3
    driver = "run-experiment"
    background = ""

    def prepare(self, room, call):
        Scene.prepare(self, room, call)

    def experiment(self, room):
        made = glob.glob(room + "/experiments/s_*")
        need(len(made) < 2, "broken", f"experiments: {made}")
        return made[0] if made else room + "/experiments/none"

    def end(self, room, out):
        super().end(room, out)
        doc = document(self.experiment(room))
        need(doc and doc["counts"]["completed"] == self.runs, "lost", f"experiment.json has {doc and doc['counts']}")


class GoOn(Sweep):
    """A sweep of which one run is done."""

    def prepare(self, room, call):
        super().prepare(room, call)
        call(["run-experiment", "-q", "--limit", "1", "spec.yaml"])


class Background(Sweep):
    """The driver goes away, and the sweep goes on. Its status is of the start alone."""

    driver = "run-background"
    cost = 4

    def after(self, room, status, out, fault):
        document(self.experiment(room))


def all_scenes():
    line = ["run-one", "-q"]
    sweep = ["--exp", "spec.yaml"]
    return [
        Expand("publish", ["sweep-expand", "-q", "-d", "e", "spec.yaml"],
               ["sweep-expand", "-q", "-r", "-d", "e", "spec.yaml"]),
        Again("publish-again", ["sweep-expand", "-q", "-r", "-d", "e", "spec.yaml"]),
        Fold("fold", ["meta-merge", "e"]),
        Fold("pass", ["meta-merge"], stdin="events"),
        Notes("notes", ["meta-merge"], stdin="notes"),
        Shown("find", ["find-rundir", "-r", "out", "-s", "since", "-a"]),
        Shown("watch", ["sweep-watch", "-1", "e"]),
        Runs("run", line, stdin="e/plan.jsonl"),
        Launched("launch", line, stdin="e/plan.jsonl"),
        Survived("survived", line, stdin="e/plan.jsonl"),
        Jobs("jobs", line + ["-j", "2"], stdin="e/plan.jsonl"),
        Sweep("sweep", ["run-experiment", "--resume"] + sweep),
        GoOn("go-on", ["run-experiment", "--resume", "--quiet"] + sweep),
        Background("background", ["run-background", "--resume", "--experiment", "spec.yaml"],
                   ["run-experiment", "--resume", "--quiet"] + sweep),
    ]
