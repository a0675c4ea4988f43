"""A job of the schedule does not wait behind the checks of a batch: it may be the tick that lets others in."""

import pytest

import clock
import jobs.serp
from scheduling.entries import Entry
from state.store import connection, keys
from tests.scheduling import MINUTE, every, occurrences, registered
from tests.state import tick, tracked

pytestmark = pytest.mark.usefixtures("at_noon")


def high() -> list[str]:
    return [raw.decode() for raw in connection.client().lrange(keys.queue("high"), 0, -1)]


def test_the_tick_stands_before_the_checks_that_wait() -> None:
    tracked(30)
    tick(30)
    checks = high()
    registered(Entry("tick", jobs.serp.enqueue_batch, 60)).enqueue_jobs()
    [mine] = occurrences("high")[:1]
    assert high() == [mine, *checks] and mine.startswith("schedule-tick-")


def test_it_stands_behind_what_others_put_in_front() -> None:
    tracked(3)
    tick(3)
    checks = high()
    connection.client().lpush(keys.queue("high"), "other-2", "other-1")
    mine = registered(Entry("tick", jobs.serp.enqueue_batch, 60, overlap="allow", pass_due=True))
    mine.enqueue_jobs()
    clock.advance(MINUTE)
    first, second, tick_at, *rest = high()
    assert (first, second, rest) == ("other-1", "other-2", checks) and tick_at.startswith("schedule-tick-")


@pytest.mark.parametrize("waiting", [0, 1, 99, 100, 101, 150])
def test_where_no_check_waits_it_is_the_last(waiting: int) -> None:
    others = [f"other-{number}" for number in range(waiting)]
    if others:
        connection.client().rpush(keys.queue("low"), *others)
    mine = registered(every(60))
    for _ in range(3):
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    names = occurrences()
    assert names[:waiting] == others and len(names) == waiting + 3 and names[waiting:] == sorted(names[waiting:])
