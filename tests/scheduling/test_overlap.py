"""What becomes of an occurrence that is due while an earlier one is not over."""

import logging
from typing import Any

import pytest

import clock
import queues
from scheduling.entries import Entry
from state.engine import schedule_records
from state.store import keys
from tests.scheduling import MINUTE, START, counts, dues, entries, every, occur_alone, occurrences, registered, run_all


@pytest.mark.usefixtures("at_noon")
def test_skip_leaves_out_what_is_due_while_an_earlier_one_is_not_over(caplog: pytest.LogCaptureFixture) -> None:
    mine = registered(every(60, overlap="skip"))
    with caplog.at_level(logging.INFO, logger="trawl.scheduler"):
        for _ in range(3):
            mine.enqueue_jobs()
            clock.advance(MINUTE)
    assert dues() == [0] and counts() == {"missed": 0, "skipped": 2, "late": 0}
    said = [record.getMessage() for record in caplog.records]
    assert said == ["Occurrence queued", *["Occurrence left out: an earlier one is not over"] * 2]
    run_all()
    mine.enqueue_jobs()
    assert dues() == [180]


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("missed", ["skip", "one"])
def test_queue_one_begins_the_one_that_waited_as_soon_as_the_earlier_one_is_over(missed: str) -> None:
    mine = registered(every(60, overlap="queue_one", missed=missed))
    for _ in range(4):  # due at 0, 60, 120, 180
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    record = schedule_records.find("schedule-often")
    assert dues() == [0] and record and record.waits
    clock.advance(-MINUTE / 2)
    run_all()
    mine.enqueue_jobs()
    assert dues() == [60], "the first that waited"
    assert counts()["skipped"] == 2 and counts()["missed"] == 0
    assert entries() == {"schedule-often": START + 240}
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    assert dues() == [60], "it waits in its turn"
    run_all()
    mine.enqueue_jobs()
    record = schedule_records.find("schedule-often")
    assert dues() == [240] and record and not record.waits


@pytest.mark.usefixtures("at_noon")
def test_queue_one_with_all_missed_runs_each_after_the_other() -> None:
    mine = registered(every(60, overlap="queue_one", missed="all"))
    clock.advance(4 * MINUTE)
    ran = []
    for _ in range(7):
        mine.enqueue_jobs()
        ran.append(dues())
        run_all()
    assert ran == [[0], [60], [120], [180], [240], [], []]


@pytest.mark.usefixtures("at_noon")
def test_allow_lets_them_run_beside_each_other() -> None:
    mine = registered(every(60, overlap="allow"))
    for _ in range(3):
        mine.enqueue_jobs()
        clock.advance(MINUTE)
    assert dues() == [0, 60, 120]


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize(("overlap", "later"), [("skip", [60]), ("queue_one", [0]), ("allow", [60])])
def test_work_that_a_user_submitted_under_the_same_dedup_key_counts_too(overlap: str, later: list[int]) -> None:
    by_user = queues.submit(occur_alone).job_id
    mine = registered(Entry("often", occur_alone, 60, overlap=overlap, pass_due=True))
    mine.enqueue_jobs()
    assert occurrences() == [by_user]
    run_all()
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    clock.advance(MINUTE / 2)
    mine.enqueue_jobs()
    assert dues() == later


@pytest.mark.usefixtures("at_noon")
def test_a_retry_is_not_over(store: Any) -> None:
    mine = registered(every(60, overlap="skip"))
    mine.enqueue_jobs()
    [name] = occurrences()
    for status, over in (("scheduled", False), ("started", False), ("failed", True)):
        clock.advance(MINUTE)
        store.hset(keys.job(name), "status", status)
        mine.enqueue_jobs()
        assert (len(occurrences()) == 2) == over, status
