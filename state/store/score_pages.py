"""A sorted set a page at a time, by score. A page ends at a score and a member, so that what moves hides nothing else."""

import re
from typing import NamedTuple

from state.store import connection

CURSOR = re.compile(r"([0-9]{1,17}(?:\.[0-9]{1,10})?)-(.{1,300})")

#: Members read at a time where many have one score.
MORE = 100


class Page(NamedTuple):
    """(member, score) of each. `cursor` leads to the next ones; '' = there are none."""

    rows: list[tuple[str, float]]
    cursor: str


def is_cursor(cursor: str) -> bool:
    """Whether it has the form of one of ours, or is empty."""
    return not cursor or bool(CURSOR.fullmatch(cursor))


def read(key: str, limit: int, cursor: str = "", *, newest_first: bool = False, most: float | None = None) -> Page:
    """Members by their score; `most`: only up to this score. Costs what the page costs."""
    found = CURSOR.fullmatch(cursor)
    after = (float(found[1]), found[2]) if found else None
    rows: list[tuple[str, float]] = []
    start = 0
    while len(rows) <= limit:
        chunk = _chunk(key, start, limit + MORE, after[0] if after else None, newest_first, most)
        start += limit + MORE
        rows += [(member, score) for member, score in chunk if after is None or _is_behind((score, member), after, newest_first)]
        if len(chunk) < limit + MORE:
            break
    shown = rows[:limit]
    return Page(shown, f"{_number(shown[-1][1])}-{shown[-1][0]}" if len(rows) > limit else "")


def _chunk(key: str, start: int, count: int, at: float | None, newest_first: bool, most: float | None) -> list[tuple[str, float]]:
    redis = connection.client()
    highest = "+inf" if most is None else most
    if newest_first:
        raw = redis.zrevrangebyscore(key, highest if at is None else at, "-inf", start, count, withscores=True)
    else:
        raw = redis.zrangebyscore(key, "-inf" if at is None else at, highest, start, count, withscores=True)
    return [(member.decode(errors="replace"), score) for member, score in raw]


def _is_behind(one: tuple[float, str], after: tuple[float, str], newest_first: bool) -> bool:
    mine, theirs = (one[0], one[1].encode()), (after[0], after[1].encode())
    return mine < theirs if newest_first else mine > theirs


def _number(score: float) -> str:
    return f"{score:.6f}".rstrip("0").rstrip(".")
