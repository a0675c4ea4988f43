"""rq-scheduler's own loop under the same faults: the audit of these tests must see it fail, or it sees nothing."""

import os
import signal
from datetime import timedelta

import pytest
import rq_scheduler

import clock
import queues
from state.store import connection, keys
from tests import patience
from tests.faults import harness, schedule
from tests.faults.test_scheduler import LEEWAY_S
from tests.local.real import until

pytestmark = pytest.mark.real_redis


def stock(scene: harness.Env, step: str = "", **env: str) -> harness.Program:
    """One scheduler program of rq-scheduler's own."""
    return scene.program("stock-scheduler", step=step, **env)


def table() -> rq_scheduler.Scheduler:
    """To register entries with, by rq-scheduler's own calls."""
    return rq_scheduler.Scheduler("low", connection=connection.client(), job_class=queues.Job)


def due_at_once(count: int) -> list[str]:
    """So many jobs that are due now; ids made of name and due time, as ours."""
    now = connection.now() - timedelta(seconds=1)
    names = [f"schedule-n{number}-{int(now.timestamp())}" for number in range(count)]
    for name in names:
        table().enqueue_at(now, schedule.occur, 0, job_id=name)
    return names


def let_the_lock_run_out() -> None:
    """As if the scheduler that holds it had stood still for 11 seconds."""
    assert connection.client().pexpire("rq:scheduler_lock", 1)
    until(lambda: not connection.client().exists("rq:scheduler_lock"))


def let_time_pass(seconds: float) -> None:
    """Wait for what must not happen."""
    begun = clock.monotonic()
    until(lambda: harness.seconds_since(begun) >= seconds)


def test_killed_after_it_queued_an_occurrence_it_queues_it_twice(scene: harness.Env) -> None:
    due_at_once(5)
    assert stock(scene, step="after_enqueue").process.wait(patience.HANG_S) == -signal.SIGKILL
    let_the_lock_run_out()
    stock(scene)
    until(lambda: not schedule.armed())
    found = schedule.occurrences(schedule.queued())
    assert len(found.doubled) == 1
    with pytest.raises(AssertionError, match="doubled"):
        found.verify({})


def test_killed_between_its_commands_it_forgets_a_periodic_entry_for_ever(scene: harness.Env) -> None:
    table().schedule(connection.now() - timedelta(seconds=1), schedule.occur, args=[0], interval=1, id="schedule-often")
    assert stock(scene, step="after_zrem").process.wait(patience.HANG_S) == -signal.SIGKILL
    let_the_lock_run_out()
    stock(scene)
    let_time_pass(3)
    assert schedule.queued() == ["schedule-often"], "due every second, and it never ran again"
    assert "often" not in schedule.armed()


def test_frozen_in_the_middle_it_works_on_and_queues_what_another_one_queued(scene: harness.Env) -> None:
    due_at_once(60)
    frozen = stock(scene, step="after_enqueue", TRAWL_TEST_SIGNAL="STOP")
    until(lambda: not (scene.folder / "fuse").exists())
    let_the_lock_run_out()
    stock(scene)
    until(lambda: not schedule.armed())
    os.kill(frozen.pid, signal.SIGCONT)
    until(lambda: len(schedule.queued()) >= 110)
    found = schedule.occurrences(schedule.queued())
    assert len(found.doubled) >= 50
    with pytest.raises(AssertionError, match="doubled"):
        found.verify({})


@pytest.mark.long
def test_occurrences_missed_in_an_outage_become_gaps(scene: harness.Env) -> None:
    table().schedule(connection.now(), schedule.occur, args=[0], interval=1, id="schedule-often")
    first = stock(scene)
    until(lambda: len(schedule.queued()) >= 2)
    began = int(connection.now().timestamp())
    first.close()
    let_time_pass(4)
    connection.client().delete("rq:scheduler_lock")
    second = stock(scene)
    seen = len(schedule.queued())
    until(lambda: len(schedule.queued()) >= seen + 2)
    second.close()
    ended = int(connection.now().timestamp())
    due = ended - began
    assert len(schedule.queued()) - seen <= due - 3, "it makes up for none of them, whoever wants each"


def test_one_broken_entry_stops_all_others(scene: harness.Env) -> None:
    store = connection.client()
    table().schedule(connection.now() - timedelta(seconds=9), schedule.occur, args=[0], interval=60, id="schedule-bad")
    store.hset(keys.job("schedule-bad"), "created_at", "yesterday")
    due_at_once(1)
    program = stock(scene)
    assert program.process.wait(patience.HANG_S) != 0
    assert schedule.queued() == []


@pytest.mark.long
def test_an_interval_is_rounded_up_to_the_poll(scene: harness.Env) -> None:
    table().schedule(connection.now(), schedule.occur, args=[0], interval=1, id="schedule-often")
    scene.worker(1, 4)
    stock(scene, TRAWL_TEST_POLL_S="3")
    until(lambda: scene.ledger.count("start") >= 3)
    first, _, third = (line.at for line in scene.ledger.lines("start")[:3])
    assert third - first > 2 + LEEWAY_S, "every second, it said"
