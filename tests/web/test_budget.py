"""Threads that are held for long have their share, and no more."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import config
from web import budget, stopping
from web.errors import Problem


@pytest.fixture(autouse=True)
def few_threads() -> Iterator[None]:
    with config.overridden(web_threads=8):
        yield


def test_half_of_the_threads_may_stream_and_a_quarter_may_wait() -> None:
    assert (budget.STREAMS.most, budget.WAITING.most) == (4, 2)


def test_beyond_its_share_a_request_is_told_when_to_come_back() -> None:
    with budget.waiting(), budget.waiting(), pytest.raises(Problem) as refused, budget.waiting():
        pass
    assert refused.value.status == 503 and int(refused.value.headers["Retry-After"]) > 0
    assert budget.WAITING.used == 0


def test_a_share_is_given_back_also_by_a_request_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), budget.stream():
        raise ZeroDivisionError
    assert budget.STREAMS.used == 0


def test_who_holds_a_thread_is_told_of_the_end_once_and_latecomers_at_once() -> None:
    told: list[str] = []
    forget = stopping.call(lambda: told.append("left before"))
    stopping.call(lambda: told.append("a"))
    stopping.call(lambda: [][0])
    stopping.call(lambda: told.append("b"))
    forget()
    try:
        stopping.begin()
        stopping.begin()
        stopping.call(lambda: told.append("late"))
        assert told == ["a", "b", "late"] and stopping.is_stopping() and stopping.wait(0)
    finally:
        stopping.reset()


@pytest.mark.parametrize("path", ["/health%00", "/%00", "/api/v1/health%00"])
def test_nul_in_a_path_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nul_in_a_query_is_422_and_the_field_named(client: FlaskClient) -> None:
    reply = client.get("/health?name=a%00b")
    assert reply.status_code == 422 and reply.json["errors"][0]["field"] == "name"
