"""Landing pages: which of our pages rank, and which compete for a keyword. Nothing unknown counts for a page."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

import clock
import errors
import models
from jobs import tracking
from state.store import connection
from state.tracking import details, keywords, outcomes
from state.tracking import landing_pages as kept_counts
from state.tracking.serp_summaries import Summary
from tests.counting import asked
from tests.state import DAY, NOON, TODAY, ranked
from topics.tracking import landing_pages, overview, projects

P = "example.com"
A, B, C = (f"https://example.com/{name}" for name in "abc")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add(P)


def remember(text: str, course: Mapping[int, Any], seen: Mapping[int, Any] = {}, **known: Any) -> str:
    """Ranks by how many days ago: (rank, url), None = not found, a word = unknown. `seen`: own pages of a result page."""
    projects.add_keywords(P, [text])
    keyword = projects.find_keyword(text, P)
    for ago in sorted(course, reverse=True):
        day, place = TODAY - timedelta(ago), course[ago]
        if isinstance(place, tuple):
            rank = ranked(place[0], day, url=place[1])
        else:
            state = models.RankState.UNKNOWN if place else models.RankState.NOT_FOUND
            rank = models.Rank(day, state, 10, reason=place)
        summary = Summary(day, ours=tuple(seen[ago])) if ago in seen else None
        outcomes.finish(keyword, None, DAY, outcomes.CheckOutcome("reparsed", rank, serp=summary))
    if known:
        details.write_many(P, {keyword.id: details.Details(**known)})
    return keyword.id


def rows(name: str = "pages", limit: int = 100, cursor: str = "") -> list[dict[str, Any]]:
    return landing_pages.part(P, kept_counts.read(P) or {}, name, limit, cursor).rows


def test_the_shares_of_all_pages_are_the_visibility() -> None:
    remember("one", {0: (1, A)}, volume=900)
    remember("two", {0: (4, A)}, volume=100)
    remember("three", {0: (2, B)}, volume=500)
    remember("far", {0: (90, C)}, volume=500)
    remember("gone", {0: None}, volume=1000)
    head = landing_pages.make(P)
    total = 900 + 100 + 500 + 500 + 1000
    assert [(row["url"], row["keywords"], row["best"], row["share"]) for row in rows()] == [
        (A, 2, 1, round((900 + 85) / total, 6)),
        (B, 1, 2, round(500 / total, 6)),
        (C, 1, 90, 0.0),
    ]
    assert head["visibility"] == overview.make(P)["visibility"] == pytest.approx(sum(row["share"] for row in rows()), abs=1e-4)


def test_what_is_unknown_or_old_counts_for_no_page() -> None:
    remember("blocked", {1: (1, A), 0: "captcha"})
    remember("long ago", {9: (1, B)})
    remember("never", {})
    assert landing_pages.make(P)["pages"] == 0 and rows() == []


def test_a_page_names_the_keywords_that_are_worth_most() -> None:
    for number in range(8):
        remember(f"word {number}", {0: (1 + number, A)}, volume=100)
    remember("big", {0: (9, A)}, volume=10_000)
    landing_pages.make(P)
    [page] = rows()
    assert [(one["keyword"], one["rank"]) for one in page["named"]][:2] == [("big", 9), ("word 0", 1)]
    assert len(page["named"]) == 3 and page["keywords"] == 9


def test_keywords_whose_target_is_another_page_are_counted() -> None:
    remember("right", {0: (1, A)}, target_url=A)
    remember("wrong", {0: (1, A)}, target_url="/b")
    landing_pages.make(P)
    assert rows()[0]["wrong"] == 1


def test_two_own_pages_in_fourteen_days_compete() -> None:
    word = remember("shoes", {13: (5, A), 3: (4, B), 1: (6, A), 0: (3, B)}, volume=10)
    remember("boots", {20: (5, A), 0: (4, B)})  # too long ago
    remember("socks", {5: (5, A), 0: (4, A)})
    assert landing_pages.make(P)["cannibalised"] == 1
    [row] = rows("cannibalised")
    assert (row["id"], row["rank"], row["together"], row["of"]) == (word, 3, 0, 2)
    assert row["pages"] == [
        {"url": B, "days": 2, "best": 3, "last": "2026-03-01"},
        {"url": A, "days": 2, "best": 5, "last": "2026-02-28"},
    ]
    assert {row["url"]: row["rivals"] for row in rows()} == {A: 0, B: 1}


def test_two_own_pages_on_one_result_page_compete() -> None:
    remember("shoes", {0: (2, A)}, {0: [(A, 2), (B, 7), ("", 9)]})
    landing_pages.make(P)
    [row] = rows("cannibalised")
    assert row["together"] == 1 and {one["url"]: one["best"] for one in row["pages"]} == {A: 2, B: 7}


def test_one_page_under_several_spellings_does_not_compete_with_itself() -> None:
    remember("shoes", {2: (5, "http://example.com/a"), 1: (4, "https://www.example.com/a/"), 0: (4, A)})
    remember("boots", {0: (1, "https://www.example.com/a")})
    head = landing_pages.make(P)
    assert (head["cannibalised"], head["pages"]) == (0, 1) and rows()[0]["keywords"] == 2


def test_a_page_that_ranks_twice_on_one_result_page_is_one() -> None:
    remember("shoes", {0: (2, A)}, {0: [(A, 2), (A, 3)]})
    assert landing_pages.make(P)["cannibalised"] == 0


def test_an_archived_keyword_does_not_count() -> None:
    word = remember("shoes", {0: (2, A)})
    keywords.set_archived(word, True)
    assert landing_pages.make(P)["pages"] == 0


def test_lists_come_by_cursor_also_while_they_are_counted_anew() -> None:
    for number in range(7):
        remember(f"word {number}", {0: (1 + number, f"https://example.com/{number}")})
    head, seen, cursor = landing_pages.current(P, tracking.count_landing_pages).head or {}, [], ""
    while True:
        found = landing_pages.part(P, head, "pages", 3, cursor)
        seen += [row["best"] for row in found.rows]
        landing_pages.make(P)
        cursor = found.cursor
        if not cursor:
            break
    assert seen == list(range(1, 8))


@pytest.mark.parametrize("cursor", ["x", "00000000.0", "0.0", "00000000.-1"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    landing_pages.make(P)
    with pytest.raises(errors.ArgumentError, match="--cursor"):
        rows(cursor=cursor)


def test_only_so_many_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing_pages, "MOST", 3)
    for number in range(5):
        remember(f"word {number}", {1: (1, C), 0: (1 + number, f"https://example.com/{number}")}, volume=number)
    head = landing_pages.make(P)
    assert (head["pages"], head["cannibalised"]) == (5, 5)
    assert len(rows()) == 3 and [row["volume"] for row in rows("cannibalised")] == [4, 3, 2]


def test_a_large_project_is_counted_by_a_job_and_goes_with_its_counts(store: Any) -> None:
    remember("shoes", {0: (2, A)})
    first = landing_pages.current(P, tracking.count_landing_pages, at_once=0)
    assert first.head is None and first.job
    assert landing_pages.current(P, tracking.count_landing_pages, at_once=0).job.duplicate_of == first.job.job_id  # type: ignore[union-attr]
    assert tracking.count_landing_pages(P)["pages"] == 1
    again = landing_pages.current(P, tracking.count_landing_pages, at_once=0)
    assert again.job is None and again.head and again.head["pages"] == 1
    projects.remove(P)
    assert not [key for key in store.keys("trawl:landing:*") if store.ttl(key) > 600]
    assert connection.client().exists(f"trawl:landing:{P}") == 0


def test_a_thousand_keywords_are_counted_in_a_few_round_trips() -> None:
    projects.add_keywords(P, [f"keyword {number}" for number in range(1000)])
    with asked() as found:
        landing_pages.make(P)
    assert found.trips <= 20
