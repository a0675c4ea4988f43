"""Ranks by the page and as downloads."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import models
from state.store import connection, keys
from state.tracking import history
from tests.counting import asked
from topics.operations import rank_lists
from topics.tracking import projects
from web import budget

TODAY = date(2026, 11, 28)
R = "/api/v1/projects/example.com/ranks"


def remember(text: str, places: dict[int, int | None]) -> None:
    """Ranks by how many days ago; None = not found."""
    keyword_id = projects.find_keyword(text, "example.com").id
    packed = b""
    for ago in sorted(places, reverse=True):
        state = models.RankState.RANKED if places[ago] else models.RankState.NOT_FOUND
        packed += history.pack(models.Rank(TODAY - timedelta(ago), state, 10, rank=places[ago]))
    connection.client().set(keys.ranks(keyword_id), packed)


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["=blue", "red", "never"])
    remember("=blue", {40: 9, 2: 4, 0: 3})
    remember("red", {1: None})


def test_keywords_come_with_their_ranks_between_two_days(client: FlaskClient) -> None:
    query = {"since": (TODAY - timedelta(5)).isoformat(), "until": TODAY.isoformat()}
    items = client.get(R, query_string=query).json["items"]

    assert {one["keyword"]: [(rank["day"], rank["says"]) for rank in one["ranks"]] for one in items} == {
        "=blue": [("2026-11-26", "ranked 4"), ("2026-11-28", "ranked 3")],
        "red": [("2026-11-27", "not found in the first 10 scanned")],
        "never": [],
    }


def test_of_many_days_fewer_keywords_come_at_a_time(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_lists, "MOST_RANKS", 60)
    seen, cursor = [], ""
    while True:
        page = client.get(R, query_string={"until": TODAY.isoformat(), "cursor": cursor}).json
        assert len(page["items"]) <= 2
        seen += [one["keyword"] for one in page["items"]]
        if not (cursor := page["next"]):
            break
    assert sorted(seen) == ["=blue", "never", "red"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-11-28", "until": "2026-11-01"},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"since": "1999-01-01"},
        {"since": "x"},
    ],
)
def test_days_that_cannot_be_meant_are_refused(client: FlaskClient, query: Any) -> None:
    reply = client.get(R, query_string=query)

    assert reply.status_code == 422 and "since" in reply.json["detail"]


def test_the_first_day_of_all_has_no_ranks_and_breaks_nothing(client: FlaskClient) -> None:
    assert all(one["ranks"] == [] for one in client.get(R, query_string={"until": "0001-01-01"}).json["items"])


def test_an_export_is_csv_that_no_spreadsheet_runs(client: FlaskClient) -> None:
    reply = client.get("/api/v1/ranks/export")
    rows = list(csv.DictReader(io.StringIO(reply.text)))

    assert reply.content_type == "text/csv; charset=utf-8" and "attachment" in reply.headers["Content-Disposition"]
    assert sorted((row["keyword"], row["rank"]) for row in rows) == [
        ("'=blue", "3"),
        ("'=blue", "4"),
        ("'=blue", "9"),
        ("never", ""),
        ("red", ""),
    ]


def test_an_export_as_json_and_as_lines_says_the_same(client: FlaskClient) -> None:
    query = {"project_id": "example.com", "last": "true"}
    whole = json.loads(client.get("/api/v1/ranks/export", query_string={**query, "format": "json"}).text)
    lines = client.get("/api/v1/ranks/export", query_string={**query, "format": "jsonl"}).text.splitlines()

    assert whole == [json.loads(line) for line in lines] and len(whole) == 3
    some = client.get("/api/v1/ranks/export", query_string={"since": "2026-11-28", "format": "json"})
    assert [row["keyword"] for row in json.loads(some.text)] == ["=blue"]


def test_an_export_of_nothing_is_an_empty_list(client: FlaskClient) -> None:
    projects.remove("example.com")

    assert json.loads(client.get("/api/v1/ranks/export", query_string={"format": "json"}).text) == []
    assert client.get("/api/v1/ranks/export", query_string={"project_id": "example.com"}).status_code == 404


def test_an_export_is_read_as_it_is_sent_and_gives_its_place_back(client: FlaskClient) -> None:
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(3000)])
    with asked() as found:
        reply = client.get("/api/v1/ranks/export", buffered=False)
        assert budget.STREAMS.used == 1
        first = next(iter(reply.response))
        assert first.startswith(b"project,domain,") and found.trips < 12
        reply.close()
    assert budget.STREAMS.used == 0 and found.trips < 12
