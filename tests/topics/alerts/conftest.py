"""A frozen clock, a target on loopback, and a process that looks healthy until a test says otherwise."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import clock
import config
from jobs import alerts
from state.alerts.incidents import Finding
from tests.topics.webhooks.receiver import Receiver, receiving
from topics.alerts import looks
from worker import inline

START = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with clock.frozen(START):
        yield


@pytest.fixture
def receiver(settings: config.Settings) -> Iterator[Receiver]:
    with receiving() as server:
        url = SecretStr(f"ops=json://127.0.0.1:{server.server_port}/s3cret-path?format=text")
        with config.overridden(alert_urls=url, fetch_allow_networks="127.0.0.0/8"):
            yield server


@pytest.fixture
def rules_file(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Write the rules file of this test."""
    path = tmp_path / "rules.toml"
    with config.overridden(alert_rules=path):

        def write(text: str) -> None:
            path.write_text(text)

        yield write


class World:
    """What the only rule of this test finds."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def look(self, _: Any) -> Iterator[Finding]:
        yield from self.findings


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(looks, "LOOKS", {"queue": made.look})
    return made


def after(seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))


def minute(times: int = 1, every_s: float = 60) -> dict[str, Any]:
    """So many looks, a minute apart or more, each with what it has sent; the last one's result."""
    told: dict[str, Any] = {}
    for _ in range(times):
        told = alerts.look()
        inline.run_until_idle()
        after(every_s)
    return told


def texts(receiver: Receiver) -> list[str]:
    """Title and body of all that was sent, in one text each."""
    return [f"{one.json['title']}\n{one.json['message']}" for one in receiver.received]
