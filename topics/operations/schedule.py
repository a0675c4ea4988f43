"""The schedule as people see it: its entries as plain data, and an entry run, enabled or disabled by hand."""

import secrets
from dataclasses import dataclass
from typing import Any

import errors
from scheduling import entries, recurrence
from state.engine import schedule_records, schedules
from state.store import connection

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


def every() -> list[dict[str, Any]]:
    """All entries, with how they went and when they come next."""
    now = connection.now().timestamp()
    return [_facts(record, now) for record in schedule_records.records()]


def find(name: str) -> schedule_records.Record:
    """One entry by its name or its id. Raises NotFound."""
    record = schedule_records.find(f"schedule-{name}") or schedule_records.find(name)
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


def enable(name: str) -> bool:
    """Let an entry run again; returns whether it was disabled. Raises NotFound, or ArgumentError where the table lacks it."""
    record = find(name)
    if record.off == schedules.REMOVED:
        raise errors.ArgumentError(f"{name} left the table of this version: add its row to table() in scheduler.py.")
    return schedules.enable(record.id)


def disable(name: str) -> bool:
    """Keep an entry from running until it is enabled, also over restarts and new versions; returns whether it was enabled."""
    return schedules.disable(find(name).id, schedules.HAND)


def _why_broken(record: schedule_records.Record, now: float) -> str | None:
    return entries.why_broken(entries.as_seen(record, b"%d" % now), now)


def _comes_again(record: schedule_records.Record) -> bool:
    return record.ours or recurrence.is_periodic(record.fields.get(b"meta", b"{}"))


def _facts(record: schedule_records.Record, now: float) -> dict[str, Any]:
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
        **record.counts,
        "state": "broken" if why else _state(record),
        "broken": why,
    }


def _state(record: schedule_records.Record) -> str:
    if record.off or not record.next_at:
        return OFF[record.off]
    if record.waits:
        return "waits"
    return OF_LAST.get(record.last_job_status or "", "on")
