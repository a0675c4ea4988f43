"""How far the scoring of all companies is: where it goes on after a kill, and whether it is over."""

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
