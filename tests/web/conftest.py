"""Clients of the web application on the test's store. `client` has no key: the server is open to it, as long as nobody made one.

`key_client("operator")` makes a key and gives a client that sends it; from then on `client` is refused.
"""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from topics.access import api_keys
from web import hub, peers, stopping
from web.app import create_app


@cache
def shared_app() -> OpenAPI:
    """One application for all tests of a process: making one takes a while. It asks for settings and store at each request."""
    return create_app()


@pytest.fixture
def app() -> OpenAPI:
    return shared_app()


@pytest.fixture
def client(app: OpenAPI) -> Iterator[FlaskClient]:
    with app.test_client() as made:
        yield made


class KeyClient(FlaskClient):
    """Sends a key with each request. `key`: that key; `secret`: what it sends."""

    key: api_keys.Key
    secret: str


@pytest.fixture
def key_client(app: OpenAPI, monkeypatch: pytest.MonkeyPatch) -> Callable[..., KeyClient]:
    """Makes keys: `key_client("viewer")`, with the options of `api_keys.add`. None of them has a limit of its own."""
    monkeypatch.setattr(app, "test_client_class", KeyClient)

    def make(role: str = "operator", *, name: str = "", **options: int) -> KeyClient:
        made = app.test_client()
        assert isinstance(made, KeyClient)
        options.setdefault("rate", 0)
        made.key, made.secret = api_keys.add(name or f"{role}-{len(api_keys.every())}", role, **options)
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.secret}"
        return made

    return make


@pytest.fixture(autouse=True)
def running() -> None:
    """A process that was told to end in another test runs again, and so does its reader of events."""
    stopping.reset()
    if hub._hub is not None and hub._hub.is_stopped:
        hub._forget()


@pytest.fixture(autouse=True)
def quiet_addresses() -> None:
    """No address asked too often in another test."""
    peers.forget()
