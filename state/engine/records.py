"""RQ's records of jobs as people see them, and where jobs wait, run and rest: read only."""

from collections.abc import Sequence
from typing import NamedTuple

from redis.exceptions import ResponseError

from state.engine import limits
from state.store import connection, keys

#: Fields of a record that are read; `data` may be large and is not among them.
FIELDS = (
    *("status", "origin", "kind", "description", "created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat"),
    *("worker_name", "timeout", "retries_left", "attempt", "rescues", "deaths", "failure", "error_category", "error_message"),
    "error_class",
    *("progress", "parked", "parked_until", "parked_since", "claim", "cancel", "prefetched", "meta", "function"),
    *("retry_of", "retried_as", "host", "tag", "project", "owner"),
)

#: Those of them that tell whether a job has the labels that are sought.
LABELS = ("status", "origin", "kind", "description", "function", "created_at", "host", "tag", "project", "owner")

#: Jobs read in one round trip.
CHUNK = 500

#: A job of a list is looked for so much further on than it stood.
NEAR = 10_000


class Place(NamedTuple):
    """A list or sorted set of job ids. `newest_first`: it is read from its end. `expires`: its scores say when jobs expire."""

    key: str
    kind: str  # list, zset or lease
    newest_first: bool = False
    expires: bool = False


def read(job_ids: Sequence[str], at_once: int = CHUNK, fields: Sequence[str] = FIELDS) -> list[dict[str, str]]:
    """The records of jobs, as text; {} for one that is not there or is no job's. `at_once`: in one round trip."""
    found: list[dict[str, str]] = []
    for at in range(0, len(job_ids), at_once):
        with connection.client().pipeline(transaction=False) as pipe:
            for job_id in job_ids[at : at + at_once]:
                ask(pipe, job_id, fields)
            found += [told(values, fields) for values in pipe.execute(raise_on_error=False)]
    return found


def ask(pipe: connection.Redis, job_id: str, fields: Sequence[str] = FIELDS) -> None:
    """Ask for the record of a job, together with others; `told` reads the reply."""
    pipe.hmget(keys.job(job_id), *fields)


def told(values: list[bytes | None] | Exception, fields: Sequence[str] = FIELDS) -> dict[str, str]:
    """The record as text; {} where that is none."""
    if isinstance(values, ResponseError):
        return {}
    if isinstance(values, Exception):
        raise values
    pairs = zip(fields, values, strict=True)
    return {name: value.decode(errors="replace") for name, value in pairs if value is not None}


def waiting_places(queues: Sequence[str]) -> list[Place]:
    """Where jobs of these queues wait to be taken: the blocked ones of each queue first, as they go first."""
    blocked = [Place(keys.queue(name), "list") for name in limits.lists(queues)]
    return [*blocked, *(Place(keys.queue(name), "list") for name in queues)]


def running_places() -> list[Place]:
    """Where the jobs stand that workers hold."""
    return [Place(keys.LEASES, "lease")]


def delayed_places(queues: Sequence[str]) -> list[Place]:
    """Where jobs wait for a time: delayed, parked, and before another attempt."""
    return [Place(keys.RQ_SCHEDULED + name, "zset") for name in queues]


def ended_places(queues: Sequence[str], *registries: str) -> list[Place]:
    """Where RQ keeps jobs that ended; `registries`: prefixes of keys.py."""
    expire = {keys.RQ_FINISHED, keys.RQ_FAILED}  # RQ's tools write into the other one when a job was cancelled
    return [Place(prefix + name, "zset", True, prefix in expire) for prefix in registries for name in queues]


def ids_at(place: Place, start: int, count: int) -> list[str]:
    """Ids of the jobs at a place, from the `start`-th on; [] where its key is of another type."""
    return ids_of([place], [start], count)[0]


def ids_of(places: Sequence[Place], starts: Sequence[int], count: int) -> list[list[str]]:
    """The same of several places, each from its own start on, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for place, start in zip(places, starts, strict=True):
            end = start + count - 1
            if place.kind != "list":
                pipe.zrange(place.key, start, end, desc=place.newest_first)
            elif place.newest_first:
                pipe.lrange(place.key, -end - 1, -start - 1)
            else:
                pipe.lrange(place.key, start, end)
        return [_names(*pair) for pair in zip(places, pipe.execute(raise_on_error=False), strict=True)]


def _names(place: Place, found: list[bytes] | Exception) -> list[str]:
    if isinstance(found, ResponseError):
        return []
    if isinstance(found, Exception):
        raise found
    names = [name.decode(errors="replace") for name in found]
    if place.kind == "list" and place.newest_first:
        return names[::-1]
    return [name.rpartition(":")[0] for name in names] if place.kind == "lease" else names


def after(place: Place, job_id: str, start: int) -> int:
    """Where to go on behind a job: where it stands now, else where it stood (`start` jobs before it)."""
    client, name = connection.client(), job_id
    try:
        if place.kind == "list":
            at = client.lpos(place.key, name, rank=-1 if place.newest_first else 1, maxlen=start + NEAR)
            if at is not None and place.newest_first:
                at = client.llen(place.key) - 1 - at
        elif place.kind == "lease":  # renewed all the time
            return start + 1
        else:
            at = client.zrevrank(place.key, name) if place.newest_first else client.zrank(place.key, name)
    except ResponseError:
        return start + 1
    return start if at is None else int(at) + 1


def sizes(places: Sequence[Place]) -> list[int]:
    """How many jobs stand at each place. Of those that ended, RQ's registries keep entries whose record has expired: left out."""
    now_s = connection.now().timestamp()
    with connection.client().pipeline(transaction=False) as pipe:
        for place in places:
            if place.kind == "list":
                pipe.llen(place.key)
            elif place.expires:
                pipe.zcount(place.key, now_s, "+inf")
            else:
                pipe.zcard(place.key)
        return [0 if isinstance(size, ResponseError) else int(size) for size in pipe.execute(raise_on_error=False)]


def existing(job_ids: Sequence[str]) -> list[bool]:
    """Whether there is a record of each of these ids; in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.exists(keys.job(job_id))
        return list(map(bool, pipe.execute()))


def exists(job_id: str) -> bool:
    """Whether there is a record of that id."""
    return bool(connection.client().exists(keys.job(job_id)))
