"""Long jobs are settled together, short ones at once; only short ones may be taken ahead."""

import pytest

import clock
from worker.batching import LONGEST_S, SettleBatching


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still, and the waits that were asked for."""
    asked: list[float] = []
    monkeypatch.setattr(clock, "monotonic", lambda: 100.0)
    monkeypatch.setattr(clock, "wait", asked.append)
    return asked


@pytest.mark.parametrize(("took_s", "waited_s"), [(0.0001, None), (0.05, 0.015), (30, LONGEST_S)])
def test_the_wait_is_a_small_share_of_what_jobs_take(took_s: float, waited_s: float | None, waits: list[float]) -> None:
    pace = SettleBatching()
    for _ in range(200):
        pace.ended(took_s)
    pace.exchanged()

    pace.linger()

    assert waits == ([] if waited_s is None else [pytest.approx(waited_s, abs=1e-4)])


@pytest.mark.parametrize(("took_s", "quick"), [(None, False), (0.0001, True), (0.4, True), (0.6, False), (30, False)])
def test_only_jobs_known_to_be_short_may_be_taken_ahead(took_s: float | None, quick: bool) -> None:
    pace = SettleBatching()
    for _ in range(200 if took_s is not None else 0):
        pace.ended(took_s or 0)
    assert pace.is_quick == quick


def test_it_does_not_wait_when_the_last_exchange_is_long_ago(waits: list[float]) -> None:
    pace = SettleBatching()
    pace.ended(1000)

    pace.linger()

    assert waits == []
