"""All the work in one look, as the first page shows it: queues, kinds, hours, errors, schedule, workers.

Everything is read in seven round trips, however many jobs there are. Figures name their window: a minute is one of the last
15, an hour is one of the clock, and the present one has hardly begun at times.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import queues
from scheduling import entries
from state.engine import flow, hourly, pauses
from state.engine.hourly import HOUR_S, Hour
from state.engine.pauses import Pause
from state.engine.snapshot import Entry, Snapshot, Waiting
from state.scraping import hosts
from state.store import connection
from state.tracking import credits
from topics.operations import listing, stops
from topics.operations.job_records import Job

#: Hours that charts and errors look back; clock hours that "lately" means: the present one and the one before.
HOURS, LATELY = 24, 2

#: Running jobs that are read to tell their kinds and queues; hosts that are looked through for errors, and that are named.
MOST_RUNNING, MOST_HOSTS, HOSTS_NAMED = 1000, 200, 10

#: Entries that come next, which are named; and from when on one counts as late (s).
NEXT, LATE_S = 5, 60

#: Outcomes of requests to a host that are no failure.
GOOD = frozenset({"ok", "not_modified"})


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue. `came`, `left`: jobs a minute. `empty_in_s` None: it does not shrink. `places`: of the workers that serve it."""

    name: str
    waiting: int
    blocked: int
    since: datetime | None
    came: float
    left: float
    running: int
    places: int | None
    workers: int
    paused: Pause | None
    empty_in_s: float | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of jobs. Ended ones are those of this hour and the last; times in seconds, None where none completed."""

    name: str
    running: int
    limit: int | None
    completed: int
    failed: int
    p50_s: float | None
    p95_s: float | None
    paused: Pause | None


@dataclass(frozen=True, slots=True)
class Errors:
    """Jobs of a kind that failed in 24 hours with errors of that category, and attempts that were tried again."""

    kind: str
    category: str
    failed: int
    retried: int


@dataclass(frozen=True, slots=True)
class HostErrors:
    """A host's requests of this hour and the last: those that failed, of how many, and how."""

    host: str
    failed: int
    requests: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule. `late` names entries that should have run; counts are those of 24 hours; `next` comes with its time."""

    entries: int
    late: Sequence[str]
    off: Sequence[str]
    missed: int
    skipped: int
    began_late: int
    next: Sequence[tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Overview:
    """The look. `hours`: oldest first, the present one last. `credits` None: nobody has asked the provider lately."""

    at: datetime
    queues: Sequence[Queue]
    kinds: Sequence[Kind]
    hours: Sequence[Hour]
    errors: Sequence[Errors]
    hosts: Sequence[HostErrors]
    schedule: Schedule
    workers: int
    busy: int
    running: int
    credits: credits.Credits | None

    @property
    def is_cut(self) -> bool:
        """Whether more jobs run than were looked at: those of queues and kinds are too few."""
        return self.running > MOST_RUNNING

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, nothing runs, and nothing ended in the last day."""
        return not (any(one.waiting or one.blocked or one.running for one in self.queues) or self.kinds)


def look() -> Overview:
    """Look at all the work. Reads only. Raises StoreUnreachable."""
    with connection.errors_translated():
        seen = stops.now()
        present = int(seen.now.timestamp()) // HOUR_S
        numbers = range(present - HOURS + 1, present + 1)
        hours, counts = hourly.read_with(numbers, flow.names(seen.now))
        running = listing.held(MOST_RUNNING)
        states = hosts.every(MOST_HOSTS, seen.now)
        known = credits.latest()
    day, lately = hourly.total(hours), hourly.total(hours[-LATELY:])
    at_work = {job.worker for job in running if job.started_at}  # the last beat of a worker may be 15 s old
    rates = flow.rates(seen.now, counts, queues.QUEUES)
    return Overview(
        at=seen.now,
        queues=[_queue(one, seen, rates[one.queue], running) for one in seen.waiting],
        kinds=_kinds(seen, day, lately, running),
        hours=hours,
        errors=_errors(day),
        hosts=_hosts(states),
        schedule=_schedule(seen, day),
        workers=len(seen.workers),
        running=seen.running,
        busy=sum(worker.busy or worker.name in at_work for worker in seen.workers),
        credits=known,
    )


def of_hours(hours: Sequence[Hour], *outcomes: str, most: int = 5) -> dict[str, list[int]]:
    """How many jobs ended so in each hour, by kind: the kinds with the most, the others together as `others`."""
    totals = Counter[str]()
    for hour in hours:
        for (kind, outcome, _, _), number in hour.counts.items():
            if outcome in outcomes and kind != hourly.SCHEDULE:
                totals[kind] += number
    named = [kind for kind, _ in totals.most_common(most)]
    found = {kind or "unknown": [hour.count(*outcomes, kind=kind) for hour in hours] for kind in named}
    if len(totals) > most:
        rest = set(totals) - set(named)
        found["others"] = [sum(hour.count(*outcomes, kind=kind) for kind in rest) for hour in hours]
    return found


def _queue(one: Waiting, seen: Snapshot, rate: flow.Rate, running: Sequence[Job]) -> Queue:
    serving = [worker for worker in seen.workers if one.queue in worker.queues]
    places = [worker.places for worker in serving if worker.places is not None]
    return Queue(
        one.queue,
        waiting=one.jobs + one.due,
        blocked=sum(one.blocked.values()),
        since=one.oldest,
        came=rate.came,
        left=rate.left,
        running=sum(job.queue == one.queue for job in running),
        places=sum(places) if places else None,
        workers=len(serving),
        paused=_pause_of(seen, f"{pauses.QUEUE}:{one.queue}"),
        empty_in_s=rate.empty_in_s(one.total),
    )


def _kinds(seen: Snapshot, day: Hour, lately: Hour, running: Sequence[Job]) -> list[Kind]:
    """Kinds of which anything ran in 24 hours, or that have a limit or a pause."""
    now = Counter(job.kind for job in running)
    ended = {kind for kind in day.kinds() if kind != hourly.SCHEDULE and day.count("finished", "failed", kind=kind)}
    held = {pause.scope.partition(":")[2] for pause in seen.pauses if pause.scope.startswith(f"{pauses.KIND}:")}
    limited = {kind for kind, most in seen.limits.items() if most}
    return [_kind(kind, seen, lately, now[kind]) for kind in sorted({*now, *ended, *held, *limited})]


def _kind(kind: str, seen: Snapshot, lately: Hour, running: int) -> Kind:
    most = seen.limits.get(kind, "")
    return Kind(
        kind or "unknown",
        running=running,
        limit=int(most) if most.isdigit() else None,
        completed=lately.count("finished", kind=kind),
        failed=lately.count("failed", kind=kind),
        p50_s=_seconds(lately.percentile_ms(0.5, "finished", kind=kind)),
        p95_s=_seconds(lately.percentile_ms(0.95, "finished", kind=kind)),
        paused=_pause_of(seen, f"{pauses.KIND}:{kind}"),
    )


def _errors(day: Hour) -> list[Errors]:
    """By kind and category, the most failures first."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for (kind, outcome, category, _), number in day.counts.items():
        if outcome in ("failed", "retry"):
            counts[kind, category or "system", outcome] += number
    pairs = {(kind, category) for kind, category, _ in counts}
    found = [
        Errors(kind, category, counts[kind, category, "failed"], counts[kind, category, "retry"]) for kind, category in pairs
    ]
    return sorted(
        (one for one in found if one.failed or one.retried), key=lambda one: (-one.failed, -one.retried, one.kind, one.category)
    )


def _hosts(states: Sequence[hosts.HostState]) -> list[HostErrors]:
    """Those with the most failures first."""
    found = []
    for one in states:
        failed = {outcome: number for outcome, number in one.outcomes.items() if outcome not in GOOD}
        if failed:
            found.append(HostErrors(one.host, sum(failed.values()), sum(one.outcomes.values()), failed))
    return sorted(found, key=lambda one: (-one.failed, one.host))[:HOSTS_NAMED]


def _schedule(seen: Snapshot, day: Hour) -> Schedule:
    now, held = seen.now.timestamp(), {pause.scope for pause in seen.pauses}
    armed = sorted((one for one in seen.entries if one.due is not None), key=lambda one: one.due or 0.0)
    return Schedule(
        entries=len(seen.entries),
        late=[_name(one) for one in armed if _is_late(one, now) and pauses.of_entry(one.id) not in held],
        off=sorted(_name(one) for one in seen.entries if one.due is None),
        missed=day.count("missed", kind=hourly.SCHEDULE),
        skipped=day.count("skipped", kind=hourly.SCHEDULE),
        began_late=day.count("late", kind=hourly.SCHEDULE),
        next=[(_name(one), at) for one in armed if (at := _at(one)) is not None and (one.due or 0) > now][:NEXT],
    )


def _is_late(one: Entry, now: float) -> bool:
    return one.due is not None and not one.seen.waited and now - one.due > LATE_S


def _at(one: Entry) -> datetime | None:
    try:
        return datetime.fromtimestamp(one.due or 0.0, UTC)
    except (ValueError, OverflowError, OSError):  # somebody wrote a number that is no time
        return None


def _name(one: Entry) -> str:
    return entries.name_of(one.id)


def _pause_of(seen: Snapshot, scope: str) -> Pause | None:
    return next((pause for pause in seen.pauses if pause.scope == scope), None)


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000
