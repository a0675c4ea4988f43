"""A stream ends when its caller would not be let in any more."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import queues
from tests.web.test_streams import Stream, work
from tests.web.test_streams import hub as hub
from topics.access import api_keys
from web import admission, streams
from web import hub as hubs


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(admission, "EVERY_S", 0.0)
    monkeypatch.setattr(hubs, "QUIET_S", 0.05)
    yield


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/jobs/{job}/events"])
def test_a_key_that_is_revoked_ends_its_streams(client: FlaskClient, path: str) -> None:
    key, secret = api_keys.add("mine", "viewer")
    with queues.owned_by(key.id):
        job = queues.submit(work, "a").job_id
    with Stream(client, path.format(job=job), Authorization=f"Bearer {secret}") as stream:
        api_keys.revoke(key.id)
        assert [one.name for one in stream.rest()] in ([], ["state"], ["submitted"])


def test_a_first_key_ends_the_streams_of_an_open_server(client: FlaskClient, store: Any) -> None:
    with Stream(client, "/api/v1/events") as stream:
        api_keys.add("first", "admin")
        assert stream.rest() == []


def test_a_stream_whose_caller_is_admitted_goes_on(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.0)
    _, secret = api_keys.add("mine", "viewer")
    with Stream(client, "/api/v1/events", Authorization=f"Bearer {secret}") as stream:
        assert stream.block() == stream.block() == ": nothing new"
