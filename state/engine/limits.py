"""Limits per kind: at most so many jobs of a kind run at a time, over all workers.

A limit is kept in Redis, so every worker obeys a change at its next look. The script `lease` counts and enforces: a job that has
no place waits in a list of its own, a queue of RQ's named like `default.serp`, and starts as soon as one is free. Nothing is
counted up or down: a run counts while it is leased, so what is settled, killed, lost or rescued frees its place by that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errors import DataError, NotFound
from state.engine import payload
from state.store import connection, keys, scripts

#: Rounds in which functions of running jobs are revealed before a limit counts them.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and how it is used: runs of the kind, and jobs that wait for a place."""

    kind: str
    most: int
    running: int
    waiting: int


def announce(kinds: Mapping[str, str]) -> None:
    """Tell which kind the jobs of each function are: the scripts know a job by its function only."""
    connection.client().hset(keys.KINDS, mapping=dict(kinds))


def put(kind: str, most: int) -> None:
    """From now on at most `most` jobs of a kind start (0 = none); what runs goes on, and counts."""
    for _ in range(ROUNDS):
        hidden = _write(kind, most)
        if not hidden:
            return
        reveal(hidden)


def remove(kind: str) -> None:
    """Take a limit away; jobs that wait for it start before all others of their queue. Raises NotFound."""
    if not connection.client().hget(keys.LIMITS, kind):
        raise NotFound(f"No limit for the kind {kind!r}: `python manage.py limit list` shows them.")
    _write(kind, "")


def _write(kind: str, most: int | str) -> list[str]:
    where = [keys.LIMITS, keys.KINDS, keys.LEASES, keys.RUNS + kind, keys.WAKE]
    return [job.decode() for job in scripts.run("engine/limit", where, [kind, most, keys.RQ_JOB])]


def reveal(job_ids: Sequence[str]) -> None:
    """Write down the function of jobs whose data RQ compressed; scripts cannot read it there."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.hget(keys.job(job_id), "data")
        paths = [_function(data or b"") for data in pipe.execute()]
    scripts.run("engine/reveal", [keys.job(job_id) for job_id in job_ids], paths)


def _function(data: bytes) -> str:
    try:
        return payload.of_job(data)[0]
    except DataError:  # whoever takes the job says what is wrong with it
        return ""


def every(queues: Sequence[str]) -> list[Limit]:
    """All limits by kind, with what waits in these queues. Reads only."""
    limits = sorted((kind.decode(), int(most)) for kind, most in connection.client().hgetall(keys.LIMITS).items() if most)
    return [Limit(kind, most, _running(kind), _waiting(queues, [kind])) for kind, most in limits]


def lists(queues: Sequence[str]) -> list[str]:
    """Names of the queues in which jobs of these queues wait for a place of their kind, whether any does or not."""
    kinds = sorted(kind.decode() for kind in connection.client().hkeys(keys.LIMITS))
    return [f"{name}.{kind}" for name in queues for kind in kinds]


def waiting(queues: Sequence[str]) -> dict[str, int]:
    """How many jobs of each queue wait for a place of their kind."""
    kinds = [kind.decode() for kind in connection.client().hkeys(keys.LIMITS)]
    return {name: _waiting([name], kinds) if kinds else 0 for name in queues}


def _running(kind: str) -> int:
    with connection.client().pipeline(transaction=False) as pipe:
        for lease in connection.client().zrange(keys.RUNS + kind, 0, -1):
            pipe.zscore(keys.LEASES, lease)
        return sum(end is not None for end in pipe.execute())


def _waiting(queues: Sequence[str], kinds: Sequence[str]) -> int:
    with connection.client().pipeline(transaction=False) as pipe:
        for name in queues:
            for kind in kinds:
                pipe.llen(keys.waiting(name, kind))
        return sum(pipe.execute())
