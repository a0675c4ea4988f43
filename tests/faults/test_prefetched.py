"""Jobs that were taken ahead of a free thread, while everything happens to their worker and to Redis's records of them."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click.testing
import pytest

import clock
import config
import manage
import queues
from state import connection, keys, leases
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

AHEAD = ("--prefetch", "10")


@contextmanager
def doctor_at_work(scene: harness.Field) -> Iterator[list[str]]:
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


def test_poison_that_was_prefetched_is_dead_after_three_deaths_and_the_others_flow(scene: harness.Field) -> None:
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


def test_killed_workers_and_a_doctor_at_work_lose_and_double_none(scene: harness.Field) -> None:
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
