"""Limits set by hand: no window of its length ever holds more, whoever asks, and nearly all of it can be used."""

import random
from bisect import bisect_right
from itertools import pairwise
from typing import Any

import pytest

from errors import ArgumentError, NotFound
from state.scraping import gates, keys, rates
from state.scraping.gates import Granted
from state.scraping.rates import Rate
from state.store import connection
from tests.state.scraping.stage import HOST, enter, granted, leave, step, waits


def test_a_minute_never_holds_more_than_its_limit_and_nearly_all_is_used() -> None:
    rates.put(f"host:{HOST}", Rate(((60, 30),)))
    times, now, lots = [], 0.0, random.Random(7)
    while now < 600:
        turn = enter("direct-1", 0)
        if isinstance(turn, Granted):
            leave(turn)
            times.append(now)
        else:
            assert turn.what == "limit" and turn.reason == "the limit of host shop.example is used up"
        by = lots.choice((0.05, 0.2, 1.3))
        step(by)
        now += by
    most = max(bisect_right(times, at + 59.999) - number for number, at in enumerate(times))
    assert most <= 30 and len(times) >= 0.95 * 300


def test_a_burst_is_let_through_and_the_rest_is_spread() -> None:
    rates.put(f"host:{HOST}", Rate(((3600, 10),)))
    for number in range(10):
        leave(granted(f"direct-{number}", 0))
    moments = [waits(f"direct-{number}", 0).in_s for number in range(10, 15)]
    assert moments[0] >= 3599 and all(later - earlier >= 360 for earlier, later in pairwise(moments))


def test_a_tenants_limit_holds_over_all_hosts_and_for_it_alone() -> None:
    rates.put("tenant:acme", Rate(((60, 3),)))
    for number in range(3):
        leave(granted(f"direct-{number}", 0, host=f"h{number}.example", tenant="acme"))
    wait = waits("direct-9", 0, host="h9.example", tenant="acme")
    assert wait.reason == "the limit of tenant acme is used up"
    assert waits("direct-8", 0, host="h8.example", tenant="acme").in_s - wait.in_s >= 20, "each has a moment of its own"
    leave(granted("direct-7", 0, host="h9.example", tenant="other"))
    step(wait.in_s)
    granted("direct-9", 0, host="h9.example", tenant="acme")


def test_none_at_all_is_a_limit_too() -> None:
    rates.put(f"host:{HOST}", Rate(((60, 0),)))
    assert waits(delay_s=0).what == "limit"


def test_delay_and_concurrency_of_a_host_win_over_the_callers() -> None:
    rates.put(f"host:{HOST}", Rate(delay_s=5.0, concurrency=1))
    leave(granted(delay_s=0, concurrency=9))
    assert waits("direct-2", 0, concurrency=9).in_s > 4.5
    step(5)
    granted("direct-2", 0, concurrency=9)
    assert waits("direct-3", 0, concurrency=9).what == "turn"


@pytest.mark.parametrize(
    "text", [b"", b"x", b"[]", b"7", b'{"windows": 7}', b'{"windows": [[0, 0]]}', b'{"delay_ms": "x"}', b"\xff"]
)
def test_a_broken_limit_counts_as_none(text: bytes, store: Any) -> None:
    store.hset(keys.RATES, f"host:{HOST}", text)
    assert rates.every()[f"host:{HOST}"] == Rate()
    assert isinstance(gates.enter(gates.Ask(HOST, "direct-1", 0)), Granted)


def test_what_is_no_limit_is_refused() -> None:
    for wrong in ({"windows": ((0, 1),)}, {"windows": ((60, -1),)}, {"delay_s": -1.0}, {"concurrency": 0}):
        with pytest.raises(ArgumentError):
            Rate(**wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="hosts limits"):
        rates.remove("host:nowhere.example")
    assert not connection.client().exists(keys.RATES)
