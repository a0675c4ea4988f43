"""What many threads send at the same time goes in one round trip, and each gets its own reply."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from state.access import audit_lines
from state.store import scripts, together
from tests import patience
from tests.local import real


class Slow:
    """Replaces the sending: each round trip waits until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trips: list[list[Any]] = []
        self.go_on = threading.Semaphore(0)
        monkeypatch.setattr(scripts, "run_each", self.run)

    def run(self, calls: list[Any]) -> list[Any]:
        self.trips.append(list(calls))
        assert self.go_on.acquire(timeout=patience.HANG_S)
        if "down" in calls:
            raise ConnectionError("down")
        return [ValueError(call) if call == "wrong" else f"reply to {call}" for call in calls]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


def test_who_gathers_during_a_round_trip_goes_in_the_next_one_together(slow: Slow) -> None:
    ours = together.Together()
    with ThreadPoolExecutor(20) as threads:
        first = threads.submit(ours.ask, "0")
        real.until(lambda: slow.trips)
        others = [threads.submit(ours.ask, str(number)) for number in range(1, 20)]
        real.until(lambda: len(ours._waiting) == 19)
        slow.go_on.release(2)
        assert first.result() == "reply to 0"
        assert [one.result() for one in others] == [f"reply to {number}" for number in range(1, 20)]
    assert [len(trip) for trip in slow.trips] == [1, 19]


def test_an_error_is_raised_where_it_belongs_and_the_next_ones_go_on(slow: Slow) -> None:
    ours = together.Together()
    slow.go_on.release(10)
    with pytest.raises(ValueError, match="wrong"):
        ours.ask("wrong")
    with pytest.raises(ConnectionError):
        ours.ask("down")
    assert ours.ask("fine") == "reply to fine"


def test_a_broken_round_trip_is_told_to_all_in_it_and_nobody_hangs(slow: Slow) -> None:
    ours = together.Together()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(ours.ask, "0")
        real.until(lambda: slow.trips)
        others = [threads.submit(ours.ask, call) for call in ("down", "1")]
        real.until(lambda: len(ours._waiting) == 2)
        slow.go_on.release(5)
        assert first.result() == "reply to 0"
        for one in others:
            with pytest.raises(ConnectionError):
                one.result(patience.HANG_S)
        assert ours.ask("after") == "reply to after"


def test_lines_of_many_threads_are_all_in_the_audit() -> None:
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: audit_lines.write({"who": str(number)}, 3600), range(100)))
    assert {line.fields["who"] for line in audit_lines.before("", 200)} == {str(number) for number in range(100)}
