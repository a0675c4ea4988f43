"""Keywords by the page: each once, filtered, and no dearer for being many."""

from datetime import date, timedelta
from typing import Any

import pytest

import models
from errors import ArgumentError, NotFound
from state.store import keys
from state.tracking import history, keywords
from tests.counting import asked
from topics.operations import keyword_lists
from topics.operations.keyword_lists import Wanted
from topics.tracking import projects

P = "example.com"

EVERY = Wanted()


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add(P)


def all_of(wanted: Wanted = EVERY, limit: int = 100) -> list[dict[str, Any]]:
    """Every row, by as many pages as it takes."""
    rows, cursor = [], ""
    while True:
        page = keyword_lists.page(P, wanted, limit, cursor)
        assert len(page.rows) <= limit
        rows += page.rows
        if not (cursor := page.cursor):
            return rows


@pytest.mark.parametrize(("count", "limit"), [(0, 10), (7, 3), (300, 7), (700, 100), (1200, 1000)])
def test_every_keyword_comes_once_whatever_the_page_size(count: int, limit: int) -> None:
    projects.add_keywords(P, [f"keyword {number}" for number in range(count)])

    assert sorted(row["keyword"] for row in all_of(limit=limit)) == sorted(f"keyword {number}" for number in range(count))


def test_archived_ones_come_only_where_they_are_asked_for() -> None:
    projects.add_keywords(P, ["a", "b", "c"])
    keywords.set_archived(projects.find_keyword("b", P).id, True)

    shown = {which: sorted(row["keyword"] for row in all_of(Wanted(archived=which), 1)) for which in (False, True, None)}
    assert shown == {False: ["a", "c"], True: ["b"], None: ["a", "b", "c"]}


def test_keywords_that_are_checked_or_archived_meanwhile_hide_no_other(store: Any) -> None:
    projects.add_keywords(P, [f"keyword {number}" for number in range(900)])
    seen, cursor, step = set(), "", 0
    stable = {keyword.id for keyword in keywords.in_project(P)}
    while True:
        page = keyword_lists.page(P, Wanted(), 50, cursor)
        seen |= {row["id"] for row in page.rows}
        for row in page.rows[:5]:  # checked: due at another time; and one archived
            store.zadd(keys.due(P), {row["id"]: 2e9 + step})
        keywords.archive_many(keywords.find_many([row["id"] for row in page.rows[-1:]]), True)
        step += 1
        if not (cursor := page.cursor):
            break
    assert seen == stable


def test_a_page_costs_the_same_of_a_thousand_and_of_five_thousand() -> None:
    costs = []
    for number in (1000, 5000):
        projects.add_keywords(P, [f"keyword {at}" for at in range(number)])
        with asked() as found:
            cursor = keyword_lists.page(P, Wanted(), 100).cursor
            assert len(keyword_lists.page(P, Wanted(), 100, cursor).rows) == 100
        costs.append(found)
    few, many = costs
    assert few.trips <= 16 and many.trips <= 16 and many.commands <= 1.2 * few.commands


def test_a_filter_that_fits_nothing_ends_its_page_and_leads_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_lists, "MOST_READ", 400)
    projects.add_keywords(P, [f"keyword {number}" for number in range(1000)])
    pages, cursor = 0, ""
    while True:
        page = keyword_lists.page(P, Wanted(tag="none"), 100, cursor)
        assert page.rows == []
        pages += 1
        if not (cursor := page.cursor):
            break
    assert 2 <= pages <= 4


def rank(day: date, place: int | None, **fields: Any) -> bytes:
    state = models.RankState.RANKED if place else models.RankState.UNKNOWN
    return history.pack(models.Rank(day, state, 10, rank=place, **fields))


def test_filters_go_by_the_last_rank_and_the_words(store: Any) -> None:
    projects.add_keywords(P, ["blue shoes", "red shoes", "hats", "socks"])
    ids = {text: projects.find_keyword(text, P).id for text in ("blue shoes", "red shoes", "hats", "socks")}
    today = date(2026, 11, 28)
    store.set(keys.ranks(ids["blue shoes"]), rank(today - timedelta(7), 9) + rank(today, 3))
    store.set(keys.ranks(ids["red shoes"]), rank(today - timedelta(7), 2) + rank(today, 14))
    store.set(keys.ranks(ids["hats"]), rank(today, None, reason="captcha"))

    def texts(**wanted: Any) -> list[str]:
        return sorted(row["keyword"] for row in all_of(Wanted(**wanted)))

    assert texts(contains="SHOES") == ["blue shoes", "red shoes"]
    assert texts(worst=10) == ["blue shoes"] and texts(best=4) == ["red shoes"]
    assert texts(state="unknown") == ["hats", "socks"] and texts(state="not_found") == []
    changes = {row["keyword"]: row["changes"]["days_7"] for row in all_of()}
    assert changes == {"blue shoes": 6, "red shoes": -12, "hats": None, "socks": None}


def test_a_keyword_that_ranks_with_another_page_is_found(store: Any) -> None:
    projects.add_keywords(P, ["a", "b"])
    for text, target in (("a", "/right"), ("b", "/wrong")):
        keyword_id = projects.find_keyword(text, P).id
        store.hset(keys.keyword(keyword_id), "u", target)
        store.set(keys.ranks(keyword_id), rank(date(2026, 11, 28), 3)[:5] + b"\0")
        store.rpush(keys.pages(keyword_id), "https://www.example.com/right/?srsltid=x\tTitle")

    assert [row["keyword"] for row in all_of(Wanted(wrong_page=True))] == ["b"]
    assert [row["last"]["title"] for row in all_of()] == ["Title", "Title"]


@pytest.mark.parametrize("cursor", ["x0", "b0", "a-1", "a99999999999999999999999", "a0-../..", "a٣"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(ArgumentError, match="cursor"):
        keyword_lists.page(P, Wanted(), 10, cursor)


def test_an_unknown_project_has_no_keywords() -> None:
    with pytest.raises(NotFound):
        keyword_lists.page("nosuch")
