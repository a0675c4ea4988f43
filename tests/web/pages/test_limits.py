"""/limits: kinds with what runs, what may, and what waits for a place; changed by admins."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from state.engine import limits as stored
from state.store import keys
from tests.web.pages.people import HOSTILE, is_escaped
from topics.operations import limits


def rows(client: FlaskClient) -> dict[str, dict[str, Any]]:
    return {row["kind"]: row for row in json.loads(client.get("/limits?format=json").text)}


def test_every_kind_says_how_many_run_may_run_and_wait(client: FlaskClient, store: Any) -> None:
    limits.put("serp", 5)
    store.rpush(keys.blocked("low", "serp"), "j1", "j2")
    store.zadd(keys.RUNS + "serp", {"j3:e": 1, "gone:e": 1})
    store.zadd(keys.LEASES, {"j3:e": 1})
    found = rows(client)
    assert found["serp"] == {"kind": "serp", "running": 1, "most": 5, "by_setting": 40, "blocked": 2}
    assert found["scrape"]["most"] is None and found["scrape"]["running"] is None
    page = client.get("/limits").text
    assert 'href="/hosts"' in page and 'href="/jobs?kind=serp"' in page


def test_a_limit_is_set_changed_and_removed(client: FlaskClient) -> None:
    assert client.post("/limits/serp", data={"most": "7"}).headers["Location"] == "/limits"
    assert [(one.kind, one.most) for one in stored.every(queues.QUEUES)] == [("serp", 7)]
    assert "At most 7 jobs of the kind serp" in client.get("/limits").text
    assert client.post("/limits/serp/remove").status_code == 303 and stored.every(queues.QUEUES) == []
    assert client.post("/limits/serp/remove").status_code == 404


def test_to_block_a_kind_asks_first(client: FlaskClient) -> None:
    asked = client.post("/limits/serp", data={"most": "0"})
    assert asked.status_code == 200 and "no job of the kind serp starts" in asked.text and stored.every(queues.QUEUES) == []
    client.post("/limits/serp", data={"most": "0", "confirmed": "1"})
    assert [one.most for one in stored.every(queues.QUEUES)] == [0]


@pytest.mark.parametrize("most", ["", "-1", "x", "1.5", "1000001", "٣", "9" * 40])
def test_what_is_no_limit_is_refused_on_the_page(client: FlaskClient, most: str) -> None:
    page = client.post("/limits/serp", data={"most": most})
    assert page.status_code == 422 and "give a number from 0" in page.text and stored.every(queues.QUEUES) == []


def test_a_kind_that_no_job_is_of_is_refused_and_named_as_text(client: FlaskClient) -> None:
    page = client.post(f"/limits/{HOSTILE}", data={"most": "0"})
    assert page.status_code == 422 and "there are" in page.text and is_escaped(page.text)
    assert client.get("/limits/serp").status_code == 200  # a refused form, loaded again


def test_only_admins_see_buttons_and_press_them(key_client: Any) -> None:
    operator, admin = key_client("operator"), key_client("admin")
    assert 'name="most"' not in operator.get("/limits").text and 'name="most"' in admin.get("/limits").text
    assert operator.post("/limits/serp", data={"most": "1"}).status_code == 403
    assert operator.post("/limits/serp/remove").status_code == 403


def test_hostile_kinds_in_the_store_are_text(client: FlaskClient, store: Any) -> None:
    store.hset(keys.LIMITS, HOSTILE, 3)
    assert is_escaped(client.get("/limits").text)
