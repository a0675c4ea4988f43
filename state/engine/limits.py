"""Concurrency limits: at most so many jobs of a kind run at a time, over all workers.

A limit that was set by hand is kept in Redis, so every worker obeys a change at its next look. A setting may limit a kind, too;
the lower limit counts. The script `lease` counts and enforces. A job that has no place is blocked: it waits in a list of its
kind, a queue of RQ's named like `default.serp`, and starts as soon as there is room. Nothing is counted up or down: a run counts
while it is leased. So a run that is settled, killed, lost or rescued counts no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errors import DataError, NotFound
from state.engine import payload
from state.store import connection, keys, scripts

#: Rounds in which the kinds of running jobs are resolved before a limit counts them.
ROUNDS = 3

#: Kind of the jobs that make requests to the provider.
SERP = "serp"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and how it is used: running jobs of the kind, and blocked ones."""

    kind: str
    most: int
    running: int
    blocked: int


def announce(kinds: Mapping[str, str]) -> None:
    """Write which kind the jobs of each function are: the scripts know a job by its function only."""
    connection.client().hset(keys.KINDS, mapping=dict(kinds))


def put(kind: str, most: int) -> None:
    """From now on at most `most` jobs of a kind start (0 = none); what runs goes on, and counts."""
    for _ in range(ROUNDS):
        unresolved = _write(kind, most)
        if not unresolved:
            return
        resolve_kinds(unresolved)


def remove(kind: str) -> None:
    """Remove a limit; the jobs it blocked start before all others of their queue. Raises NotFound."""
    if not connection.client().hget(keys.LIMITS, kind):
        raise NotFound(f"No limit for the kind {kind!r}: `python manage.py limit list` shows them.")
    _write(kind, "")


def _write(kind: str, most: int | str) -> list[str]:
    unresolved = _set_limit(
        limits=keys.LIMITS,
        kinds=keys.KINDS,
        leases=keys.LEASES,
        runs=keys.RUNS + kind,
        wakeups=keys.WAKE,
        kind=kind,
        most=most,
        jobs=keys.RQ_JOB,
    )
    return [job.decode() for job in unresolved]


@scripts.script("engine/set_limit")
def _set_limit(
    *, limits: str, kinds: str, leases: str, runs: str, wakeups: str, kind: str, most: int | str, jobs: str
) -> list[bytes]:
    raise scripts.InLua


def forget_ended() -> None:
    """Let go of runs that ended and that no look counted since: a kind that rests keeps none. At most three round trips."""
    client = connection.client()
    with client.pipeline(transaction=False) as pipe:
        kinds, limited = pipe.hvals(keys.KINDS).hkeys(keys.LIMITS).execute()
        all_runs = [keys.RUNS + kind for kind in sorted({SERP, *(one.decode() for one in (*kinds, *limited))})]
        if not client.exists(*all_runs):
            return
        for runs in all_runs:
            pipe.zinterstore(runs, [runs, keys.LEASES], aggregate="MAX")
        pipe.execute(raise_on_error=False)  # `status` names a broken key


def resolve_kinds(job_ids: Sequence[str]) -> None:
    """Write down the function of jobs whose data RQ compressed; scripts cannot read the function there."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.hget(keys.job(job_id), "data")
        paths = [_function(data or b"") for data in pipe.execute()]
    _resolve_kinds(jobs=[keys.job(job_id) for job_id in job_ids], functions=paths)


@scripts.script("engine/resolve_kinds")
def _resolve_kinds(*, jobs: Sequence[str], functions: Sequence[str]) -> int:
    raise scripts.InLua


def _function(data: bytes) -> str:
    try:
        return payload.of_job(data)[0]
    except DataError:  # the worker that takes the job says what is wrong with it
        return ""


def every(queues: Sequence[str]) -> list[Limit]:
    """All limits set by hand, by kind, with the blocked jobs of these queues. Reads only; three round trips."""
    limits = sorted((kind.decode(), int(most)) for kind, most in connection.client().hgetall(keys.LIMITS).items() if most)
    held, waiting = running([kind for kind, _ in limits]), blocked_by_kind(queues, [kind for kind, _ in limits])
    return [Limit(kind, most, held[kind], waiting[kind]) for kind, most in limits]


def blocked_by_kind(queues: Sequence[str], kinds: Sequence[str]) -> dict[str, int]:
    """How many jobs of each kind are blocked in these queues. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for kind in kinds:
            for name in queues:
                pipe.llen(keys.blocked(name, kind))
        found = pipe.execute() if kinds and queues else []
    width = len(queues)
    return {kind: sum(found[at * width : (at + 1) * width]) for at, kind in enumerate(kinds)}


def lists(queues: Sequence[str]) -> list[str]:
    """Names of the lists in which blocked jobs of these queues wait, whether there are any or not."""
    kinds = sorted(kind.decode() for kind in connection.client().hkeys(keys.LIMITS))
    return [f"{name}.{kind}" for name in queues for kind in kinds]


def blocked(queues: Sequence[str], limited: Sequence[bytes] | None = None) -> dict[str, int]:
    """How many jobs of each queue are blocked. `limited`: the fields of keys.LIMITS, where they were read already."""
    kinds = [kind.decode() for kind in (connection.client().hkeys(keys.LIMITS) if limited is None else limited)]
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            for kind in kinds:
                pipe.llen(keys.blocked(name, kind))
        found = pipe.execute() if kinds and queues else []
    width = len(kinds)
    return {name: sum(found[at * width : (at + 1) * width]) for at, name in enumerate(queues)}


def running(kinds: Sequence[str]) -> dict[str, int]:
    """How many jobs of each kind are leased, of kinds that something limits. Two round trips."""
    client = connection.client()
    with client.pipeline(transaction=False) as pipe:
        for kind in kinds:
            pipe.zrange(keys.RUNS + kind, 0, -1)
        runs = pipe.execute() if kinds else []
    with client.pipeline(transaction=False) as pipe:
        for run in (one for found in runs for one in found):
            pipe.zscore(keys.LEASES, run)
        ends = iter(pipe.execute() if any(runs) else [])
    return {kind: sum(next(ends) is not None for _ in found) for kind, found in zip(kinds, runs, strict=True)}
