"""Entries of the schedule: the occurrence each stands for, and what keeps one from running."""

import secrets

import arguments
import models
import queues
from errors import ArgumentError, TrawlError
from parsing import schedule
from state import schedules

#: What reading an entry raises that somebody else wrote, or damaged.
BROKEN = (TrawlError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)

#: Why an entry cannot run whose hash is gone.
GONE = "its hash is gone or damaged; what stands in the table is written anew when the scheduler starts"


def occurrence(seen: schedules.Due, now: float) -> schedules.Occurrence | None:
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
    rules = schedule.read(seen.meta or b"")
    due = float(seen.due or now)
    if not 0 <= due < 1 << 40:
        raise ArgumentError(f"it is due at {due:g}, which is no time")
    step = schedule.step(rules, int(due), now, seen.waited) if seen.due else models.Step(int(now), 0)
    path, args, kwargs = arguments.of_job(seen.data or b"")
    run = int(now) if step.run is None else step.run
    call = models.Call(queues.function(path), tuple(args), {**kwargs, "due_s": run} if rules.pass_due else kwargs)
    name = f"{entry_id}-{run}" if seen.due else f"{entry_id}-by-hand-{secrets.token_hex(4)}"
    call = models.Call(call.func, call.args, call.kwargs, queue=(seen.queue or b"").decode() or None, job_id=name)
    return schedules.Occurrence(seen, rules.overlap, step, queues.prepare(call))


def as_seen(record: schedules.Record, due: bytes = b"") -> schedules.Due:
    """An entry as if it were due then (default: out of turn)."""
    data, meta, queue = (record.fields.get(name) for name in (b"data", b"meta", b"origin"))
    return schedules.Due(record.id.encode(), due, data, meta, queue, ours=record.ours)


def comes_again(seen: schedules.Due) -> bool:
    """Whether it is periodic: an entry of ours, or of rq-scheduler's schedule and cron."""
    return seen.ours or bool(seen.meta and schedule.is_periodic(seen.meta))


def why_broken(seen: schedules.Due, now: float) -> str | None:
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
