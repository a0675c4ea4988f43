"""Silences, quiet hours and digests at their edges: what was told is not told again, and what ended meanwhile is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import clock
from errors import ConfigError
from tests.topics.alerts.conftest import Receiver, World, after, minute, texts
from tests.topics.alerts.test_delivering import DEEP
from topics.alerts import rules, telling

Write = Callable[[str], None]


def heads(receiver: Receiver) -> list[str]:
    return [text.split("\n")[0] for text in texts(receiver)]


def test_what_was_wrong_before_a_silence_and_is_so_after_it_is_not_told_again(receiver: Receiver, world: World) -> None:
    world.findings = [DEEP]
    minute()
    assert len(receiver.received) == 1
    telling.be_quiet(600, "a deploy", "ada")
    minute(12, every_s=120)
    assert len(receiver.received) == 1


def test_what_was_told_and_ended_in_a_silence_is_told_after_it(receiver: Receiver, world: World) -> None:
    world.findings = [DEEP]
    minute()
    telling.be_quiet(1800, "a deploy", "ada")
    world.findings = []
    minute(12, every_s=120)
    assert len(receiver.received) == 1
    minute(6, every_s=120)
    assert len(receiver.received) == 2 and "over" in heads(receiver)[1].lower()
    minute(20, every_s=120)
    assert len(receiver.received) == 2, "an end is told once"


def test_what_began_and_ended_in_a_silence_is_told_as_one_message(receiver: Receiver, world: World) -> None:
    telling.be_quiet(3600, "a deploy", "ada")
    minute()
    world.findings = [DEEP]
    minute(3)
    world.findings = []
    minute(40, every_s=120)
    assert len(receiver.received) == 1 and texts(receiver)[0].count("The queue low is deep") >= 2


def test_what_flaps_is_told_less_and_less(receiver: Receiver, world: World) -> None:
    for _ in range(12):
        world.findings = [replace(DEEP, clear_s=60)]
        minute(3)
        world.findings = []
        minute(3)
    assert len(receiver.received) <= 8, "each return doubles how long it must be away"
    assert heads(receiver)[0] != heads(receiver)[1]
    minute(60, every_s=300)
    assert "over" in heads(receiver)[-1].lower(), "the last end is told, too"


def test_what_did_not_last_is_told_neither_at_its_begin_nor_at_its_end(receiver: Receiver, world: World) -> None:
    for _ in range(3):
        world.findings = [replace(DEEP, for_s=300)]
        minute(3)
        world.findings = []
        minute(12)
    assert receiver.received == []


def test_other_words_for_what_is_open_are_no_news(receiver: Receiver, world: World) -> None:
    for number in range(6):
        world.findings = [replace(DEEP, says=f"{number} jobs wait: cause {number % 2}")]
        minute(2)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("text", ['from = "T22:00"', 'from = "22:00:30"', 'from = "2200"', 'from = "22"'])
def test_times_of_day_as_they_are_written(rules_file: Write, text: str) -> None:
    rules_file(f'[quiet]\n{text}\nto = "07:00"\n')
    assert rules.load().quiet.from_ == "22:00"
    telling.plan(rules.load())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('from = "22:00+02:00"\nto = "07:00"', "`zone` says where"),
        ('from = "25:00"\nto = "07:00"', "write a time of day"),
        ('from = "22:00"\nto = "22:00"', "begins and ends at the same time"),
        ('from = "22:00"', "needs both"),
    ],
)
def test_quiet_hours_that_are_none_are_refused(rules_file: Write, text: str, says: str) -> None:
    rules_file(f"[quiet]\n{text}\n")
    with pytest.raises(ConfigError, match=says):
        rules.load()


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), True),  # 01:59; the clock jumps to 03:00
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 0, 29, tzinfo=UTC), True),  # 02:29, for the first time
        (datetime(2026, 10, 25, 1, 29, tzinfo=UTC), True),  # 02:29, for the second time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False),
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), True),
    ],
)
def test_quiet_hours_when_the_clock_is_changed(at: datetime, is_quiet: bool) -> None:
    night = rules.Quiet.model_validate({"from": "22:00", "to": "02:30", "zone": "Europe/Vienna"})
    assert telling.in_hours(night, at) is is_quiet


@pytest.mark.parametrize(
    ("at", "zone", "begins", "days"),
    [
        ("23:58", "UTC", datetime(2026, 11, 2, 23, 0, tzinfo=UTC), ["2026-11-02"]),
        ("02:30", "Europe/Vienna", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), ["2026-03-29"]),  # there is no 02:30
        ("02:30", "Europe/Vienna", datetime(2026, 10, 25, 0, 0, tzinfo=UTC), ["2026-10-25"]),  # there are two
        ("00:00", "Asia/Kolkata", datetime(2026, 11, 2, 18, 0, tzinfo=UTC), ["2026-11-03"]),
    ],
)
def test_a_digest_comes_once_whatever_the_clock_does(
    receiver: Receiver, world: World, rules_file: Write, at: str, zone: str, begins: datetime, days: list[str]
) -> None:
    rules_file(f'[digest]\nat = "{at}"\nzone = "{zone}"\nwhen_empty = true\n')
    with clock.frozen(begins):
        minute(40, every_s=300)
    assert [head.removeprefix("Trawl: digest of ").split(",")[0] for head in heads(receiver) if "digest" in head] == days


def test_in_a_silence_no_digest_is_told(receiver: Receiver, world: World, rules_file: Write) -> None:
    rules_file('[digest]\nat = "12:05"\nwhen_empty = true\n')
    telling.be_quiet(1800, "a move", "ada")
    minute(6, every_s=240)
    assert receiver.received == []
    after(600)
    minute(2)
    assert len(receiver.received) == 1, "it comes behind the silence, where that is soon"


def test_a_zone_that_there_is_not_is_refused(rules_file: Write) -> None:
    found: list[Any] = []
    for zone in ("Europe/Viena", "../etc/passwd", ""):
        rules_file(f'[digest]\nzone = "{zone}"\n')
        with pytest.raises(ConfigError, match="time zone"):
            found.append(rules.load())
    assert not found
