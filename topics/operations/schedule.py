"""The schedule as people see it: its entries as plain data, and an entry run, enabled or disabled by hand."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import errors
from scheduling import entries, recurrence, words
from state.engine import pauses, schedule_records, schedule_runs, schedule_switches, schedules
from state.store import connection
from topics.operations import states, terms

#: The state of a run of which nobody knows how it ended.
UNKNOWN = "unknown"

#: Why an entry is not armed, in words; without a reason of ours it was rq-scheduler's cancel().
OFF = {"hand": "disabled", "removed": "removed", "": "cancelled"}

#: What its last occurrence does, by the status of its job; where that is over, or none was, the entry is simply on.
OF_LAST = {"queued": "queued", "started": "running", "scheduled": "retrying"}


@dataclass(frozen=True, slots=True)
class RunByHand:
    """What became of an entry run out of turn. `job`: the job that was queued, else the earlier one that is not over."""

    outcome: str  # queued, or why nothing was
    job: str | None

    @property
    def is_queued(self) -> bool:
        """Whether a job was queued."""
        return self.outcome == "queued"


@dataclass(frozen=True, slots=True)
class Run:
    """An occurrence that was queued. `state`: the job's, in our words, or `unknown`: nobody saw its end, and its record is gone.

    `late_s`: how long after its due time it was queued.
    """

    job: str
    state: str
    due_at: datetime | None
    queued_at: datetime
    late_s: float
    ended_at: datetime | None
    ran_s: float | None
    category: str
    by_hand: bool


def every(name: str | None = None) -> list[dict[str, Any]]:
    """All entries, with how they went and when they come next; with a name or an id that one, or none."""
    now = connection.now().timestamp()
    one = _find(name) if name is not None else None
    records = schedule_records.records() if name is None else [one] if one else []
    held = {pause.scope: pause for pause in pauses.among([pauses.of_entry(record.id) for record in records])}
    return [_facts(record, now, held.get(pauses.of_entry(record.id))) for record in records]


def find(name: str) -> schedule_records.Record:
    """One entry by its name or its id. Raises NotFound."""
    record = _find(name)
    if record is None:
        raise errors.NotFound(f"No entry {name!r} in the schedule: see `python manage.py schedule list`.")
    return record


def run(name: str) -> RunByHand:
    """Queue an entry now, out of turn, also a disabled one. Raises NotFound, or ArgumentError where it cannot run by hand."""
    record, now = find(name), connection.now().timestamp()
    why = _why_broken(record, now)
    if why or not _comes_again(record):
        raise errors.ArgumentError(f"{record.id} cannot be run by hand: {why or 'it runs once, when it is due'}.")
    occurrence = entries.occurrence(entries.as_seen(record), now)
    assert occurrence and occurrence.job, "it is not broken"
    [outcome] = schedules.enqueue_occurrences([occurrence], secrets.token_hex(8), recurrence.ON_TIME_S)
    if isinstance(outcome, Exception):
        raise outcome
    return RunByHand(outcome, occurrence.job.id if outcome == "queued" else record.last_job)


def catch_up(name: str) -> bool:
    """Let an entry that is overdue run now, as its rule for missed occurrences says; returns whether a job was queued.

    What the scheduler would do at its next look. An entry that is gone, off or not due is left alone.
    """
    now = connection.now().timestamp()
    record = _find(name)
    if record is None or record.next_at is None or record.next_at.timestamp() > now or not _comes_again(record):
        return False
    seen = entries.as_seen(record, b"%d" % record.next_at.timestamp())
    if entries.why_broken(seen, now) or not (found := entries.occurrence(seen, now)):
        return False
    return schedules.enqueue_occurrences([found], secrets.token_hex(8), recurrence.ON_TIME_S) == ["queued"]


def enable(name: str) -> bool:
    """Let an entry run again; returns whether it was disabled. Raises NotFound, or ArgumentError where the table lacks it."""
    record = find(name)
    if record.off == schedule_switches.REMOVED:
        raise errors.ArgumentError(f"{name} left the table of this version: add its row to table() in scheduler.py.")
    return schedule_switches.enable(record.id)


def disable(
    name: str, reason: str = "", actor: str = "", *, for_s: float | None = None, until: datetime | None = None
) -> tuple[bool, datetime | None]:
    """Keep an entry from running until it is enabled, also over restarts and new versions; with an end, until then.

    Returns whether it was enabled, and its end. At the end a scheduler enables it again. Disabling again changes reason and end.
    Raises NotFound, and ArgumentError for an end that is past or that gives no reason.
    """
    record, end = find(name), terms.end(for_s, until)
    if end is not None and not reason:
        raise errors.ArgumentError("--reason says why: give a few words")
    note = schedule_switches.Note(terms.reason(reason), terms.actor(actor), end) if reason else schedule_switches.NONE
    return schedule_switches.disable(record.id, schedule_switches.HAND, note), end


def runs(name: str) -> list[Run]:
    """The last runs of an entry, the newest first. Raises NotFound."""
    return runs_of([find(name).id])[0]


def runs_of(ids: Sequence[str]) -> list[list[Run]]:
    """The last runs of several entries. Two round trips; reads only."""
    with connection.errors_translated():
        return [[_run(one) for one in found] for found in schedule_runs.of(ids)]


def state_of(status: str | None) -> str:
    """Our word for RQ's word of a job; `unknown` where it has none."""
    return states.OF_RQ[status].value if status in states.OF_RQ else UNKNOWN


def _run(one: schedule_runs.Run) -> Run:
    state = state_of(one.outcome or one.status)
    return Run(one.job, state, one.due_at, one.queued_at, one.late_s, one.ended_at, one.ran_s, one.category, one.is_by_hand)


def _find(name: str) -> schedule_records.Record | None:
    return schedule_records.find(f"schedule-{name}") or schedule_records.find(name)


def _why_broken(record: schedule_records.Record, now: float) -> str | None:
    return entries.why_broken(entries.as_seen(record, b"%d" % now), now)


def _comes_again(record: schedule_records.Record) -> bool:
    return record.ours or recurrence.is_periodic(record.fields.get(b"meta", b"{}"))


def _facts(record: schedule_records.Record, now: float, pause: pauses.Pause | None) -> dict[str, Any]:
    why, comes_again = _why_broken(record, now), _comes_again(record)
    rules = recurrence.read(record.fields[b"meta"]) if not why and comes_again else None
    why = None if record.off else why  # a removed row names a function that is gone, and is disabled
    return {
        "name": entries.name_of(record.id) if record.ours else record.id,
        "id": record.id,
        "when": rules.says if rules else None if comes_again else "once",
        "queue": record.fields.get(b"origin", b"").decode(errors="replace"),
        "missed_rule": rules.missed if rules else None,
        "overlap": rules.overlap if rules else None,
        "last_run": record.last_due_at,
        "last_began": record.last_began_at,
        "last_job": record.last_job,
        "last_job_status": record.last_job_status,
        "next_run": record.next_at,
        "words": words.of(rules.calendar) if rules else None,
        "overdue_s": _overdue_s(record, now, pause is not None),
        "pause": pause,
        "off_reason": record.off_reason,
        "off_by": record.off_by,
        "off_since": record.off_since,
        "off_until": record.off_until,
        **record.counts,
        "state": "broken" if why else _state(record, pause is not None),
        "broken": why,
    }


def _overdue_s(record: schedule_records.Record, now: float, is_paused: bool) -> float:
    """How long it should have run; 0 where it is not due, or waits for something."""
    if record.next_at is None or record.waits or is_paused:
        return 0.0
    return round(max(0.0, now - record.next_at.timestamp()), 1)


def _state(record: schedule_records.Record, is_paused: bool) -> str:
    if record.off or not record.next_at:
        return OFF[record.off]
    if is_paused:
        return "paused"
    if record.waits:
        return "waits"
    return OF_LAST.get(record.last_job_status or "", "on")
