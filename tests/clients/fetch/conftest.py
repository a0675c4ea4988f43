"""The fetcher on loopback, by each of its transports."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import config
from clients import fetch
from clients.fetch import by_curl, by_requests, by_stealth, lookup, transports
from tests.local.real import until

Get = Callable[..., fetch.Reply]


TRANSPORTS = {"curl": by_curl, "requests": by_requests, "stealth": by_stealth}


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Each transport in turn, as the one that is installed."""
    module = TRANSPORTS[request.param]
    if module is by_stealth:
        pytest.importorskip("curl_cffi", reason="requirements-stealth.txt is not installed")
    monkeypatch.setattr(transports, "chosen", lambda: module)
    module.close()  # what a test of others left in this thread was made with other settings
    yield module
    module.close()


@pytest.fixture
def get(transport: ModuleType) -> Get:
    """Fetch from a server on loopback, with short bounds."""

    def fetched(url: str, *, before: Callable[[str], None] | None = None, **fields: Any) -> fetch.Reply:
        with config.overridden(fetch_allow_networks="127.0.0.0/8, ::1"):
            return fetch.get(fetch.Request(url, **{"timeout_s": 20.0, **fields}), before=before)

    return fetched


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """The addresses that each name has in this test; no name server is asked."""
    known: dict[str, list[str]] = {"localhost": ["127.0.0.1"]}

    def system(host: str) -> list[str]:
        if host not in known:
            raise lookup.socket.gaierror(lookup.socket.EAI_NONAME, "not known")
        return known[host]

    monkeypatch.setattr(lookup, "system", system)
    lookup.forget()
    yield known
    until(lambda: not lookup._running)  # what ends later would be kept for the next test
    lookup.forget()
