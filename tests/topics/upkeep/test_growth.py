"""The forecast: right where the store grows, and honest where too little is known."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import clock
from state.engine import statistics
from state.store.measures import Memory
from topics.upkeep import growth
from topics.upkeep.growth import Growth, Point

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MIB, HOUR_S = 1 << 20, 3600
MEMORY = Memory(used=100 * MIB, most=184 * MIB)


def points(hours: int, a_day: float, *, noise: float = 0.0, seed: int = 1, wave: float = 0.0) -> list[Point]:
    """Figures of so many hours until now that end at 100 MiB."""
    lots, end = random.Random(seed), NOW.timestamp()
    found = []
    for back in range(hours, -1, -1):
        swing = wave * (1 if (back // 12) % 2 else -1) + lots.uniform(-noise, noise)
        found.append((end - back * HOUR_S, 100 * MIB - a_day * back / 24 + swing))
    return found


def test_a_store_that_grows_steadily_is_full_on_the_day_that_the_rate_says() -> None:
    found = growth.of(points(14 * 24, 2 * MIB), MEMORY, NOW)
    assert found.a_day == 2 * MIB and found.full_on == date(2027, 1, 12), "84 MiB are left: 42 days"
    assert found.says == (
        "The store grew by 2 MiB a day in the last 14 d: at this rate full on 2027-01-12 (maxmemory is 184 MiB)."
    )


@pytest.mark.parametrize("seed", range(5))
def test_waves_of_a_day_noise_and_a_peak_do_not_move_it_much(seed: int) -> None:
    found = points(10 * 24, 2 * MIB, noise=MIB, wave=MIB, seed=seed)
    for number in range(30, 36):
        found[number] = (found[number][0], found[number][1] * 4)  # a rewrite of the log, a large export
    a_day = growth.of(found, MEMORY, NOW).a_day
    assert a_day is not None and abs(a_day - 2 * MIB) < 0.2 * MIB


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([], "there are none yet"),
        (points(5, MIB), "there are 6 figures over 5 h"),
        (points(23, MIB), "there are 24 figures over 23 h"),
        ([(NOW.timestamp() - 86_400 * back, 1.0 * MIB) for back in (9, 3, 0)], "there are 3 figures over 9 d"),
    ],
)
def test_with_too_little_nothing_is_claimed(found: list[Point], says: str) -> None:
    told = growth.of(found, MEMORY, NOW)
    assert (told.a_day, told.full_on) == (None, None) and says in told.says and "full on" not in told.says


@pytest.mark.parametrize("seed", range(5))
def test_what_only_wavers_does_not_grow(seed: int) -> None:
    told = growth.of(points(7 * 24, 0, noise=5 * MIB, seed=seed), MEMORY, NOW)
    assert told == Growth("The store did not grow measurably in the last 7 d.", 0)


@pytest.mark.parametrize(("most", "why"), [(0, "no maxmemory is set"), (None, "Redis does not say how much it may use")])
def test_without_a_maximum_no_day_is_told(most: int | None, why: str) -> None:
    told = growth.of(points(48, MIB), Memory(used=100 * MIB, most=most), NOW)
    assert told.full_on is None and told.a_day == MIB and why in told.says


def test_a_store_that_shrinks_and_one_that_is_full_in_ages_get_no_day() -> None:
    assert growth.of(points(48, -MIB), MEMORY, NOW).full_on is None
    assert "not full within five years" in growth.of(points(48, MIB / 1024), Memory(100 * MIB, 1 << 40), NOW).says
    over = growth.of(points(48, MIB), Memory(used=200 * MIB, most=184 * MIB), NOW)
    assert over.full_on == NOW.date(), "it is full now"


def test_the_figures_of_the_hours_are_what_it_reads(store: Any) -> None:
    with clock.frozen(NOW):
        for back in range(60, 0, -1):
            at = NOW - timedelta(hours=back)
            statistics.record(at, {"redis_memory_bytes": (100 - back) * MIB} if back % 7 else {"keywords": 1})
        found = growth.points()
        assert len(found) == 60 - 8 and found[-1] == (NOW.timestamp(), 99.0 * MIB)
        assert growth.forecast(MEMORY, NOW).a_day == 24 * MIB
