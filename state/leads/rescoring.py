"""Which companies changed since they were scored, and how far the scoring of all is: where it goes on, whether it is over."""

from collections.abc import Collection
from typing import NamedTuple

from state.leads import keys
from state.store import connection


class Course(NamedTuple):
    """A scoring of all. `target`: what it scores by; `after`: the company at which it goes on; `changed`: scores it wrote."""

    target: str
    after: str = ""
    seen: int = 0
    changed: int = 0
    is_over: bool = False


def mark(company_ids: Collection[str]) -> None:
    """Note that companies changed. What is lost here is found when all are scored."""
    if company_ids:
        connection.client().sadd(keys.CHANGED, *company_ids)


def take(limit: int) -> list[str]:
    """Some companies that changed; they are marked no more, so that what changes from now on is seen."""
    return [one.decode() for one in connection.client().spop(keys.CHANGED, limit)]


def read() -> Course | None:
    """The last one; None where there was none."""
    found = connection.client().hgetall(keys.RESCORING)
    if not found:
        return None
    fields = {name.decode(): value.decode() for name, value in found.items()}
    counts = int(fields.get("seen") or 0), int(fields.get("changed") or 0)
    return Course(fields.get("target", ""), fields.get("after", ""), *counts, is_over=fields.get("is_over") == "1")


def write(course: Course) -> None:
    """Note how far it is. Safe to repeat."""
    told = {**course._asdict(), "is_over": int(course.is_over)}
    connection.client().hset(keys.RESCORING, mapping=told)
