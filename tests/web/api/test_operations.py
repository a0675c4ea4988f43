"""Routes of batches, schedule, limits, pauses, hosts, claims and how the system is."""

from datetime import timedelta
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

import clock
import models
import queues
import scheduler
from state.engine import dedup, limits, pauses
from state.scraping import gates, rates
from state.scraping.gates import Ask, Granted, Left
from state.store import connection, server
from state.tracking import halts
from tests.commands.conftest import SAFE
from tests.counting import asked, fewest
from tests.scheduling import every, registered
from topics.tracking import account, projects
from web.api import claims as claim_routes

V1 = "/api/v1"


@pytest.fixture(autouse=True)
def info(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """fakeredis knows no INFO: it answers like a safe server."""
    if isinstance(store, fakeredis.FakeRedis):
        monkeypatch.setattr(store, "info", lambda *section: SAFE, raising=False)
        monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE))


@pytest.fixture
def keywords() -> list[models.Keyword]:
    projects.add("example.com")
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(25)])
    return projects.find_keywords([f"keyword {number}" for number in range(25)], "example.com")


# --- serp ---


def test_a_batch_is_queued_now(client: FlaskClient, keywords: list[models.Keyword]) -> None:
    done = client.post(f"{V1}/serp/batch").json

    assert (done["outcome"], done["total"], done["high"], done["projects"]) == ("enqueued", 25, 25, 1)
    assert client.post(f"{V1}/serp/batch").json["total"] == 0


def test_a_batch_under_a_halt_says_so_and_asks_nobody_outside(
    client: FlaskClient, keywords: list[models.Keyword], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "goes_on", lambda halt: pytest.fail("the provider was asked"))
    halts.halt("scrapedo", "The token is refused.")

    assert client.post(f"{V1}/serp/batch").json["reason"] == "The token is refused."
    assert client.post(f"{V1}/serp/resume").json == {"was_halted": True, "reason": "The token is refused."}
    assert client.post(f"{V1}/serp/resume").json == {"was_halted": False, "reason": None}


def test_a_day_is_read_again_by_one_job(client: FlaskClient, keywords: list[models.Keyword]) -> None:
    first = client.post(f"{V1}/serp/reparse", json={"day": "2026-03-01", "project_id": "example.com"})
    again = client.post(f"{V1}/serp/reparse", json={"day": "2026-03-01", "project_id": "example.com"})

    assert first.status_code == 202 and again.json["duplicate_of"] == first.json["id"]
    assert client.post(f"{V1}/serp/reparse", json={"day": "2026-02-30"}).status_code == 422
    assert client.post(f"{V1}/serp/reparse", json={"project_id": "nosuch"}).status_code == 404


# --- the schedule ---


def test_entries_are_listed_run_disabled_and_enabled(client: FlaskClient) -> None:
    registered(*scheduler.table())
    names = [row["name"] for row in client.get(f"{V1}/schedule").json["items"]]
    part = client.get(f"{V1}/schedule", query_string={"limit": 2}).json

    assert "sweep" in names and names == sorted(names) and part["next"] == names[1]
    assert client.get(f"{V1}/schedule", query_string={"cursor": names[1]}).json["items"][0]["name"] == names[2]
    assert client.post(f"{V1}/schedule/sweep/disable").json["changed"] is True
    assert client.post(f"{V1}/schedule/sweep/disable").json == {**client.get(f"{V1}/schedule/sweep").json, "changed": False}
    assert client.get(f"{V1}/schedule/sweep").json["state"] == "disabled"
    assert client.post(f"{V1}/schedule/sweep/enable").json["state"] == "on"
    job = client.post(f"{V1}/schedule/sweep/run")
    assert job.status_code == 202 and queues.Job.exists(job.json["job_id"], connection=connection.client())


def test_an_entry_whose_run_is_not_over_is_not_queued_twice(client: FlaskClient) -> None:
    registered(every(60, overlap="skip"))
    assert client.post(f"{V1}/schedule/often/run").status_code == 202

    again = client.post(f"{V1}/schedule/often/run")
    assert again.status_code == 409 and "not over" in again.json["detail"]


@pytest.mark.parametrize("verb", ["", "/run", "/enable", "/disable"])
def test_an_unknown_entry_is_not_found(client: FlaskClient, verb: str) -> None:
    registered(*scheduler.table())
    reply = client.open(f"{V1}/schedule/nosuch{verb}", method="POST" if verb else "GET")

    assert reply.status_code == 404 and "GET /api/v1/schedule" in reply.json["detail"]


# --- limits ---


def test_a_limit_is_set_listed_and_taken_away(client: FlaskClient) -> None:
    made = client.put(f"{V1}/limits/serp", json={"most": 7})

    assert made.json == {"kind": "serp", "most": 7, "running": 0, "blocked": 0}
    assert client.get(f"{V1}/limits").json == {"items": [made.json], "next": None}
    assert client.delete(f"{V1}/limits/serp").status_code == 204 and limits.every(queues.QUEUES) == []
    assert client.delete(f"{V1}/limits/serp").status_code == 404


@pytest.mark.parametrize("body", [{}, {"most": -1}, {"most": 1.5}, {"most": "many"}, {"most": 2_000_000}, {"most": 1, "x": 1}])
def test_a_limit_that_cannot_be_meant_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.put(f"{V1}/limits/serp", json=body).status_code == 422
    assert "serp" in client.put(f"{V1}/limits/none", json={"most": 1}).json["detail"]
    assert limits.every(queues.QUEUES) == []


# --- pauses ---


def test_work_is_paused_with_its_reason_and_goes_on(client: FlaskClient) -> None:
    made = client.put(f"{V1}/pauses/queue:low", json={"reason": "provider in trouble", "for_s": 7200}).json

    assert (made["scope"], made["reason"], made["actor"]) == ("queue:low", "provider in trouble", "local")
    holding = {**made, "held": 0, "held_what": "job", "held_all": True}
    assert client.get(f"{V1}/pauses").json["items"] == [holding] and pauses.every()[0].until is not None
    assert client.delete(f"{V1}/pauses/queue:low").json["was"]["reason"] == "provider in trouble"
    gone = client.delete(f"{V1}/pauses/queue:low")
    assert gone.status_code == 404 and "GET /api/v1/pauses" in gone.json["detail"]


def test_a_pause_ends_when_it_says(client: FlaskClient) -> None:
    until = (clock.now() + timedelta(days=1)).isoformat(timespec="seconds")
    made = client.put(f"{V1}/pauses/host:EXAMPLE.com", json={"reason": "x", "until": until}).json

    assert made["scope"] == "host:example.com" and made["until"] == until.replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("scope", "body", "word"),
    [
        ("queue:lwo", {"reason": "x"}, "low"),
        ("que:low", {"reason": "x"}, "queue"),
        ("low", {"reason": "x"}, "queue"),
        ("project:nosuch", {"reason": "x"}, "project"),
        ("queue:low", {}, "reason"),
        ("queue:low", {"reason": " "}, "reason"),
        ("queue:low", {"reason": "x", "for_s": 0}, "for_s"),
        ("queue:low", {"reason": "x", "for_s": 60, "until": "2099-01-01T00:00Z"}, "until"),
        ("queue:low", {"reason": "x", "until": "2099-01-01T00:00"}, "zone"),
        ("queue:low", {"reason": "x", "until": "soon"}, "until"),
        ("queue:low", {"reason": "x", "until": "2001-01-01T00:00Z"}, "over already"),
        ("queue:low", {"reason": "x", "actor": "me"}, "actor"),
    ],
)
def test_a_pause_that_cannot_be_meant_is_refused(client: FlaskClient, scope: str, body: Any, word: str) -> None:
    reply = client.put(f"{V1}/pauses/{scope}", json=body)

    assert reply.status_code == 422 and word in reply.json["detail"] and "--" not in reply.json["detail"]
    assert pauses.every() == []


# --- hosts ---


def visit(host: str, outcome: gates.Outcome = "ok", holder: str = "direct-1") -> None:
    turn = gates.enter(Ask(host, holder, 0, 10))
    assert isinstance(turn, Granted)
    gates.leave(turn, Left(outcome, 0.0))


def test_hosts_come_by_the_page_the_latest_first(client: FlaskClient) -> None:
    for number in range(130):
        visit(f"h{number}.example")
    seen, cursor = [], ""
    while True:
        with asked() as found:
            page = client.get(f"{V1}/hosts", query_string={"limit": 50, "cursor": cursor}).json
        assert found.trips <= 4
        seen += [one["host"] for one in page["items"]]
        if not (cursor := page["next"]):
            break
    assert sorted(seen) == sorted(f"h{number}.example" for number in range(130))
    assert client.get(f"{V1}/hosts", query_string={"cursor": "x"}).status_code == 422


def test_a_host_says_how_it_is_and_its_breaker_is_closed(client: FlaskClient) -> None:
    for number in range(8):
        visit("a.example", "server_error", f"direct-{number}")

    assert client.get(f"{V1}/hosts/a.example").json["breaker"] == "open"
    assert client.post(f"{V1}/hosts/A.example/reset").json["breaker"] == "closed"
    assert client.get(f"{V1}/hosts/nowhere.example").status_code == 404
    assert client.post(f"{V1}/hosts/nowhere.example/reset").status_code == 404
    assert client.get(f"{V1}/hosts/%20").status_code == 422


def test_limits_of_hosts_and_tenants_are_set_and_taken_away(client: FlaskClient) -> None:
    made = client.put(f"{V1}/host-limits/host:A.example", json={"per_minute": 30, "concurrency": 2, "delay_s": 1.5})
    client.put(f"{V1}/host-limits/tenant:acme", json={"per_hour": 100})

    assert made.json["scope"] == "host:a.example" and made.json["windows"] == [{"seconds": 60, "most": 30}]
    assert rates.every()["host:a.example"].delay_s == 1.5
    assert [row["scope"] for row in client.get(f"{V1}/host-limits").json["items"]] == ["host:a.example", "tenant:acme"]
    assert client.delete(f"{V1}/host-limits/host:a.example").status_code == 204
    assert client.delete(f"{V1}/host-limits/host:a.example").status_code == 404


@pytest.mark.parametrize("scope", ["host:", "tenant:", "example.com", "host: ", "queue:low"])
def test_limits_of_what_has_none_are_refused(client: FlaskClient, scope: str) -> None:
    assert client.put(f"{V1}/host-limits/{scope}", json={"per_minute": 3}).status_code == 422
    assert client.put(f"{V1}/host-limits/host:a.example", json={}).status_code == 422
    assert client.put(f"{V1}/host-limits/host:a.example", json={"per_minute": 10**12}).status_code == 422
    assert rates.every() == {}


# --- claims ---


def test_claims_are_listed_by_the_page_and_freed(
    client: FlaskClient, keywords: list[models.Keyword], monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(f"{V1}/serp/batch")
    first = client.get(f"{V1}/claims", query_string={"limit": 20}).json
    rest = client.get(f"{V1}/claims", query_string={"limit": 20, "cursor": first["next"]}).json
    monkeypatch.setattr(claim_routes, "AT_ONCE", 10)

    assert len({row["id"] for row in first["items"] + rest["items"]}) == 25 and rest["next"] is None
    assert {row["job_status"] for row in first["items"]} == {"queued"}
    assert client.post(f"{V1}/claims/reset", json={"keyword_id": keywords[0].id}).json == {"freed": 1, "more": False}
    assert client.post(f"{V1}/claims/reset", json={"stuck": True}).json == {"freed": 0, "more": False}
    assert client.post(f"{V1}/claims/reset", json={"all": True}).json == {"freed": 10, "more": True}
    assert dedup.count() == 14


@pytest.mark.parametrize("body", [{}, {"stuck": True, "all": True}, {"keyword_id": "x", "all": True}, {"older_than_s": 5}])
def test_what_to_free_must_be_said_and_said_once(client: FlaskClient, body: Any) -> None:
    assert client.post(f"{V1}/claims/reset", json=body).status_code == 422
    assert client.post(f"{V1}/claims/reset", json={"keyword_id": "nosuch"}).status_code == 404


# --- how the system is ---


def test_the_status_says_what_the_command_says(client: FlaskClient, keywords: list[models.Keyword]) -> None:
    client.put(f"{V1}/pauses/queue:low", json={"reason": "x"})
    shown = client.get(f"{V1}/status").json

    assert (shown["projects"], shown["keywords"], shown["eligible"], shown["sandbox"]) == (1, 25, 25, True)
    assert any(stop["name"] == "paused" for stop in shown["stops"])
    assert client.get(f"{V1}/status/hours").json == {"items": [], "next": None}
    assert client.get(f"{V1}/status/hours", query_string={"hours": 0}).status_code == 422


def test_the_checks_ask_nobody_outside_unless_they_are_told_to(client: FlaskClient) -> None:
    named = [one["check"] for one in client.get(f"{V1}/check").json["checks"]]
    asked_outside = [one["check"] for one in client.get(f"{V1}/check", query_string={"outside": "true"}).json["checks"]]

    assert {"configuration", "redis", "scripts", "jobs", "schedule"} <= set(named) and "provider" not in named
    assert {"provider", "storage"} <= set(asked_outside)


def test_the_doctors_first_look_costs_the_same_whatever_is_stored(client: FlaskClient, keywords: list[models.Keyword]) -> None:
    client.get(f"{V1}/doctor")  # the scripts are loaded
    few = fewest(lambda: client.get(f"{V1}/doctor"))
    projects.add_keywords("example.com", [f"more {number}" for number in range(2000)])
    client.post(f"{V1}/serp/batch")
    many = fewest(lambda: client.get(f"{V1}/doctor"))
    shown = client.get(f"{V1}/doctor").json

    assert many.trips == few.trips and many.commands == few.commands
    assert shown["broken_keys"] == {} and {"check", "grade", "says", "fix"} == set(shown["server"][0])


def test_workers_queues_and_the_last_events_are_lists(client: FlaskClient, keywords: list[models.Keyword]) -> None:
    client.post(f"{V1}/serp/batch")
    queues_ = {row["queue"]: row for row in client.get(f"{V1}/queues").json["items"]}

    assert queues_["high"]["jobs"] == 25 and client.get(f"{V1}/workers").json == {"items": [], "next": None}
    assert client.get(f"{V1}/events/latest").json["items"] == []
    assert client.get(f"{V1}/events/latest", query_string={"limit": 0}).status_code == 422
