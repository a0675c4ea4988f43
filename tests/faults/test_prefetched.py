"""Jobs that were taken ahead of a free thread, while everything happens to their worker and to Redis's records of them."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click.testing
import pytest
import rq
import rq.exceptions
import rq.suspension
from rq.registry import StartedJobRegistry

import clock
import config
import manage
import models
import queues
from state.engine import leases, limits
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

AHEAD = ("--prefetch", "10")


@contextmanager
def doctor_at_work(scene: harness.Env) -> Iterator[list[str]]:
    """`doctor --fix` again and again; what it said it mended."""
    said: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            done = click.testing.CliRunner().invoke(manage.cli, ["doctor", "--fix", "--json"])
            said.append(done.stdout)
            clock.wait(0.05)

    with config.overridden(redis_url=scene.server.url):
        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield said
        finally:
            over.set()
            thread.join()


def test_poison_that_was_prefetched_is_dead_after_three_deaths_and_the_others_flow(scene: harness.Env) -> None:
    quick = harness.submit(work.nap, 0.01, times=200)
    poison = [harness.submit(func)[0] for func in (work.segfault, work.exit_1)]
    quick += harness.submit(work.nap, 0.01, times=200)
    scene.worker(1, 2, *AHEAD)
    scene.settled(poison + quick).verify()
    runs = scene.ledger.runs()
    for job in poison:
        record = harness.record(job)
        assert "prefetched" in record, "they were taken ahead"
        assert record["status"] == "failed" and record["failure"] == "poisoned"
        assert runs[job] <= 1 + leases.POISON_DEATHS
    assert all(harness.status(job) == "finished" for job in quick)


def test_killed_workers_and_a_doctor_at_work_lose_and_double_none(scene: harness.Env) -> None:
    program = scene.worker(2, 3, *AHEAD, TRAWL_TEST_NO_BACKOFF="1")
    ids: list[str] = []
    with doctor_at_work(scene) as said:
        for number in range(8):
            ids += harness.submit(work.nap, 0.01, times=150, names=queues.QUEUES)
            until(lambda n=number: scene.ledger.count("end") > 100 * n)
            until(program.workers)
            os.kill(program.workers()[0], signal.SIGKILL)
        scene.settled(ids).verify()
    assert said and all(not kind["count"] for one in said for kind in json.loads(one)["store"])
    assert all(harness.status(job) == "finished" for job in ids)
    assert not connection.client().exists(keys.LEASES)


def test_whatever_rqs_tools_do_to_them_none_is_lost_doubled_or_keeps_its_claim(scene: harness.Env) -> None:
    """Cancelled, deleted, queued again, registries cleaned, workers suspended, a limit that comes and goes."""
    client = connection.client()
    program = scene.worker(2, 3, *AHEAD)
    ids: list[str] = []
    cancelled: set[str] = set()
    for number in range(12):
        funcs = (work.nap, work.nap_narrow)
        calls = [models.Call(funcs[nth % 2], (0.005,), dedup_key=f"rq:{number}:{nth}") for nth in range(80)]
        batch = [one.job_id for one in queues.submit_many(calls)]
        ids += batch
        cancelled |= set(batch[::16])  # one that ended meanwhile stays in RQ's registry of those, as with any worker
        for nth, job_id in enumerate(batch[::4]):
            with suppress(rq.exceptions.NoSuchJobError, rq.exceptions.InvalidJobOperation):
                act(queues.Job.fetch(job_id, connection=client), nth)
        if number % 3 == 0:
            limits.put("narrow", 1 + number % 2)
        rq.suspension.suspend(client)
        for name in queues.QUEUES:
            StartedJobRegistry(name, connection=client).cleanup()
        rq.suspension.resume(client)
    limits.remove("narrow")
    left = [job_id for job_id in ids if client.exists(keys.job(job_id))]
    found = scene.settled(left)
    found.places = {job_id: places for job_id, places in found.places.items() if job_id not in cancelled}
    assert not found.lost + found.doubled + found.committed_twice
    assert max(scene.ledger.runs().values()) == 1, "no worker died"
    until(lambda: not client.exists(keys.LEASES))
    assert [job_id for job_id in left if harness.status(job_id) == "finished" and not scene.ledger.runs()[job_id]] == []
    assert program.stop() == 0
    keys_ = [f"rq:{number}:{nth}" for number in range(12) for nth in range(80)]
    renewed = queues.submit_many([models.Call(work.nap, (0.0,), dedup_key=key) for key in keys_])
    assert all(one.duplicate_of is None for one in renewed)


def act(job: rq.job.Job, nth: int) -> None:
    if nth % 4 == 0:
        job.cancel()
    elif nth % 4 == 1:
        job.delete()
    elif nth % 4 == 2:
        queues.cancel(job.id)
    elif connection.client().hget(job.key, "status") == b"queued":
        connection.client().rpush(keys.queue(queues.DEFAULT), job.id)  # as enqueue_job would


def test_stopped_and_recycled_workers_and_bursts_leave_nothing_behind(scene: harness.Env) -> None:
    ids = harness.submit(work.nap, 0.01, times=400, names=queues.QUEUES)
    recycled = scene.worker(2, 3, *AHEAD, "--max-jobs", "40", TRAWL_TEST_NO_BACKOFF="1")
    until(lambda: scene.ledger.count("end") > 120)
    assert recycled.stop() == 0
    harness.audit(ids).verify()
    until(lambda: not connection.client().exists(keys.LEASES))
    ids += harness.submit(work.nap, 1.5, times=4)
    burst = scene.program("worker", "--processes", "1", "--threads", "2", "--burst", *AHEAD)
    assert burst.process.wait(patience.HANG_S) == 0
    assert all(harness.status(job) == "finished" for job in ids)
    assert max(scene.ledger.runs().values()) == 1
