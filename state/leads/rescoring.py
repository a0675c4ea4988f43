"""Which companies changed since they were scored, and how far the scoring of all is: where it goes on, whether it is over."""

from collections.abc import Collection
from typing import NamedTuple

from state.leads import keys
from state.store import connection


class Course(NamedTuple):
    """A scoring of all. `target`: what it scores by; `after`: the company at which it goes on; `changed`: scores it wrote.

    `host`: the machine whose model it is. `former`: the model before this one, with the machine that had it (`version host`).
    `since_ms`: when this model took its place.
    """

    target: str
    after: str = ""
    seen: int = 0
    changed: int = 0
    is_over: bool = False
    host: str = ""
    former: str = ""
    since_ms: int = 0


def mark(company_ids: Collection[str]) -> None:
    """Note that companies changed. What is lost here is found when all are scored."""
    if company_ids:
        connection.client().sadd(keys.CHANGED, *company_ids)


def take(limit: int) -> list[str]:
    """Some companies that changed; they are marked no more, so that what changes from now on is seen.

    Until `done` they count as taken: where their taker dies, `put_back` marks them again. One takes at a time.
    """
    client = connection.client()
    found = client.srandmember(keys.CHANGED, limit)
    if found:
        with client.pipeline() as pipe:
            pipe.sadd(keys.TAKEN, *found)
            pipe.srem(keys.CHANGED, *found)
            pipe.execute()
    return [one.decode() for one in found]


def done() -> None:
    """What was taken is scored."""
    connection.client().delete(keys.TAKEN)


def put_back() -> None:
    """Mark again what somebody took who died before it was scored. Safe to repeat."""
    with connection.client().pipeline() as pipe:
        pipe.sunionstore(keys.CHANGED, keys.CHANGED, keys.TAKEN)
        pipe.delete(keys.TAKEN)
        pipe.execute()


def read() -> Course | None:
    """The last one; None where there was none."""
    found = connection.client().hgetall(keys.RESCORING)
    if not found:
        return None
    fields = {name.decode(): value.decode() for name, value in found.items()}
    counts = int(fields.get("seen") or 0), int(fields.get("changed") or 0)
    course = Course(fields.get("target", ""), fields.get("after", ""), *counts, is_over=fields.get("is_over") == "1")
    return course._replace(
        host=fields.get("host", ""), former=fields.get("former", ""), since_ms=int(fields.get("since_ms") or 0)
    )


def write(course: Course) -> None:
    """Note how far it is. Safe to repeat."""
    told = {**course._asdict(), "is_over": int(course.is_over)}
    connection.client().hset(keys.RESCORING, mapping=told)
