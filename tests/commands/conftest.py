"""Commands are run as a user runs them, in this process, on the store of the test."""

from collections.abc import Callable, Iterator
from typing import Any

import fakeredis
import pytest
from click.testing import CliRunner, Result

import config
import models
from manage import cli
from sandbox.server import Sandbox
from state.store import server
from state.tracking import keywords
from topics.tracking import projects

Run = Callable[..., Result]

SAFE = {"redis_version": "7.2.4", "role": "master", "maxmemory_policy": "noeviction", "aof_enabled": 1, "maxmemory": 1 << 30}
SAFE |= {"used_memory": 2_500_000}


@pytest.fixture(autouse=True)
def info(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """fakeredis knows no INFO: it answers like a safe server."""
    if isinstance(store, fakeredis.FakeRedis):
        monkeypatch.setattr(store, "info", lambda *section: SAFE, raising=False)
        answers(monkeypatch)


def answers(monkeypatch: pytest.MonkeyPatch, **info: Any) -> None:
    """The server answers like a safe one, but for these fields of INFO."""
    monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE | info))


@pytest.fixture
def run() -> Run:
    """Runs one command; what nobody expects rises."""

    def run(*args: object, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], input=input, catch_exceptions=False)

    return run


@pytest.fixture
def project() -> models.Project:
    """example.com, without keywords."""
    return projects.add("example.com")


@pytest.fixture
def keyword(project: models.Project) -> models.Keyword:
    """`blue shoes` of example.com, never checked."""
    projects.add_keywords(project.id, ["blue shoes"])
    return projects.find_keyword("blue shoes", project.id)


@pytest.fixture
def provider() -> Iterator[Sandbox]:
    """A sandbox in which example.com ranks for most keywords, without opaque links."""
    with Sandbox(opaque=0) as sandbox, config.overridden(sandbox_url=sandbox.url):
        yield sandbox


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands believe that a person looks; wide enough that nothing wraps."""
    monkeypatch.setattr("commands.output.is_terminal", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "250")


def keyword_ids(project_id: str) -> list[str]:
    """All keywords of a project."""
    return sorted(keywords.ids_of(project_id, archived=None))
