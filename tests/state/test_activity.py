"""Counts by the minute, signs of life, and the halt."""

from datetime import timedelta
from typing import Any

import clock
from state.engine import activity
from state.store import connection, keys
from tests.state import NOON


def test_a_sign_of_life_is_seen_for_a_minute(store: Any) -> None:
    assert activity.last_beat("scheduler") is None
    with clock.frozen(NOON):
        activity.beat("scheduler")
    assert activity.last_beat("scheduler") == NOON and activity.last_beat("web") is None
    assert 0 < store.ttl(keys.heartbeat("scheduler")) <= 60


def test_the_first_reason_of_a_halt_stands_until_it_is_resumed() -> None:
    assert activity.halted() is None and not activity.resume()
    with clock.frozen(NOON):
        activity.halt("scrapedo", "first")
        activity.halt("scrapedo", "second")
    assert activity.halted() == activity.Halt("scrapedo", "first", NOON)
    assert activity.resume() and activity.halted() is None


def test_events_are_counted_over_the_minutes_asked_for() -> None:
    with clock.frozen(NOON):
        for back, count in ((0, 3), (1, 5), (59, 7), (60, 100)):
            connection.client().set(keys.count("scraped", activity.minute() - back), count, ex=7200)
        assert (activity.counted("scraped", 1), activity.counted("scraped", 2), activity.counted("scraped")) == (3, 8, 15)
        clock.advance(timedelta(minutes=1))
        assert activity.counted("scraped", 1) == 0
