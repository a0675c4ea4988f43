"""Counts that cost one command each, however many jobs there are."""

from redis.exceptions import ResponseError

from state.engine import records
from state.engine.records import Place
from state.store import connection, keys

#: State of jobs → where they stand. Blocked jobs are among the pending ones.
REGISTRIES = {
    "running": keys.RQ_STARTED,
    "scheduled": keys.RQ_SCHEDULED,
    "completed": keys.RQ_FINISHED,
    "failed": keys.RQ_FAILED,
    "cancelled": keys.RQ_CANCELED,
}

STATES = ("pending", *REGISTRIES)


def by_state(queue: str) -> dict[str, int]:
    """How many jobs of a queue are in each state; those that ended are counted for as long as RQ keeps them. Reads only."""
    waiting = [*records.waiting_places([queue]), Place(keys.RQ_DEFERRED + queue, "zset")]
    ended = (keys.RQ_FINISHED, keys.RQ_FAILED)
    others = [Place(prefix + queue, "zset", expires=prefix in ended) for prefix in REGISTRIES.values()]
    sizes = records.sizes([*waiting, *others])
    return {"pending": sum(sizes[: len(waiting)])} | dict(zip(REGISTRIES, sizes[len(waiting) :], strict=True))


def held() -> dict[str, int]:
    """How many jobs are parked, and how many entries of queues were no job. Reads only."""
    return _lengths({"parked": keys.PARKED, "quarantined": keys.QUARANTINE})


def _lengths(names: dict[str, str]) -> dict[str, int]:
    with connection.client().pipeline(transaction=False) as pipe:
        for key in names.values():
            pipe.hlen(key)
        return dict(zip(names, map(_number, pipe.execute(raise_on_error=False)), strict=True))


def _number(answer: int | Exception) -> int:
    if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
        raise answer
    return 0 if isinstance(answer, Exception) else answer
