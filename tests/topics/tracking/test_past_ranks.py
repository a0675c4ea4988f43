"""Ranks of past days from the files of other trackers, and from our own export."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
import models
from errors import ArgumentError
from parsing import rank_cells
from state.tracking import history, keywords, outcomes
from topics.tracking import imports, projects, ranks

WITH_RANKS = imports.Reading(has_ranks=True)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Imports this text with its ranks into example.com."""
    projects.add("example.com")

    def read(text: str, reading: imports.Reading = WITH_RANKS) -> imports.Imported:
        path = tmp_path / "x.csv"
        path.write_text(text, encoding="utf-8")
        return imports.import_csv(path, "example.com", reading=reading)

    return read


def said(text: str = "oak") -> list[tuple[str, str]]:
    (keyword,) = [one for one in keywords.in_project("example.com") if one.text == text]
    return [(str(rank.day), str(rank)) for rank in history.of(keyword.id)]


def test_ranks_of_past_days_come_into_the_history_once(read: Any) -> None:
    file = "keyword,date,position,url\noak,2025-03-02,4,https://www.example.com/oak?srsltid=Af1\noak,2025-03-01,>100,\nash,2025-03-01,-,\n"

    first, again = read(file), read(file)

    assert said() == [("2025-03-01", "not found in the first 100 scanned"), ("2025-03-02", "ranked 4")]
    assert said("ash") == []
    (oak,) = [one for one in keywords.in_project("example.com") if one.text == "oak"]
    assert history.of(oak.id)[-1].url == "https://www.example.com/oak"
    assert (first.added, first.ranks, first.ranks_known) == (2, 2, 0)
    assert (again.added, again.ranks, again.ranks_known) == (0, 0, 2)


def test_a_day_that_was_checked_stays_as_it_was_read(read: Any) -> None:
    projects.add_keywords("example.com", ["oak"])
    (keyword,) = keywords.in_project("example.com")
    outcomes.record_past(keyword, [(models.Rank(date(2025, 3, 1), models.RankState.RANKED, 10, 9), None)])

    assert read("keyword,day,rank\noak,2025-03-01,2\noak,2024-12-31,5\n").ranks == 1
    assert said() == [("2024-12-31", "ranked 5"), ("2025-03-01", "ranked 9")]


def test_of_two_ranks_of_a_day_the_better_one_counts(read: Any) -> None:
    read("keyword,day,rank\noak,2025-03-01,>20\noak,2025-03-01,7\noak,2025-03-01,12\n")
    assert said() == [("2025-03-01", "ranked 7")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("oak,03/04/2025,5,", "two ways"),
        ("oak,03-04-2025,5,", "two ways"),
        ("oak,soon,5,", "cannot be read"),
        ("oak,2025-03-01,3.4,", "no whole number"),
        ("oak,2025-03-01,1-10,", "no whole number"),
        ("oak,2025-03-01,256,", "beyond"),
        ("oak,2019-12-31,3,", "cannot be kept"),
        ("oak,2090-01-01,3,", "cannot be kept"),
        ("oak,2025-03-01,3,https://rival.test/oak", "not of example.com"),
    ],
)
def test_what_is_no_rank_is_named_and_nothing_is_guessed(read: Any, line: str, why: str) -> None:
    result = read(f"keyword,date,position,url\n{line}\nash,2025-03-01,3,\n")

    assert ([number for number, _ in result.bad], result.ranks) == ([2], 1)
    assert why in result.bad[0][1]


@pytest.mark.parametrize(
    "day", ["2025-03-31", "31.03.2025", "31/03/2025", "03/31/2025", "20250331", "Mar 31, 2025", "2025-03-31 07:12:00"]
)
def test_days_in_every_spelling_that_means_one(day: str) -> None:
    found = rank_cells.rank_of({"day": day, "rank": "4"})
    assert found is not None and found.day == date(2025, 3, 31)


@pytest.mark.parametrize("cell", ["", "-", "0", "n/a", "Not ranking", "OTR"])
def test_a_word_for_no_rank_says_nothing_of_how_deep_it_looked(cell: str) -> None:
    assert rank_cells.rank_of({"day": "2025-03-31", "rank": cell}) is None


@pytest.mark.parametrize(
    ("cell", "scanned"), [(">100", 100), ("> 50", 50), ("100+", 100), ("Not in top 100", 100), ("not in the top 20", 20)]
)
def test_a_rank_beyond_what_was_looked_at_is_not_found(cell: str, scanned: int) -> None:
    found = rank_cells.rank_of({"day": "2025-03-31", "rank": cell})
    assert found is not None and (found.state, found.scanned) == (models.RankState.NOT_FOUND, scanned)


@pytest.mark.parametrize(
    "names",
    ["2025-03-01,2025-03-02", "*.example.com/*_20250301,*.example.com/*_20250302", '"google.com (USA), 2025-3-1",2025/03/02'],
)
def test_a_column_for_each_day(read: Any, names: str) -> None:
    result = read(f"Keyword,Position,{names},*.example.com/*_20250302_type\noak,9,4,-,organic\nash,9,>20,7,organic\n")

    assert (result.bad, result.ranks) == ([], 3)
    assert said() == [("2025-03-01", "ranked 4")]
    assert said("ash") == [("2025-03-01", "not found in the first 20 scanned"), ("2025-03-02", "ranked 7")]


def test_a_history_in_json_is_a_column_for_each_day(read: Any) -> None:
    days = ", ".join(f'"{date(2024, 1, 1) + timedelta(days=at)}": {at % 30}' for at in range(400))
    result = read(f'[{{"keyword": "oak", "position": 3, "history": {{{days}}}}}]')

    assert (result.bad, result.ranks) == ([], 386), "0 is no rank"
    assert said()[0] == ("2024-01-02", "ranked 1")


def test_a_file_without_days_or_ranks_is_refused_as_a_whole(read: Any) -> None:
    with pytest.raises(ArgumentError, match="no column for the day"):
        read("keyword,position\noak,3\n")
    with pytest.raises(ArgumentError, match="no column for the rank"):
        read("keyword,date\noak,2025-03-01\n")
    assert not list(keywords.in_project("example.com"))


def test_without_being_asked_no_rank_is_taken(read: Any) -> None:
    read("keyword,date,position\noak,2025-03-01,4\n", imports.Reading())
    assert said() == []


def test_an_export_of_ranks_comes_back_as_it_went(read: Any, tmp_path: Path) -> None:
    projects.add_keywords("example.com", ["oak"])
    (keyword,) = keywords.in_project("example.com")
    today = clock.now().date()
    past = [
        models.Rank(
            today - timedelta(days=3), models.RankState.RANKED, 20, 14, url="https://example.com/", title="=A", cited=True
        ),
        models.Rank(today - timedelta(days=2), models.RankState.NOT_FOUND, 37, sandbox=True),
        models.Rank(today - timedelta(days=1), models.RankState.UNKNOWN, 0, reason="captcha"),
    ]
    outcomes.record_past(keyword, [(rank, None) for rank in past])
    with (tmp_path / "ranks.csv").open("w", encoding="utf-8", newline="") as file:
        ranks.write(file, "csv", ranks.rows("example.com"))
    projects.remove("example.com")
    projects.add("example.com")

    result = imports.import_csv(tmp_path / "ranks.csv", reading=WITH_RANKS)

    assert (result.bad, result.ranks) == ([], 2)
    assert history.of(keyword.id) == past[:2]
