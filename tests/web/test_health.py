"""/health, /ready and /api/v1/health: what is said while Redis answers, is away, or hangs."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
from models import Stop
from state.store import connection
from tests import patience
from topics.operations import stops
from web import looks, stopping


@pytest.fixture(autouse=True)
def started() -> Any:
    yield
    stopping.reset()


def test_health_says_status_and_workers_in_both_vocabularies(client: FlaskClient) -> None:
    said = client.get("/health").json
    assert (said["status"], said["health_status"], said["redis"], said["workers"]) == ("degraded", "DEGRADED", "connected", 0)
    assert said["at"].endswith("Z")


def test_the_report_names_each_reason_and_what_mends_it(client: FlaskClient) -> None:
    [reason] = client.get("/api/v1/health").json["reasons"]
    assert reason["says"] == "No worker runs." and "manage.py worker" in reason["fix"]


def test_ready_is_200_while_redis_answers(client: FlaskClient) -> None:
    assert client.get("/ready").status_code == 200


def test_with_redis_away_health_is_200_and_says_so_and_ready_is_503(client: FlaskClient) -> None:
    connection.use(connection.connect("redis://127.0.0.1:1/0", hurried=True))
    health, ready = client.get("/health"), client.get("/ready")
    assert (health.status_code, health.json["redis"], health.json["status"]) == (200, "away", "unhealthy")
    assert ready.status_code == 503 and ready.headers["Retry-After"]


def test_with_a_redis_that_takes_no_writes_ready_is_503_and_the_report_says_why(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Stop("redis", "Redis is full: it refuses every write.", "Raise maxmemory.", wrong=True)
    monkeypatch.setattr(stops, "of_server", lambda: [full])
    assert client.get("/ready").status_code == 503 and "full" not in client.get("/ready").text
    assert full.says in client.get("/api/v1/health").json["reasons"][0]["says"]
    assert client.get("/health").json["redis"] == "connected"


def test_while_a_look_hangs_health_answers_soon_and_no_second_look_begins(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, begun = threading.Event(), []

    def hang() -> looks.Look:
        begun.append(1)
        go_on.wait(patience.HANG_S)
        raise ZeroDivisionError

    monkeypatch.setattr(looks, "take", hang)
    since = clock.monotonic()
    assert {client.get("/health").json["redis"] for _ in range(3)} == {"away"}
    assert clock.monotonic() - since < patience.leeway(3 * looks.WAIT_S) and len(begun) == 1
    go_on.set()
    assert looks._running and looks._running.done.wait(patience.HANG_S)
    monkeypatch.undo()
    assert client.get("/health").json["redis"] == "connected"  # a look that failed is not kept


def test_an_ending_process_is_not_ready(client: FlaskClient) -> None:
    stopping.begin()
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200
