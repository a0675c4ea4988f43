"""The audit of a soak: every job that was acknowledged, every occurrence of the schedule, and the story of what is wrong."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from state.engine import schedule_records, schedule_switches
from state.store import connection, keys
from tests.faults import harness, load, schedule
from tests.faults.schedule import row

#: The table before the deploy in the middle, and after it.
KEPT = [
    row("all-1", 1, missed="all"),
    row("all-2", 2, missed="all"),
    row("one", 1, missed="one"),
    row("busy", 2, "occupy", kwargs={"seconds": 1.0}, overlap="skip"),
    row("waits", 3, "occupy", kwargs={"seconds": 2.0}, overlap="queue_one"),
]
BEFORE = [*KEPT, row("changed", 2, missed="all"), row("left", 1, missed="all")]
AFTER = [*KEPT, row("changed", 3, missed="all"), row("new", 1, missed="all")]

#: What the deploy adds to what the store keeps: key → size (0 = whatever it is).
NEW_KEYS = {"rq:job:schedule-new": 0, "trawl:schedule:schedule-new": 0, keys.SCHEDULES: 1}


def of_jobs(those: load.Load, ledger: harness.Ledger, occurrences: Iterable[str]) -> tuple[Counter[str], list[str]]:
    """How many ended in which way, and what is wrong, one line each."""
    must = dict.fromkeys(occurrences, load.DONE) | those.acked
    found = harness.audit(must)
    wrong = [f"lost: {job}" for job in found.lost] + [f"twice: {job} in {found.places[job]}" for job in found.doubled]
    wrong += [f"committed twice: {job}" for job in found.committed_twice] + found.faults
    ended = {(line.job, line.execution) for line in ledger.lines("end")}
    for job, wanted in must.items():
        place, committed = "".join(found.places[job]), found.committed[job]
        cancelled = harness.status(job) == "canceled"
        if wanted == load.DONE and (place, committed) != ("done", 1):
            wrong.append(f"{job} should be done, with one result: it is {place or 'nowhere'}, with {committed}")
        elif wanted == load.DEAD and (place, committed) != ("dead", 0):
            wrong.append(f"{job} should be dead, without a result: it is {place or 'nowhere'}, with {committed}")
        elif wanted == load.EITHER and not ((place, committed) == ("done", 1) or (cancelled and not committed)):
            told = f"{place or 'nowhere'}, {harness.status(job)}, with {committed}"
            wrong.append(f"{job} should be done with one result, or cancelled: it is {told}")
        if those.cancelled.get(job) in ("queued", "scheduled", "canceled") and not cancelled:
            wrong.append(f"{job} was told to be cancelled and is {harness.status(job)}")
        if committed and (job, _committed_by(job)) not in ended:
            wrong.append(f"{job} has a result of a run that did not end")
    return found.counts(), wrong


def _committed_by(job: str) -> str:
    return next(one["execution_id"] for one in harness.results(job) if one["type"] == "1")


def of_schedule(ledger: harness.Ledger, logs: Iterable[Path], first: dict[str, int]) -> tuple[set[str], list[str]]:
    """Ids of the occurrences that ran or were said to be queued, and what is wrong with them, one line each.

    `first`: when each entry was first due, as it was registered.
    """
    said = said_queued(logs)
    ran = {line.job for line in ledger.lines("start") if line.job.startswith("schedule-")}
    wrong = [f"queued {times} times: {job}" for job, times in said.items() if times > 1]
    wrong += [f"queued and never begun: {job}" for job in said.keys() - ran]
    found = schedule.occurrences(sorted(ran))
    steps = {one["name"]: one["every_s"] for one in [*BEFORE, *AFTER]}
    for name, step in steps.items():
        record, dues = schedule_records.find(f"schedule-{name}"), sorted(found.dues[name])
        if not record or not dues:
            wrong.append(f"{name} never ran")
            continue
        if name == "changed":
            wrong += _wrong_change(dues)
        else:
            left_out = record.counts["missed"] + record.counts["skipped"]
            wrong += _wrong_gaps(name, [first.get(name, dues[0]), *dues], step, left_out)
        if name not in ("one", "busy", "waits") and record.counts["missed"]:
            wrong.append(f"{name} missed {record.counts['missed']}, and should make up for all")
    if (gone := schedule_records.find("schedule-left")) and gone.off != schedule_switches.REMOVED:
        wrong.append("the entry that left the table is armed")
    return ran | said.keys(), wrong


def _wrong_gaps(name: str, times: list[int], step: int, left_out: int) -> list[str]:
    """From the first due time to the one that is armed now: each was begun or counted."""
    first, *dues = times
    end = int(connection.client().hget(keys.schedule(f"schedule-{name}"), "due"))
    expected = (end - first) // step
    off_grid = [due for due in dues if (due - first) % step]
    wrong = [f"{name} ran at {off_grid[:3]}, which is no due time of it"] if off_grid else []
    if expected != len(dues) + left_out:
        gap = expected - len(dues) - left_out
        wrong.append(f"{name} has a gap of {gap}: {expected} were due, {len(dues)} ran, {left_out} were counted as left out")
    return wrong


def _wrong_change(dues: list[int]) -> list[str]:
    """Every 2 s before the deploy, every 3 s after it, and nothing else."""
    steps = [later - earlier for earlier, later in pairwise(dues)]
    turn = next((number for number, step in enumerate(steps) if step != 2), len(steps))
    if 0 < turn < len(steps) and set(steps[turn:]) == {3}:
        return []
    return [f"the changed entry ran in steps of {Counter(steps)}, not of 2 s and then of 3 s"]


def said_queued(logs: Iterable[Path]) -> Counter[str]:
    """How often schedulers said of an occurrence that they queued it."""
    found: Counter[str] = Counter()
    for log in logs:
        for text in log.read_text(errors="replace").splitlines():
            if '"Occurrence queued"' in text and text.endswith("}"):
                found[json.loads(text)["job"]] += 1
    return found


def story(job: str, ledger: harness.Ledger) -> str:
    """What is known of a job, for whoever looks into it."""
    lines = " ".join(f"{line.what}@{line.at:.2f}({line.execution} pid {line.pid})" for line in ledger.lines(job=job))
    told = ("data", "description")
    kept = {name: value[:120] for name, value in harness.record(job).items() if name not in told}
    return f"  {job}: {kept}\n    results {harness.results(job)}\n    ledger {lines}"
