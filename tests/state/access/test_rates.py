"""The limit of requests: as many at once as there are in a window, then evenly; whatever the times at which they come."""

from collections.abc import Sequence
from typing import Any

import fakeredis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clock
from state.access import rates
from state.store import connection


def at(ms: int) -> Any:
    """The server's clock stands at this time."""
    patch = pytest.MonkeyPatch()
    patch.setattr(clock, "script_now_ms", lambda: str(ms))
    return patch


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=60), st.integers(1, 12))
@settings(max_examples=30)
def test_no_stretch_of_time_sees_more_than_a_windowful_and_its_share(gaps: Sequence[int], most: int) -> None:
    connection.use(fakeredis.FakeRedis(server=fakeredis.FakeServer()))
    now, allowed = 1_800_000_000_000, []
    for gap in gaps:
        now += gap
        patch = at(now)
        found = rates.count("x", most)
        patch.undo()
        assert found.is_allowed or found.retry_ms > 0
        if found.is_allowed:
            allowed.append(now)
    for i, begin in enumerate(allowed):
        for j in range(i, len(allowed)):
            assert j - i + 1 <= most + (allowed[j] - begin) * most / rates.WINDOW_MS + 1e-6


def test_who_waits_as_long_as_told_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000_000
    monkeypatch.setattr(clock, "script_now_ms", lambda: str(now))
    assert [rates.count("x", 2).is_allowed for _ in range(3)] == [True, True, False]
    now += rates.count("x", 2).retry_ms
    assert rates.count("x", 2).is_allowed and not rates.count("x", 2).is_allowed


def test_a_clock_that_goes_back_locks_nobody_out(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    now = 1_800_000_000_000
    monkeypatch.setattr(clock, "script_now_ms", lambda: str(now))
    assert rates.count("x", 2).is_allowed
    now -= 86_400_000
    refused = rates.count("x", 2)
    assert refused.retry_ms <= rates.WINDOW_MS
    store.set("trawl:access:rate:x", "no number", ex=10)
    assert rates.count("x", 2).is_allowed
