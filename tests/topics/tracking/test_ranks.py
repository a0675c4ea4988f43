"""What a history says: at a glance, as a line, as rows."""

import csv
import io
import json
from datetime import date, timedelta

import models
from state.tracking import keywords, outcomes
from tests.state import DAY, project, tracked, words
from topics.tracking import ranks

START = date(2026, 3, 1)


def history(*found: int | str | None) -> list[models.Rank]:
    """One day after another: a rank, None = not found, a word = unknown for that reason."""
    made = []
    for number, one in enumerate(found):
        day = START + timedelta(days=number)
        if isinstance(one, int):
            made.append(models.Rank(day, models.RankState.RANKED, 10, rank=one))
        elif one is None:
            made.append(models.Rank(day, models.RankState.NOT_FOUND, 10))
        else:
            made.append(models.Rank(day, models.RankState.UNKNOWN, reason=one))
    return made


def test_first_best_last_and_previous() -> None:
    made = history(None, 8, 3, 3, 5, None)
    assert ranks.summary(made) == models.RankSummary(first=made[1], best=made[2], last=made[5], previous=made[4])
    assert ranks.summary([]) == models.RankSummary()


def test_an_unknown_is_never_first_best_or_previous() -> None:
    made = history("captcha", 4, "network", 6)
    assert ranks.summary(made) == models.RankSummary(first=made[1], best=made[1], last=made[3], previous=made[1])
    made = history(4, "network")
    assert ranks.summary(made).last == made[1] and ranks.summary(made).previous == made[0]
    assert ranks.summary(history("captcha")) == models.RankSummary(last=history("captcha")[0])


def test_a_failed_check_never_looks_like_a_drop() -> None:
    line = ranks.line(history(1, "captcha", None, 10, 1), START + timedelta(days=4), days=6)
    assert line == "·█·_▅█"
    assert len({ranks.GAP, ranks.ABSENT, *ranks.BARS}) == 2 + len(ranks.BARS)


def test_days_without_a_check_are_gaps() -> None:
    made = [history(1)[0], models.Rank(START + timedelta(days=3), models.RankState.RANKED, 10, rank=4)]
    assert ranks.line(made, START + timedelta(days=4), days=5) == "█··▆·"


def test_a_bar_means_the_same_for_every_keyword() -> None:
    day = START + timedelta(days=9)
    drawn = {rank: ranks.line([models.Rank(day, models.RankState.RANKED, 100, rank=rank)], day, days=1) for rank in range(1, 101)}
    assert [drawn[rank] for rank in (1, 2, 4, 6, 11, 16, 21, 51)] == list(reversed(ranks.BARS))
    assert list(drawn.values()) == sorted(drawn.values(), reverse=True), "lower on the page is never a higher bar"


def exported(**options: bool) -> list[dict[str, object]]:
    first, _ = tracked(2)
    words(project("q").id, 1)
    for rank in history(3, "captcha", None):
        outcomes.finish(keywords.get(first), None, DAY, outcomes.CheckOutcome("reparsed", rank))
    return list(ranks.rows(**options))


def test_every_day_is_a_row_and_a_keyword_never_checked_says_so() -> None:
    rows = [(row["project"], row["says"]) for row in exported()]
    assert sorted(rows) == sorted(
        [
            ("p", "ranked 3"),
            ("p", "unknown: captcha"),
            ("p", "not found in the first 10 scanned"),
            ("p", "unknown: never checked"),
            ("q", "unknown: never checked"),
        ]
    )


def test_the_last_day_alone_can_be_had() -> None:
    assert sorted(str(row["says"]) for row in exported(with_history=False)) == [
        "not found in the first 10 scanned",
        "unknown: never checked",
        "unknown: never checked",
    ]


def test_csv_and_jsonl_say_the_same_and_no_cell_is_a_formula() -> None:
    project()
    keywords.add_many("p", ["=1+1", "@x", "plain"])
    as_csv, as_json = io.StringIO(), io.StringIO()
    assert ranks.write(as_csv, "csv", ranks.rows("p")) == ranks.write(as_json, "jsonl", ranks.rows("p")) == 3
    assert sorted(row["keyword"] for row in csv.DictReader(io.StringIO(as_csv.getvalue()))) == ["'=1+1", "'@x", "plain"]
    lines = [json.loads(line) for line in as_json.getvalue().splitlines()]
    assert sorted(row["keyword"] for row in lines) == ["=1+1", "@x", "plain"]
    assert all(row["state"] == "unknown" and row["rank"] is None for row in lines)
    assert list(lines[0]) == list(ranks.EXPORT_COLUMNS)
