"""Delayed jobs, retries and cancels, with workers only: no scheduler runs here."""

import pytest

import clock
import queues
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

LEEWAY_S = 2.0


def test_retry_with_an_interval_needs_no_scheduler(scene: harness.Env) -> None:
    ids = harness.submit(work.fail_once, times=5)
    scene.worker(1)
    until(lambda: scene.ledger.count("start") == len(ids))
    due: dict[str, float] = {}

    def all_were_scheduled() -> bool:
        due.update({job: at for job in ids if (at := connection.client().zscore(keys.RQ_SCHEDULED + queues.DEFAULT, job))})
        return len(due) == len(ids)

    until(all_were_scheduled)
    asked_at = clock.monotonic()  # before: an answer that comes late makes no job seem early
    now_s, micros = connection.client().time()
    offset = asked_at - (now_s + micros / 1e6)
    scene.settled(ids).verify()
    for job in ids:
        second = scene.ledger.lines("start", job)[1].at - offset
        assert 0 <= second - due[job] <= patience.leeway(LEEWAY_S)
        assert harness.record(job)["status"] == "finished"
        assert harness.record(job)["retries_left"] == "0"
    assert scene.ledger.runs() == dict.fromkeys(ids, 2)
    assert not scene.ledger.lines("failure")


def test_delayed_job_runs_on_time(scene: harness.Env) -> None:
    scene.worker(1)
    at = clock.monotonic()
    job = queues.submit(work.nap, 0.0, delay_s=2).job_id
    scene.settled([job]).verify()
    assert 2.0 <= scene.ledger.lines("start")[0].at - at <= 2 + 1 + patience.leeway(LEEWAY_S)  # RQ's registry holds whole seconds
