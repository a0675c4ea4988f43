"""Servers for the tests of clients: the sandbox for SERP providers, a local S3 for storage."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

import clock
from clients.serp import scrapedo
from sandbox import server
from tests.clients.stage import TOKEN, closing, s3_server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait of the program, none of them waited."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    return waited


@pytest.fixture
def sandbox(waits: list[float]) -> Iterator[server.Sandbox]:
    with server.Sandbox(token=TOKEN, opaque=0) as running:
        yield running


@pytest.fixture
def provider(sandbox: server.Sandbox) -> Iterator[scrapedo.ScrapeDo]:
    with closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)) as provider:
        yield provider


@pytest.fixture(scope="session")
def s3_url() -> str:
    """A real S3 server on loopback, with one bucket."""
    return s3_server()
