"""A bulk action whose worker is killed in the middle: every job is run again once, and every failure is counted once."""

import signal

import pytest

import queues
from jobs import operations
from state.engine import bulk_records, failures
from state.store import connection, keys
from tests.faults import harness, work
from tests.local.real import until
from topics.operations import bulk_asks, jobs
from topics.operations.job_filters import Wanted

pytestmark = pytest.mark.real_redis

JOBS = 500


def test_each_of_500_jobs_is_run_again_once_though_the_worker_is_killed_again_and_again(scene: harness.Env) -> None:
    made = queues.submit_many((work.fail, number) for number in range(JOBS))
    ids = [one.job_id for one in made]
    scene.worker(1, 5, "--queues", "default")
    scene.settled(ids)
    acting = scene.worker(1, 2, "--queues", "high")
    ask = bulk_asks.make("retry", Wanted(kind="work"))
    bulk_id = queues.submit(operations.act_on_jobs, ask.told()).job_id
    for reached in (20, 180, 333):
        until(lambda reached=reached: _again(ids) >= reached)  # type: ignore[misc]
        [victim] = acting.workers()[-1:]
        acting.send(signal.SIGKILL, [victim])
        until(lambda victim=victim: victim not in acting.workers())  # type: ignore[misc]
    told = harness.audit([bulk_id])
    assert not told.lost and not told.doubled
    until(lambda: harness.status(bulk_id) == "finished")
    assert int(harness.record(bulk_id)["rescues"]) >= 2
    again = [f"{job_id}-r1" for job_id in ids]
    scene.settled(again)
    runs = scene.ledger.runs()
    assert {runs[job_id] for job_id in (*ids, *again)} == {1} and not any(job_id.endswith("-r2") for job_id in runs)
    seen = bulk_records.read(bulk_id)
    assert (seen.matched, seen.done, seen.refused) == (JOBS, JOBS, 0)
    assert "500 run again" in (jobs.get_job_status(bulk_id).progress.message)  # type: ignore[union-attr]
    assert [(one.shape, one.times) for one in failures.every()] == [("page <n> is empty", 2 * JOBS)]


def test_failures_are_counted_once_though_workers_die_before_and_after_they_settle(scene: harness.Env) -> None:
    for step in ("before_commit", "after_commit"):
        ids = harness.submit(work.fail, 1, times=20)
        program = scene.worker(1, 3, step=step)
        scene.settled(ids).verify()
        program.stop()
    assert [one.times for one in failures.every()] == [40]


def _again(ids: list[str]) -> int:
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.exists(keys.job(f"{job_id}-r1"))
        return sum(pipe.execute())
