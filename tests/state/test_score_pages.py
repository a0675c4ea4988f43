"""Sorted sets by the page: what has one score, what goes and what moves hides nothing else."""

import random
from typing import Any

import pytest

from state.store import score_pages

KEY = "rq:test:scores"


def all_of(limit: int, meanwhile: Any = lambda: None, **options: Any) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = score_pages.read(KEY, limit, cursor, **options)
        assert len(page.rows) <= limit and score_pages.is_cursor(page.cursor)
        found += [member for member, _ in page.rows]
        meanwhile()
        if not (cursor := page.cursor):
            return found


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 500])
def test_every_member_comes_once_in_order_also_where_many_have_one_score(store: Any, limit: int, newest_first: bool) -> None:
    scores = {f"m{number}é": float(random.Random(number).choice([1, 2.5, 3])) for number in range(400)}
    store.zadd(KEY, scores)
    expected = sorted(scores, key=lambda member: (scores[member], member.encode()), reverse=newest_first)

    assert all_of(limit, newest_first=newest_first) == expected


def test_what_goes_between_two_pages_hides_no_other(store: Any) -> None:
    store.zadd(KEY, {f"m{number:03}": number // 10 for number in range(100)})
    gone = iter(range(0, 100, 3))
    found = all_of(5, lambda: store.zrem(KEY, f"m{next(gone):03}"))

    assert {f"m{number:03}" for number in range(100) if number % 3} <= set(found)


def test_a_page_ends_at_the_highest_score_that_is_asked_for(store: Any) -> None:
    store.zadd(KEY, {"a": 1, "b": 2, "c": 3})
    assert all_of(1, most=2.0) == ["a", "b"]


@pytest.mark.parametrize("cursor", ["x", "1", "-a", "1-", "1e5-a", "٣-a"])
def test_what_is_no_cursor_is_known(cursor: str) -> None:
    assert not score_pages.is_cursor(cursor)
