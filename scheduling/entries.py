"""Entries of the schedule: a row as it is declared, as it is stored, and what is to be done when it is due."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import models
import queues
from errors import ArgumentError, ConfigError, TrawlError
from scheduling import recurrence
from state.engine import payload, schedule_records, schedules

#: What reading an entry raises that somebody else wrote, or damaged.
BROKEN = (TrawlError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)

#: Why an entry cannot run whose hash is gone.
GONE = "its hash is gone or damaged; what stands in the table is written anew when the scheduler starts"

NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a job without arguments but `kwargs`, every so many seconds or by cron (five fields, in `zone`).

    `missed`: what becomes of occurrences that were due while no scheduler ran. skip: none is made up for; one: the last is; all:
    each is, up to `at_most`. `overlap`: what becomes of one that is due while the one before is not over. skip: it is left out;
    queue_one: it waits, further ones are left out (with missed="all" they wait too); allow: both run. `pass_due` gives the job
    its due time (seconds since 1970) as `due_s`.
    """

    name: str
    func: Callable[..., Any]
    every_s: int | None = None
    cron: str | None = None
    zone: str = "UTC"
    missed: str = "one"
    at_most: int = recurrence.AT_MOST
    overlap: str = "skip"
    pass_due: bool = False
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id among rq-scheduler's entries."""
        return f"schedule-{self.name}"

    @property
    def when(self) -> str:
        """When it runs, in words."""
        return f"every {self.every_s} s" if self.cron is None else f"{self.cron} {self.zone}"


def registration(entry: Entry, now: int) -> schedules.Registration:
    """An entry as it is stored. Raises ConfigError where it could never work."""
    rules = {"missed": entry.missed, "at_most": entry.at_most, "overlap": entry.overlap, "pass_due": entry.pass_due}
    try:
        if not NAME.fullmatch(entry.name):
            raise ArgumentError("its name must be up to 100 letters, digits, - and _")
        meta = recurrence.meta(entry.every_s, entry.cron, entry.zone, **rules)
        example = {**entry.kwargs, "due_s": now} if entry.pass_due else entry.kwargs
        job = queues.prepare(models.Call(entry.func, (), example))
        following = recurrence.read(meta).calendar.after(now, now)
    except ArgumentError as exc:
        raise ConfigError(f"The entry {entry.name!r:.60} of the schedule cannot run: {exc}") from None
    spec = queues.spec_of(entry.func)
    fields = {"data": payload.to_json([spec.path, None, [], entry.kwargs], entry.name), "meta": meta, "origin": job.queue}
    fields |= {"description": entry.name, "timeout": str(spec.timeout_s), "result_ttl": "-1", "status": "scheduled"}
    by_interval = entry.cron is None
    return schedules.Registration(entry.id, fields, now if by_interval else following, following, by_interval)


def occurrence(seen: schedules.DueEntry, now: float) -> schedules.Occurrence | None:
    """What to do about an entry that is due, or by hand (`due` b""); None = it is gone, or does not come again.

    Raises one of BROKEN where it cannot be read.
    """
    entry_id = seen.id.decode()
    if not queues.JOB_ID.fullmatch(entry_id):
        raise ArgumentError("its id must be up to 200 letters, digits, - and _")
    if seen.wrong:
        raise ArgumentError(seen.wrong)
    if seen.gone or not comes_again(seen):
        return None
    rules = recurrence.read(seen.meta or b"")
    due = float(seen.due or now)
    if not recurrence.is_time(due):
        raise ArgumentError(f"it is due at {due:g}, which is no time")
    step = recurrence.step(rules, int(due), now, seen.waited) if seen.due else models.Step(int(now), 0)
    path, args, kwargs = payload.of_job(seen.data or b"")
    run = int(now) if step.run is None else step.run
    call = models.Call(queues.function(path), tuple(args), {**kwargs, "due_s": run} if rules.pass_due else kwargs)
    name = f"{entry_id}-{run}" if seen.due else f"{entry_id}-by-hand-{secrets.token_hex(4)}"
    call = models.Call(call.func, call.args, call.kwargs, queue=(seen.queue or b"").decode() or None, job_id=name)
    return schedules.Occurrence(seen, rules.overlap, step, queues.prepare(call))


def as_seen(record: schedule_records.Record, due: bytes = b"") -> schedules.DueEntry:
    """An entry as if it were due then (default: out of turn)."""
    data, meta, queue = (record.fields.get(name) for name in (b"data", b"meta", b"origin"))
    return schedules.DueEntry(record.id.encode(), due, data, meta, queue, ours=record.ours)


def comes_again(seen: schedules.DueEntry) -> bool:
    """Whether it is periodic: an entry of ours, or of rq-scheduler's schedule and cron."""
    return seen.ours or bool(seen.meta and recurrence.is_periodic(seen.meta))


def why_broken(seen: schedules.DueEntry, now: float) -> str | None:
    """Why an entry cannot run; None = it can. Reads only what was seen."""
    if seen.gone:
        return GONE
    try:
        occurrence(seen, now)
    except BROKEN as exc:
        return str(exc).rstrip(".") or type(exc).__name__
    return None


def name_of(entry_id: str) -> str:
    """The name by which `schedule` calls an entry."""
    return entry_id.removeprefix("schedule-")
