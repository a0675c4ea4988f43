"""Counts by the minute, signs of life, and the halt."""

from datetime import timedelta
from typing import Any

import clock
from state.engine import counters, heartbeats
from state.store import connection, keys
from state.tracking import halts
from tests.state import NOON


def test_a_sign_of_life_is_seen_for_a_minute(store: Any) -> None:
    assert heartbeats.last_beat("scheduler") is None
    with clock.frozen(NOON):
        heartbeats.beat("scheduler")
    assert heartbeats.last_beat("scheduler") == NOON and heartbeats.last_beat("web") is None
    assert 0 < store.ttl(keys.heartbeat("scheduler")) <= 60


def test_the_first_reason_of_a_halt_stands_until_it_is_resumed() -> None:
    assert halts.halted() is None and not halts.resume()
    with clock.frozen(NOON):
        halts.halt("scrapedo", "first")
        halts.halt("scrapedo", "second")
    assert halts.halted() == halts.Halt("scrapedo", "first", NOON)
    assert halts.resume() and halts.halted() is None


def test_events_are_counted_over_the_minutes_asked_for() -> None:
    with clock.frozen(NOON):
        for back, count in ((0, 3), (1, 5), (59, 7), (60, 100)):
            connection.client().set(keys.count("scraped", counters.minute() - back), count, ex=7200)
        assert (counters.counted("scraped", 1), counters.counted("scraped", 2), counters.counted("scraped")) == (3, 8, 15)
        clock.advance(timedelta(minutes=1))
        assert counters.counted("scraped", 1) == 0
