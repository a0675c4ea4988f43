"""When a project's checks are due by its own clock, and to which day a check belongs."""

import itertools
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ArgumentError
from scheduling.slots import DAY_S, HOUR_S, Slots, check
from scheduling.zones import zone_named


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def shown(moment: int, zone: str) -> str:
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("slot", "read", "day"),
    [
        ("2026-03-02T23:58", "2026-03-02T23:58", "2026-03-02"),
        ("2026-03-02T23:58", "2026-03-03T00:03", "2026-03-02"),  # late over midnight
        ("2026-03-02T23:58", "2026-03-03T23:57", "2026-03-02"),
        ("2026-03-02T23:58", "2026-03-05T00:03", "2026-03-04"),  # days late: the slot that was due last
        ("2026-03-02T09:00", "2026-03-05T10:00", "2026-03-05"),
        ("2026-03-02T09:00", "2026-03-02T08:00", "2026-03-02"),  # by hand, before its time
        ("2026-03-03T00:10", "2026-03-02T23:50", "2026-03-02"),
    ],
)
def test_a_daily_check_belongs_to_the_slot_that_was_due(slot: str, read: str, day: str) -> None:
    assert Slots(DAY_S).day_of_check(at(slot), at(read)) == date.fromisoformat(day)


def test_a_check_more_than_a_day_late_belongs_to_its_own_day() -> None:
    weekly = Slots(7 * DAY_S)
    assert weekly.day_of_check(at("2026-03-02T23:58"), at("2026-03-03T00:03")) == date(2026, 3, 2)
    assert weekly.day_of_check(at("2026-03-02T23:58"), at("2026-03-05T12:00")) == date(2026, 3, 5)


def test_a_first_check_belongs_to_the_day_of_the_zone() -> None:
    moment = at("2026-03-02T20:00")
    days = {zone: Slots(DAY_S, zone).day_of_check(None, moment) for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles")}
    assert days == {"UTC": date(2026, 3, 2), "Asia/Tokyo": date(2026, 3, 3), "America/Los_Angeles": date(2026, 3, 2)}


@pytest.mark.parametrize(
    ("zone", "hour", "days"),
    [
        ("Europe/Berlin", 2, ["03-28 02:00", "03-29 03:00", "03-30 02:00"]),  # 02:00 is skipped: right after the gap
        ("America/New_York", 1, ["10-31 01:00", "11-01 01:00", "11-02 01:00"]),  # 01:00 comes twice: due once
        ("Australia/Lord_Howe", 2, ["10-03 02:00", "10-04 02:30", "10-05 02:00"]),  # a gap of half an hour
        ("America/Los_Angeles", 23, ["03-07 23:00", "03-08 23:00", "03-09 23:00"]),
        ("Asia/Kathmandu", 6, ["03-07 06:00", "03-08 06:00", "03-09 06:00"]),
    ],
)
def test_an_hour_is_kept_by_the_clock_of_the_zone(zone: str, hour: int, days: list[str]) -> None:
    slots = Slots(DAY_S, zone, hour)
    due = slots.following(at(f"2026-{days[0][:5]}T00:00", zone) - HOUR_S, 0)
    found = []
    for _ in days:
        found.append(shown(due, zone))
        due = slots.following(due, due + 240)
    assert found == days
    repeated = int(datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1).timestamp())
    new_york = Slots(DAY_S, "America/New_York", 1)
    assert shown(new_york.following(at("2026-11-01T01:00", "America/New_York"), repeated), "America/New_York") == "11-02 01:00"


def test_a_first_check_stands_for_its_day_and_the_next_is_at_the_hour_of_a_later_one() -> None:
    slots = Slots(DAY_S, "Europe/Paris", 6)
    for clock in ("05:58", "06:00", "14:00", "23:59"):
        first = at(f"2026-06-01T{clock}", "Europe/Paris")
        assert shown(slots.following(first, first + 60), "Europe/Paris") == "06-02 06:00"


@pytest.mark.parametrize(
    ("every_h", "due"), [(48, "06-03 06:00"), (168, "06-08 06:00"), (24, "06-02 06:00"), (12, "06-01 18:00"), (1, "06-01 07:00")]
)
def test_every_so_many_hours_goes_with_the_hour(every_h: int, due: str) -> None:
    slots = Slots(every_h * HOUR_S, "Europe/Paris", 6)
    assert (
        shown(slots.following(at("2026-06-01T06:00", "Europe/Paris"), at("2026-06-01T06:10", "Europe/Paris")), "Europe/Paris")
        == due
    )


def test_what_was_missed_is_not_made_up_for() -> None:
    slots = Slots(2 * DAY_S, "Europe/Paris", 6)
    begin = at("2026-06-01T06:00", "Europe/Paris")
    assert shown(slots.following(begin, at("2026-06-06T12:00", "Europe/Paris")), "Europe/Paris") == "06-07 06:00"
    assert slots.latest(begin, at("2026-06-06T12:00", "Europe/Paris")) == at("2026-06-05T06:00", "Europe/Paris")
    assert slots.latest(begin, begin + 5) == begin


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"])
HOURS = st.none() | st.integers(0, 23)
SPANS = st.sampled_from([1, 2, 6, 12, 24, 48, 168, 24 * 366]).map(lambda hours: hours * HOUR_S)
ANY, DAILY = st.builds(Slots, SPANS, ZONES, HOURS), st.builds(Slots, st.just(DAY_S), ZONES, HOURS)
MOMENTS = st.integers(at("2024-01-01T00:00"), at("2031-01-01T00:00"))


@given(ANY, MOMENTS, st.integers(0, 60 * DAY_S))
def test_the_next_due_time_is_later_and_the_last_one_is_not(slots: Slots, slot: int, late: int) -> None:
    moment = slot + late
    following, latest = slots.following(slot, moment), slots.latest(slot, moment)
    assert slot <= latest <= moment < following
    assert following - moment <= 2 * slots.every_s + 3 * HOUR_S
    assert slots.day_of_check(slot, moment) <= slots.day_of(moment)


@given(DAILY, MOMENTS, st.lists(st.integers(0, 20 * HOUR_S), min_size=2, max_size=8))
def test_each_day_gets_one_rank_however_late_its_check_is(slots: Slots, first: int, late: list[int]) -> None:
    days, slot = [slots.day_of_check(None, first)], slots.following(first, first)
    for seconds in late:
        days.append(slots.day_of_check(slot, slot + seconds))
        slot = slots.following(slot, slot + seconds)
    assert [(after - before).days for before, after in itertools.pairwise(days)] == [1] * len(late)


@pytest.mark.parametrize(("every_h", "hour"), [(24, 24), (24, -1), (5, 6), (0.5, 6), (36, 6), (25, 0), (18, 3)])
def test_hours_that_do_not_go_together_are_refused(every_h: float, hour: int) -> None:
    with pytest.raises(ArgumentError, match="--hour"):
        check(every_h, hour)


def test_any_interval_goes_without_an_hour() -> None:
    for every_h, hour in ((5, None), (0.01, None), (24, 0), (12, 23), (8760, 5), (1, 3)):
        check(every_h, hour)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("Berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("new york", "America/New_York"), ("Tokio", "Asia/Tokyo"),
     ("../etc/passwd", "Europe/Berlin"), ("localtime", ""), ("", "UTC"), ("posix/UTC", ""), ("\x00", "UTC")],
)  # fmt: skip
def test_what_is_no_zone_is_refused_with_the_nearest_names(typed: str, hint: str) -> None:
    with pytest.raises(ArgumentError, match="no time zone") as refused:
        zone_named(typed)
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "zone"), [("GMT+2", "Etc/GMT-2"), ("utc-5", "Etc/GMT+5"), ("UTC+02:00", "Etc/GMT-2"), ("+0900", "Etc/GMT-9")]
)
def test_an_offset_is_not_taken_for_the_zone_of_that_name_whose_sign_is_turned(typed: str, zone: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"or {zone}, whose sign")):
        zone_named(typed)
    at = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset()
    assert at and (at > timedelta(0)) == ("+" in typed)


@pytest.mark.parametrize("typed", ["UTC+5:30", "GMT+15", "-99"])
def test_an_offset_without_a_zone_of_its_own_leads_to_a_town(typed: str) -> None:
    with pytest.raises(ArgumentError, match="name a town there"):
        zone_named(typed)


def test_a_machine_without_a_zone_goes_by_utc_rather_than_break_a_check() -> None:
    slots = Slots(DAY_S, "Mars/Olympus", 6)
    assert slots.following(at("2026-06-01T06:00"), at("2026-06-01T06:01")) == at("2026-06-02T06:00")


def test_a_zone_is_stored_in_its_own_spelling() -> None:
    assert [zone_named(text) for text in ("america/new_york", " Asia/Tokyo ", "utc", "Europe/Kyiv")] == [
        "America/New_York", "Asia/Tokyo", "UTC", "Europe/Kyiv"]  # fmt: skip
