"""When something is due: against tables of what daylight saving does, and against croniter where there is none."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import assume, given
from hypothesis import strategies as some

from errors import ArgumentError
from scheduling import cron

NEW_YORK, KOLKATA, LORD_HOWE = "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"

#: Zones that change their clocks, by an hour, by half an hour, at midnight, or not at all.
ZONES = (NEW_YORK, KOLKATA, LORD_HOWE, "Europe/Berlin", "Africa/Casablanca", "America/Santiago", "Asia/Beirut", "UTC")

#: Zone, cron string, from then on (wall clock), due at (wall clock with the offset that tells repeated hours apart).
TABLE = [
    # New York, 2026-03-08: 02:00 EST becomes 03:00 EDT
    (NEW_YORK, "30 2 * * *", "2026-03-07T00:00", ["03-07T02:30-05:00", "03-08T03:00-04:00", "03-09T02:30-04:00"]),
    (NEW_YORK, "0 2 * * *", "2026-03-07T12:00", ["03-08T03:00-04:00", "03-09T02:00-04:00"]),
    (NEW_YORK, "0 3 * * *", "2026-03-07T12:00", ["03-08T03:00-04:00", "03-09T03:00-04:00"]),
    (NEW_YORK, "15,45 2,3 * * *", "2026-03-08T00:00", ["03-08T03:00-04:00", "03-08T03:15-04:00", "03-08T03:45-04:00"]),
    (NEW_YORK, "30 * * * *", "2026-03-08T01:00", ["03-08T01:30-05:00", "03-08T03:30-04:00", "03-08T04:30-04:00"]),
    # New York, 2026-11-01: 02:00 EDT becomes 01:00 EST
    (NEW_YORK, "30 1 * * *", "2026-11-01T00:00", ["11-01T01:30-04:00", "11-02T01:30-05:00"]),
    (NEW_YORK, "0 2 * * *", "2026-11-01T00:00", ["11-01T02:00-05:00", "11-02T02:00-05:00"]),
    (NEW_YORK, "30 * * * *", "2026-11-01T00:45", ["11-01T01:30-04:00", "11-01T01:30-05:00", "11-01T02:30-05:00"]),
    (NEW_YORK, "0 0 1 * *", "2026-10-15T00:00", ["11-01T00:00-04:00", "12-01T00:00-05:00"]),
    # Kolkata: half an hour beside the hours of UTC, never changed
    (KOLKATA, "0 9 * * *", "2026-03-08T00:00", ["03-08T09:00+05:30", "03-09T09:00+05:30"]),
    (KOLKATA, "*/30 0 * * *", "2026-03-08T00:00", ["03-08T00:30+05:30", "03-09T00:00+05:30"]),
    # Lord Howe, 2026-10-04: 02:00 becomes 02:30; 2026-04-05: 02:00 becomes 01:30
    (LORD_HOWE, "15 2 * * *", "2026-10-03T00:00", ["10-03T02:15+10:30", "10-04T02:30+11:00", "10-05T02:15+11:00"]),
    (LORD_HOWE, "*/15 * * * *", "2026-10-04T01:40", ["10-04T01:45+10:30", "10-04T02:30+11:00", "10-04T02:45+11:00"]),
    (LORD_HOWE, "45 1 * * *", "2026-04-04T12:00", ["04-05T01:45+11:00", "04-06T01:45+10:30"]),
    (LORD_HOWE, "45 * * * *", "2026-04-05T01:00", ["04-05T01:45+11:00", "04-05T01:45+10:30", "04-05T02:45+10:30"]),
    # Santiago, 2026-09-06: midnight becomes 01:00
    ("America/Santiago", "0 0 * * *", "2026-09-05T12:00", ["09-06T01:00-03:00", "09-07T00:00-03:00"]),
]


def seconds(text: str, zone: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp())


@pytest.mark.parametrize(("zone", "text", "start", "expected"), TABLE)
def test_daylight_saving_by_table(zone: str, text: str, start: str, expected: list[str]) -> None:
    calendar, due = cron.parse(text, zone), seconds(start, zone)
    found = []
    for _ in expected:
        due = calendar.after(due, due)
        shown = datetime.fromtimestamp(due, ZoneInfo(zone)).isoformat()
        found.append(shown[5:16] + shown[19:])
    assert found == expected
    first = seconds(start, zone)
    times = [seconds("2026-" + one, zone) for one in expected]
    assert [calendar.nth(first, number) for number in range(1, len(times) + 1)] == times


@pytest.mark.parametrize("zone", ZONES)
def test_a_daily_run_comes_once_each_day_of_twenty_years(zone: str) -> None:
    for text in ("30 2 * * *", "0 0 * * *", "45 1 * * *", "59 23 * * *"):
        calendar, due = cron.parse(text, zone), seconds("2025-12-31T23:59", zone)
        day = datetime.fromtimestamp(due, ZoneInfo(zone)).date()
        for _ in range(20 * 365):
            due, day = calendar.after(due, due), day + timedelta(days=1)
            assert datetime.fromtimestamp(due, ZoneInfo(zone)).date() == day


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_is_one_whatever_the_clock_does(zone: str) -> None:
    calendar, due = cron.parse("*/15 * * * *", zone), seconds("2026-01-01T00:00", zone)
    for _ in range(366 * 96):
        following = calendar.after(due, due)
        assert following - due == 900
        due = following


#: A field of each: minute, hour, day, month, weekday.
FIELDS = [
    some.sampled_from(["*", "0", "59", "*/7", "1-5", "3,33"]),
    some.sampled_from(["*", "0", "23", "*/5", "9-17", "2,14"]),
    some.sampled_from(["*", "1", "31", "29", "*/10", "13"]),
    some.sampled_from(["*", "2", "1,7", "4-6", "dec"]),
    some.sampled_from(["*", "0", "7", "mon-fri", "5"]),
]


@given(some.tuples(*FIELDS), some.integers(0, 3_000_000_000))
def test_without_daylight_saving_it_is_due_when_croniter_says(fields: tuple[str, ...], start: int) -> None:
    text = " ".join(fields)
    try:
        calendar = cron.parse(text)
    except ArgumentError:
        assume(False)
    oracle = croniter(text, datetime.fromtimestamp(start, UTC), day_or=True)
    due = start
    for _ in range(5):
        due = calendar.after(due, due)
        assert due == int(oracle.get_next(float))


@given(some.tuples(*FIELDS), some.sampled_from(ZONES), some.integers(1_700_000_000, 2_200_000_000), some.integers(0, 400_000))
def test_after_count_and_nth_agree(fields: tuple[str, ...], zone: str, start: int, length: int) -> None:
    try:
        calendar = cron.parse(" ".join(fields), zone)
    except ArgumentError:
        assume(False)
    due = calendar.after(start, start)
    number = calendar.count(due, due + length)
    last = calendar.nth(due, number - 1)
    assert due <= last <= due + length < calendar.after(due, due + length) == calendar.nth(due, number)
    assert calendar.after(due, due - 1000) > due, "never the same one again"


@given(some.integers(1, 100_000), some.integers(0, 2_000_000_000), some.floats(0, 10_000_000))
def test_a_grid_keeps_its_place_and_agrees_with_itself(every: int, due: int, late: float) -> None:
    grid, now = cron.every(every), due + late
    number = grid.count(due, now)
    last, following = grid.nth(due, number - 1), grid.after(due, now)
    assert due <= last <= now < following == grid.nth(due, number) and following - last == every
    assert (following - due) % every == 0


REFUSED = {
    "61 * * * *": "out of range",
    "0 24 * * *": "out of range",
    "0 0 30 2 *": "never due",
    "0 0 31 4,6,9,11 *": "never due",
    "0 0 32 * *": "out of range",
    "* * * *": "five fields",
    "* * * * * *": "five fields",
    "0 0 * * 5#2": "not known here",
    "0 0 L * *": "not known here",
    "*/0 * * * *": "step",
    "h h * * *": "no cron string",
    "@reboot": "no cron string",
    "sometimes": "five fields",
    "": "five fields",
    "\u0661 * * * *": "no cron string",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_can_never_be_due_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ArgumentError, match=REFUSED[text]):
        cron.parse(text)


@given(some.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        due = cron.parse(text).after(0, 0)
    except ArgumentError:
        return
    assert due > 0


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "America", "new york", "x" * 5000])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ArgumentError, match="no time zone"):
        cron.parse("0 0 * * *", zone)


@pytest.mark.parametrize("seconds", [0, -1, 1.5, True, "60", None, 366 * 86400 + 1])
def test_an_interval_that_is_none_is_refused(seconds: object) -> None:
    with pytest.raises(ArgumentError, match="1 s to a year"):
        cron.every(seconds)


def test_a_leap_day_is_found_over_the_longest_gap() -> None:
    due = seconds("2096-03-01T00:00", "UTC")
    assert cron.parse("0 0 29 2 *").after(due, due) == seconds("2104-02-29T00:00", "UTC")
