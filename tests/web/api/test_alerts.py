"""Routes of alerts: what is wrong, who is told, the rules, a test, a silence; who may do what."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

import clock
import config
from state.alerts import incidents
from state.alerts.incidents import CRITICAL, WARNING, Finding, Plan
from tests.state import NOON
from tests.topics.webhooks.receiver import receiving

V1 = "/api/v1/alerts"
DEEP = Finding("queue:deep:low", "queue", WARNING, "The queue low is deep", "It holds 9.", "start workers", lines=("a", "b"))


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def opened(*found: Finding) -> None:
    incidents.look(found, (), Plan("m"))


def test_what_is_open_is_listed_the_gravest_first_and_shown(client: FlaskClient) -> None:
    assert client.get(V1).json == {"items": [], "next": None}
    opened(DEEP, replace(DEEP, key="b", grade=CRITICAL, title="B"), replace(DEEP, key="later", for_s=60, title="C"))
    found = client.get(V1).json["items"]
    assert [(one["title"], one["grade"], one["state"]) for one in found] == [
        ("B", "critical", "open"),
        ("C", "warning", "pending"),
        (DEEP.title, "warning", "open"),
    ]
    one = client.get(f"{V1}/{found[2]['id']}").json
    assert one["lines"] == ["a", "b"] and one["opened_at"] == "2026-03-01T12:00:00Z" and one["closed_at"] is None
    assert client.get(f"{V1}/later").json["state"] == "pending"
    assert client.get(f"{V1}/nothing").status_code == 404
    assert client.get(V1, query_string={"state": "closed"}).json["items"] == []
    assert client.get(V1, query_string={"state": "odd"}).status_code == 422


def test_a_key_sees_no_alert_about_jobs_of_others(key_client: Callable[..., Any]) -> None:
    opened(DEEP, replace(DEEP, key="failures:x", rule="failures", title="Jobs fail"))
    mine, admin = key_client("operator"), key_client("admin")
    assert [one["rule"] for one in mine.get(V1).json["items"]] == ["queue"]
    assert {one["rule"] for one in admin.get(V1).json["items"]} == {"queue", "failures"}
    hidden = next(one["id"] for one in admin.get(V1).json["items"] if one["rule"] == "failures")
    assert mine.get(f"{V1}/{hidden}").status_code == 404
    for call in (lambda: mine.post(f"{V1}/test"), lambda: mine.put(f"{V1}/quiet", json={"for_s": 600})):
        assert call().status_code == 403


def test_a_test_says_what_each_target_did_and_no_address(client: FlaskClient) -> None:
    with receiving() as server:
        url = SecretStr(f"ops=json://127.0.0.1:{server.server_port}/s3cret gone=json://127.0.0.1:1/s3cret")
        with config.overridden(alert_urls=url):
            found = client.post(f"{V1}/test").json["items"]
            standing = client.get(f"{V1}/standing")
    assert [(one["name"], one["ok"]) for one in found] == [("ops", True), ("gone", False)]
    assert [one["name"] for one in standing.json["targets"]] == ["ops", "gone"]
    assert "s3cret" not in f"{found} {standing.text}" and len(server.received) == 1


def test_it_is_quiet_for_a_time(client: FlaskClient) -> None:
    made = client.put(f"{V1}/quiet", json={"for_s": 600, "note": "a deploy"}).json
    assert made["is_quiet"] and made["silence"]["until"] == "2026-03-01T12:10:00Z" and made["silence"]["note"] == "a deploy"
    assert client.delete(f"{V1}/quiet").json["is_quiet"] is False
    for body in ({}, {"for_s": 5}, {"for_s": 10**9}, {"for_s": 600, "note": "x" * 301}, {"for_s": 600, "more": 1}):
        assert client.put(f"{V1}/quiet", json=body).status_code == 422


def test_rules_are_listed_and_a_file_with_a_mistake_is_said(client: FlaskClient, tmp_path: Any) -> None:
    rows = client.get(f"{V1}/rules").json["items"]
    assert {one["rule"] for one in rows} >= {"failures", "queue", "rank_drop"} and rows[0]["figures"] == {"jobs": 20}
    path = tmp_path / "rules.toml"
    path.write_text("[rules.queue]\njob = 5")
    with config.overridden(alert_rules=path):
        assert "there is no rules.queue.job" in client.get(f"{V1}/standing").json["problem"]
        assert client.get(f"{V1}/rules").status_code in (500, 503)
