"""The four kinds of upkeep on the store of the test; fakeredis answers for what it does not know."""

from typing import Any

import fakeredis
import pytest

from state.store import server
from tests.commands.conftest import SAFE

INFO = SAFE | {"aof_current_size": 9 << 20, "used_memory_rss": 3_000_000, "total_system_memory": 1 << 34}


@pytest.fixture(autouse=True)
def info(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """fakeredis knows no INFO: it answers like a safe server."""
    if isinstance(store, fakeredis.FakeRedis):
        monkeypatch.setattr(store, "info", lambda *section: dict(INFO), raising=False)
        monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE))
