"""What nobody did in time, because no process runs that would, and what waits for people: counts, and some examples.

Living processes deal with all of it within seconds; a minute's grace keeps a busy system out of it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from state.store import connection, keys

GRACE_S = 60.0

#: A follow-up is begun after 30 s, by whoever looks once a minute, and tried again a minute later.
FOLLOW_UP_GRACE_S = 180.0

#: RQ itself lets entries stand until one of its tools looks.
ENTRY_GRACE_S = 3600.0

#: Registries of RQ whose entries end at their score.
ENDING = ("finished", "failed", "canceled")

EXAMPLES = 5

#: Failed jobs of a queue that are looked into.
LATEST = 200


@dataclass(frozen=True, slots=True)
class Late:
    """How many are late, and some of them."""

    count: int
    examples: list[str]


def leases() -> Late:
    """Leases that ran out, and nobody took their jobs back."""
    return _late(keys.LEASES, (connection.now().timestamp() - GRACE_S) * 1000)


def jobs(queue: str) -> Late:
    """Delayed jobs that are due, and nobody moved them to their queue."""
    return _late(keys.RQ_SCHEDULED + queue, connection.now().timestamp() - GRACE_S)


def follow_ups() -> Late:
    """Outcomes whose dependents, repeats or rate limits nobody followed up."""
    return _late(keys.FOLLOWUPS, (connection.now().timestamp() - FOLLOW_UP_GRACE_S) * 1000)


def entries(queue: str, remove: bool = False) -> int:
    """Entries of RQ's registries that ended long ago; returns how many there are, or were."""
    until, redis, found = connection.now().timestamp() - ENTRY_GRACE_S, connection.client(), 0
    for name in ENDING:
        key = f"{keys.RQ}{name}:{queue}"
        found += int(redis.zremrangebyscore(key, 0, until) if remove else redis.zcount(key, 0, until))
    return found


def strange_queues(queues: Sequence[str]) -> dict[str, int]:
    """Queues that are not ours and hold jobs, delayed ones included → how many: no worker of ours serves them."""
    redis, prefix = connection.client(), keys.RQ_QUEUE.encode()
    names = {name.removeprefix(prefix).decode(errors="replace") for name in redis.smembers(keys.RQ_QUEUES)} - set(queues)
    counts = {name: int(redis.llen(keys.queue(name))) + int(redis.zcard(keys.RQ_SCHEDULED + name)) for name in sorted(names)}
    return {name: count for name, count in counts.items() if count}


def intermediate(queues: Sequence[str]) -> dict[str, int]:
    """Lists in which RQ's own worker keeps what it has just taken → how many stand there; ours have none."""
    counts = {name: int(connection.client().llen(name)) for name in (f"{keys.queue(queue)}:intermediate" for queue in queues)}
    return {name: count for name, count in counts.items() if count}


def latest_failed(queue: str) -> list[str]:
    """Ids of the jobs of a queue that failed last, as RQ's registry has them."""
    found = connection.client().zrevrange(keys.RQ_FAILED + queue, 0, LATEST - 1)
    return [job.decode(errors="replace") for job in found]


def quarantined() -> Counter[str]:
    """What is kept in quarantine: reason → how many."""
    reasons: Counter[str] = Counter()
    for _, value in connection.client().hscan_iter(keys.QUARANTINE, count=1000):
        try:
            reasons[str(json.loads(value)["reason"])] += 1
        except (ValueError, KeyError, TypeError):
            reasons["no reason given"] += 1
    return reasons


def living_workers() -> int:
    """Workers whose record is there."""
    redis = connection.client()
    return sum(bool(redis.hexists(name, "birth")) for name in redis.smembers(keys.RQ_WORKERS))


def _late(key: str, until: float) -> Late:
    with connection.client().pipeline() as pipe:
        pipe.zcount(key, "-inf", until)
        pipe.zrangebyscore(key, "-inf", until, start=0, num=EXAMPLES)
        count, names = pipe.execute()
    return Late(int(count), [name.decode(errors="replace") for name in names])
