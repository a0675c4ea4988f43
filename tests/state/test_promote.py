"""Delayed jobs are moved in time by whoever comes, and one of many processes comes for the next one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import queues
from state.engine import jobs
from state.store import constants, keys

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@queues.job(retries=0)
def work(number: int = 0) -> int:
    """A plain job."""
    return number


def delayed(in_s: float, number: int = 0) -> str:
    return queues.submit(work, number, delay_s=in_s).job_id


def promoted(who: str, room: int = 0) -> tuple[int, float | None]:
    return jobs.promote_due(*queues.QUEUES, who=who, room=room)


def test_the_process_that_comes_next_is_told_and_the_others_come_a_little_later(store: Any) -> None:
    with clock.frozen(NOON):
        delayed(60)
        assert promoted("a") == (0, 60.0) and promoted("b") == (0, 60.0 + constants.ALARM_MS / 1000)


def test_who_finds_a_job_that_is_due_before_the_others_come_comes_for_it(store: Any) -> None:
    with clock.frozen(NOON):
        delayed(60)
        promoted("a")
        delayed(5, 1)
        assert promoted("b") == (0, 5.0), "not a minute later, when the other one comes"


def test_who_says_that_it_comes_is_believed_for_seconds_only(store: Any) -> None:
    """It may be dead by then."""
    delayed(600)
    promoted("a")
    assert 0 < store.pttl(keys.ALARM) <= 5000 + constants.ALARM_MS


@pytest.mark.parametrize(("room", "woken"), [(0, 3), (2, 1), (3, 0), (9, 0)])
def test_others_are_woken_for_what_the_caller_has_no_room_for(store: Any, room: int, woken: int) -> None:
    with clock.frozen(NOON):
        for number in range(3):
            delayed(5, number)
        store.delete(keys.WAKE)
        clock.advance(timedelta(seconds=5))
        assert promoted("a", room)[0] == 3 and store.llen(keys.WAKE) == woken
