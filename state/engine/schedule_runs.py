"""The last runs of entries of the schedule: when each was due, when it was queued, and how its job ended.

Written in the step that queues an occurrence, and in the one that ends its job (lua/parts/schedule_runs.lua), so that nothing is
sought in the history. An entry of another program has no ends here: the record of its job says more, as long as RQ keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from redis.exceptions import ResponseError

from state.store import connection, keys

#: Runs of an entry that are told.
MOST = 30


@dataclass(frozen=True, slots=True)
class Run:
    """An occurrence that was queued. `outcome`: RQ's word of its end, "" = it is not over, or nobody saw it end.

    `status`: RQ's word of its job now, read only where it is not over; "" = its record is gone.
    """

    job: str
    due_at: datetime | None
    queued_at: datetime
    outcome: str = ""
    category: str = ""
    ended_at: datetime | None = None
    ran_s: float | None = None
    status: str = ""

    @property
    def is_by_hand(self) -> bool:
        """Whether it ran out of turn."""
        return "-by-hand-" in self.job

    @property
    def late_s(self) -> float:
        """How long after its due time it was queued."""
        return max(0.0, (self.queued_at - self.due_at).total_seconds()) if self.due_at else 0.0


def of(entries: Sequence[str]) -> list[list[Run]]:
    """The last runs of each entry, the newest first. Two round trips, however many entries; reads only."""
    client = connection.client()
    with client.pipeline(transaction=False) as pipe:
        for entry in entries:
            pipe.lrange(keys.schedule_runs(entry), 0, -1)
        lists = pipe.execute(raise_on_error=False) if entries else []
    found = [_runs(lines) for lines in lists]
    open_ = [run.job for runs in found for run in runs if not run.outcome]
    with client.pipeline(transaction=False) as pipe:
        for job in open_:
            pipe.hget(keys.job(job), "status")
        statuses = dict(zip(open_, pipe.execute(raise_on_error=False), strict=True)) if open_ else {}
    return [[_with_status(run, statuses.get(run.job)) for run in runs] for runs in found]


def _with_status(run: Run, status: object) -> Run:
    return replace(run, status=status.decode(errors="replace")) if isinstance(status, bytes) else run


def _runs(lines: list[bytes] | Exception) -> list[Run]:
    """The runs of a list; [] where its key is of another type."""
    if isinstance(lines, ResponseError):
        return []
    if isinstance(lines, Exception):
        raise lines
    ends, runs = dict[str, list[str]](), list[Run]()
    for line in lines:
        what, *words = line.decode(errors="replace").split(" ")
        if what == "queued" and len(words) == 3 and len(runs) < MOST:
            if run := _run(words, ends.get(words[0])):
                runs.append(run)
        elif len(words) == 4:
            ends.setdefault(words[0], [what, *words[1:]])  # the newest end comes first
    return runs


def _run(words: list[str], end: list[str] | None) -> Run | None:
    try:
        run = Run(words[0], _moment(float(words[1])), _moment(int(words[2]) / 1000))
        if end is None:
            return run
        ended, ran = _moment(int(end[1]) / 1000), int(end[2]) / 1000
        return replace(run, outcome=end[0], ended_at=ended, ran_s=ran, category=end[3])
    except (ValueError, OverflowError, OSError):  # somebody broke it: the others count
        return None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
