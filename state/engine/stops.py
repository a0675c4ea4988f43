"""What stops or holds up all work, by a snapshot of the store, each with the command that ends it.

The entries of the schedule are judged in topics/operations/stops.py, because reading them needs the registry of jobs.
"""

import functools
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from models import Stop
from state.engine import limits, looks, pauses, schedule_switches
from state.engine.snapshot import Entry, Snapshot
from state.store import connection

#: Jobs that wait for so long (s) while nothing runs and workers live: those workers stand still.
STALLED_S = 300.0

#: An entry of the schedule that is due for so long (s) is late, and so is whoever should look.
LATE_S = 60.0

WORKER = "python manage.py worker"
SCHEDULER = "`python manage.py scheduler` starts one."

#: Pauses that are told one by one.
PAUSES_SHOWN = 20

#: Kind of the jobs that a halt of fetching stops.
FETCHING = limits.SERP


def found(seen: Snapshot, broken: frozenset[str] = frozenset()) -> list[Stop]:
    """What stops or holds up work, the gravest first; `broken`: entries of the schedule that stay due because they cannot run."""
    looks = (
        _suspended,
        _unserved,
        _stalled,
        _halted,
        _no_scheduler,
        lambda look: _late(look, broken),
        _unarmed,
        _limits,
        _paused,
    )
    return [stop for judge in looks for stop in judge(seen)]


@functools.lru_cache(256)
def of_submit(notes: looks.Notes, queue: str, kind: str) -> tuple[str, ...]:
    """What keeps a job of that queue and kind from starting, one sentence each, by what its submit saw."""
    found = [suspended(notes.suspended_ms, connection.rq_command("resume"))] if notes.suspended_ms != -2 else []
    found += [unserved(queue)] if queue in notes.unserved.split(",") else []
    found += [stop] if kind == FETCHING and (stop := halt(notes.halted)) else []
    found += [no_place(kind)] if kind in notes.kinds else []
    scopes = {f"{pauses.QUEUE}:{queue}", f"{pauses.KIND}:{kind}", *([pauses.of_provider()] if kind == FETCHING else [])}
    found += [paused(pause) for pause in notes.pauses if pause.scope in scopes]
    return tuple(map(str, found))


def suspended(ms: int, cli: str) -> Stop:
    """`rq suspend` for so long (-1 = for ever); `cli` ends it."""
    lasts = "until somebody ends it" if ms < 0 else f"for another {_span(ms / 1000)}"
    return Stop("suspended", f"Suspended {lasts}: no worker takes a job (`rq suspend`).", f"`{cli}` ends it.")


def unserved(queue: str, jobs: int = 0, some_live: bool = True) -> Stop:
    """Nobody who lives serves a queue, which holds so many jobs (0 = not counted)."""
    holds = f", which holds {jobs:,} {'job' if jobs == 1 else 'jobs'}" if jobs else ""
    others = " The workers that run serve others." if some_live and jobs else ""
    fix = f"`{WORKER}{f' --queues {queue}' if others else ''}` starts one."
    return Stop("no worker", f"No worker runs that serves the queue {queue}{holds}.{others}", fix, queue=queue)


def never_scheduled() -> Stop:
    """No scheduler ever ran on this store."""
    return Stop("no scheduler", "No scheduler has run yet: nothing is queued by the clock.", SCHEDULER)


def no_place(kind: str) -> Stop:
    """No job of a kind may start."""
    fix = f"`python manage.py limit remove {kind}`, or `limit set`."
    return Stop("limit", f"The limit of the kind {kind} is 0: no job of it starts.", fix, wrong=False)


def paused(pause: pauses.Pause) -> Stop:
    """Somebody holds work."""
    queue = pause.scope.partition(":")[2] if pause.scope.startswith(f"{pauses.QUEUE}:") else None
    fix = f"`{pause.resume}` ends it."
    return Stop("paused", f"The {pause.what} is {pause.says}.", fix, pause.since, wrong=False, queue=queue, until=pause.until)


def halt(value: str) -> Stop | None:
    """Fetching is halted; None where the record says nothing."""
    try:
        told = json.loads(value)
        reason, since = str(told["reason"]), datetime.fromisoformat(told["since"])
    except (ValueError, KeyError, TypeError):
        return None
    fix = "mend that and it goes on by itself; `python manage.py serp resume` goes on at once."
    return Stop("halted", f"Nothing is fetched: {reason}", fix, since)


def _suspended(seen: Snapshot) -> Iterator[Stop]:
    if seen.suspended_ms is not None:
        yield suspended(seen.suspended_ms, connection.rq_command("resume"))


def _halted(seen: Snapshot) -> Iterator[Stop]:
    if stop := halt(seen.halted):
        yield stop


def _unserved(seen: Snapshot) -> Iterator[Stop]:
    served = {name for worker in seen.workers for name in worker.queues}
    for one in seen.waiting:
        if one.total and one.queue not in served:
            yield unserved(one.queue, one.total, bool(seen.workers))


def _stalled(seen: Snapshot) -> Iterator[Stop]:
    """Jobs wait, whoever serves them lives, and nothing runs at all."""
    if seen.running or seen.suspended_ms is not None:
        return
    held = {pause.scope for pause in seen.pauses}
    for one in seen.waiting:
        if f"{pauses.QUEUE}:{one.queue}" in held:
            continue
        serving = [worker for worker in seen.workers if one.queue in worker.queues]
        if not (serving and one.jobs and one.since and (seen.now - one.since).total_seconds() > STALLED_S):
            continue
        heard = max((worker.heard_at for worker in serving if worker.heard_at), default=None)
        ago = f", last heard of {_span((seen.now - heard).total_seconds())} ago" if heard else ""
        workers = f"{len(serving):,} worker{' serves' if len(serving) == 1 else 's serve'} it{ago}"
        what = f"{one.jobs:,} {'job' if one.jobs == 1 else 'jobs'}"
        says = f"The queue {one.queue} holds {what} and nothing runs, although {workers}."
        yield Stop("stalled", says, "see the log of the worker, and start it again.", one.since, queue=one.queue)


def _no_scheduler(seen: Snapshot) -> Iterator[Stop]:
    if seen.armed and not seen.scheduler_alive:
        says = f"No scheduler runs, and {seen.armed:,} {'entry' if seen.armed == 1 else 'entries'} of the schedule should run."
        yield Stop("no scheduler", says, SCHEDULER)


def _late(seen: Snapshot, broken: frozenset[str]) -> Iterator[Stop]:
    now = seen.now.timestamp()
    held = {pause.scope for pause in seen.pauses}
    armed = [one for one in seen.entries if one.due is not None and not one.seen.waited and one.id not in broken]
    armed = [one for one in armed if pauses.of_entry(one.id) not in held]
    late = [one for one in armed if one.due is not None and now - one.due > LATE_S]
    if late and seen.scheduler_alive:
        names = ", ".join(one.id.removeprefix("schedule-") for one in late[:5]) + (", …" if len(late) > 5 else "")
        since = datetime.fromtimestamp(max(0.0, min(one.due or 0.0 for one in late)), UTC)
        fix = "`python manage.py schedule list` shows them; see the log of the scheduler, and start it again."
        yield Stop("scheduler late", f"The scheduler lives and has not run what was due: {names}.", fix, since)


def _unarmed(seen: Snapshot) -> Iterator[Stop]:
    for one in seen.entries:
        name = one.id.removeprefix("schedule-")
        if one.seen.ours and one.due is None and one.off != schedule_switches.REMOVED:
            by_hand = one.off == schedule_switches.HAND
            what = f"is disabled{_note(one)}." if by_hand else "is gone from rq-scheduler's set: it never runs."
            says = f"The entry {name} of the schedule {what}"
            fix = f"`python manage.py schedule enable {name}`"
            yield Stop("disabled" if by_hand else "not armed", says, fix, wrong=not by_hand, until=one.until if by_hand else None)


def _note(one: Entry) -> str:
    """What who disabled it said."""
    until = f" until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""
    return f"{f' by {one.actor}' if one.actor else ''}{until}{f': {one.reason}' if one.reason else ''}"


def _limits(seen: Snapshot) -> Iterator[Stop]:
    for kind, most in seen.limits.items():
        if most == "0" and any(one.blocked.get(kind) for one in seen.waiting):
            yield no_place(kind)


def _paused(seen: Snapshot) -> Iterator[Stop]:
    yield from map(paused, seen.pauses[:PAUSES_SHOWN])
    if (others := max(seen.paused, len(seen.pauses)) - PAUSES_SHOWN) > 0 and len(seen.pauses) > PAUSES_SHOWN:
        fix = "`python manage.py pauses` shows all."
        yield Stop("paused", f"{others:,} more are paused.", fix, wrong=False)


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(1, round(seconds))} s"
