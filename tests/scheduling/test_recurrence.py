"""What one look does about one entry."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

import models
from errors import ArgumentError
from scheduling import recurrence

DUE = 1_772_366_400


def rules(missed: str = "one", at_most: int = 1000, every_s: int = 60) -> recurrence.Rules:
    return recurrence.read(recurrence.meta(every_s, None, "UTC", missed=missed, at_most=at_most))


@pytest.mark.parametrize("missed", recurrence.MISSED)
@pytest.mark.parametrize("late_s", [0, 0.4, recurrence.ON_TIME_S])
def test_an_occurrence_that_is_on_time_begins(missed: str, late_s: float) -> None:
    assert recurrence.step(rules(missed), DUE, DUE + late_s) == models.Step(DUE, DUE + 60)


def test_skip_begins_nothing_that_is_late() -> None:
    assert recurrence.step(rules("skip"), DUE, DUE + 31) == models.Step(None, DUE + 60, missed=1)
    assert recurrence.step(rules("skip"), DUE, DUE + 660 + 31) == models.Step(None, DUE + 720, missed=12)
    assert recurrence.step(rules("skip"), DUE, DUE + 660 + 9) == models.Step(DUE + 660, DUE + 720, missed=11), (
        "the last is on time"
    )


def test_one_begins_the_last_of_those_missed() -> None:
    assert recurrence.step(rules("one"), DUE, DUE + 660 + 31) == models.Step(DUE + 660, DUE + 720, missed=11)


def test_all_begins_each_in_order_and_no_more_than_its_bound() -> None:
    found, due = [], DUE
    while due <= DUE + 660 + 31:
        one = recurrence.step(rules("all", at_most=5), due, DUE + 660 + 31)
        found.append((one.run, one.missed))
        due = one.following
    assert found == [(DUE + 420, 7), *((DUE + later, 0) for later in (480, 540, 600, 660))]


def test_one_that_waited_begins_however_late() -> None:
    for missed in ("skip", "one"):
        assert recurrence.step(rules(missed), DUE, DUE + 150, waited=True) == models.Step(DUE, DUE + 180, skipped=2)
    assert recurrence.step(rules("all"), DUE, DUE + 150, waited=True) == models.Step(DUE, DUE + 60)


RULES = some.builds(rules, some.sampled_from(recurrence.MISSED), some.integers(1, 50), some.integers(1, 500))


@given(RULES, some.floats(0, 30_000), some.booleans())
def test_every_occurrence_begins_is_missed_or_is_skipped(mine: recurrence.Rules, late_s: float, waited: bool) -> None:
    due, now = DUE, DUE + late_s
    total, counted = mine.calendar.count(due, now), 0
    while due <= now:
        one = recurrence.step(mine, due, now, waited)
        assert one.following > (one.run or due) >= due
        counted += (one.run is not None) + one.missed + one.skipped
        due, waited = one.following, False
    assert counted == total


BAD = {
    "no JSON": b"\x80",
    "no object": "[]",
    "nothing": "{}",
    "both": '{"interval": 60, "repeat": 3}',
    "local time": '{"cron_string": "0 0 * * *", "use_local_timezone": true}',
    "no text": '{"cron_string": 5}',
    "no rule": '{"interval": 60, "missed": "perhaps"}',
    "unhashable rule": '{"interval": 60, "overlap": {}}',
    "no bound": '{"interval": 60, "at_most": "many"}',
    "too many": '{"interval": 60, "at_most": 1001}',
}


@pytest.mark.parametrize("how", BAD)
def test_a_meta_that_means_nothing_is_refused(how: str) -> None:
    with pytest.raises(ArgumentError):
        recurrence.read(BAD[how])


def test_a_meta_reads_as_it_was_written() -> None:
    text = recurrence.meta(None, "0 9 * * *", "Asia/Kolkata", missed="all", at_most=7, overlap="allow", pass_due=True)
    read = recurrence.read(text)
    assert read.says == "0 9 * * * Asia/Kolkata" and read.pass_due is True
    assert (read.missed, read.at_most, read.overlap) == ("all", 7, "allow")
    assert json.loads(text)["cron_string"] == "0 9 * * *", "rq-scheduler's own word"


def test_what_does_not_come_again_is_known_by_its_meta() -> None:
    assert recurrence.is_periodic('{"interval": 1}') and recurrence.is_periodic("broken") and recurrence.is_periodic("[]")
    assert not recurrence.is_periodic("{}")
