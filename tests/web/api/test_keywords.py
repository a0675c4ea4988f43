"""Routes of keywords: by the page, by id, by text; added, described, archived, removed, checked."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import models
from state.store import connection, keys
from state.tracking import keywords, outcomes
from tests.counting import asked
from topics.operations import keyword_lists
from topics.tracking import overview, projects

P = "/api/v1/projects/example.com/keywords"
K = "/api/v1/keywords"


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add("example.com")


@pytest.fixture
def keyword(project: models.Project) -> models.Keyword:
    projects.add_keywords(project.id, ["blue shoes"])
    return projects.find_keyword("blue shoes", project.id)


def rank(keyword: models.Keyword, days_ago: int, place: int | None) -> None:
    day = clock.now().date() - timedelta(days=days_ago)
    state = models.RankState.RANKED if place else models.RankState.NOT_FOUND
    page = {"url": "https://example.com/shoes", "title": "Shoes"} if place else {}
    one = models.Rank(day, state, 10, rank=place, **page)
    outcomes.finish(keyword, None, timedelta(days=1), outcomes.CheckOutcome("reparsed", one))


def test_keywords_are_added_as_typed_and_told_apart_from_those_that_were_there(client: FlaskClient) -> None:
    body = {"keywords": ["C++ OR rust", {"text": "Fußball", "tags": ["ball"], "volume": 100, "target_url": "/fussball"}]}
    first, again = client.post(P, json=body), client.post(P, json=body)

    assert first.json == {"added": 2, "known": 0, "updated": 0, "respelled": [], "ignored": []}
    assert (again.json["added"], again.json["known"], again.json["updated"]) == (0, 2, 0)
    rows = {row["keyword"]: row for row in client.get(P).json["items"]}
    assert rows["Fußball"]["tags"] == ["ball"] and rows["Fußball"]["volume"] == 100 and set(rows) == {"C++ OR rust", "Fußball"}


@pytest.mark.parametrize(
    "body",
    [
        {"keywords": []},
        {"keywords": ["good", " "]},
        {"keywords": ["good", "x" * 401]},
        {"keywords": ["good", {"text": "b", "volume": -5}]},
        {"keywords": ["good", {"text": "b", "target_url": "see notes"}]},
        {"keywords": ["good", {"text": "b", "tgas": ["x"]}]},
        {"keywords": ["good", 7]},
        {"keywords": "good"},
        {"keywords": ["good", "a\0b"]},
    ],
)
def test_one_bad_keyword_adds_none_and_is_named(client: FlaskClient, body: Any) -> None:
    reply = client.post(P, json=body)

    assert reply.status_code == 422 and reply.json["detail"]
    assert client.get(P).json["items"] == []


def test_a_bad_keyword_is_named_by_its_number_and_its_field(client: FlaskClient) -> None:
    long, tag = ({"keywords": ["good", bad]} for bad in ("x" * 401, {"text": "b", "tags": [" "]}))

    assert client.post(P, json=long).json["errors"][0]["field"] == "keywords.1"
    assert client.post(P, json=tag).json["errors"][0]["field"] == "keywords.1.tags"


def test_thousands_are_added_in_some_dozen_round_trips(client: FlaskClient) -> None:
    body = {"keywords": [{"text": f"keyword {number}", "tags": ["t"]} for number in range(5000)]}
    with asked() as found:
        assert client.post(P, json=body).json["added"] == 5000
    assert found.trips <= 60

    names = {"names": [f"keyword {number}" for number in range(5000)]}
    with asked() as found:
        assert client.post(f"{P}/archive", json=names).json == {"changed": 5000, "of": 5000, "next": None}
    assert found.trips <= 60


def test_a_list_costs_the_same_whatever_the_project_holds(client: FlaskClient) -> None:
    costs = []
    for number in (500, 4000):
        projects.add_keywords("example.com", [f"keyword {at}" for at in range(number)])
        with asked() as found:
            assert len(client.get(P, query_string={"limit": 50}).json["items"]) == 50
        costs.append(found)
    assert costs[1].trips <= costs[0].trips + 2 and costs[1].commands <= 1.3 * costs[0].commands


def test_a_keyword_is_found_by_its_text_alone(client: FlaskClient, keyword: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])

    [row] = client.get(P, query_string={"text": "Blue  SHOES"}).json["items"]
    assert row["id"] == keyword.id
    assert client.get(P, query_string={"text": "no such"}).json == {"items": [], "next": None}


def test_one_keyword_says_all_that_is_known(client: FlaskClient, keyword: models.Keyword) -> None:
    for days_ago, place in ((9, 9), (2, None), (0, 4)):
        rank(keyword, days_ago, place)

    shown = client.get(f"{K}/{keyword.id}").json
    assert (shown["last"]["says"], shown["previous"]["state"], shown["best"]["rank"]) == ("ranked 4", "not_found", 4)
    assert shown["days"] == 3 and shown["project"] == "example.com" and shown["next_due_at"] == "1970-01-01T00:00:00Z"


def test_the_history_goes_back_by_the_page_and_by_days(client: FlaskClient, keyword: models.Keyword) -> None:
    for days_ago in range(30, -1, -1):
        rank(keyword, days_ago, days_ago + 1)
    seen, cursor = [], ""
    while True:
        page = client.get(f"{K}/{keyword.id}/history", query_string={"limit": 7, "cursor": cursor}).json
        seen += [row["rank"] for row in page["items"]]
        if not (cursor := page["next"]):
            break
    assert seen == list(range(1, 32))

    day = (clock.now().date() - timedelta(days=3)).isoformat()
    [row] = client.get(f"{K}/{keyword.id}/history", query_string={"since": day, "until": day}).json["items"]
    assert row["day"] == day and row["url"] == "https://example.com/shoes"
    assert client.get(f"{K}/{keyword.id}/history", query_string={"cursor": "x"}).status_code == 422
    assert client.get(f"{K}/{keyword.id}/history", query_string={"since": "yesterday"}).status_code == 422


def test_details_change_and_are_taken_away_by_null(client: FlaskClient, keyword: models.Keyword) -> None:
    url = f"{K}/{keyword.id}"
    assert client.patch(url, json={"tag": ["a", "b"], "volume": 5, "target_url": "/x"}).json["tags"] == ["a", "b"]
    changed = client.patch(url, json={"untag": ["A"], "volume": None}).json

    assert (changed["tags"], changed["volume"], changed["target_url"]) == (["b"], None, "/x")
    assert client.patch(url, json={"target_url": None}).json["target_url"] is None
    assert client.patch(url, json={}).status_code == 422
    many = client.patch(P, json={"names": ["blue shoes"], "tag": ["c"]})
    assert many.json == {"changed": 1, "of": 1, "next": None} and keywords.get(keyword.id).tags == ("b", "c")


def test_a_keyword_rests_is_checked_again_and_goes(client: FlaskClient, keyword: models.Keyword) -> None:
    url = f"{K}/{keyword.id}"

    assert client.post(f"{url}/archive").json["archived"] is True
    assert client.get(f"{url}/why").json["state"] == "archived"
    assert client.post(f"{url}/unarchive").json["archived"] is False
    assert client.delete(url).json == {"changed": 1, "of": 1, "next": None}
    assert client.get(url).status_code == client.delete(url).status_code == 404


@pytest.mark.parametrize("verb", ["archive", "unarchive", "remove", "check"])
def test_an_unknown_name_stops_it_before_anything_changed(client: FlaskClient, keyword: models.Keyword, verb: str) -> None:
    projects.add("other.com")
    projects.add_keywords("other.com", ["strange"])
    strange = projects.find_keyword("strange", "other.com")
    before = keywords.get(keyword.id)
    for name in ("no such", strange.id, "aaaaaaaaaaaa"):
        reply = client.post(f"{P}/{verb}", json={"names": ["blue shoes", name]})
        assert reply.status_code == 404 and "manage.py" not in reply.json["detail"]
    assert keywords.get(keyword.id) == before and keywords.get(strange.id)


def test_texts_are_respelled_and_missing_ones_named(client: FlaskClient, keyword: models.Keyword) -> None:
    reply = client.post(f"{P}/respell", json={"texts": ["Blue Shoes", "none"]})

    assert reply.json == {"changed": [{"before": "blue shoes", "after": "Blue Shoes"}], "missing": ["none"]}


def test_a_check_is_queued_once_and_says_what_it_buys(client: FlaskClient, keyword: models.Keyword) -> None:
    client.patch("/api/v1/projects/example.com", json={"depth": 30})
    first, again = client.post(f"{K}/{keyword.id}/check"), client.post(f"{P}/check", json={"names": ["blue shoes"]})

    assert first.status_code == 202 and first.json["pages_at_most"] == 3
    [check], [same] = first.json["checks"], again.json["checks"]
    assert same["duplicate_of"] == check["job_id"] and any("No worker runs" in one for one in first.json["warnings"])
    stored = connection.client().hget(f"rq:job:{check['job_id']}", "description")
    assert b"track_keyword" in stored


def test_work_on_all_that_a_filter_takes_reaches_just_these_whatever_their_number(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyword_lists, "MOST_READ", 300)
    body = [{"text": f"{word} {number}", "tags": [word]} for number in range(700) for word in ("shoe", "hat")]
    client.post(P, json={"keywords": body})
    changed, cursor, requests = 0, "", 0
    while True:
        reply = client.post(f"{P}/archive", json={"where": {"tag": "SHOE"}, "cursor": cursor})
        assert reply.status_code == 200, reply.text
        changed, requests = changed + reply.json["changed"], requests + 1
        if not (cursor := reply.json["next"]):
            break
    assert changed == 700 and requests > 2
    assert all(keyword.archived is (keyword.tags == ("shoe",)) for keyword in keywords.in_project("example.com", archived=None))


@pytest.mark.parametrize(
    "body", [{}, {"names": ["a"], "where": {}}, {"names": []}, {"where": {"tga": "x"}}, {"names": ["a"], "cursor": "a1"}]
)
def test_which_keywords_must_be_said_and_said_once(client: FlaskClient, keyword: models.Keyword, body: Any) -> None:
    for verb in ("archive", "check", "remove"):
        assert client.post(f"{P}/{verb}", json=body).status_code == 422
    assert not keywords.get(keyword.id).archived


def test_the_price_of_checks_is_said_before_anything_is_bought(client: FlaskClient, keyword: models.Keyword) -> None:
    client.patch("/api/v1/projects/example.com", json={"depth": 50})
    reply = client.post(f"{P}/check", json={"where": {}, "dry_run": True})

    assert (reply.status_code, reply.json["pages_at_most"], reply.json["checks"]) == (200, 5, [])
    assert client.get("/api/v1/claims").json["items"] == []


def test_failing_keywords_are_checked_again_in_one_request(client: FlaskClient, keyword: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])
    connection.client().hset(keys.keyword(keyword.id), "f", 3)
    checks = client.post(f"{P}/check", json={"where": {"failing": True}}).json["checks"]

    assert [one["keyword_id"] for one in checks] == [keyword.id]


@pytest.mark.parametrize("name", ["nosuch", "aaaaaaaaaaaa", "%00", "A" * 12, "blue shoes"])
def test_what_is_no_id_is_not_found(client: FlaskClient, keyword: models.Keyword, name: str) -> None:
    for call in (client.get(f"{K}/{name}"), client.post(f"{K}/{name}/check"), client.get(f"{K}/{name}/history")):
        assert call.status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"cursor": "zz"}, {"cursor": f"a{(1 << 64) - 1}"}, {"limit": 1001}, {"state": "lost"}, {"archived": "maybe"}, {"tga": "x"}],
)
def test_a_list_refuses_what_it_does_not_know(client: FlaskClient, query: Any) -> None:
    assert client.get(P, query_string=query).status_code == 422


def test_a_list_is_sorted_once_its_overview_is_counted(client: FlaskClient, keyword: models.Keyword) -> None:
    projects.add_keywords("example.com", ["red shoes"])
    rank(keyword, 0, 4)
    rank(projects.find_keyword("red shoes", "example.com"), 0, 2)
    assert client.get(P, query_string={"sort": "rank"}).status_code == 409
    assert client.get(P, query_string={"sort": "colour"}).status_code == 422

    overview.make("example.com")
    found = [client.get(P, query_string={"sort": sort, "limit": 1}).json for sort in ("rank", "-rank")]
    assert [one["items"][0]["keyword"] for one in found] == ["red shoes", "blue shoes"]
    following = client.get(P, query_string={"sort": "rank", "limit": 1, "cursor": found[0]["next"]}).json
    assert [row["keyword"] for row in following["items"]] == ["blue shoes"] and following["next"] is None
    assert client.get(P, query_string={"sort": "rank", "cursor": "o00000000.0"}).status_code == 409
    assert client.get(P, query_string={"sort": "rank", "archived": "all"}).status_code == 422


def test_filters_by_move_and_address(client: FlaskClient, keyword: models.Keyword) -> None:
    rank(keyword, 7, 12)
    rank(keyword, 0, 4)

    for query, fits in (({"moved": "entered_10"}, 1), ({"moved": "lost"}, 0), ({"url": "/SHOES"}, 1), ({"reason": "captcha"}, 0)):
        assert len(client.get(P, query_string=query).json["items"]) == fits, query
    assert client.get(P, query_string={"moved": "aside"}).status_code == 422
