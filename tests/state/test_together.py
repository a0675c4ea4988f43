"""What many threads send at the same time goes in one round trip, and each gets its own reply."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

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
        if "silent" in calls:
            raise redis.TimeoutError("no answer")
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


def test_calls_of_one_caller_run_one_after_the_other_and_their_replies_come_back_in_order(slow: Slow) -> None:
    ours = together.Together()
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(ours.ask_each, ["0"])
        real.until(lambda: slow.trips)
        others = [threads.submit(ours.ask_each, [f"a{number}", "wrong", f"b{number}"]) for number in range(3)]
        real.until(lambda: len(ours._waiting) == 3)
        slow.go_on.release(2)
        assert first.result() == ["reply to 0"]
        for number, one in enumerate(others):
            before, wrong, after = one.result()
            assert (before, after) == (f"reply to a{number}", f"reply to b{number}") and isinstance(wrong, ValueError)
    assert [len(trip) for trip in slow.trips] == [1, 9]


def test_who_gathered_while_the_server_was_silent_is_told_so_and_does_not_wait_as_long_again(slow: Slow) -> None:
    ours = together.Together()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(ours.ask, "silent")
        real.until(lambda: slow.trips)
        others = [threads.submit(ours.ask, call) for call in "12"]
        real.until(lambda: len(ours._waiting) == 2)
        slow.go_on.release(1)
        for one in (first, *others):
            with pytest.raises(redis.TimeoutError):
                one.result(patience.HANG_S)
        slow.go_on.release(1)
        assert ours.ask("after") == "reply to after"
    assert slow.trips == [["silent"], ["after"]]


def test_only_a_process_that_says_so_shares_the_round_trips_of_submits(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is ended while it sends must not take others with it."""
    slow.go_on.release(2)
    together.trips.ask_each(["a"])
    assert together.trips._waiting == [] and not together.trips._is_sending and not together.trips.is_shared
    monkeypatch.setattr(together.trips, "is_shared", True)
    with ThreadPoolExecutor(3) as threads:
        alone = threads.submit(together.trips.ask_each, ["b"])
        real.until(lambda: len(slow.trips) == 2)
        assert alone.result() == ["reply to b"]
        together.trips._is_sending = True  # as while another thread sends
        waits = threads.submit(together.trips.ask_each, ["c"])
        real.until(lambda: len(together.trips._waiting) == 1)
        slow.go_on.release(1)
        together.trips._pass_on([])
        assert waits.result() == ["reply to c"]


def test_lines_of_many_threads_are_all_in_the_audit() -> None:
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: audit_lines.write({"who": str(number)}, 3600), range(100)))
    assert {line.fields["who"] for line in audit_lines.before("", 200)} == {str(number) for number in range(100)}
