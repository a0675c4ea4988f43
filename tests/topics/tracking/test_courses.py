"""The course of a keyword: a gap wherever nothing is known, never a line across it."""

from datetime import date, timedelta
from typing import Any

import models
from tests.state import TODAY
from topics.tracking import courses

STATE = models.RankState


def rank(ago: int, place: Any, url: str = "https://example.com/a") -> models.Rank:
    """A number ranks, None is not found, a word unknown."""
    day = TODAY - timedelta(ago)
    if isinstance(place, int):
        return models.Rank(day, STATE.RANKED, 20, rank=place, url=url)
    return models.Rank(day, STATE.UNKNOWN if place else STATE.NOT_FOUND, 20, reason=place)


def course(*past: models.Rank, days: int | None = 8, every_h: float = 24, own: Any = None) -> courses.Course:
    first = None if days is None else TODAY - timedelta(days - 1)
    return courses.of(past, first, TODAY, every_h, own)


def points(found: courses.Course) -> list[tuple[int, int | None]]:
    """(days ago, rank)."""
    return [((TODAY - day).days, place) for day, place in zip(found.days, found.ranks, strict=True)]


def test_a_day_that_nobody_checked_parts_the_line() -> None:
    found = course(rank(7, 3), rank(6, 4), rank(3, 5), rank(0, 6))
    assert points(found) == [(7, 3), (6, 4), (5, None), (3, 5), (2, None), (0, 6)]


def test_a_weekly_project_has_a_line() -> None:
    found = course(rank(28, 3), rank(21, 4), rank(14, "captcha"), rank(7, 5), days=30, every_h=168)
    assert points(found) == [(29, None), (28, 3), (21, 4), (14, None), (7, 5), (0, None)]


def test_an_unknown_day_is_a_gap_and_no_drop() -> None:
    found = course(rank(2, 3), rank(1, "captcha"), rank(0, 3))
    assert points(found)[-3:] == [(2, 3), (1, None), (0, 3)] and found.unknown == 1 and "unknown on 1 day" in found.says


def test_what_was_not_found_stands_as_deep_as_was_looked() -> None:
    found = course(rank(1, None), rank(0, 3))
    assert found.not_found[-2:] == [20, None] and found.ranks[-2:] == [None, 3]
    assert "not found on 1 day in the first 20 scanned" in found.says


def test_days_outside_are_left_out_and_all_begins_with_the_first_rank() -> None:
    past = (rank(40, 1), rank(0, 3))
    assert points(course(*past)) == [(7, None), (6, None), (0, 3)]
    assert points(course(*past, days=None)) == [(40, 1), (39, None), (0, 3)]
    assert "never ranked" in course().says and points(course(days=None)) == [(0, None)]


def test_own_pages_come_from_the_result_pages_and_else_from_the_history() -> None:
    own: dict[date, Any] = {TODAY: [("https://example.com/a", 2), ("https://example.com/b", 9), ("https://example.com/b", 7)]}
    found = course(rank(1, 5, "https://example.com/c"), rank(0, 2), days=2, own=own)
    assert found.pages == {
        "https://example.com/a": [None, 2],
        "https://example.com/b": [None, 7],
        "https://example.com/c": [5, None],
    }
    assert course(rank(1, 5), rank(0, 2)).pages == {}, "one page needs no line of its own"


def test_only_the_pages_that_ranked_most_are_drawn() -> None:
    past = [rank(ago, 3, f"https://example.com/{ago % 8}") for ago in range(20, -1, -1)]
    assert list(course(*past, days=30).pages) == [f"https://example.com/{number}" for number in range(5)]


def test_one_page_under_several_spellings_is_one() -> None:
    found = course(rank(1, 5, "http://www.example.com/a/"), rank(0, 2), days=2)
    assert found.pages == {}
