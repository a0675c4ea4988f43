"""Routes of budgets: limits, what is spent, the ledger in parts, refunds; who may change them."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import clock
from tests.state import NOON
from topics import budgets

V1 = "/api/v1/budgets"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def spend(micro_usd: int, *where: str) -> None:
    with budgets.reserved(*where, micro_usd=micro_usd, purpose="llm", key="job-1") as held:
        held.settle(micro_usd=micro_usd, credits="0.5")


def test_a_limit_is_set_and_shown(client: FlaskClient) -> None:
    assert client.get(V1).json == {"items": [], "next": None}
    made = client.put(f"{V1}/project:a", json={"micro_usd": 1000, "milli_credits": 1500, "zone": "Europe/Vienna"})
    assert made.status_code == 200 and made.json["ends_at"] == "2026-03-31T22:00:00Z"
    spend(400, "project:a")
    found = client.get(f"{V1}/project:a").json
    assert found["micro_usd"] == {"limit": 1000, "spent": 400, "held": 0, "left": 600, "percent": 40.0, "projected": None}
    assert found["milli_credits"]["left"] == 1000 and found["month"] == "2026-03"
    assert [one["scope"] for one in client.get(V1).json["items"]] == ["project:a", "system"]
    first = client.get(V1, query_string={"limit": 1}).json
    assert [one["scope"] for one in client.get(V1, query_string={"cursor": first["next"]}).json["items"]] == ["system"]


def test_a_limit_that_is_gone_and_a_scope_that_nobody_charges_are_said(client: FlaskClient) -> None:
    client.put(f"{V1}/system", json={"micro_usd": 1_500_000, "zone": "Europe/Vienna"})
    told = client.put(f"{V1}/system", json={"milli_credits": 1000}).json
    assert told["warnings"] == ["system has no limit in USD any more (it was 1.50): name both to keep both."]
    assert told["zone"] == "Europe/Vienna" and "warnings" not in client.get(f"{V1}/system").json
    [said] = client.put(f"{V1}/project:shp", json={"micro_usd": 1}).json["warnings"]
    assert "no project shp" in said and "`GET /api/v1/projects`" in said


def test_the_ledger_comes_in_parts(client: FlaskClient) -> None:
    for number in range(3):
        spend(number + 1)
    first = client.get(f"{V1}/system/ledger", query_string={"limit": 2}).json
    rest = client.get(f"{V1}/system/ledger", query_string={"limit": 2, "cursor": first["next"]}).json
    assert [one["micro_usd"] for one in first["items"] + rest["items"]] == [3, 2, 1] and rest["next"] is None
    assert first["items"][0]["key"] == "job-1" and first["items"][0]["at"] == "2026-03-01T12:00:00Z"
    assert client.get(f"{V1}/system/ledger?month=2026-02").json["items"] == []


def test_a_refund_is_made_once_a_key(client: FlaskClient) -> None:
    spend(1000, "project:a")
    for _ in "12":
        done = client.post(f"{V1}/project:a/refund", json={"micro_usd": 300, "reason": "empty", "key": "r"})
        assert done.status_code == 200 and done.json["micro_usd"]["spent"] == 700
    assert budgets.show("system").micro_usd.spent == 700
    assert client.post(f"{V1}/project:a/refund", json={"micro_usd": 701, "reason": "empty"}).status_code == 422


def test_a_line_is_given_back_once(client: FlaskClient) -> None:
    spend(1000, "project:a")
    line = client.get(f"{V1}/project:a/ledger").json["items"][0]["id"]
    done = client.post(f"{V1}/project:a/refund", json={"line": line, "reason": "empty"})
    assert done.status_code == 200 and done.json["micro_usd"]["spent"] == 0
    assert client.post(f"{V1}/project:a/refund", json={"line": line, "reason": "empty"}).status_code == 409
    assert client.post(f"{V1}/project:b/refund", json={"line": line, "reason": "empty"}).status_code == 404
    assert budgets.show("system").micro_usd.spent == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "nobody", None),
        ("get", "system?month=2026-13", None),
        ("get", "system/ledger?cursor=x", None),
        ("put", "system", {"micro_usd": -1}),
        ("put", "system", {"micro_usd": 10**14}),
        ("put", "system", {"micro_usd": 0.5}),
        ("put", "system", {"micro_usd": 1, "zone": "Mars/Base"}),
        ("put", "system:x", {"micro_usd": 1}),
        ("post", "system/refund", {"micro_usd": 1}),
        ("post", "system/refund", {"reason": "x"}),
        ("post", "system/refund", {"reason": "x", "line": "first"}),
        ("post", "system/refund", {"reason": "x", "line": "1772366400000-0", "micro_usd": 1}),
    ],
)
def test_what_cannot_be_is_refused(client: FlaskClient, method: str, path: str, body: object) -> None:
    reply = getattr(client, method)(f"{V1}/{path}", **({"json": body} if body else {}))
    assert reply.status_code in (400, 422), reply.json
    assert budgets.every() == []
