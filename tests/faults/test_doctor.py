"""The doctor beside real workers: it sees nothing while all is well, and its repairs harm nothing while workers die."""

import os
import random
import re
import signal
from collections import Counter

import pytest

import clock
import models
import queues
from doctor import examination
from state.engine import dedup
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.local.real import until

pytestmark = pytest.mark.real_redis

JOBS = 2000


def submit_of_every_kind(times: int, retried: bool = True) -> list[str]:
    """Plain, delayed, claimed and (each 50th) retried jobs over all queues."""
    calls = []
    for number in range(times):
        options = {"queue": queues.QUEUES[number % 3], "delay_s": 1.0 if number % 10 == 5 else 0}
        func, args = (work.fail_once, ()) if retried and number % 50 == 7 else (work.nap, (0.01,))
        calls.append(models.Call(func, args, dedup_key=f"doctor:{number}" if number % 4 == 0 else None, **options))
    return [submission.job_id for submission in queues.submit_many(calls)]


def looks(repair: bool, ids: list[str], during: int) -> tuple[int, Counter[str]]:
    """Look until all jobs are settled, at least so often: how often it was, and what was found in all."""
    count, found = 0, Counter[str]()
    until_at = clock.monotonic() + patience.HANG_S
    while not harness._over(ids) or count < during:
        assert clock.monotonic() < until_at
        for name, tally in examination.Examination(repair).run().items():
            found[name] += tally.count
        count += 1
    return count, found


@pytest.mark.parametrize("repair", [False, True], ids=["looking", "repairing"])
def test_nothing_is_found_and_nothing_is_harmed_while_workers_are_busy(scene: harness.Env, repair: bool) -> None:
    scene.worker(2, 10)
    ids = submit_of_every_kind(JOBS)

    count, found = looks(repair, ids, during=5)

    print(f"{count} looks")
    assert count >= 5 and +found == {}
    scene.settled(ids).verify()
    runs = scene.ledger.runs()
    assert set(runs) == set(ids)
    assert {job for job, times in runs.items() if times > 1} == {job for number, job in enumerate(ids) if number % 50 == 7}
    assert dedup.count("doctor") == 0


def test_repairs_beside_workers_that_die_lose_nothing_and_double_nothing(scene: harness.Env, dice: random.Random) -> None:
    program = scene.worker(2, 10, TRAWL_TEST_NO_BACKOFF="1")
    ids = submit_of_every_kind(JOBS, retried=False)
    for done in (JOBS // 4, JOBS // 2, 3 * JOBS // 4):
        until(lambda enough=done: examination.Examination(repair=True).run() and scene.ledger.count("end") >= enough)
        os.kill(dice.choice(until(program.workers)), signal.SIGKILL)

    looks(True, ids, during=1)

    scene.settled(ids).verify()
    again = {job for job, times in scene.ledger.runs().items() if times > 1}
    # by name: what was rescued twice runs in a process of its own, whose id is not the worker's
    killed = re.findall(r'A worker was killed by SIGKILL.*"worker": "([^"]+)"', program.log.read_text())
    held_by_killed = {line.job for line in scene.ledger.lines("start") if line.execution.rsplit("-", 2)[0] in killed}
    assert len(killed) == 3 and again <= held_by_killed


def test_what_was_lost_runs_once_each_though_it_is_repaired_again_and_again_beside_workers(
    scene: harness.Env, dice: random.Random
) -> None:
    """Their entries were cut out of queues and registries: only the doctor can bring them back."""
    ids = submit_of_every_kind(600)
    client = connection.client()
    lost = dice.sample(ids, 60)
    for job in lost:
        for name in queues.QUEUES:
            client.lrem(keys.queue(name), 1, job)
            client.zrem(keys.RQ_SCHEDULED + name, job)
    program = scene.worker(2, 10)

    _, found = looks(True, ids, during=3)

    assert program.process.poll() is None
    assert found["waiting jobs"] + found["delayed jobs"] == 60 and sum(found.values()) == 60, found
    scene.settled(ids).verify()
    runs = scene.ledger.runs()
    assert {job for job, times in runs.items() if times > 1} == {job for number, job in enumerate(ids) if number % 50 == 7}
