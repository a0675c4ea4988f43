"""The stage of the tutorial: a sandbox provider on loopback, and a clock that stands until a test moves it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clock
import config
from sandbox import server
from topics.tracking import check

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def provider(settings: config.Settings, tmp_path: Path) -> Iterator[server.Sandbox]:
    """The sandbox. It ranks example.com for most keywords. `force` makes it give any other answer."""
    with server.Sandbox(domains=("example.com",), opaque=0) as sandbox, config.overridden(sandbox_url=sandbox.url):
        check.tools.cache_clear()
        yield sandbox


@pytest.fixture(autouse=True)
def nine_o_clock() -> Iterator[None]:
    """The time is nine in the morning. `clock.advance` moves it."""
    with clock.frozen(MORNING):
        yield
