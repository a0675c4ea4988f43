"""Long jobs are settled together, short ones at once, and an idle worker never waits."""

import pytest

import clock
from worker.pace import MOST_S, Pace


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still, and the waits that were asked for."""
    asked: list[float] = []
    monkeypatch.setattr(clock, "monotonic", lambda: 100.0)
    monkeypatch.setattr(clock, "wait", asked.append)
    return asked


@pytest.mark.parametrize(("took_s", "waited_s"), [(0.0001, None), (0.1, 0.005), (30, MOST_S)])
def test_the_wait_is_a_small_share_of_what_jobs_take(took_s: float, waited_s: float | None, waits: list[float]) -> None:
    pace = Pace()
    for _ in range(200):
        pace.ended(took_s)
    pace.exchanged()

    pace.linger(busy=True)

    assert waits == ([] if waited_s is None else [pytest.approx(waited_s, abs=1e-4)])


def test_an_idle_worker_never_waits(waits: list[float]) -> None:
    pace = Pace()
    pace.ended(1000)
    pace.exchanged()

    pace.linger(busy=False)

    assert waits == []


def test_it_does_not_wait_when_the_last_exchange_is_long_ago(waits: list[float]) -> None:
    pace = Pace()
    pace.ended(1000)

    pace.linger(busy=True)

    assert waits == []
